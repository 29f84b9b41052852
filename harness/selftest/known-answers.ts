// harness/selftest/known-answers.ts: the self-check that every evidence bundle begins with: questions whose right answer is known.
//
// 1. Each defect of the harness is planted, and must be noticed; engine defects must be complained about by an oracle; clean
//    code must not be; two runs of one seed must be the same. The gates of the bundle are asked by `reports`.
// 2. A question that could not be asked counts as a wrong answer.

import type { EngineMutant } from '../../faults/mutants/index.ts'
import type { KnownAnswer, PlantedRow } from '../../reports/index.ts'
import type { CampaignHost } from '../campaign/index.ts'
import { runCampaign } from '../campaign/index.ts'
import type { CampaignOptions } from '../campaign/index.ts'
import { SILENT } from './ladder.ts'
import { selftest, type HarnessMutant, type SelftestPlan } from './selftest.ts'

/** Engine defects of the self-check: one for each way in which something is found. */
export const KNOWN_ANSWER_MUTANTS: readonly string[] = [
  'sync-left-out',
  'handle-kept-after-failed-check',
  'error-without-its-class',
  'real-clock-decides',
]
const REPEATED = 'atomic-file'
const INJECTORS =
  /injector-never-fires|slow-call|outage|full-disk|write-back|lying-sync|damage-not-done|kill-makes-durable|schedule-takes|clock-is-right/
const SAMENESS = /nondeterminism|retried-away|draws-anew|real-clock/
const COUNTS = /sweep-stops|identity|read-set/

export type KnownAnswerPlan = Readonly<{
  engine: readonly EngineMutant[]
  harness: readonly HarnessMutant[]
  clean: SelftestPlan['clean']
  runLimitMs: number
  seed: number
  /** Told of each answer as it comes. */
  answer: (answer: KnownAnswer) => void
}>

/** Asks all of them, one after the other, and gives the answers with the planted defects behind them. */
export async function askKnownAnswers(
  plan: KnownAnswerPlan,
  host: CampaignHost,
): Promise<Readonly<{ answers: readonly KnownAnswer[]; planted: readonly PlantedRow[] }>> {
  const answers: KnownAnswer[] = []
  const say = (answer: KnownAnswer): void => {
    answers.push(answer)
    plan.answer(answer)
  }
  const { runLimitMs, seed } = plan
  const result = await selftest(
    {
      ...plan,
      workers: 1,
      row: (row) => {
        if ('verdict' in row)
          say({
            id: `KAT-${row.id}`,
            requirement: requirementOf(row.id, row.kind),
            title: `planted: ${row.summary}`,
            passed: row.verdict === 'caught',
            detail:
              row.verdict === 'caught'
                ? `caught by ${row.oracle ?? 'a check'}`
                : `${row.verdict}: ${row.message ?? ''}`,
          })
        else
          say({
            id: `KAT-clean-${row.scenario}`,
            requirement: 'TOR-03',
            title: `clean code is not complained about: ${row.scenario}`,
            passed: row.violations === 0 && row.runs > 0,
            detail: `${row.runs} runs, ${row.violations} complaints`,
          })
      },
    },
    host,
  )
  say(await sameTwice({ runLimitMs, seed }, host))
  return { answers, planted: result.mutants }
}

function requirementOf(id: string, kind: string): string {
  if (SAMENESS.test(id)) return 'TOR-04'
  if (COUNTS.test(id)) return 'TOR-05'
  return kind === 'harness' && INJECTORS.test(id) ? 'TOR-01' : 'TOR-02'
}

async function sameTwice(
  { runLimitMs, seed }: Readonly<{ runLimitMs: number; seed: number }>,
  host: CampaignHost,
): Promise<KnownAnswer> {
  const options: CampaignOptions = {
    scenarios: [REPEATED],
    families: ['io'],
    modes: ['once'],
    set: {},
    seeds: [seed],
    warm: false,
    sectorBytes: 512,
    statesPerIntervalMax: 0,
    allowIncomplete: false,
    workers: 1,
    runLimitMs,
    resume: false,
    planOnly: false,
  }
  const head = {
    id: 'KAT-same-twice',
    requirement: 'TOR-04',
    title: 'one seed, one trace: two campaigns have the same hash',
  }
  try {
    const [one, other] = [
      await runCampaign(options, host, SILENT, false),
      await runCampaign(options, host, SILENT, false),
    ]
    const [left, right] = [one.campaign.traceHash, other.campaign.traceHash]
    const runs = Object.values(one.campaign.families).reduce((sum, family) => sum + family.run, 0)
    return { ...head, passed: left === right && left !== '' && runs > 0, detail: `${runs} runs, ${left} and ${right}` }
  } catch (error) {
    return { ...head, passed: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
