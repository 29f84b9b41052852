// reports/html/sections/models.ts: one recorded trace judged under several persistence models, as a matrix.

import type { Campaign } from '../../format/index.ts'
import { modelRows } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut } from '../limits.ts'

/** Promise × persistence model; nothing for a campaign under one. */
export function modelsSection(campaign: Campaign): Html {
  const [head, ...rows] = modelRows(campaign)
  if (head === undefined) return html``
  return html`<section data-tab="coverage" aria-labelledby="models">
    <h2 id="models">Persistence models</h2>
    <p class="note">Crash states of which an oracle complained, of those that were run under the model.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cut(cell)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
