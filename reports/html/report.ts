// reports/html/report.ts: report.html: one file that opens without a network.
//
// 1. Nothing is loaded: styles, script and data are in the page, and a content security policy says so to the browser.
// 2. The page is whole without its script; the script adds detail.
// 3. The page's size depends on call sites, defects and time-line columns, not on the number of runs.

import type { Campaign } from '../format/index.ts'
import { html, jsonForScript, raw } from './html.ts'
import { SCRIPT } from './script.ts'
import {
  callSitesSection,
  coverageSection,
  modelsSection,
  crashPointsSection,
  detailsSection,
  pageHeader,
  recoverySection,
  timeLineData,
  totalsSection,
  violationsSection,
  type ShownRecords,
} from './sections/index.ts'
import { STYLE } from './style.ts'

/** The page. `shown` are the records of runs that did not pass, or the first of them. */
export function htmlReport(campaign: Campaign, shown: ShownRecords): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        />
        <title>Powercut: ${campaign.scenario}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <div class="page">
          ${pageHeader(campaign)}
          <main>
            ${totalsSection(campaign)} ${modelsSection(campaign)} ${violationsSection(campaign, shown)}
            ${crashPointsSection(campaign)} ${callSitesSection(campaign)} ${recoverySection(campaign)}
            ${coverageSection(campaign)} ${detailsSection(campaign)}
          </main>
        </div>
        <script type="application/json" id="time-lines">
          ${jsonForScript(timeLineData(campaign))}
        </script>
        <script>
          ${raw(SCRIPT)}
        </script>
      </body>
    </html>`
  return `${page.text}\n`
}
