// reports/store/gate-files.ts: what `compare` reads besides result folders: outputs of selftest, and LCOV files.
//
// A file that holds nothing of what it should is refused: a gate on it could not fail.

import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { CoverageTotals, SelftestResult } from '../compare/index.ts'
import { ReportError } from '../report-error.ts'
import { jsonProblem, problemsOf } from './json-problems.ts'
import { io } from './line-file.ts'

const selftestSchema = z.object({
  mutants: z.array(z.object({ id: z.string(), verdict: z.string() })).min(1),
  clean: z.array(z.object({ scenario: z.string(), violations: z.number() })),
})

/** Throws ReportError 'bad-input-file'. */
export function readSelftest(path: string): SelftestResult {
  const text = textOf(path)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const { line, reason } = jsonProblem(text, cause)
    throw new ReportError('bad-input-file', path, `${path}:${line} is no JSON (${reason})`, { line, cause })
  }
  const parsed = selftestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ReportError('bad-input-file', path, `${path} is no output of selftest --json (${problemsOf(parsed.error)})`)
}

const TOTALS = {
  LF: ['lines', 'found'],
  LH: ['lines', 'hit'],
  FNF: ['functions', 'found'],
  FNH: ['functions', 'hit'],
  BRF: ['branches', 'found'],
  BRH: ['branches', 'hit'],
} as const

/** Totals of an LCOV file. Throws ReportError 'bad-input-file' if it counts no line. */
export function readLcov(path: string): CoverageTotals {
  const totals = { lines: none(), functions: none(), branches: none() }
  for (const line of textOf(path).split(/\r?\n/)) {
    const [, key, number] = /^(LF|LH|FNF|FNH|BRF|BRH):(\d+)$/.exec(line) ?? []
    if (key === undefined) continue
    const [kind, which] = TOTALS[key as keyof typeof TOTALS]
    totals[kind][which] += Number(number)
  }
  if (totals.lines.found > 0) return totals
  throw new ReportError('bad-input-file', path, `${path} is no LCOV file that counts lines (no LF record above 0)`)
}

function none(): { found: number; hit: number } {
  return { found: 0, hit: 0 }
}

function textOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new ReportError('bad-input-file', path, `there is no file ${path}`)
  return io(path, 'read', () => readFileSync(path, 'utf8'))
}
