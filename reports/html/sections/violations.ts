// reports/html/sections/violations.ts: what went wrong, a card for each defect, worst known first; behind so many of them a
// line each; and the records of the runs.

import { createHash } from 'node:crypto'
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
  replayCommand,
  replayCommands,
} from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import {
  CARDS_MAX,
  FAILURE_CARDS_MAX,
  FAILURE_LINES_MAX,
  cut,
  EVIDENCE_BYTES_MAX,
  LINES_MAX,
  MESSAGE_MAX,
} from '../limits.ts'
import { comparedParts, evidenceParts } from './evidence.ts'

/** Cards whose events and disk are unfolded. */
const OPEN_MAX = 2

/** Records that a report shows in full: the first of each fingerprint; `total` of them there are in runs.ndjson. */
export type ShownRecords = Readonly<{ records: readonly RunRecord[]; total: number }>

export function violationsSection(campaign: Campaign, shown: ShownRecords): Html {
  const { violations, failures } = campaign
  const cards = new Cards(campaign)
  return html`<section data-tab="violations" aria-labelledby="violations">
    <h2 id="violations">Violations</h2>
    <div data-mount="violation-filter"></div>
    ${
      violations.length === 0
        ? html`<p class="empty">No oracle complained.</p>`
        : html`<p class="note">
              One for each defect (fingerprint), with the first run that shows it:
              ${plural(violations.length, 'defect')} in ${plural(runsIn(violations), 'run')}.
            </p>
            ${cards.list(violations, CARDS_MAX, LINES_MAX)}`
    }
    ${
      failures.length > 0 &&
      html`<h3 class="sub" id="failures">Runs without a verdict</h3>
        <p class="note">
          These say nothing about the store: the fault was not reached, or the scenario or the harness failed.
        </p>
        ${cards.list(failures, FAILURE_CARDS_MAX, FAILURE_LINES_MAX)}`
    }
    ${shown.records.length > 0 && recordTable(shown)}
  </section>`
}

/** Where a violation is in the page: the same for the same defect, in every report. */
export function anchorOf({ fingerprint }: Pick<Violation, 'fingerprint'>): string {
  return `v-${createHash('sha256').update(fingerprint).digest('hex').slice(0, 12)}`
}

function runsIn(rows: readonly Violation[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0)
}

/** Makes cards as long as there is room for them on the page. */
class Cards {
  readonly #campaign: Campaign
  #cards = 0
  #evidenceBytes = 0

  constructor(campaign: Campaign) {
    this.#campaign = campaign
  }

  list(rows: readonly (Violation | Failure)[], cardsMax: number, linesMax: number): Html {
    const cards = rows.slice(0, cardsMax)
    const lines = rows.slice(cards.length, cards.length + linesMax)
    const left = rows.length - cards.length - lines.length
    return html`${cards.map((row) => this.#card(row))}
    ${
      lines.length > 0 &&
      html`<details>
        <summary>${formatCount(lines.length)} more, a line each</summary>
        ${lineTable(lines)}
      </details>`
    }
    ${left > 0 && html`<p class="note warn">${plural(left, 'more defect')} not shown here: campaign.json has all of them.</p>`}`
  }

  #card(row: Violation | Failure): Html {
    const campaign = this.#campaign
    const outcome = 'outcome' in row ? row.outcome : 'violation'
    const smallest = row.minimised === undefined ? notMinimised(campaign, row) : minimisedSentence(row.minimised)
    const demand = campaign.oracles?.[row.oracle]
    const facts: readonly (readonly [string, string])[] = [
      ...(row.family === NO_FAULT_FAMILY ? [] : [['fault', row.fault] as const]),
      ...(row.phase === '' ? [] : [['step', row.phase] as const]),
      ...(row.site === undefined ? [] : [['call site', row.site] as const]),
      ['scenario', row.scenario],
      ['fingerprint', row.fingerprint],
    ]
    const anchor = anchorOf(row)
    const open = this.#cards < OPEN_MAX
    this.#cards += 1
    return html`<article
      class="card edge-${outcome}"
      id="${anchor}"
      data-finding
      data-family="${familyLabel(row.family)}"
      data-oracle="${cut(row.oracle)}"
      data-scenario="${cut(row.scenario)}"
      data-outcome="${OUTCOME_LABELS[outcome]}"
    >
      <h3>
        ${row.oracle === outcome ? OUTCOME_LABELS[outcome] : cut(row.oracle)}
        <span class="tag">${familyLabel(row.family)}</span>
        <span class="count">${plural(row.count, 'run')}</span>
        ${row.expected !== undefined && html`<span class="tag known">known: ${cut(row.expected.reason)} (${cut(row.expected.owner)})</span>`}
        <a class="permalink" href="#${anchor}" aria-label="Link to this violation">#</a>
      </h3>
      ${demand !== undefined && html`<p class="demand">Demanded: ${demand}.</p>`}
      ${row.message !== '' && html`<pre class="message">${cut(row.message, MESSAGE_MAX)}</pre>`}
      ${row.evidence !== undefined && comparedParts(row.evidence)}
      <dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${cut(value)}</dd>
            </div>`,
        )}
      </dl>
      ${smallest !== undefined && html`<p class="note">${cut(smallest, MESSAGE_MAX)}</p>`}
      ${replayCommands(row).map((text) => command(text))} ${this.#evidence(row, open)}
    </article>`
  }

  #evidence({ evidence }: Violation, open: boolean): Html | undefined {
    if (evidence === undefined) return undefined
    const parts = evidenceParts(evidence, open)
    if (this.#evidenceBytes + parts.text.length > EVIDENCE_BYTES_MAX)
      return html`<p class="note">The page has no more room for its events and its disk: campaign.json has them.</p>`
    this.#evidenceBytes += parts.text.length
    return parts
  }
}

/** A command with a button that copies it; the button is hidden where a page may not. */
export function command(text: string): Html {
  const shown = cut(text, MESSAGE_MAX)
  return html`<div class="command">
    <code tabindex="0">${shown}</code
    >${shown === text && html`<button type="button" data-copy="${text}" hidden>Copy</button>`}
  </div>`
}

function lineTable(rows: readonly (Violation | Failure)[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Oracle</th>
          <th scope="col">Family</th>
          <th scope="col" class="number">Runs</th>
          <th scope="col">Message</th>
          <th scope="col">Replay</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => {
          const outcome = 'outcome' in row ? row.outcome : 'violation'
          return html`<tr
            id="${anchorOf(row)}"
            data-finding
            data-family="${familyLabel(row.family)}"
            data-oracle="${cut(row.oracle)}"
            data-scenario="${cut(row.scenario)}"
            data-outcome="${OUTCOME_LABELS[outcome]}"
          >
            <td>${cut(row.oracle)}</td>
            <td>${familyLabel(row.family)}</td>
            <td class="number">${formatCount(row.count)}</td>
            <td class="wrap">${cut(row.message)}</td>
            <td class="code wrap">${cut(replayCommand(row.token))}</td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}

function recordTable({ records, total }: ShownRecords): Html {
  const title =
    records.length === total
      ? `Records of these runs (${formatCount(total)})`
      : `Records of these runs (the first ${formatCount(records.length)} of ${formatCount(total)}; runs.ndjson has all)`
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
    <td>${cut(record.family)}</td>
    <td>${cut(record.form)}</td>
    <td class="number">${formatCount(record.point)}</td>
    <td>${cut(record.mode)}</td>
    <td>${cut(record.fault)}</td>
    <td>${cut(record.phase)}</td>
    <td><span class="outcome outcome-${record.outcome}">${OUTCOME_LABELS[record.outcome]}</span></td>
    <td>${record.oracle === undefined ? '' : cut(record.oracle)}</td>
    <td class="number">${formatCount(record.delivered)}</td>
    <td class="number">${record.recoveryBytes === undefined ? '' : formatBytes(record.recoveryBytes)}</td>
    <td class="number">${formatDuration(record.durationMs)}</td>
    <td class="code">${cut(record.token)}</td>
  </tr>`
}
