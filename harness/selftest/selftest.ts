// harness/selftest/selftest.ts: the harness under test: every planted defect must be caught, the clean engine be silent.
//
// A mutant whose place in the source is gone is `not-reached`: it proves nothing any more.

import type { EngineMutant } from '../../faults/mutants/index.ts'
import type { CampaignHost, CampaignOptions } from '../campaign/index.ts'
import type { ParameterValue } from '../../scenarios/index.ts'
import { cleanRowOf, plantedRow, type CleanRow, type MutantRow, type Verdict } from './ladder.ts'

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
    ...(smallest.model === undefined ? {} : { model: smallest.model }),
    workers: 1,
    bail: 1,
    mutant: id,
  }
  return plantedRow(head, options, oracles, host)
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
  return cleanRowOf(scenario, options, host)
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
