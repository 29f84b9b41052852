// reports/html/sections/coverage.ts: what the campaign met, and what it did not cover. Said also when it is nothing.

import type { Campaign } from '../../format/index.ts'
import { formatCount, modelRows, notCovered } from '../../text/index.ts'
import { html, type Html } from '../html.ts'

/** Promise × persistence model; nothing for a campaign under one. */
export function modelsSection(campaign: Campaign): Html {
  const [head, ...rows] = modelRows(campaign)
  if (head === undefined) return html``
  return html`<section aria-labelledby="models">
    <h2 id="models">Persistence models</h2>
    <p class="note">Crash states of which an oracle complained, of those that were run under the model.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
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

export function coverageSection(campaign: Campaign): Html {
  const missing = notCovered(campaign)
  return html`<section aria-labelledby="coverage">
    <h2 id="coverage">Coverage</h2>
    <h3 class="sub">Not covered</h3>
    ${
      missing.length === 0
        ? html`<p class="empty">Nothing of what was asked for was left out.</p>`
        : html`<ul class="plain">
            ${missing.map((reason) => html`<li>${reason}</li>`)}
          </ul>`
    }
    ${
      campaign.uncoveredSites.length > 0 &&
      html`<details>
        <summary>Call sites that no form failed (${formatCount(campaign.uncoveredSites.length)})</summary>
        <ul class="plain code">
          ${campaign.uncoveredSites.map((site) => html`<li>${site}</li>`)}
        </ul>
      </details>`
    }
    ${milestoneTable(campaign)}
  </section>`
}

function milestoneTable({ milestones }: Campaign): Html {
  const rows = Object.entries(milestones)
  if (rows.length === 0) return html`<p class="note">The scenario sets no milestones.</p>`
  return html`<h3 class="sub">Milestones</h3>
    <table class="milestones">
      <thead>
        <tr>
          <th scope="col">Milestone</th>
          <th scope="col" class="number">Met</th>
          <th scope="col" class="number">Wanted</th>
          <th scope="col"></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, { count, wanted }]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td class="number${count < wanted ? ' bad' : ''}">${formatCount(count)}</td>
              <td class="number">${wanted === 0 ? 'any' : formatCount(wanted)}</td>
              <td>${count < wanted ? html`<span class="bad">fell short</span>` : count > 0 ? 'met' : 'not met'}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
}
