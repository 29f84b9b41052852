// reports/html/sections/recovery.ts: what recovery cost, against the bound that the scenario sets.

import type { Campaign } from '../../format/index.ts'
import { formatBytes, formatCount, formatDuration } from '../../text/index.ts'
import { recoveryHistogram } from '../charts/index.ts'
import { html, type Html } from '../html.ts'

export function recoverySection({ recovery, cost }: Campaign): Html {
  const { bytesRead, boundBytes } = recovery
  if (bytesRead.count === 0)
    return html`<section aria-labelledby="recovery">
      <h2 id="recovery">Recovery</h2>
      <p class="empty">No recovery was measured.</p>
    </section>`
  const over = boundBytes !== undefined && bytesRead.maximum > boundBytes
  const tiles: readonly (readonly [string, string])[] = [
    [formatCount(bytesRead.count), 'recoveries measured'],
    [formatBytes(bytesRead.median), 'read in the median'],
    [formatBytes(bytesRead.maximum), 'read at most'],
    ...(boundBytes === undefined ? [] : [[formatBytes(boundBytes), 'is the bound'] as const]),
    [formatCount(recovery.distinct), 'distinct crash states'],
    [formatDuration(cost.recoveryMs), 'spent in recovery'],
    [formatDuration(cost.checkMs), 'spent in the model check'],
  ]
  return html`<section aria-labelledby="recovery">
    <h2 id="recovery">Recovery</h2>
    <dl class="tiles">
      ${tiles.map(
        ([value, name]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${over && html`<p class="bad">The largest recovery read more than the bound allows.</p>`}
    ${recoveryHistogram(recovery)}
    ${!bytesRead.exact && html`<p class="note">Median and bars are right to within 1 part in 128; count and maximum are exact.</p>`}
  </section>`
}
