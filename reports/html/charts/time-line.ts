// reports/html/charts/time-line.ts: crash points in the order of file-system calls. Columns are crash states by outcome,
// the ticks under them are syncs, the area below is how many operations were pending.

import type { TimeLine, TimeLineBucket } from '../../format/index.ts'
import { formatCount } from '../../text/index.ts'
import { html, raw, type Html } from '../html.ts'
import { xAxis, yAxis } from './axis.ts'
import { BAR_ORDER, outcomeColumns } from './bars.ts'
import { linearScale, niceTicks, percent } from './scale.ts'

const HEIGHT = 180
const PENDING_HEIGHT = 56
/** More ticks than this run into one another: they are drawn thin and pale. */
const DENSE_TICKS = 150
/** File-system calls that make something durable: sync, sync directory, fsync. */
const SYNC_KIND = /^f?sync/i

export type TimeLineChart = Readonly<{ figure: Html; hasCalls: boolean }>

/** `id` is unique in the page; a script finds the buckets by it for the detail under the pointer. */
export function timeLineChart({ buckets }: TimeLine, id: string, caption: string): TimeLineChart {
  const first = buckets[0]?.from ?? 1
  const last = buckets.at(-1)?.to ?? 1
  const width = last - first + 1
  const highest = buckets.reduce((most, { states }) => Math.max(most, states), 0)
  const pendingMost = buckets.reduce((most, { pendingMax }) => Math.max(most, pendingMax), 0)
  const hasCalls = buckets.some(({ kinds }) => Object.keys(kinds).length > 0)
  const x = linearScale(first, last + 1)
  const yTop = linearScale(0, Math.max(1, highest))
  const states = yAxis({ scale: yTop, ticks: niceTicks(0, yTop.to, 4), label: (tick) => formatCount(tick) })
  const columns = buckets.map(({ from, to, outcomes }) => ({ x: from - first, width: to - from + 1, counts: outcomes }))
  const figure = html`<figure class="chart" data-chart="${id}">
    <figcaption>${caption}</figcaption>
    ${troubleMarks(buckets, first, width)}
    <div class="plot-row">
      ${states.labels}
      <div class="plot" style="height:${HEIGHT}px" role="img" aria-label="${caption}">
        ${states.lines}
        <svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${outcomeColumns(columns, { height: HEIGHT, highest, heightMin: 3 })}
        </svg>
      </div>
    </div>
    ${
      hasCalls &&
      html`<div class="plot-row thin">
        <div class="y-axis"><span class="row-name">sync</span></div>
        <div class="plot sync-row">${syncTicks(buckets, first, width)}</div>
      </div>`
    }
    ${hasCalls && pendingPlot(buckets, first, width, pendingMost)}
    <div class="plot-row axis-row">
      <div class="y-axis"></div>
      <div>
        ${xAxis({ scale: x, ticks: niceTicks(first, last, 6), label: (tick) => formatCount(tick) }, 'crash point (file-system call)')}
      </div>
    </div>
  </figure>`
  return { figure, hasCalls }
}

function syncTicks(buckets: readonly TimeLineBucket[], first: number, width: number): Html {
  const ticks = buckets.filter(hasSync).map(({ from, to }) => `M${(from + to + 1) / 2 - first} 0V10`)
  const dense = ticks.length > DENSE_TICKS ? ' dense' : ''
  return html`<svg viewBox="0 0 ${width} 10" preserveAspectRatio="none" aria-hidden="true">
    <path class="sync-tick${dense}" d="${raw(ticks.join(''))}" />
  </svg>`
}

/**
 * A mark over each column with a state that did not pass, coloured by the worst: of a thousand columns, one is a pixel
 * wide and one bad state in it a pixel high.
 */
function troubleMarks(buckets: readonly TimeLineBucket[], first: number, width: number): Html | false {
  const bad = buckets.filter(({ states, outcomes }) => states > outcomes.passed)
  if (bad.length === 0) return false
  const marks = bad.map(({ from, to, outcomes }) => {
    const worst = BAR_ORDER.findLast((outcome) => outcomes[outcome] > 0) ?? 'passed'
    return html`<i class="mark fill-${worst}" style="left:${percent(((from + to + 1) / 2 - first) / width)}"></i>`
  })
  return html`<div class="plot-row marks-row" aria-hidden="true">
    <div class="y-axis"></div>
    <div class="marks">${marks}</div>
  </div>`
}

/** A stepped area, its highest value beside it. */
function pendingPlot(buckets: readonly TimeLineBucket[], first: number, width: number, most: number): Html {
  const scale = linearScale(0, Math.max(1, most))
  const steps = buckets.map(({ from, to, pendingMax }) => {
    const y = PENDING_HEIGHT * (1 - scale.at(pendingMax))
    return `L${from - first} ${y.toFixed(1)}L${to + 1 - first} ${y.toFixed(1)}`
  })
  return html`<div class="plot-row pending-row">
    <div class="y-axis">
      <span class="tick" style="bottom:100%">${formatCount(most)}</span>
      <span class="row-name">pending</span>
    </div>
    <div class="plot" style="height:${PENDING_HEIGHT}px">
      <svg viewBox="0 0 ${width} ${PENDING_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        <path class="pending" d="${raw(`M0 ${PENDING_HEIGHT}${steps.join('')}L${width} ${PENDING_HEIGHT}z`)}" />
      </svg>
    </div>
  </div>`
}

/** Whether something is made durable in the column. */
export function hasSync({ kinds }: TimeLineBucket): boolean {
  return Object.keys(kinds).some((kind) => SYNC_KIND.test(kind))
}
