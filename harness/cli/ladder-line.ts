// harness/cli/ladder-line.ts: a mutant's or a clean scenario's row, as a line.

import type pc from 'picocolors'
import type { CleanRow, MutantRow } from '../selftest/index.ts'

const WORD = 'not-applicable'.length

export function rowLine(row: MutantRow | CleanRow, color: ReturnType<typeof pc.createColors>): string {
  if ('verdict' in row) {
    const good = row.verdict === 'caught'
    const by = good ? `by ${row.oracle ?? 'the campaign'} ` : ''
    const what = `${by}after ${row.runs} runs, executed ${row.activations} times`
    const shade = good ? color.green : row.verdict === 'not-applicable' ? color.dim : color.red
    const line = `${shade(row.verdict.padEnd(WORD))}  ${row.kind} ${row.id} (${row.scenario}) ${what}`
    return good || row.message === undefined ? line : `${line}: ${row.message}`
  }
  const word = row.violations === 0 ? color.green('silent'.padEnd(WORD)) : color.red('complained'.padEnd(WORD))
  const line = `${word}  clean ${row.scenario}, ${row.runs} runs`
  return row.message === undefined ? line : `${line}, ${row.violations} complaints: ${row.message}`
}
