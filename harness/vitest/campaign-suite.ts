// harness/vitest/campaign-suite.ts: a campaign as a suite: a test for each family that found nothing, and one failed test
// for each distinct defect, with its token.
//
// 1. The campaign is run while tests are collected, because only then is it known which tests there are. It is bounded
//    by its budget, which is DEFAULT_BUDGET unless another is asked for.
// 2. What was not covered fails a test of its own, or with `allowIncomplete` shows as a skipped one: never silently.
// 3. A scenario by name or path runs in worker threads, and `powercut replay` replays its tokens. A scenario as an object
//    runs in this thread, as vitest has loaded it, and is replayed through its test file.

import { describe, it } from 'vitest'
import type { Campaign } from '../../reports/index.ts'
import type { Scenario } from '../../scenarios/index.ts'
import { replayCommand, runCampaign, UsageError, type CampaignHost, type CampaignOptions } from '../campaign/index.ts'
import { checkConfig, optionsOfConfig, type PowercutConfig } from '../cli/index.ts'
import { CORE_MODULE, LocalMachine, Machine } from '../host/index.ts'
import { bindToken, decodeToken, familyOf } from '../plan/index.ts'
import { defectName, PowercutFailure, vitestReplay, wantedToken, type Defect } from './failure.ts'

const DEFAULT_BUDGET = '60s'

/** As in powercut.config.ts; `budget` is 60s unless another is given. */
export type CampaignTestOptions = Omit<PowercutConfig, 'scenarios'>

type Subject = Readonly<{ name: string; host: CampaignHost; replay: (token: string, file: string) => string }>

const SILENT = { line: () => {}, progress: () => {}, done: () => {} }

/** Declares the suite of one campaign. `scenario`: a built-in one's name, the path of a module, or the scenario itself. */
export function campaign<Store, Model>(
  scenario: string | Scenario<Store, Model>,
  options: CampaignTestOptions = {},
): void {
  const subject = subjectOf(scenario)
  const own = typeof scenario !== 'string'
  describe(`powercut ${subject.name}`, async () => {
    const token = own ? wantedToken() : undefined
    if (token !== undefined) {
      await replaySuite(token, subject)
      return
    }
    let outcome: Campaign
    let asked: CampaignOptions
    try {
      asked = campaignOptions(subject.name, own, options)
      outcome = (await runCampaign(asked, subject.host, SILENT, false)).campaign
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      it('can be run', () => {
        throw error
      })
      return
    }
    registerTests(outcome, asked.allowIncomplete, subject)
  })
}

function campaignOptions(name: string, own: boolean, options: CampaignTestOptions): CampaignOptions {
  const config = { budget: DEFAULT_BUDGET, ...options }
  // A scenario that only this thread has is none that the command line knows.
  if (!own) return optionsOfConfig('The options of campaign()', { ...config, scenarios: [name] })
  checkConfig('The options of campaign()', config)
  return { ...optionsOfConfig('The options of campaign()', config), scenarios: [name], workers: 1 }
}

function registerTests(outcome: Campaign, allowIncomplete: boolean, subject: Subject): void {
  const { families, violations, failures, incomplete } = outcome
  for (const [family, { planned, run, merged, violations: found }] of Object.entries(families)) {
    if (planned === 0 || found > 0) continue
    it(`keeps its promises in ${run} ${family} runs (${planned} planned, ${merged} merged)`, () => {
      if (run + merged === 0) throw new Error(`no ${family} run was made`)
    })
  }
  for (const { oracle, message, token, fingerprint, family, phase, fault, count } of [...violations, ...failures]) {
    const place = family === 'none' ? undefined : `${family} in '${phase}'`
    const defect: Defect = { oracle, message, token, fingerprint, place, fault, runs: count }
    it(defectName(defect), ({ task }) => {
      throw new PowercutFailure(defect, subject.replay(token, task.file.name))
    })
  }
  if (incomplete.length === 0) return
  it('covers all that was planned', ({ skip }) => {
    if (allowIncomplete) skip(incomplete.join(' '))
    throw new Error(incomplete.join('\n'))
  })
}

/** One token of this scenario, replayed; a token of another one leaves a skipped test. */
async function replaySuite(token: string, { name, host, replay }: Subject): Promise<void> {
  const content = decodeToken(token)
  if (content.plan.subject.scenario !== name) {
    it.skip(`has no part in ${token}`, () => {})
    return
  }
  await using crew = host.makeCrew({ workers: 1, mutant: undefined, runLimitMs: Infinity })
  const { parameters } = await crew.describe(name, {})
  const { contractHash } = await crew.describe(name, { ...parameters, ...content.plan.subject.parameters })
  const plan = bindToken(content, { contractHash, parameters })
  const end = await crew.replay(plan)
  if (end.kind !== 'done') throw new Error(`${token} could not be replayed`)
  const { record } = end.result
  it(`replays ${record.fault}, in ${record.phase}`, ({ task }) => {
    if (record.outcome === 'passed') return
    const defect = {
      oracle: record.oracle ?? record.outcome,
      message: record.message ?? record.outcome,
      token,
      fingerprint: record.fingerprint ?? '',
      place: plan.faults.length === 0 ? undefined : `${familyOf(plan)} in '${record.phase}'`,
      fault: record.fault,
      runs: 1,
    }
    throw new PowercutFailure(defect, replay(token, task.file.name))
  })
}

function subjectOf<Store, Model>(scenario: string | Scenario<Store, Model>): Subject {
  if (typeof scenario === 'string') {
    return { name: scenario, host: new Machine(CORE_MODULE), replay: (token) => replayCommand(token) }
  }
  // A scenario's store and model are known to it alone.
  const host = new LocalMachine(scenario as unknown as Scenario)
  return { name: scenario.name, host, replay: vitestReplay }
}
