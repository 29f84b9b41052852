// reports/html/sections/fault-coverage.ts: every call of the sources that a fault can reach: from how many places it was
// made, from how many it was failed, how, and what came of it.

import type { CoverageCount, CoveredSite, FaultCoverage } from '../../format/index.ts'
import { openSites } from '../../fault-coverage/index.ts'
import { familyLabel, formatCount, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, SITES_MAX } from '../limits.ts'
import type { Measured } from '../measured.ts'
import { shareCells } from './share.ts'

/** Ways in which one site was failed that a row tells. */
const CELLS_MAX = 40

export function faultCoverageSection({ faultCoverage }: Measured): Html {
  return html`<section data-tab="fault-coverage" aria-labelledby="fault-coverage">
    <h2 id="fault-coverage">Fault coverage</h2>
    ${
      faultCoverage === undefined
        ? html`<p class="empty">
            There is no list of all calls here that can fail. <code>powercut fault-coverage</code> makes it of the
            sources and of campaigns, and
            <code>powercut report DIR --format html --with fault-coverage.json</code> shows it here. What this campaign
            failed stands under <a href="#call-sites">Call sites</a>.
          </p>`
        : whole(faultCoverage)
    }
  </section>`
}

function whole(coverage: FaultCoverage): Html {
  const { families, totals, sites, unlisted, unused, campaigns } = coverage
  const open = new Set(openSites(coverage))
  const shown = sites.toSorted((a, b) => rank(a) - rank(b)).slice(0, SITES_MAX)
  return html`<p class="note">
      Of ${plural(campaigns.length, 'campaign')}. The denominator is every call in the sources that a fault could reach;
      a context is a call with all its callers; an ordinal is one call of a run.
      ${
        open.size === 0
          ? 'Every call that a run makes was failed from everywhere it is made, or has a written reason.'
          : `${plural(open.size, 'call site')} ${open.size === 1 ? 'was' : 'were'} not failed from everywhere and ${open.size === 1 ? 'has' : 'have'} no reason.`
      }
    </p>
    ${problems(
      'Made by a run, and not in the list of calls',
      unlisted.map(({ place, family, kind }) => `${place}: ${family} ${kind}`),
    )}
    ${problems('Reasons for nothing', unused)}
    <div class="scroll">
      <table class="coverage" aria-label="Fault coverage by family">
        <thead>
          <tr>
            <th scope="col">Family</th>
            <th scope="col" class="number">Call sites failed</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="number">Reached</th>
            <th scope="col" class="number">With a reason</th>
            <th scope="col" class="number">Contexts failed</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="number">Ordinals failed</th>
            <th scope="col" class="number"></th>
          </tr>
        </thead>
        <tbody>
          ${[...Object.entries(families).map(([name, count]) => countRow(familyLabel(name), count)), countRow('All', totals)]}
        </tbody>
      </table>
    </div>
    <h3 class="sub">Call sites</h3>
    <div data-mount="row-filter" data-what="calls that can fail"></div>
    <div class="scroll">
      <table class="stack" aria-label="Calls that can fail">
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Family</th>
            <th scope="col" class="number">Contexts failed</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="number">Ordinals failed</th>
            <th scope="col" class="number"></th>
            <th scope="col">How, and what came of it</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map((site) => siteRow(site, open.has(site)))}
        </tbody>
      </table>
    </div>
    ${sites.length > shown.length && html`<p class="note warn">${plural(sites.length - shown.length, 'more call site')} in fault-coverage.json.</p>`}`

  /** What is open first, then what has a reason, then the rest. */
  function rank(site: CoveredSite): number {
    return open.has(site) ? 0 : site.reason === undefined ? 2 : 1
  }
}

function countRow(name: string, count: CoverageCount): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    ${shareCells(count.failed, count.sites, 'Call sites failed')}
    <td class="number" data-label="Reached">${formatCount(count.reached)}</td>
    <td class="number" data-label="With a reason">${formatCount(count.justified)}</td>
    ${shareCells(count.contextsFailed, count.contexts, 'Contexts failed')}
    ${shareCells(count.ordinalsFailed, count.ordinals, 'Ordinals failed')}
  </tr>`
}

function siteRow(site: CoveredSite, isOpen: boolean): Html {
  const { id, path, line, family, contexts, ordinals, failed, reason } = site
  return html`<tr data-row>
    <th scope="row" class="code">${cut(id)} <span class="soft">${cut(path)}:${line}</span></th>
    <td>${familyLabel(family)}</td>
    ${shareCells(contexts.filter((one) => one.failed > 0).length, contexts.length, 'Contexts failed')}
    ${shareCells(failed, ordinals, 'Ordinals failed')}
    <td>
      ${isOpen && html`<span class="bad">${contexts.length === 0 ? 'never reached' : 'not failed from everywhere'}</span> `}
      ${reason !== undefined && html`<span class="soft">${cut(reason)}</span> `} ${ways(site)}
    </td>
  </tr>`
}

function ways({ cells }: CoveredSite): Html | undefined {
  if (cells.length === 0) return undefined
  const runs = cells.reduce((sum, cell) => sum + cell.runs, 0)
  return html`<details>
    <summary>${plural(runs, 'run')}: ${summary(cells)}</summary>
    <ul class="plain">
      ${cells
        .slice(0, CELLS_MAX)
        .map(
          ({ fault, followUp, outcome, runs: count }) =>
            html`<li>
              ${cut(fault)}, ${cut(followUp)}: ${cut(outcome)} <span class="soft">×${formatCount(count)}</span>
            </li>`,
        )}
    </ul>
    ${cells.length > CELLS_MAX && html`<p class="note">${formatCount(cells.length - CELLS_MAX)} more in fault-coverage.json.</p>`}
  </details>`
}

function summary(cells: CoveredSite['cells']): string {
  const outcomes = new Map<string, number>()
  for (const { outcome, runs } of cells) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + runs)
  return [...outcomes].map(([outcome, runs]) => `${formatCount(runs)} ${cut(outcome, 60)}`).join(', ')
}

function problems(title: string, rows: readonly string[]): Html | undefined {
  if (rows.length === 0) return undefined
  return html`<details>
    <summary class="bad">${title} (${formatCount(rows.length)})</summary>
    <ul class="plain code">
      ${rows.slice(0, SITES_MAX).map((row) => html`<li>${cut(row)}</li>`)}
    </ul>
  </details>`
}
