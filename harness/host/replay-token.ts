// harness/host/replay-token.ts: a token run again by a program: what tests that guard a found failure call.
//
// The run has a worker of its own: a planted defect stays there, and a run that hangs ends with it.

import { isAbsolute, join } from 'node:path'
import { bindPlan, RUN_LIMIT_MS, type WorkEnd } from '../campaign/index.ts'
import { decodeToken, type FaultPlan, type Outcome, type ReplayResult, type RunRecord } from '../plan/index.ts'
import { CORE_MODULE } from './core-module.ts'
import { isScenarioPath } from './load-scenario.ts'
import { ThreadCrew } from './thread-crew.ts'

export type ReplayOptions = Readonly<{
  /** Where a scenario that the token names by a relative path is looked for. Default: the working directory. */
  directory?: string
  /** A run that takes longer is a failure. Default: 60 s. */
  runLimitMs?: number
}>

export type Replayed = Readonly<{
  outcome: Outcome
  /** Who complained, and of what; undefined for a run that passed. */
  oracle: string | undefined
  message: string | undefined
  /** Faults that were delivered: 0 says that the point is not there any more. */
  delivered: number
  /** Set if the point at the recorded index is another call site now, and was found by its identity. */
  moved: string | undefined
  record: RunRecord
}>

/** Runs a token again. Throws TokenError for a token that can't be run here, UsageError if the scenario can't be had. */
export async function replay(token: string, options: ReplayOptions = {}): Promise<Replayed> {
  const { mutant } = decodeToken(token).plan.subject
  const { runLimitMs = RUN_LIMIT_MS, directory } = options
  await using crew = new ThreadCrew({ workers: 1, coreModule: CORE_MODULE, mutant, runLimitMs })
  const plan = await bindPlan(crew, token, (scenario) => placed(scenario, directory))
  const { record, moved } = resultOf(await crew.replay(plan), plan)
  const { outcome, oracle, message, delivered } = record
  return { outcome, oracle, message, delivered, moved, record }
}

function placed(scenario: string, directory: string | undefined): string {
  return directory === undefined || !isScenarioPath(scenario) || isAbsolute(scenario)
    ? scenario
    : join(directory, scenario)
}

function resultOf(end: WorkEnd<ReplayResult>, plan: FaultPlan): ReplayResult {
  if (end.kind === 'done') return end.result
  const why = end.kind === 'hung' ? `it did not end within ${end.limitMs / 1000} s` : end.message
  throw new Error(`The replay of '${plan.subject.scenario}' failed: ${why}`)
}
