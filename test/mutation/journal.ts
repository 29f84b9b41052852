// test/mutation/journal.ts: files that the command and the test runners share: what is to be judged, where it is executed,
// and what became of each mutant, a line each, so that an interrupted run goes on where it stood.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hits } from './judge-protocol.ts'

export const VERDICTS = ['killed', 'timeout', 'survived', 'not-executed'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Who noticed, or had the last look. */
export type Stage = 'short campaign' | 'tests' | 'full campaign'

export type JournalLine = Readonly<{
  /** See `keyOf`. */
  key: string
  verdict: Verdict
  stage: Stage
  /** The piece or the test that noticed. */
  by: string
  /** What it said. */
  complaint: string
  seconds: number
  /** Hash of the engine; hash of all that judges. */
  engine: string
  judges: string
}>

/** What the test runners are told. */
export type MutationPlan = Readonly<{
  project: string
  engine: string
  judges: string
  /** Keys of the mutants to judge. */
  drawn: readonly string[]
  /** Verdicts that are taken from an earlier run. */
  known: readonly JournalLine[]
}>

/** Where mutants are executed, by the instrumenter's numbers. */
export type Cover = Readonly<{
  engine: string
  judges: string
  static: readonly string[]
  pieces: readonly Readonly<{ name: string; cpuMs: number; runs: number; hits: Hits }>[]
  files: readonly Readonly<{ file: string; ms: number; mutants: readonly string[] }>[]
}>

export class MutationFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get plan(): MutationPlan {
    return JSON.parse(readFileSync(join(this.path, 'plan.json'), 'utf8')) as MutationPlan
  }

  set plan(plan: MutationPlan) {
    writeFileSync(join(this.path, 'plan.json'), JSON.stringify(plan))
  }

  /** Undefined if there is none of the same code. */
  cover({ engine, judges }: MutationPlan): Cover | undefined {
    const file = join(this.path, 'cover.json')
    if (!existsSync(file)) return undefined
    const cover = JSON.parse(readFileSync(file, 'utf8')) as Cover
    return cover.engine === engine && cover.judges === judges ? cover : undefined
  }

  putCover(cover: Cover): void {
    writeFileSync(join(this.path, 'cover.json'), JSON.stringify(cover))
  }

  /** The newest line of each mutant. A torn last line is left out. */
  lines(): ReadonlyMap<string, JournalLine> {
    const file = join(this.path, 'verdicts.ndjson')
    const lines = new Map<string, JournalLine>()
    if (!existsSync(file)) return lines
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      if (!text.endsWith('}')) continue
      const line = JSON.parse(text) as JournalLine
      lines.set(line.key, line)
    }
    return lines
  }

  add(line: JournalLine): void {
    appendFileSync(join(this.path, 'verdicts.ndjson'), `${JSON.stringify(line)}\n`)
  }
}
