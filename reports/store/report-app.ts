// reports/store/report-app.ts: the script of report.html, as the build made it of reports/ui.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the compiled code; where the sources are run, in what the project's build made. */
const PLACES = ['../ui/report-app.js', '../../dist/reports/ui/report-app.js']

/** Undefined where it was not built: the page is then made without it, and says so. */
export function reportApp(): string | undefined {
  for (const place of PLACES) {
    const path = fileURLToPath(new URL(place, import.meta.url))
    if (existsSync(path)) return readFileSync(path, 'utf8')
  }
  return undefined
}
