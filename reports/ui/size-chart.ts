// reports/ui/size-chart.ts: what recovery cost against the size of the database: the median and the most of each size.

import uPlot from 'uplot'
import { axis } from './axes.ts'
import type { SizeData } from './chart-data.ts'
import type { Drawn, Style } from './charts.ts'

export function sizeChart({ unit, sizes, medians, maxima, texts }: SizeData, style: Style): Drawn {
  const series = (label: string, colour: string, dash: number[]): uPlot.Series => ({
    label,
    stroke: style(colour),
    width: 1.5,
    dash,
    points: { show: true, size: 5, fill: style(colour) },
  })
  return {
    heightPx: 220,
    textAt: (index) => texts[index] ?? '',
    data: [[...sizes], [...medians], [...maxima]],
    options: {
      scales: {
        x: { time: false },
        y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] },
      },
      series: [{}, series('median', '--accent', []), series('maximum', '--bad', [5, 4])],
      axes: [
        axis(style, 'size of the database', 'bytes'),
        axis(style, unit === 'bytes' ? 'bytes read' : 'time', unit, { size: 72 }),
      ],
      cursor: { drag: { x: true, y: false } },
    },
  }
}
