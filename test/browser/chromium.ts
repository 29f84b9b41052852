// test/browser/chromium.ts: the browser that the machine has, and what to install where it has none.

import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const NO_CHROMIUM =
  "there is no Chromium: install Debian's package 'chromium', or name a browser in the variable CHROMIUM"

/** Undefined where there is none: then these tests are skipped, with NO_CHROMIUM as the reason. */
export const CHROMIUM = [process.env['CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path))

export async function launch(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}
