export { conditionGaps, conditionPercent, outcomeGaps, outcomePercent, type McdcGap } from './gaps.ts'
export { mcdcLcov } from './lcov.ts'
export { mcdcTable, type McdcTableOptions } from './table.ts'
