// reports/html/sections/coverage.ts: what the campaign met: of every family, how much of it; milestones; call sites; and
// coverage of the code, where it was measured.

import type { Campaign } from '../../format/index.ts'
import { crashStateSentence, familyLabel, formatCount, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, ROWS_MAX } from '../limits.ts'
import type { Measured } from '../measured.ts'
import { codeCoverage } from './code-coverage.ts'
import { shareBar, shareText } from './share.ts'

export function coverageSection(campaign: Campaign, measured: Measured): Html {
  const states = crashStateSentence(campaign)
  return html`<section data-tab="coverage" aria-labelledby="coverage">
    <h2 id="coverage">Coverage</h2>
    ${familyCoverage(campaign)} ${states !== undefined && html`<p class="note">${states}.</p>`}
    ${uncoveredSites(campaign)} ${milestoneTable(campaign)} ${codeCoverage(measured)}
  </section>`
}

function familyCoverage({ families }: Campaign): Html {
  const rows = Object.entries(families).filter(([, { planned }]) => planned > 0)
  if (rows.length === 0) return html`<p class="empty">No run was planned.</p>`
  return html`<table class="coverage" aria-label="Coverage by fault family">
    <thead>
      <tr>
        <th scope="col">Family</th>
        <th scope="col" class="number">Planned</th>
        <th scope="col" class="number">Settled</th>
        <th scope="col" class="number">Share</th>
        <th scope="col" class="wide"></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(([name, { planned, run, merged }]) => {
        const share = Math.min(1, (run + merged) / planned)
        return html`<tr>
          <th scope="row">${familyLabel(name)}</th>
          <td class="number">${formatCount(planned)}</td>
          <td class="number">${formatCount(run + merged)}</td>
          <td class="number${share < 1 ? ' warn' : ''}">${shareText(run + merged, planned)}</td>
          <td>${shareBar(run + merged, planned)}</td>
        </tr>`
      })}
    </tbody>
  </table>`
}

function uncoveredSites({ uncoveredSites: sites }: Campaign): Html | undefined {
  if (sites.length === 0) return undefined
  return html`<details>
    <summary>Call sites that no form failed (${formatCount(sites.length)})</summary>
    <ul class="plain code">
      ${sites.slice(0, ROWS_MAX).map((site) => html`<li>${cut(site)}</li>`)}
    </ul>
    ${sites.length > ROWS_MAX && html`<p class="note warn">${plural(sites.length - ROWS_MAX, 'more call site')} in campaign.json.</p>`}
  </details>`
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
        ${rows.slice(0, ROWS_MAX).map(
          ([name, { count, wanted }]) =>
            html`<tr>
              <th scope="row">${cut(name)}</th>
              <td class="number${count < wanted ? ' bad' : ''}">${formatCount(count)}</td>
              <td class="number">${wanted === 0 ? 'any' : formatCount(wanted)}</td>
              <td>${count < wanted ? html`<span class="bad">fell short</span>` : count > 0 ? 'met' : 'not met'}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
}
