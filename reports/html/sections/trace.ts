// reports/html/sections/trace.ts: requirements and what verifies them; then what verifies none, and what is wrong.

import type { Matrix, RequirementVerdict } from '../../requirements/index.ts'
import { formatCount, plural } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, REQUIREMENTS_MAX, ROWS_MAX } from '../limits.ts'
import type { Measured } from '../measured.ts'

/** More findings than these are folded away. */
const FINDINGS_OPEN_MAX = 10
/** Tests of one requirement that a row names. */
const TESTS_MAX = 12

const TONES: Readonly<Record<RequirementVerdict, string>> = {
  verified: 'good',
  'partly-verified': 'soft',
  'not-built': 'soft',
  untested: 'bad',
  'not-run': 'bad',
  failed: 'bad',
  'by-record': 'soft',
}

export function traceSection({ matrix }: Measured): Html {
  return html`<section data-tab="trace" aria-labelledby="trace">
    <h2 id="trace">Requirements</h2>
    ${
      matrix === undefined
        ? html`<p class="empty">
            No requirements were traced.
            <code>powercut trace --requirements DIR --results junit.xml --out DIR</code> makes the matrix, and
            <code>powercut report DIR --format html --with rtm.json</code> shows it here.
          </p>`
        : whole(matrix)
    }
  </section>`
}

function whole(matrix: Matrix): Html {
  const { requirements, totals, findings, evidence } = matrix
  const orphans = evidence.filter((one) => one.requirements.length === 0)
  const shown = requirements.slice(0, REQUIREMENTS_MAX)
  return html`<p class="note ${findings.length > 0 ? 'bad' : ''}">
      ${
        findings.length === 0
          ? 'The trace is whole: every requirement is verified by what was executed, or listed as not built, with its reason.'
          : `The trace has ${plural(findings.length, 'finding')}.`
      }
    </p>
    <dl class="facts">
      ${Object.entries(totals.verdicts).map(
        ([name, count]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${formatCount(count)}</dd>
          </div>`,
      )}
      <div>
        <dt>results</dt>
        <dd>${formatCount(totals.evidence)}</dd>
      </div>
    </dl>
    ${
      findings.length > 0 &&
      html`<details ${findings.length <= FINDINGS_OPEN_MAX ? html`open` : ''}>
        <summary class="bad">Findings (${formatCount(findings.length)})</summary>
        <ul class="plain">
          ${findings.slice(0, ROWS_MAX).map(({ kind, place, message }) => html`<li>${kind}: ${cut(place)} ${cut(message)}</li>`)}
        </ul>
      </details>`
    }
    <div data-mount="row-filter" data-what="requirements"></div>
    <div class="scroll">
      <table class="stack" aria-label="Requirements and what verifies them">
        <thead>
          <tr>
            <th scope="col">Requirement</th>
            <th scope="col">Text</th>
            <th scope="col">Verdict</th>
            <th scope="col">Verified by</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map((one) => requirementRow(one, evidence))}
        </tbody>
      </table>
    </div>
    ${requirements.length > shown.length && html`<p class="note warn">${plural(requirements.length - shown.length, 'more requirement')} in rtm.json.</p>`}
    ${
      orphans.length > 0 &&
      html`<details>
        <summary>Results of no requirement (${formatCount(orphans.length)})</summary>
        <ul class="plain">
          ${orphans.slice(0, ROWS_MAX).map(({ group, name }) => html`<li>${cut(group)} › ${cut(name)}</li>`)}
        </ul>
      </details>`
    }`
}

function requirementRow(
  { id, title, text, verdict, reason, evidence: own, scenarios }: Matrix['requirements'][number],
  evidence: Matrix['evidence'],
): Html {
  const tests = own.flatMap((at) => evidence[at] ?? [])
  return html`<tr data-row>
    <th scope="row">${cut(id)}</th>
    <td><b>${cut(title)}.</b> ${cut(text)}</td>
    <td class="${TONES[verdict]}">
      ${verdict}${reason !== undefined && html` <span class="soft">${cut(reason)}</span>`}
    </td>
    <td>
      ${
        tests.length > 0 &&
        html`<details>
          <summary>${plural(tests.length, 'result')}</summary>
          <ul class="plain">
            ${tests
              .slice(0, TESTS_MAX)
              .map(
                ({ group, name, outcome }) =>
                  html`<li>
                    ${cut(group)} › ${cut(name)}${outcome !== 'passed' && html` <b class="bad">${outcome}</b>`}
                  </li>`,
              )}
          </ul>
          ${tests.length > TESTS_MAX && html`<p class="note">${formatCount(tests.length - TESTS_MAX)} more in rtm.json.</p>`}
        </details>`
      }
      ${scenarios.length > 0 && html`scenario ${cut(scenarios.join(', '))}`}
    </td>
  </tr>`
}
