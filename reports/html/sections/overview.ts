// reports/html/sections/overview.ts: the top of the page: how it ended, on what, and the totals by family.

import { verdictOf, type Campaign } from '../../format/index.ts'
import {
  deliveredOf,
  familyLabel,
  formatCount,
  formatDuration,
  plural,
  retrySentence,
  runsOf,
  scenarioPrefix,
  VERDICT_LABELS,
  verdictSentence,
} from '../../text/index.ts'
import { outcomeBar } from '../charts/index.ts'
import { html, type Html } from '../html.ts'
import { cut, MESSAGE_MAX, ROWS_MAX } from '../limits.ts'
import { anchorOf } from './violations.ts'

export function pageHeader(campaign: Campaign): Html {
  const verdict = verdictOf(campaign)
  const facts: readonly (readonly [string, string])[] = [
    ['seed', String(campaign.seed)],
    ['model', campaign.model],
    ['sector', `${campaign.sectorBytes} B`],
    ...(campaign.selection.mutant === undefined ? [] : [['mutant', campaign.selection.mutant] as const]),
    ['started', campaign.startedAt.replace('T', ' ').replace(/\.\d+Z$/, 'Z')],
    ['took', formatDuration(campaign.durationMs)],
  ]
  return html`<header>
    <p class="brand"><span>Powercut</span> <span data-mount="theme"></span></p>
    <h1>${campaign.scenario === '' ? 'No scenario' : cut(campaign.scenario)}</h1>
    <p class="verdict verdict-${verdict}">
      <span class="badge">${VERDICT_LABELS[verdict]}</span> ${verdictSentence(campaign)}.
    </p>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${cut(value)}</dd>
          </div>`,
      )}
    </dl>
  </header>`
}

/** Violations named on the first page. */
const NAMED_MAX = 8

/** The first of what is wrong, each a link to its place. */
function findingsAtAGlance(campaign: Campaign): Html | undefined {
  const rows = [...campaign.violations, ...campaign.failures]
  if (rows.length === 0) return undefined
  return html`<h2>What went wrong</h2>
    <ol class="glance">
      ${rows.slice(0, NAMED_MAX).map(
        (row) =>
          html`<li>
            <a href="#${anchorOf(row)}">${cut(row.oracle)}</a>
            <span class="soft"
              >${cut(scenarioPrefix(campaign, row))}${familyLabel(row.family)}, ${plural(row.count, 'run')}</span
            >
            <span class="glance-message">${cut(row.message.split('\n', 1)[0] ?? '', 180)}</span>
          </li>`,
      )}
    </ol>
    ${rows.length > NAMED_MAX && html`<p class="note"><a href="#violations">${formatCount(rows.length - NAMED_MAX)} more</a></p>`}`
}

export function totalsSection(campaign: Campaign): Html {
  const { points, cost } = campaign
  const tiles: readonly (readonly [string, string])[] = [
    [formatCount(points.allocations), points.allocations === 1 ? 'allocation' : 'allocations'],
    [formatCount(points.fileSystemCalls), points.fileSystemCalls === 1 ? 'file-system call' : 'file-system calls'],
    [formatCount(points.syncs), points.syncs === 1 ? 'sync' : 'syncs'],
    [formatCount(runsOf(campaign)), runsOf(campaign) === 1 ? 'run' : 'runs'],
    [formatCount(deliveredOf(campaign)), deliveredOf(campaign) === 1 ? 'fault delivered' : 'faults delivered'],
    [formatCount(cost.runsPerSecond), 'runs a second'],
  ]
  return html`<section data-tab="overview" id="overview" aria-labelledby="totals">
    ${findingsAtAGlance(campaign)}
    <h2 id="totals">Totals</h2>
    <dl class="tiles">
      ${tiles.map(
        ([value, name]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${familyTable(campaign)} ${retryList(campaign)}
  </section>`
}

function familyTable({ families }: Campaign): Html {
  const rows = Object.entries(families)
  if (rows.length === 0) return html`<p class="empty">No run was planned.</p>`
  return html`<div class="scroll">
      <table class="stack" aria-label="Totals by fault family">
        <thead>
          <tr>
            <th scope="col">Family</th>
            <th scope="col" class="number">Planned</th>
            <th scope="col" class="number">Run</th>
            <th scope="col" class="number">Merged</th>
            <th scope="col" class="number">Skipped</th>
            <th scope="col" class="number">Delivered</th>
            <th scope="col" class="number">Violations</th>
            <th scope="col">Every point</th>
            <th scope="col" class="wide">Outcomes</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, row]) =>
              html`<tr>
                <th scope="row">${familyLabel(name)}</th>
                <td class="number" data-label="Planned">${formatCount(row.planned)}</td>
                <td class="number" data-label="Run">${formatCount(row.run)}</td>
                <td class="number" data-label="Merged">${formatCount(row.merged)}</td>
                <td class="number" data-label="Skipped">${formatCount(row.skipped)}</td>
                <td class="number" data-label="Delivered">${formatCount(row.delivered)}</td>
                <td class="number${row.violations > 0 ? ' bad' : ''}" data-label="Violations">
                  ${formatCount(row.violations)}
                </td>
                <td data-label="Every point">${row.exhaustive ? 'yes' : html`<span class="warn">no</span>`}</td>
                <td class="bar-cell">${row.run > 0 ? outcomeBar(row.outcomes, row.run) : ''}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">
      Planned is what the plan holds, run is the number of records, delivered is what the injector counted: three
      sources. Merged states were the same as one that was run.
    </p>`
}

function retryList({ retries }: Campaign): Html | undefined {
  const rows = Object.entries(retries)
  if (rows.length === 0) return undefined
  return html`<p class="note">
    The step after the fault:
    ${rows.map(([name, counts], index) => `${index > 0 ? '; ' : ''}${familyLabel(name).toLowerCase()}: ${retrySentence(counts)}`)}.
  </p>`
}

/** Where and how it was made, at the end of the page. */
export function detailsSection(campaign: Campaign): Html {
  const { tool, selection, cost } = campaign
  const rows: readonly (readonly [string, string])[] = [
    ['Command', campaign.commandLine],
    ['Trace hash', campaign.traceHash],
    ['Powercut', tool.powercut],
    ['Node', tool.node],
    ['Platform', tool.platform],
    ['Workers', formatCount(campaign.workers)],
    ['Started', campaign.startedAt],
    ['Ended', campaign.endedAt],
    ['Families', selection.families.join(', ')],
    ['Modes', selection.modes.join(', ')],
    ['Forms', selection.forms.join(', ')],
    [
      'States per sync interval',
      selection.statesPerIntervalMax === 0 ? 'no bound' : `at most ${formatCount(selection.statesPerIntervalMax)}`,
    ],
    ['Time in runs', `${formatDuration(cost.runMs)} over all workers`],
    ['Time in recovery', formatDuration(cost.recoveryMs)],
    ['Time in the model check', formatDuration(cost.checkMs)],
    ...campaign.scenarios
      .slice(0, ROWS_MAX)
      .map(
        ({ name, parameters, traceHash }) =>
          [
            `Scenario ${name}`,
            [...Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`), `trace ${traceHash}`].join(
              ', ',
            ),
          ] as const,
      ),
  ]
  return html`<section data-tab="details" aria-labelledby="details">
    <h2 id="details">How it was made</h2>
    <table class="pairs">
      <tbody>
        ${rows.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${cut(value, MESSAGE_MAX)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="note">
      ${plural(campaign.scenarios.length, 'scenario')}. Made from campaign.json (format ${campaign.formatVersion}) and
      runs.ndjson.
    </p>
  </section>`
}
