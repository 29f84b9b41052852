export { BAR_ORDER, legend, outcomeBar, outcomeColumns, type Column } from './bars.ts'
export { recoveryHistogram } from './histogram.ts'
export { byteTicks, linearScale, niceTicks, percent, type Scale } from './scale.ts'
export { timeLineChart, type TimeLineChart } from './time-line.ts'
