// reports/ui/time-line-chart.ts: crash states along the workload's file-system calls, stacked by outcome; the line is how
// many operations were pending, ticks at the foot are syncs, triangles on top are places that went wrong.

import uPlot from 'uplot'
import { axis } from './axes.ts'
import { OUTCOMES, type TimeLineData } from './chart-data.ts'
import type { Drawn, Style } from './charts.ts'

export function timeLineChart(data: TimeLineData, style: Style): Drawn {
  const xs = data.from.map((from, index) => (from + (data.to[index] ?? from)) / 2)
  // The worst lies at the foot and is drawn last, over the sum of all.
  const layers = OUTCOMES.filter((outcome) => data.outcomes[outcome].some((count) => count > 0)).toReversed()
  let sum = xs.map(() => 0)
  const stacks = layers.map((outcome) => {
    sum = sum.map((below, index) => below + (data.outcomes[outcome][index] ?? 0))
    return { outcome, values: sum }
  })
  const shown = stacks.toReversed()
  const bars = uPlot.paths.bars?.({ size: [1, Infinity], gap: 0 })
  return {
    heightPx: 280,
    textAt: (index) => data.texts[index] ?? '',
    data: [xs, ...shown.map(({ values }) => values), [...data.pending]],
    options: {
      scales: {
        x: { time: false, range: (_chart, min, max) => [min - 0.5, max + 0.5] },
        y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.12)] },
        pending: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.12)] },
      },
      series: [
        {},
        ...shown.map(({ outcome }): uPlot.Series => ({
          label: outcome,
          scale: 'y',
          fill: style(`--${outcome}`),
          stroke: style(`--${outcome}`),
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        })),
        {
          label: 'pending',
          scale: 'pending',
          stroke: style('--pending'),
          width: 1.25,
          points: { show: false },
          ...stepped(),
        },
      ],
      axes: [
        axis(style, 'crash point (file-system call)', 'steps'),
        axis(style, 'crash states', 'steps', { size: 56 }),
        axis(style, 'pending operations', 'steps', { scale: 'pending', side: 1, grid: { show: false } }),
      ],
      cursor: { drag: { x: true, y: false }, points: { show: false } },
      hooks: { draw: [(chart) => drawMarks(chart, data, xs, style)] },
    },
  }
}

function stepped(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.stepped?.({ align: 1 })
  return paths === undefined ? {} : { paths }
}

function drawMarks(chart: uPlot, data: TimeLineData, xs: readonly number[], style: Style): void {
  const { ctx, bbox } = chart
  const unit = uPlot.pxRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const [index, x] of xs.entries()) {
    const at = chart.valToPos(x, 'x', true)
    if (data.syncs[index] === 1) {
      ctx.fillStyle = style('--accent')
      ctx.fillRect(at - unit / 2, bbox.top + bbox.height - 7 * unit, unit, 7 * unit)
    }
    const worst = OUTCOMES.findLast((outcome) => outcome !== 'passed' && (data.outcomes[outcome][index] ?? 0) > 0)
    if (worst === undefined) continue
    ctx.fillStyle = style(`--${worst}`)
    ctx.beginPath()
    ctx.moveTo(at - 4 * unit, bbox.top)
    ctx.lineTo(at + 4 * unit, bbox.top)
    ctx.lineTo(at, bbox.top + 7 * unit)
    ctx.fill()
  }
  ctx.restore()
}
