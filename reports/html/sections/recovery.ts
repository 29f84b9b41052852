// reports/html/sections/recovery.ts: what recovery cost: bytes, time and steps lost, as distributions, against the bound
// that the scenario sets, and against the size of the database.

import type { BytesRead, Campaign, Recovery } from '../../format/index.ts'
import { formatBytes, formatCount, formatDuration } from '../../text/index.ts'
import { histogram } from '../charts/index.ts'
import { html, type Html } from '../html.ts'

export type CostUnit = 'bytes' | 'time' | 'steps'

/** The distributions that there are, in the order of the page. Where all is 0, a tile says so, and no chart. */
export function distributionsOf({ bytesRead, boundBytes, timeUs, acknowledgedLost, unacknowledgedLost }: Recovery) {
  const rows: readonly Readonly<{
    id: string
    title: string
    unit: CostUnit
    distribution: BytesRead | undefined
    bound?: number
  }>[] = [
    {
      id: 'recovery-bytes',
      title: 'Bytes that recovery read',
      unit: 'bytes',
      distribution: bytesRead,
      ...(boundBytes === undefined ? {} : { bound: boundBytes }),
    },
    { id: 'recovery-time', title: 'Time that recovery took', unit: 'time', distribution: timeUs },
    { id: 'acknowledged-lost', title: 'Acknowledged steps lost', unit: 'steps', distribution: acknowledgedLost },
    { id: 'unacknowledged-lost', title: 'Steps under way lost', unit: 'steps', distribution: unacknowledgedLost },
  ]
  return rows.flatMap(({ distribution, ...row }) =>
    distribution === undefined || distribution.count === 0 || distribution.maximum === 0
      ? []
      : [{ ...row, distribution }],
  )
}

export function formatCost(value: number, unit: CostUnit): string {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'steps') return formatCount(value)
  return value < 1000 ? `${formatCount(value)} µs` : formatDuration(value / 1000)
}

export function recoverySection({ recovery, cost }: Campaign): Html {
  const { bytesRead, boundBytes, bySize = [] } = recovery
  if (bytesRead.count === 0)
    return html`<section data-tab="recovery" aria-labelledby="recovery">
      <h2 id="recovery">Recovery</h2>
      <p class="empty">No recovery was measured.</p>
    </section>`
  const over = boundBytes !== undefined && bytesRead.maximum > boundBytes
  const tiles: readonly (readonly [string, string])[] = [
    [formatCount(bytesRead.count), 'recoveries measured'],
    [formatBytes(bytesRead.median), 'read in the median'],
    [formatBytes(bytesRead.maximum), 'read at most'],
    ...(boundBytes === undefined ? [] : [[formatBytes(boundBytes), 'is the bound'] as const]),
    ...(recovery.acknowledgedLost === undefined || recovery.acknowledgedLost.count === 0
      ? []
      : [[formatCount(recovery.acknowledgedLost.maximum), 'acknowledged steps lost at most'] as const]),
    [formatCount(recovery.distinct), 'distinct crash states'],
    [formatDuration(cost.recoveryMs), 'spent in recovery'],
    [formatDuration(cost.checkMs), 'spent in the model check'],
  ]
  const distributions = distributionsOf(recovery)
  return html`<section data-tab="recovery" aria-labelledby="recovery">
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
    <div class="charts">
      ${distributions.map(({ id, title, unit, distribution, bound }) =>
        histogram(distribution, {
          id,
          title,
          noun: ['recovery', 'recoveries'],
          format: (value) => formatCost(value, unit),
          inBytes: unit === 'bytes',
          ...(bound === undefined ? {} : { bound }),
        }),
      )}
    </div>
    ${
      distributions.some(({ distribution }) => !distribution.exact) &&
      html`<p class="note">
        With more than 8,192 different values, median and bars are right to within 1 part in 128; count and maximum are
        exact.
      </p>`
    }
    ${bySize.length > 0 && sizeParts(bySize)}
  </section>`
}

function sizeParts(bySize: NonNullable<Recovery['bySize']>): Html {
  return html`<h3 class="sub">Against the size of the database</h3>
    <div class="charts">
      <figure class="chart" data-chart="size-bytes">
        <figcaption>Bytes read by size: median, and maximum (dashed)</figcaption>
      </figure>
      <figure class="chart" data-chart="size-time">
        <figcaption>Time by size: median, and maximum (dashed)</figcaption>
      </figure>
    </div>
    <details>
      <summary>The same as a table</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Size</th>
              <th scope="col" class="number">Recoveries</th>
              <th scope="col" class="number">Read, median</th>
              <th scope="col" class="number">Read, most</th>
              <th scope="col" class="number">Time, median</th>
              <th scope="col" class="number">Time, most</th>
              <th scope="col" class="number">Steps lost, most</th>
            </tr>
          </thead>
          <tbody>
            ${bySize.map(
              (row) =>
                html`<tr>
                  <th scope="row">${formatBytes(row.from)} to ${formatBytes(row.to + 1)}</th>
                  <td class="number">${formatCount(row.count)}</td>
                  <td class="number">${formatBytes(row.bytesMedian)}</td>
                  <td class="number">${formatBytes(row.bytesMaximum)}</td>
                  <td class="number">${formatCost(row.timeUsMedian, 'time')}</td>
                  <td class="number">${formatCost(row.timeUsMaximum, 'time')}</td>
                  <td class="number">${formatCount(row.lostMaximum)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`
}
