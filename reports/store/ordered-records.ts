// reports/store/ordered-records.ts: the records of a campaign in the order of its plan, whatever the order in which workers ended.
//
// One number a record is held, not the records.

import { existsSync } from 'node:fs'
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { runRecordSchema, type RunRecord } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { RECORDS_FILE } from './campaign-file.ts'
import { io, readLines } from './line-file.ts'

/** Throws ReportError 'damaged' for a line that is no record, but for a torn last one. */
export function* readOrderedRecords(directory: string): Generator<RunRecord, void> {
  const path = join(directory, RECORDS_FILE)
  if (!existsSync(path)) return
  const places: { order: number; from: number; to: number }[] = []
  let from = 0
  let bad: number | undefined
  for (const { text, number, endBytes } of readLines(path)) {
    if (bad !== undefined) throw new ReportError('damaged', path, `${path}: line ${bad} is no record`, { line: bad })
    const record = decode(text)
    if (record === undefined) bad = number
    else places.push({ order: record.order, from, to: endBytes - 1 })
    from = endBytes
  }
  places.sort((a, b) => a.order - b.order || a.from - b.from)
  const file = io(path, 'opened', () => openSync(path, 'r'))
  try {
    for (const { from: start, to } of places) {
      const bytes = Buffer.allocUnsafe(to - start)
      io(path, 'read', () => readSync(file, bytes, 0, bytes.length, start))
      const record = decode(bytes.toString('utf8'))
      if (record !== undefined) yield record
    }
  } finally {
    closeSync(file)
  }
}

function decode(text: string): RunRecord | undefined {
  try {
    const parsed = runRecordSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
