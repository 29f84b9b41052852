// reports/html/charts/axis.ts: axes around a plot. Labels are HTML, so that their size does not follow the plot's.

import { html, type Html } from '../html.ts'
import { percent, type Scale } from './scale.ts'

export type Axis = Readonly<{
  scale: Scale
  ticks: readonly number[]
  label(tick: number): string
}>

/** Labels below a plot. The first and the last keep inside of it. */
export function xAxis({ scale, ticks, label }: Axis, title: string): Html {
  return html`<div class="x-axis" aria-hidden="true">
      ${ticks.map((tick) => {
        const share = scale.at(tick)
        const side = share < 0.04 ? ' start' : share > 0.96 ? ' end' : ''
        return html`<span class="tick${side}" style="left:${percent(share)}">${label(tick)}</span>`
      })}
    </div>
    <p class="axis-title" aria-hidden="true">${title}</p>`
}

/** Labels left of a plot, and the lines behind it. */
export function yAxis({ scale, ticks, label }: Axis): Readonly<{ labels: Html; lines: Html }> {
  return {
    labels: html`<div class="y-axis" aria-hidden="true">
      ${ticks.map((tick) => html`<span class="tick" style="bottom:${percent(scale.at(tick))}">${label(tick)}</span>`)}
    </div>`,
    lines: html`${ticks.map((tick) => html`<i class="grid-line" style="bottom:${percent(scale.at(tick))}"></i>`)}`,
  }
}
