// reports/ui/distribution-chart.ts: how often recovery cost how much, with median, maximum and bound as lines.

import uPlot from 'uplot'
import { axis } from './axes.ts'
import { inUnit, type DistributionData } from './chart-data.ts'
import type { Drawn, Style } from './charts.ts'

export function distributionChart(data: DistributionData, style: Style): Drawn {
  const { from, to, counts, marks, unit } = data
  // A bar of steps stands over its number; others cover their range.
  const half = unit === 'steps' ? 0 : 0.5
  const xs = from.map((low, index) => (low + (to[index] ?? low)) / 2 + half)
  const last = Math.max((to.at(-1) ?? 0) + 1, ...marks.map(({ at }) => at))
  const bars = uPlot.paths.bars?.({ size: [0.94, Infinity] })
  return {
    heightPx: 220,
    textAt: (index) => {
      const [low, high] = [from[index] ?? 0, to[index] ?? 0]
      const range = low === high ? inUnit(low, unit) : `${inUnit(low, unit)} to ${inUnit(high + 1, unit)}`
      return `${range}: ${(counts[index] ?? 0).toLocaleString('en-US')} recoveries`
    },
    data: [xs, [...counts]],
    options: {
      scales: {
        x: { time: false, range: unit === 'steps' ? [-0.6, last + 0.1] : [0, last * 1.02] },
        y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] },
      },
      series: [
        {},
        {
          label: 'recoveries',
          fill: style('--passed'),
          stroke: style('--passed'),
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        },
      ],
      axes: [axis(style, '', unit, { size: 26, labelSize: 0 }), axis(style, 'recoveries', 'steps', { size: 60 })],
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      hooks: { draw: [(chart) => drawMarks(chart, data, style)] },
    },
  }
}

function drawMarks(chart: uPlot, { marks }: DistributionData, style: Style): void {
  const { ctx, bbox } = chart
  const unit = uPlot.pxRatio
  ctx.save()
  ctx.font = `${12 * unit}px system-ui, sans-serif`
  for (const [index, { name, at }] of marks.entries()) {
    const x = chart.valToPos(at, 'x', true)
    ctx.strokeStyle = style(name === 'bound' ? '--bad' : '--text')
    ctx.fillStyle = ctx.strokeStyle
    ctx.lineWidth = unit
    ctx.setLineDash(name === 'bound' ? [5 * unit, 3 * unit] : [])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const right = x > bbox.left + bbox.width * 0.85
    ctx.textAlign = right ? 'right' : 'left'
    ctx.fillText(name, x + (right ? -4 : 4) * unit, bbox.top + (12 + 15 * index) * unit)
  }
  ctx.restore()
}
