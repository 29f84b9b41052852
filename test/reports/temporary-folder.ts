// test/reports/temporary-folder.ts: a folder of the test's own, gone after it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'powercut-reports-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
