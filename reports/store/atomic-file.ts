// reports/store/atomic-file.ts: replaces a file in one step.
//
// 1. A reader sees the old content or the new, never a part: written beside it, synced, renamed over it.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { io } from './line-file.ts'

/** Writes `text` as UTF-8. Throws ReportError 'io' and leaves the old file then. */
export function writeFileAtomic(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}-${process.pid}.tmp`)
  io(path, 'written', () => {
    try {
      const file = openSync(temporary, 'w')
      try {
        writeFileSync(file, text)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  })
}
