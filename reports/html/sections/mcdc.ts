// reports/html/sections/mcdc.ts: MC/DC by file, and each condition and outcome of a value path that is neither covered nor
// justified, with what would show it.

import { MCDC_PROBLEMS, type Mcdc, type McdcFile } from '../../format/index.ts'
import { conditionGaps, outcomeGaps, type McdcGap } from '../../mcdc/index.ts'
import { formatCount, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, ROWS_MAX } from '../limits.ts'
import type { Measured } from '../measured.ts'
import { shareBar, shareCells } from './share.ts'

export function mcdcSection({ mcdc }: Measured): Html {
  return html`<section data-tab="mcdc" aria-labelledby="mcdc">
    <h2 id="mcdc">MC/DC</h2>
    ${mcdc === undefined ? EMPTY : whole(mcdc)}
  </section>`
}

const EMPTY = html`<p class="empty">
  MC/DC was not measured. <code>powercut mcdc --out DIR -- COMMAND</code> measures a command, and
  <code>powercut report DIR --format html --with mcdc.json</code> shows it here.
</p>`

function whole(mcdc: Mcdc): Html {
  const { totals, files, problems, runs, complete } = mcdc
  const gaps = files.flatMap(conditionGaps)
  const outcomes = files.flatMap(outcomeGaps)
  const lost = runs.reduce((sum, { processesLost }) => sum + processesLost, 0)
  return html`<p class="note">
      Masking MC/DC: each condition was seen to decide its decision both ways, while the others were masked. Unique
      cause, the stricter form, stands beside it. ${plural(totals.conditionsJustified, 'condition')} not covered
      ${totals.conditionsJustified === 1 ? 'has' : 'have'} a written reason. Measured in
      ${plural(runs.length, 'command')}.
    </p>
    ${!complete && html`<p class="note bad">The measurement is not complete: figures below are not those of the whole code.</p>`}
    ${lost > 0 && html`<p class="note warn">${plural(lost, 'process', 'processes')} ended without telling what they counted.</p>`}
    ${
      problems.length > 0 &&
      html`<ul class="plain reasons">
        ${problems
          .slice(0, ROWS_MAX)
          .map(({ kind, path, message }) => html`<li>${cut(path)} ${MCDC_PROBLEMS[kind]}: ${cut(message)}</li>`)}
      </ul>`
    }
    ${files.length > 1 && html`<div data-mount="row-filter" data-what="files"></div>`} ${fileTable(mcdc)}
    ${gapList('Conditions neither covered nor justified', gaps)}
    ${gapList('Outcomes of value paths (??, ?., defaults, switch) not seen', outcomes)}`
}

function fileTable({ files, totals }: Mcdc): Html {
  const shown = files.toSorted((a, b) => open(b) - open(a) || (a.path < b.path ? -1 : 1)).slice(0, ROWS_MAX)
  return html`<div class="scroll">
      <table class="coverage mcdc" aria-label="MC/DC by file">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" class="number">Decisions</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="number">Conditions</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="number">Unique cause</th>
            <th scope="col" class="number">With a reason</th>
            <th scope="col" class="number">Value paths</th>
            <th scope="col" class="number"></th>
            <th scope="col" class="wide"></th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">All ${formatCount(totals.files)} files</th>
            ${cells(totals)}
          </tr>
          ${shown.map(
            (file) =>
              html`<tr data-row>
                <th scope="row" class="code">
                  ${cut(file.path)}${!file.loaded && html` <span class="bad">not loaded</span>`}
                </th>
                ${cells(file.totals)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${files.length > shown.length && html`<p class="note warn">${plural(files.length - shown.length, 'more file')} in mcdc.json.</p>`}`
}

function cells(totals: Mcdc['totals']): Html {
  return html`${shareCells(totals.decisionsCovered, totals.decisions, 'Decisions')}
    ${shareCells(totals.conditionsCovered, totals.conditions, 'Conditions')}
    <td class="number" data-label="Unique cause">${formatCount(totals.conditionsUniqueCause)}</td>
    <td class="number" data-label="With a reason">${formatCount(totals.conditionsJustified)}</td>
    ${shareCells(totals.outcomesCovered, totals.outcomes, 'Value paths')}
    <td>${totals.conditions > 0 && shareBar(totals.conditionsCovered, totals.conditions)}</td>`
}

const open = ({ totals }: McdcFile): number => totals.conditions - totals.conditionsCovered - totals.conditionsJustified

function gapList(title: string, gaps: readonly McdcGap[]): Html {
  if (gaps.length === 0) return html`<p class="note">${title}: none.</p>`
  return html`<details>
    <summary>${title} (${formatCount(gaps.length)})</summary>
    <ul class="plain">
      ${gaps
        .slice(0, ROWS_MAX)
        .map(
          ({ path, line, column, message }) =>
            html`<li><span class="code">${cut(path)}:${line}:${column}</span> ${cut(message)}</li>`,
        )}
    </ul>
    ${gaps.length > ROWS_MAX && html`<p class="note warn">${formatCount(gaps.length - ROWS_MAX)} more in mcdc.json.</p>`}
  </details>`
}
