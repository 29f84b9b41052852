// reports/html/charts/histogram.ts: how many bytes recovery read, with the median, the maximum and the bound marked.

import type { Recovery } from '../../format/index.ts'
import { formatBytes, formatCount, plural } from '../../text/index.ts'
import { html, raw, type Html } from '../html.ts'
import { xAxis, yAxis } from './axis.ts'
import { byteTicks, linearScale, niceTicks, percent } from './scale.ts'

const HEIGHT = 180
/** A bound further out than this many times the maximum is written over the plot, not drawn: the bars would be a line. */
const BOUND_SHOWN_MAX = 5

export function recoveryHistogram({ bytesRead, boundBytes }: Recovery): Html {
  const { histogram, median, maximum } = bytesRead
  const drawBound = boundBytes !== undefined && boundBytes <= maximum * BOUND_SHOWN_MAX
  const last = Math.max(histogram.at(-1)?.to ?? 0, drawBound ? boundBytes : 0) + 1
  const x = linearScale(0, last)
  const highest = histogram.reduce((most, { count }) => Math.max(most, count), 0)
  const y = linearScale(0, Math.max(1, highest))
  const axis = yAxis({ scale: y, ticks: niceTicks(0, y.to, 4), label: (tick) => formatCount(tick) })
  const bars = histogram
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => {
      const height = Math.max(2, y.at(count) * HEIGHT)
      const left = x.at(from) * 1000
      const width = (x.at(to + 1) - x.at(from)) * 1000
      const label = `${formatBytes(from)} to ${formatBytes(to + 1)}: ${plural(count, 'recovery', 'recoveries')}`
      return html`<rect
        x="${round(left)}"
        y="${round(HEIGHT - height)}"
        width="${round(width * 0.94)}"
        height="${round(height)}"
        ><title>${label}</title></rect
      >`
    })
  const beyond =
    boundBytes !== undefined &&
    !drawBound &&
    html`<b class="beyond">bound ${formatBytes(boundBytes)}, further right →</b>`
  const bound = boundBytes === undefined ? '' : `, bound ${formatBytes(boundBytes)}`
  const caption = `Recoveries by bytes read: median ${formatBytes(median)}, maximum ${formatBytes(maximum)}${bound}`
  return html`<figure class="chart">
    <figcaption>Recoveries by bytes read${beyond}</figcaption>
    <div class="plot-row">
      ${axis.labels}
      <div class="plot" style="height:${HEIGHT}px" role="img" aria-label="${caption}">
        ${axis.lines}
        <svg class="histogram" viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none">${bars}</svg>
        ${marker(x.at(median), 'median', 0)} ${marker(x.at(maximum), 'max', 1)}
        ${drawBound && marker(x.at(boundBytes), 'bound', 2)}
      </div>
    </div>
    <div class="plot-row axis-row">
      <div class="y-axis"></div>
      <div>${xAxis({ scale: x, ticks: byteTicks(0, last, 5), label: formatBytes }, 'bytes that recovery read')}</div>
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
