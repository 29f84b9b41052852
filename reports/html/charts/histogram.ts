// reports/html/charts/histogram.ts: a distribution as bars, with the median, the maximum and the bound marked.

import type { BytesRead } from '../../format/index.ts'
import { formatCount, plural } from '../../text/index.ts'
import { html, raw, type Html } from '../html.ts'
import { xAxis, yAxis } from './axis.ts'
import { byteTicks, linearScale, niceTicks, percent } from './scale.ts'

const HEIGHT = 180
/** A bound further out than this many times the maximum is written over the plot, not drawn: the bars would be a line. */
const BOUND_SHOWN_MAX = 5

export type HistogramOptions = Readonly<{
  /** Under which the page's script finds its data. */
  id: string
  title: string
  /** What is counted, one and several. */
  noun: readonly [string, string]
  format(value: number): string
  /** Ticks are powers of two. */
  inBytes: boolean
  bound?: number
}>

export function histogram(distribution: BytesRead, options: HistogramOptions): Html {
  const { histogram: cells, median, maximum } = distribution
  const { id, title, noun, format, inBytes, bound: boundValue } = options
  const drawBound = boundValue !== undefined && boundValue <= maximum * BOUND_SHOWN_MAX
  const last = Math.max(cells.at(-1)?.to ?? 0, drawBound ? boundValue : 0) + 1
  const x = linearScale(0, last)
  const highest = cells.reduce((most, { count }) => Math.max(most, count), 0)
  const y = linearScale(0, Math.max(1, highest))
  const axis = yAxis({ scale: y, ticks: niceTicks(0, y.to, 4), label: (tick) => formatCount(tick) })
  const bars = cells
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => {
      const height = Math.max(2, y.at(count) * HEIGHT)
      const left = x.at(from) * 1000
      const width = (x.at(to + 1) - x.at(from)) * 1000
      const range = from === to ? format(from) : `${format(from)} to ${format(to + 1)}`
      const label = `${range}: ${plural(count, ...noun)}`
      return html`<rect
        x="${round(left)}"
        y="${round(HEIGHT - height)}"
        width="${round(width * 0.94)}"
        height="${round(height)}"
        ><title>${label}</title></rect
      >`
    })
  const beyond =
    boundValue !== undefined && !drawBound && html`<b class="beyond">bound ${format(boundValue)}, further right →</b>`
  const bound = boundValue === undefined ? '' : `, bound ${format(boundValue)}`
  const caption = `${title}: median ${format(median)}, maximum ${format(maximum)}${bound}`
  return html`<figure class="chart" data-chart="${id}">
    <figcaption>${caption}${beyond}</figcaption>
    <div class="plot-row">
      ${axis.labels}
      <div class="plot" style="height:${HEIGHT}px" role="img" aria-label="${caption}">
        ${axis.lines}
        <svg class="histogram" viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none">${bars}</svg>
        ${marker(x.at(median), 'median', 0)} ${marker(x.at(maximum), 'max', 1)}
        ${drawBound && marker(x.at(boundValue), 'bound', 2)}
      </div>
    </div>
    <div class="plot-row axis-row">
      <div class="y-axis"></div>
      <div>
        ${xAxis({ scale: x, ticks: inBytes ? byteTicks(0, last, 5) : niceTicks(0, last, 5), label: format }, '')}
      </div>
    </div>
  </figure>`
}

/** A line with its name; `level` keeps names that lie close together apart. */
function marker(share: number, name: string, level: number): Html {
  const side = share > 0.85 ? ' end' : ''
  return html`<span class="marker marker-${name}${side}" style="left:${percent(share)}"
    ><b style="top:${raw(String(level * 1.25))}em">${name}</b></span
  >`
}

function round(value: number): string {
  return value.toFixed(1)
}
