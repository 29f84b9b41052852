// reports/store/records.ts: runs.ndjson, one record a line, in the order in which runs ended.
//
// 1. A record is in the file whole or not at all: a torn end is cut when the campaign goes on, and skipped by readers.
// 2. Readers and writers hold one record at a time, so memory does not grow with the number of runs.
// 3. Damage before the end is told with its line, never skipped.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runRecordSchema, type RunRecord } from '../format/index.ts'
import { ReportError } from '../report-error.ts'
import { RECORDS_FILE } from './campaign-file.ts'
import { LineAppender, readLines } from './line-file.ts'

/** Reads a line; undefined if it is no record. */
type Decode<T> = (value: unknown) => T | undefined

const decodeRecord: Decode<RunRecord> = (value) => {
  const parsed = runRecordSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/**
 * The records of a result folder, in the order of the file. A torn end is skipped, and told at the end; no file is no
 * records. Throws
 * ReportError 'damaged' with the line if another line is no record.
 */
export function* readRecords(directory: string, torn: (bytes: number) => void = () => {}): Generator<RunRecord, void> {
  const path = join(directory, RECORDS_FILE)
  let endBytes = 0
  for (const line of decodeLines(path, decodeRecord)) {
    endBytes = line.endBytes
    yield line.value
  }
  const bytes = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) - endBytes
  if (bytes > 0) torn(bytes)
}

/** Appends records to a result folder. */
export class RecordWriter {
  readonly #lines: LineAppender
  #count: number

  private constructor(lines: LineAppender, count: number) {
    this.#lines = lines
    this.#count = count
  }

  /** Starts an empty runs.ndjson. `batchBytes` is how much is held back before it is written (default 64 KiB). */
  static create(directory: string, options: Readonly<{ batchBytes?: number }> = {}): RecordWriter {
    return new RecordWriter(new LineAppender(join(directory, RECORDS_FILE), { ...options, sizeBytes: 0 }), 0)
  }

  /**
   * Goes on behind the records that are there: gives each to `visit`, in the order of the file, then cuts a torn end.
   * Throws ReportError 'damaged' and changes nothing if another line is no record.
   */
  static resume(
    directory: string,
    visit: (record: RunRecord) => void,
    options: Readonly<{ batchBytes?: number }> = {},
  ): RecordWriter {
    const path = join(directory, RECORDS_FILE)
    let sizeBytes = 0
    let count = 0
    for (const { value, endBytes } of decodeLines(path, decodeRecord)) {
      visit(value)
      sizeBytes = endBytes
      count += 1
    }
    return new RecordWriter(new LineAppender(path, { ...options, sizeBytes }), count)
  }

  /** Records in the file and in the batch. */
  get count(): number {
    return this.#count
  }

  append(record: RunRecord): void {
    this.#lines.append(JSON.stringify(record))
    this.#count += 1
  }

  /** Hands the batch to the operating system: a kill takes nothing that was appended before. */
  flush(): void {
    this.#lines.flush()
  }

  /** Flushes, syncs, closes. Idempotent. */
  close(): void {
    this.#lines.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Lines that decode. The last line may fail to (a torn end); any other throws. */
function* decodeLines<T>(path: string, decode: Decode<T>): Generator<Readonly<{ value: T; endBytes: number }>, void> {
  if (!existsSync(path)) return
  let bad: number | undefined
  for (const line of readLines(path)) {
    if (bad !== undefined) throw new ReportError('damaged', path, `${path}: line ${bad} is no record`, { line: bad })
    const value = decode(parse(line.text))
    if (value === undefined) bad = line.number
    else yield { value, endBytes: line.endBytes }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
