// reports/html/sections/code-coverage.ts: coverage of the code, from files of coverage tools: totals of each, as given.

import { formatCount } from '../../text/index.ts'
import { html, type Html } from '../html.ts'
import { cut, ROWS_MAX } from '../limits.ts'
import type { Measured } from '../measured.ts'
import { shareBar, shareText } from './share.ts'

export function codeCoverage({ coverage = [] }: Measured): Html {
  const rows = coverage.flatMap(({ path, facts }) =>
    Object.entries(facts.counts).map(([name, counts]) => ({ path, format: facts.format, name, ...counts })),
  )
  return html`<h3 class="sub" id="code-coverage">Coverage of the code</h3>
    ${
      rows.length === 0
        ? html`<p class="empty">
            No coverage of the code was given. A coverage tool writes it as LCOV, Cobertura or coverage-final.json;
            <code>powercut report DIR --format html --with coverage/lcov.info</code> shows it here.
          </p>`
        : html`<div class="scroll">
            <table class="coverage" aria-label="Coverage of the code">
              <thead>
                <tr>
                  <th scope="col">File</th>
                  <th scope="col">Of</th>
                  <th scope="col" class="number">Covered</th>
                  <th scope="col" class="number">All</th>
                  <th scope="col" class="number">Share</th>
                  <th scope="col" class="wide"></th>
                </tr>
              </thead>
              <tbody>
                ${rows.slice(0, ROWS_MAX).map(
                  ({ path, format, name, covered, all }) =>
                    html`<tr>
                      <td class="code">${cut(path)} <span class="soft">${format}</span></td>
                      <th scope="row">${name}</th>
                      <td class="number">${formatCount(covered)}</td>
                      <td class="number">${formatCount(all)}</td>
                      <td class="number${covered < all ? ' warn' : ''}">
                        ${all === 0 ? '–' : shareText(covered, all)}
                      </td>
                      <td>${shareBar(covered, all)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }`
}
