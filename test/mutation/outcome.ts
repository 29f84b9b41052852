// test/mutation/outcome.ts: the score, whether it is enough, and the report in the mutation-testing-report-schema.
//
// 1. Score = (killed + timeout) / (killed + timeout + survived + not executed). A survivor with a reason is a survivor.
// 2. No mutant is no score.

import { keyOf, type MutantPlace } from './mutant-place.ts'
import type { Reason } from './reasons.ts'
import type { JournalLine, Stage, Verdict } from './journal.ts'

export type Judged = Readonly<{ mutant: MutantPlace; line: JournalLine; reason: string }>

export type Counts = Readonly<Record<Verdict, number>>

export function countVerdicts(judged: readonly Judged[]): Counts {
  const of = (verdict: Verdict) => judged.filter(({ line }) => line.verdict === verdict).length
  return {
    killed: of('killed'),
    timeout: of('timeout'),
    survived: of('survived'),
    'not-executed': of('not-executed'),
  }
}

/** From 0 to 1; NaN without a mutant. */
export function scoreOf(judged: readonly Judged[]): number {
  const { killed, timeout } = countVerdicts(judged)
  return (killed + timeout) / judged.length
}

export function isAlive({ line }: Judged): boolean {
  return line.verdict === 'survived' || line.verdict === 'not-executed'
}

/** Why the run fails: a sentence each. */
export function gateProblems(judged: readonly Judged[], scoreMin: number): string[] {
  if (judged.length === 0) return ['no mutant was judged: that shows nothing']
  const problems: string[] = []
  const score = scoreOf(judged)
  if (!(score >= scoreMin)) problems.push(`the score is ${percent(score)}, wanted are ${percent(scoreMin)}`)
  const unexplained = judged.filter((one) => isAlive(one) && one.reason === '').length
  if (unexplained > 0) problems.push(`${unexplained} survivors have no written reason`)
  return problems
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** One row a file, and their sum. */
export function fileRows(judged: readonly Judged[]): readonly (readonly string[])[] {
  const files = [...new Set(judged.map(({ mutant }) => mutant.file))].toSorted()
  const row = (name: string, some: readonly Judged[]): readonly string[] => {
    const { killed, timeout, survived, 'not-executed': never } = countVerdicts(some)
    const explained = some.filter((one) => isAlive(one) && one.reason !== '').length
    return [name, percent(scoreOf(some)), ...[some.length, killed, timeout, survived, never, explained].map(String)]
  }
  return [
    ['file', 'score', 'mutants', 'killed', 'timeout', 'survived', 'not executed', 'explained'],
    ...files.map((file) =>
      row(
        file,
        judged.filter(({ mutant }) => mutant.file === file),
      ),
    ),
    row('all', judged),
  ]
}

export function killsByStage(judged: readonly Judged[]): Readonly<Record<Stage, number>> {
  const of = (stage: Stage) => judged.filter((one) => !isAlive(one) && one.line.stage === stage).length
  return { 'short campaign': of('short campaign'), tests: of('tests'), 'full campaign': of('full campaign') }
}

const STATUS: Readonly<Record<Verdict, string>> = {
  killed: 'Killed',
  timeout: 'Timeout',
  survived: 'Survived',
  'not-executed': 'NoCoverage',
}

/** The report, as viewers of the schema and `powercut report --with` read it. */
export function reportOf(
  judged: readonly Judged[],
  sources: ReadonlyMap<string, string>,
  scoreMin: number,
  config: Readonly<Record<string, unknown>>,
): unknown {
  const files: Record<string, unknown> = {}
  let id = 0
  for (const [file, source] of sources) {
    const mutants = judged
      .filter(({ mutant }) => mutant.file === file)
      .map(({ mutant, line, reason }) => ({
        id: String((id += 1)),
        mutatorName: mutant.mutator,
        replacement: mutant.replacement,
        location: mutant.location,
        status: STATUS[line.verdict],
        ...(reason === '' && line.complaint === '' ? {} : { statusReason: reason === '' ? line.complaint : reason }),
        ...(line.by === '' ? {} : { description: `${line.stage}: ${line.by}` }),
      }))
    files[file] = { language: 'typescript', source, mutants }
  }
  const high = Math.round(scoreMin * 100)
  return { schemaVersion: '2.0', thresholds: { high, low: high }, projectRoot: '.', config, files }
}

export function reasonsByKey(reasons: readonly Reason[]): ReadonlyMap<string, string> {
  return new Map(reasons.map((entry) => [keyOf(entry), entry.reason]))
}
