// harness/selftest/selftest.ts: the harness under test: every planted defect must be caught, the clean engine be silent.
//
// 1. A mutant is caught only by an oracle that may be the one to see it; another complaint is told and is no catch.
// 2. A mutant that no campaign executed is `not-reached`, one that was executed without a complaint is `not-seen`. A
//    complaint about a mutant that was never executed is about something else: that is no catch, and is told.
// 3. A mutant whose place in the source is gone is `not-reached`: it proves nothing any more.

import type { EngineMutant } from '../../faults/mutants/index.ts'
import type { Campaign } from '../../reports/index.ts'
import { runCampaign, type CampaignHost, type CampaignOptions, type CampaignView } from '../campaign/index.ts'
import type { ParameterValue } from '../../scenarios/index.ts'

export const VERDICTS = ['not-reached', 'not-seen', 'caught'] as const
export type Verdict = (typeof VERDICTS)[number]

export type MutantRow = Readonly<{
  id: string
  kind: 'engine' | 'harness'
  scenario: string
  summary: string
  verdict: Verdict
  oracle?: string
  /** Runs until it was caught, or all of them. */
  runs: number
  /** How often the planted place was executed, counted there. */
  activations: number
  message?: string
}>

export type CleanRow = Readonly<{ scenario: string; runs: number; violations: number; message?: string }>

/** A defect of the harness itself: planted and judged by its own small campaign. */
export type HarnessMutant = Readonly<{
  id: string
  kind: 'harness'
  scenario: string
  summary: string
  run(): Promise<Readonly<{ verdict: Verdict; oracle?: string; runs: number; activations: number; message?: string }>>
}>

export type SelftestResult = Readonly<{ mutants: readonly MutantRow[]; clean: readonly CleanRow[] }>

export type SelftestPlan = Readonly<{
  engine: readonly EngineMutant[]
  harness: readonly HarnessMutant[]
  clean: readonly Readonly<{ scenario: string; parameters: Readonly<Record<string, ParameterValue>> }>[]
  workers: number
  runLimitMs: number
  seed: number
  /** Told of each row as it comes. */
  row: (row: MutantRow | CleanRow) => void
}>

const SILENT: CampaignView = { line: () => {}, progress: () => {}, done: () => {} }

/** Everything in the plan, as many mutants at once as there are workers; rows in the plan's order. */
export async function selftest(plan: SelftestPlan, host: CampaignHost): Promise<SelftestResult> {
  const jobs = [
    ...plan.engine.map((mutant) => () => engineRow(mutant, plan, host)),
    ...plan.harness.map((mutant) => () => harnessRow(mutant)),
  ]
  const rows: MutantRow[] = []
  const waiting = jobs.entries()
  const lane = async (): Promise<void> => {
    for (const [index, job] of waiting) {
      const row = await job()
      rows[index] = row
      plan.row(row)
    }
  }
  await Promise.all(Array.from({ length: Math.min(plan.workers, Math.max(1, jobs.length)) }, lane))
  const clean: CleanRow[] = []
  for (const { scenario, parameters } of plan.clean) {
    const row = await cleanRow(scenario, parameters, plan, host)
    clean.push(row)
    plan.row(row)
  }
  return { mutants: rows, clean }
}

/** Whether every mutant was caught and every clean scenario was silent. */
export function selftestPassed({ mutants, clean }: SelftestResult): boolean {
  return mutants.every(({ verdict }) => verdict === 'caught') && clean.every(({ violations }) => violations === 0)
}

async function engineRow(mutant: EngineMutant, plan: SelftestPlan, host: CampaignHost): Promise<MutantRow> {
  const { id, scenario, summary, campaign: smallest, oracles } = mutant
  const head = { id, kind: 'engine', scenario, summary } as const
  const options: CampaignOptions = {
    ...baseOptions(scenario, smallest.parameters ?? {}, plan),
    families: smallest.families,
    modes: smallest.modes ?? ['once', 'from'],
    warm: smallest.warm === true,
    workers: 1,
    bail: 1,
    mutant: id,
  }
  try {
    const { campaign, activations } = await runCampaign(options, host, SILENT, false)
    const counts = { runs: runsOf(campaign), activations }
    const complaints = [
      ...campaign.violations,
      ...campaign.failures.filter((row) => row.outcome === 'scenario-failure'),
    ]
    const right = complaints.find(({ oracle }) => oracles.length === 0 || oracles.includes(oracle))
    const [other] = complaints
    if (activations === 0) {
      const message =
        other === undefined
          ? campaign.incomplete.join(' ')
          : `never executed, and yet there is a complaint, which is about something else: ${other.oracle} (${other.message})`
      return { ...head, verdict: 'not-reached', ...counts, ...(message === '' ? {} : { message }) }
    }
    if (right !== undefined) {
      return { ...head, verdict: 'caught', oracle: right.oracle, ...counts, message: right.message }
    }
    const message =
      other === undefined
        ? campaign.incomplete.join(' ')
        : `complained: ${other.oracle} (${other.message}); expected: ${oracles.join(', ')}`
    return { ...head, verdict: 'not-seen', ...counts, ...(message === '' ? {} : { message }) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ...head, verdict: 'not-reached', runs: 0, activations: 0, message }
  }
}

async function harnessRow(mutant: HarnessMutant): Promise<MutantRow> {
  const { id, kind, scenario, summary } = mutant
  try {
    return { id, kind, scenario, summary, ...(await mutant.run()) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { id, kind, scenario, summary, verdict: 'not-reached', runs: 0, activations: 0, message }
  }
}

async function cleanRow(
  scenario: string,
  parameters: Readonly<Record<string, ParameterValue>>,
  plan: SelftestPlan,
  host: CampaignHost,
): Promise<CleanRow> {
  const options = baseOptions(scenario, parameters, plan)
  const { campaign } = await runCampaign(options, host, SILENT, false)
  const complaints = [...campaign.violations, ...campaign.failures]
  const violations = complaints.reduce((sum, { count }) => sum + count, 0)
  const runs = runsOf(campaign)
  const [first] = complaints
  if (first !== undefined) return { scenario, runs, violations, message: `${first.oracle}: ${first.message}` }
  // A clean row without a run would be silent for the wrong reason.
  if (runs === 0) return { scenario, runs, violations: 1, message: campaign.incomplete.join(' ') || 'nothing was run' }
  return { scenario, runs, violations }
}

function baseOptions(
  scenario: string,
  parameters: Readonly<Record<string, ParameterValue>>,
  { workers, runLimitMs, seed }: SelftestPlan,
): CampaignOptions {
  return {
    scenarios: [scenario],
    families: ['allocation', 'io', 'crash'],
    modes: ['once', 'from'],
    set: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
    seeds: [seed],
    warm: false,
    sectorBytes: 512,
    statesPerIntervalMax: 0,
    allowIncomplete: false,
    workers,
    runLimitMs,
    resume: false,
    planOnly: false,
  }
}

function runsOf(campaign: Campaign): number {
  return Object.values(campaign.families).reduce((sum, { run }) => sum + run, 0)
}
