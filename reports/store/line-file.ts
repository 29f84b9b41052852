// reports/store/line-file.ts: a file of lines, read and appended with memory that does not grow with it.
//
// 1. A line counts only with its newline: what follows the last newline is the torn end of an interrupted append.
// 2. One buffer and one line are held at a time.

import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { ReportError } from '../report-error.ts'

const READ_BYTES = 256 * 1024
/** Longer than any record: a line above it is damage, not data. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024
const NEWLINE = 0x0a

/** A line without its newline. `endBytes` is the offset behind the newline; `number` counts from 1. */
export type Line = Readonly<{ text: string; number: number; endBytes: number }>

/** The whole lines of a file, in order. Throws ReportError 'io' or 'damaged'. The file is closed when the loop ends. */
export function* readLines(path: string): Generator<Line, void> {
  const file = io(path, 'opened', () => openSync(path, 'r'))
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    let kept: Buffer[] = []
    let keptBytes = 0
    let number = 0
    let offsetBytes = 0
    for (;;) {
      const length = io(path, 'read', () => readSync(file, buffer, 0, READ_BYTES, offsetBytes))
      if (length === 0) return
      let start = 0
      for (let end = buffer.indexOf(NEWLINE); end >= 0 && end < length; end = buffer.indexOf(NEWLINE, start)) {
        const last = buffer.subarray(start, end)
        const text = kept.length === 0 ? last.toString('utf8') : Buffer.concat([...kept, last]).toString('utf8')
        kept = []
        keptBytes = 0
        start = end + 1
        number += 1
        yield { text, number, endBytes: offsetBytes + start }
      }
      if (start < length) {
        kept.push(Buffer.from(buffer.subarray(start, length)))
        keptBytes += length - start
        if (keptBytes > LINE_BYTES_MAX)
          throw new ReportError('damaged', path, `${path}: line ${number + 1} is longer than ${LINE_BYTES_MAX} bytes`, {
            line: number + 1,
          })
      }
      offsetBytes += length
    }
  } finally {
    closeSync(file)
  }
}

/** Appends lines in batches. What was not flushed is lost if the process dies, and only that. */
export class LineAppender {
  readonly path: string
  readonly #file: number
  readonly #batchBytes: number
  #pending: string[] = []
  #pendingLength = 0
  #closed = false

  /** Opens `path`, makes it `sizeBytes` long (cutting what is behind) and appends there. Throws ReportError 'io'. */
  constructor(path: string, options: Readonly<{ sizeBytes: number; batchBytes?: number }>) {
    this.path = path
    this.#batchBytes = options.batchBytes ?? 64 * 1024
    this.#file = io(path, 'opened', () => openSync(path, 'a'))
    io(path, 'cut', () => ftruncateSync(this.#file, options.sizeBytes))
  }

  /** `text` holds no newline. Written when a batch is full, at `flush` or at `close`. */
  append(text: string): void {
    if (this.#closed) throw new ReportError('closed', this.path, `${this.path} was appended to after its close`)
    this.#pending.push(text, '\n')
    this.#pendingLength += text.length + 1
    if (this.#pendingLength >= this.#batchBytes) this.flush()
  }

  /** Hands everything to the operating system: a kill of the process takes none of it. Throws ReportError 'io'. */
  flush(): void {
    if (this.#pending.length === 0) return
    const bytes = Buffer.from(this.#pending.join(''), 'utf8')
    this.#pending = []
    this.#pendingLength = 0
    let written = 0
    while (written < bytes.length)
      written += io(this.path, 'written', () => writeSync(this.#file, bytes, written, bytes.length - written))
  }

  /** Flushes, makes it durable, closes. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.flush()
    this.#closed = true
    io(this.path, 'synced', () => fsyncSync(this.#file))
    closeSync(this.#file)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Runs a file-system call and gives its error a path and a sentence. */
export function io<T>(path: string, what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof ReportError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ReportError('io', path, `${path} could not be ${what} (${reason})`, { cause: error })
  }
}
