// reports/ui/axes.ts: axes in the page's colours.

import type uPlot from 'uplot'
import { inUnit, type Unit } from './chart-data.ts'
import type { Style } from './charts.ts'

export function axis(style: Style, label: string, unit: Unit, over: uPlot.Axis = {}): uPlot.Axis {
  return {
    stroke: style('--soft'),
    grid: { stroke: style('--faint'), width: 1 },
    ticks: { stroke: style('--line'), width: 1, size: 4 },
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    label,
    labelSize: 18,
    size: 44,
    values: (_chart, ticks) =>
      ticks.map((tick) => (Number.isInteger(tick) || unit !== 'steps' ? inUnit(tick, unit) : '')),
    ...(unit === 'bytes' ? { incrs: BYTE_STEPS } : {}),
    ...over,
  }
}

const BYTE_STEPS = Array.from({ length: 44 }, (_, power) => 2 ** power)
