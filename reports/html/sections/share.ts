// reports/html/sections/share.ts: covered of all, as cells of a table: figures, a share that is never rounded up, a bar.

import { formatCount } from '../../text/index.ts'
import { percent } from '../charts/index.ts'
import { html, type Html } from '../html.ts'

/** Never 100 % of what is not whole. */
export function shareText(part: number, whole: number): string {
  if (part >= whole) return '100 %'
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`
}

/** `part / whole` and the share, two cells. Of nothing there is no share. */
export function shareCells(part: number, whole: number, label: string): Html {
  return html`<td class="number" data-label="${label}">${formatCount(part)} / ${formatCount(whole)}</td>
    <td class="number${part < whole ? ' warn' : ''}">${whole === 0 ? '–' : shareText(part, whole)}</td>`
}

export function shareBar(part: number, whole: number): Html {
  return html`<span class="share"><i style="width:${percent(whole === 0 ? 0 : Math.min(1, part / whole))}"></i></span>`
}
