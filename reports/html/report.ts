// reports/html/report.ts: report.html: one file that opens without a network.
//
// 1. Nothing is loaded: styles, script and data are in the page, and a content security policy says so to the browser. It
//    names the script by its hash, so that no other one runs, whatever the names of scenarios hold.
// 2. The page is whole without its script: verdict, violations and tables are read without it, and printed.
// 3. The page's size depends on call sites, defects and time-line columns, not on the number of runs, and is bounded
//    (limits.ts).

import { createHash } from 'node:crypto'
import type { Campaign } from '../format/index.ts'
import { html, jsonForScript, raw, type Html } from './html.ts'
import { cut } from './limits.ts'
import {
  callSitesSection,
  chartData,
  coverageSection,
  crashPointsSection,
  detailsSection,
  faultCoverageSection,
  mcdcSection,
  modelsSection,
  notRunSection,
  pageHeader,
  recoverySection,
  totalsSection,
  traceSection,
  violationsSection,
  type ShownRecords,
} from './sections/index.ts'
import type { Measured } from './measured.ts'
import { STYLE } from './style.ts'

/**
 * `script`: the bundle of reports/ui; without it the page has neither tabs nor filters, and its charts are still.
 * `measured`: what other commands measured; what is not there has a part that says which command makes it.
 */
export type HtmlReportOptions = Readonly<{ script?: string; measured?: Measured }>

/** The page. `shown` are the records of runs that did not pass, or the first of them. */
export function htmlReport(
  campaign: Campaign,
  shown: ShownRecords,
  { script, measured = {} }: HtmlReportOptions = {},
): string {
  const app = script === undefined ? undefined : inlineScript(script)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src ${app === undefined ? raw(`'none'`) : app.source}; base-uri 'none'; form-action 'none'"
        />
        <title>Powercut: ${cut(campaign.scenario)}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <div class="page">
          ${pageHeader(campaign)} ${navigation(campaign)}
          <main>
            ${totalsSection(campaign)} ${violationsSection(campaign, shown)} ${crashPointsSection(campaign)}
            ${callSitesSection(campaign)} ${recoverySection(campaign)} ${coverageSection(campaign, measured)}
            ${modelsSection(campaign)} ${mcdcSection(measured)} ${faultCoverageSection(measured)}
            ${traceSection(measured)} ${notRunSection(campaign)} ${detailsSection(campaign)}
          </main>
          ${
            app === undefined
              ? html`<p class="note">This page was made without its script: it has no tabs and no filters.</p>`
              : KEYS
          }
        </div>
        ${
          app !== undefined &&
          html`<script type="application/json" id="chart-data">
              ${jsonForScript(chartData(campaign))}
            </script>
            ${app.element}`
        }
      </body>
    </html>`
  return `${page.text}\n`
}

function navigation({ violations, failures }: Campaign): Html {
  const bad = violations.length + failures.length
  return html`<nav class="tabs" aria-label="Parts of the report">
    <a href="#overview">Overview</a>
    <a href="#violations">Violations${bad > 0 && html` <b>${bad}</b>`}</a>
    <a href="#crash-points">Time line</a>
    <a href="#call-sites">Call sites</a>
    <a href="#recovery">Recovery</a>
    <a href="#coverage">Coverage</a>
    <a href="#mcdc">MC/DC</a>
    <a href="#fault-coverage">Fault coverage</a>
    <a href="#trace">Requirements</a>
    <a href="#not-run">Not run</a>
    <a href="#details">Details</a>
  </nav>`
}

const KEYS = html`<dialog class="keys">
  <h2>Keys</h2>
  <table>
    <tbody>
      <tr>
        <td><kbd>1</kbd> to <kbd>9</kbd>, <kbd>0</kbd></td>
        <td>the first ten tabs; arrow keys between all</td>
      </tr>
      <tr>
        <td><kbd>/</kbd></td>
        <td>search; <kbd>Esc</kbd> clears it</td>
      </tr>
      <tr>
        <td><kbd>j</kbd> <kbd>k</kbd></td>
        <td>next and previous violation</td>
      </tr>
      <tr>
        <td><kbd>t</kbd></td>
        <td>light, dark, or as the system has it</td>
      </tr>
      <tr>
        <td><kbd>?</kbd></td>
        <td>this list; <kbd>Esc</kbd> closes it</td>
      </tr>
    </tbody>
  </table>
</dialog>`

/** The element, and what the policy calls it: the hash of exactly what stands between its tags. */
function inlineScript(script: string): Readonly<{ element: Html; source: Html }> {
  const text = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const hash = createHash('sha256').update(text).digest('base64')
  return { element: raw(`<script>${text}</script>`), source: raw(`'sha256-${hash}'`) }
}
