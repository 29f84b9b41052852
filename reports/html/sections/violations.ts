// reports/html/sections/violations.ts: what was found, each with the command that shows it again.

import { NO_FAULT_FAMILY, type Campaign, type Failure, type RunRecord, type Violation } from '../../format/index.ts'
import {
  familyLabel,
  formatBytes,
  formatCount,
  formatDuration,
  minimisedSentence,
  notMinimised,
  OUTCOME_LABELS,
  plural,
  replayCommands,
} from '../../text/index.ts'
import { html, type Html } from '../html.ts'

/** Defects before the rest is folded away. */
const CARDS_SHOWN = 20

/** Records that a report shows in full: the first of each fingerprint; `total` of them there are in runs.ndjson. */
export type ShownRecords = Readonly<{ records: readonly RunRecord[]; total: number }>

export function violationsSection(campaign: Campaign, shown: ShownRecords): Html {
  const { violations, failures } = campaign
  return html`<section aria-labelledby="violations">
      <h2 id="violations">Violations</h2>
      ${
        violations.length === 0
          ? html`<p class="empty">No oracle complained.</p>`
          : html`<p class="note">One row for each defect (fingerprint), with the first run that shows it.</p>
              ${cards(campaign, violations)}`
      }
    </section>
    ${
      failures.length > 0 &&
      html`<section aria-labelledby="failures">
        <h2 id="failures">Runs without a verdict</h2>
        <p class="note">
          These say nothing about the store: the fault was not reached, or the scenario or the harness failed.
        </p>
        ${cards(campaign, failures)}
      </section>`
    }
    ${shown.records.length > 0 && recordTable(shown)}`
}

function cards(campaign: Campaign, rows: readonly (Violation | Failure)[]): Html {
  const rest = rows.slice(CARDS_SHOWN)
  return html`${rows.slice(0, CARDS_SHOWN).map((row) => card(campaign, row))}
  ${
    rest.length > 0 &&
    html`<details>
      <summary>${formatCount(rest.length)} more</summary>
      ${rest.map((row) => card(campaign, row))}
    </details>`
  }`
}

function card(campaign: Campaign, row: Violation | Failure): Html {
  const outcome = 'outcome' in row ? row.outcome : 'violation'
  const smallest = row.minimised === undefined ? notMinimised(campaign, row) : minimisedSentence(row.minimised)
  const facts: readonly (readonly [string, string])[] = [
    ...(row.family === NO_FAULT_FAMILY ? [] : [['fault', row.fault] as const]),
    ...(row.phase === '' ? [] : [['in', row.phase] as const]),
    ...(row.site === undefined ? [] : [['call site', row.site] as const]),
    ['scenario', row.scenario],
    ['fingerprint', row.fingerprint],
  ]
  return html`<article class="card edge-${outcome}">
    <h3>
      ${row.oracle === outcome ? OUTCOME_LABELS[outcome] : row.oracle}
      <span class="tag">${familyLabel(row.family)}</span>
      <span class="count">${plural(row.count, 'run')}</span>
    </h3>
    ${row.message !== '' && html`<pre class="message">${row.message}</pre>`}
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${smallest !== undefined && html`<p class="note">${smallest}</p>`} ${replayCommands(row).map(command)}
  </article>`
}

/** A command with a button that copies it; the button is hidden where a page may not. */
export function command(text: string): Html {
  return html`<div class="command">
    <code tabindex="0">${text}</code><button type="button" data-copy="${text}" hidden>Copy</button>
  </div>`
}

function recordTable({ records, total }: ShownRecords): Html {
  const title =
    records.length === total
      ? `Records of these runs (${formatCount(total)})`
      : `Records of these runs (the first ${formatCount(records.length)} of ${formatCount(total)})`
  return html`<details class="records">
    <summary>${title}</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">Order</th>
            <th scope="col">Family</th>
            <th scope="col">Form</th>
            <th scope="col" class="number">Point</th>
            <th scope="col">Mode</th>
            <th scope="col">Fault</th>
            <th scope="col">Phase</th>
            <th scope="col">Outcome</th>
            <th scope="col">Oracle</th>
            <th scope="col" class="number">Delivered</th>
            <th scope="col" class="number">Recovery read</th>
            <th scope="col" class="number">Took</th>
            <th scope="col">Token</th>
          </tr>
        </thead>
        <tbody>
          ${records.map(recordRow)}
        </tbody>
      </table>
    </div>
  </details>`
}

function recordRow(record: RunRecord): Html {
  return html`<tr>
    <td class="number">${formatCount(record.order)}</td>
    <td>${record.family}</td>
    <td>${record.form}</td>
    <td class="number">${formatCount(record.point)}</td>
    <td>${record.mode}</td>
    <td>${record.fault}</td>
    <td>${record.phase}</td>
    <td><span class="outcome outcome-${record.outcome}">${OUTCOME_LABELS[record.outcome]}</span></td>
    <td>${record.oracle}</td>
    <td class="number">${formatCount(record.delivered)}</td>
    <td class="number">${record.recoveryBytes === undefined ? '' : formatBytes(record.recoveryBytes)}</td>
    <td class="number">${formatDuration(record.durationMs)}</td>
    <td class="code">${record.token}</td>
  </tr>`
}
