// reports/html/sections/call-sites.ts: where faults were put, and what came of it there: a row a call site, with a map of
// its fault points in the order of the workload.

import type { Campaign, Site } from '../../format/index.ts'
import { addOutcomes, noOutcomes } from '../../format/index.ts'
import { familyLabel, formatBytes, formatCount, plural } from '../../text/index.ts'
import { legend, outcomeBar, outcomeMap } from '../charts/index.ts'
import { html, type Html } from '../html.ts'
import { cut, ROWS_MAX, SITES_MAX } from '../limits.ts'

/** Rows before the rest is folded away. */
const ROWS_SHOWN = 25

export function callSitesSection(campaign: Campaign): Html {
  const several = campaign.scenarios.length > 1
  const sites = mergeSites(campaign.scenarios.flatMap(({ callSites }) => callSites))
  const shown = sites.slice(0, SITES_MAX)
  const families = [...new Set(shown.map(({ family }) => family))]
  const all = noOutcomes()
  for (const { outcomes } of sites) addOutcomes(all, outcomes)
  return html`<section data-tab="call-sites" aria-labelledby="call-sites">
    <h2 id="call-sites">Faults by call site</h2>
    ${sites.length === 0 ? html`<p class="empty">No allocation and no file-system call was failed.</p>` : legend(all)}
    ${
      sites.length > 0 &&
      html`<p class="note">
          In the map, the fault points of the workload go from left to right; a cell has the worst outcome of its
          points. Each form${several && ', and each scenario,'} has a map of its own, which says which it is when it is
          pointed at.
        </p>
        <div data-mount="row-filter" data-what="call sites"></div>`
    }
    ${families.map((family) =>
      familyPart(
        family,
        shown.filter((site) => site.family === family),
      ),
    )}
    ${
      sites.length > shown.length &&
      html`<p class="note warn">${plural(sites.length - shown.length, 'more call site')} in campaign.json.</p>`
    }
    ${pointKinds(campaign)}
  </section>`
}

/** The same site in several scenarios is one row. Those with something wrong come first, then the most run. */
function mergeSites(sites: readonly Site[]): Site[] {
  const merged = new Map<string, Site>()
  for (const site of sites) {
    const key = JSON.stringify([site.family, site.site])
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { ...site, maps: [...(site.maps ?? [])], outcomes: { ...site.outcomes } })
    else {
      known.points += site.points
      known.run += site.run
      known.delivered += site.delivered
      known.maps?.push(...(site.maps ?? []))
      addOutcomes(known.outcomes, site.outcomes)
    }
  }
  return [...merged.values()].toSorted((a, b) => notPassed(b) - notPassed(a) || b.run - a.run)
}

function familyPart(family: string, sites: readonly Site[]): Html {
  const longest = sites.reduce((most, { run }) => Math.max(most, run), 0)
  const rest = sites.slice(ROWS_SHOWN)
  const title = `${familyLabel(family)} faults, ${plural(sites.length, 'call site')}`
  return html`<h3 class="sub">${title}</h3>
    ${siteTable(sites.slice(0, ROWS_SHOWN), longest, title)}
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${plural(rest.length, 'more call site')}</summary>
        ${siteTable(rest, longest, title)}
      </details>`
    }`
}

function siteTable(sites: readonly Site[], longest: number, title: string): Html {
  return html`<div class="scroll">
    <table class="stack sites" aria-label="${title}">
      <thead>
        <tr>
          <th scope="col">Call site</th>
          <th scope="col" class="number">Points</th>
          <th scope="col" class="number">Runs</th>
          <th scope="col" class="number">Not passed</th>
          <th scope="col" class="wide">Outcomes</th>
        </tr>
      </thead>
      <tbody>
        ${sites.map(
          (site) =>
            html`<tr data-row>
              <th scope="row" class="code">${siteName(site)} ${outcomeMaps(site)}</th>
              <td class="number" data-label="Points">${formatCount(site.points)}</td>
              <td class="number" data-label="Runs">${formatCount(site.run)}</td>
              <td class="number${notPassed(site) > 0 ? ' bad' : ''}" data-label="Not passed">
                ${formatCount(notPassed(site))}
              </td>
              <td class="bar-cell">${outcomeBar(site.outcomes, longest)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** The innermost frame is what is looked for; the others say how it was reached. */
function siteName({ site }: Site): Html {
  const [innermost = '', ...outer] = cut(site).split(' < ')
  return html`${innermost}${outer.length > 0 && html` <span class="soft">&lt; ${outer.join(' < ')}</span>`}`
}

/** Maps of one site that a row shows. */
const MAPS_MAX = 3

function outcomeMaps({ maps = [] }: Site): Html {
  return html`${maps.slice(0, MAPS_MAX).map((map) => outcomeMap(map))}`
}

/** What the counting runs found: how many points of which kind. */
function pointKinds({ scenarios }: Campaign): Html | undefined {
  const rows = scenarios.flatMap(({ name, pointKinds: kinds }) => kinds.map((kind) => ({ scenario: name, ...kind })))
  if (rows.length === 0) return undefined
  return html`<details>
    <summary>Fault points that the counting runs found, by tag and kind</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Scenario</th>
            <th scope="col">Family</th>
            <th scope="col">Form</th>
            <th scope="col">Tag or kind</th>
            <th scope="col" class="number">Points</th>
            <th scope="col" class="number">Bytes</th>
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, ROWS_MAX).map(
            (row) =>
              html`<tr>
                <td>${cut(row.scenario)}</td>
                <td>${row.family}</td>
                <td>${row.form}</td>
                <th scope="row">${cut(row.kind)}</th>
                <td class="number">${formatCount(row.count)}</td>
                <td class="number">${formatBytes(row.bytes)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${rows.length > ROWS_MAX && html`<p class="note warn">${plural(rows.length - ROWS_MAX, 'more row')} in campaign.json.</p>`}
  </details>`
}

function notPassed({ run, outcomes }: Site): number {
  return run - outcomes.passed
}
