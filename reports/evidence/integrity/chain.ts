// reports/evidence/integrity/chain.ts: records chained by their hashes, one a line.
//
//   {"kind":"faults","previous":"00…00","sequence":0}                 the head: what this is a chain of
//   {"previous":"sha256 of the line before","record":{…},"sequence":1}
//   {"end":true,"previous":"…","records":1,"sequence":2}              the end: how many there were
//
// 1. Each line is canonical JSON and holds the SHA-256 of the line before it, without its newline.
// 2. A record that was changed, taken out, put in or moved breaks the chain where it happened; so does a chain that stops
//    before its end.
// 3. One line is held at a time, by the writer and by the checker.
//
// Not covered: who wrote the chain. Someone who can write every file can write another chain; the signed manifest holds
// the last hash.

import { z } from 'zod'
import { ReportError } from '../../report-error.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { sha256 } from './digest.ts'

const NOTHING_BEFORE = '0'.repeat(64)

export type ChainEnd = Readonly<{ records: number; head: string }>

/** What is wrong with a chain. `record` counts from 1; 0 is the head. */
export type ChainProblem = Readonly<{
  code: 'chain-truncated' | 'record-changed' | 'record-reordered'
  record: number
  message: string
}>

const lineSchema = z
  .object({
    sequence: z.number().int().nonnegative(),
    previous: z.string(),
    kind: z.string().optional(),
    record: z.unknown().optional(),
    end: z.literal(true).optional(),
    records: z.number().int().nonnegative().optional(),
  })
  .strict()

/** Makes the lines of a chain, in order: the head at construction, then `next` for each record, then `end`. */
export class ChainWriter {
  readonly #write: (line: string) => void
  #previous = NOTHING_BEFORE
  #sequence = 0

  /** `write` is given each line without its newline. */
  constructor(kind: string, write: (line: string) => void) {
    this.#write = write
    this.#put({ kind })
  }

  next(record: unknown): void {
    this.#put({ record })
  }

  /** Closes the chain and gives the hash of its last line. */
  end(): ChainEnd {
    const records = this.#sequence - 1
    this.#put({ end: true, records })
    return { records, head: this.#previous }
  }

  #put(content: Readonly<Record<string, unknown>>): void {
    const line = canonicalJson({ ...content, previous: this.#previous, sequence: this.#sequence })
    this.#write(line)
    this.#previous = sha256(line)
    this.#sequence += 1
  }
}

/** Follows a chain to its end. Gives the end that it has, or the first thing that is wrong with it. */
export function checkChain(kind: string, lines: Iterable<string>, path: string): ChainEnd | ChainProblem {
  let previous = NOTHING_BEFORE
  let sequence = 0
  let ended: number | undefined
  const problem = (code: ChainProblem['code'], message: string): ChainProblem => ({ code, record: sequence, message })
  for (const text of lines) {
    const line = decode(text, path)
    if (line === undefined) return problem('record-changed', `record ${sequence} is no record of a chain`)
    if (ended !== undefined) return problem('record-changed', `there is more behind the end of the chain`)
    if (line.sequence !== sequence)
      return problem('record-reordered', `record ${line.sequence} stands where record ${sequence} belongs`)
    if (line.previous !== previous)
      return problem(
        'record-changed',
        `record ${sequence} does not follow from the one before it: one of them was changed`,
      )
    if (sequence === 0 && line.kind !== kind)
      return problem('record-changed', `the head names a chain of ${line.kind ?? 'nothing'}, not of ${kind}`)
    if (line.end === true) {
      if (line.records !== sequence - 1)
        return problem('record-changed', `the end counts ${line.records ?? 0} records, there are ${sequence - 1}`)
      ended = sequence - 1
    }
    previous = sha256(text)
    sequence += 1
  }
  if (ended === undefined)
    return problem('chain-truncated', `the chain stops after record ${sequence - 1}, before its end`)
  return { records: ended, head: previous }
}

export function isChainProblem(result: ChainEnd | ChainProblem): result is ChainProblem {
  return 'code' in result
}

function decode(text: string, path: string): z.infer<typeof lineSchema> | undefined {
  try {
    const parsed = lineSchema.safeParse(parseCanonicalJson(text, path))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    if (error instanceof ReportError) return undefined
    throw error
  }
}
