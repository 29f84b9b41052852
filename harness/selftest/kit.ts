// harness/selftest/kit.ts: the mutant kit against a scenario: which generic defects of a store its scenario sees.
//
// 1. The clean store comes first: with a store that is not silent by itself nothing can be said of a mutant.
// 2. Every mutant gets the same campaign, until its first complaint. What is not reached concerns calls that the store
//    never makes; what is not seen is a defect that this scenario would let pass.
// 3. A mutant that the scenario calls equivalent is run like any other; if nobody complains it is `not-applicable`, with
//    the reason. It is never counted as caught for its reason.

import type { KitMutant } from '../../faults/mutant-kit/index.ts'
import type { CampaignHost, CampaignOptions } from '../campaign/index.ts'
import { cleanRowOf, plantedRow, type CleanRow, type MutantRow } from './ladder.ts'

export type KitPlan = Readonly<{
  mutants: readonly KitMutant[]
  /** The campaign of each scenario, without a mutant. */
  campaigns: readonly CampaignOptions[]
  /** Mutants at once. */
  workers: number
  /** Told of each row as it comes. */
  row: (row: MutantRow | CleanRow) => void
}>

export type KitResult = Readonly<{ clean: readonly CleanRow[]; mutants: readonly MutantRow[] }>

/** Rows in the plan's order: scenario by scenario, each with all mutants. */
export async function kitLadder(plan: KitPlan, host: CampaignHost): Promise<KitResult> {
  const clean: CleanRow[] = []
  const mutants: MutantRow[] = []
  for (const options of plan.campaigns) {
    const scenario = options.scenarios.join(' ')
    const own = await cleanRowOf(scenario, { ...options, workers: plan.workers }, host)
    clean.push(own)
    plan.row(own)
    if (own.violations > 0) continue
    const equivalent = await equivalentMutants(options, host)
    const rows: MutantRow[] = []
    const waiting = plan.mutants.entries()
    const lane = async (): Promise<void> => {
      for (const [index, { id, kind, summary }] of waiting) {
        const run = await plantedRow(
          { id, kind, scenario, summary },
          { ...options, workers: 1, bail: 1, mutant: id },
          [],
          host,
        )
        const row = withReason(run, equivalent[id])
        rows[index] = row
        plan.row(row)
      }
    }
    await Promise.all(Array.from({ length: Math.min(plan.workers, plan.mutants.length) }, lane))
    mutants.push(...rows)
  }
  return { clean, mutants }
}

async function equivalentMutants(
  { scenarios, runLimitMs }: CampaignOptions,
  host: CampaignHost,
): Promise<Readonly<Record<string, string>>> {
  await using crew = host.makeCrew({ workers: 1, mutant: undefined, runLimitMs })
  const descriptions = await Promise.all(scenarios.map((scenario) => crew.describe(scenario, {})))
  return Object.assign({}, ...descriptions.map((description) => description.equivalentMutants))
}

/** A row about which nobody complained, with the scenario's reason for it. */
function withReason(row: MutantRow, reason: string | undefined): MutantRow {
  if (reason === undefined || row.verdict === 'caught' || row.message !== undefined) return row
  return { ...row, verdict: 'not-applicable', message: reason }
}

/** Whether each clean store was silent, and its scenario saw each defect that it executed. */
export function kitPassed({ clean, mutants }: KitResult): boolean {
  return (
    clean.every(({ violations }) => violations === 0) &&
    mutants.every(
      ({ verdict, activations, message }) =>
        verdict === 'caught' ||
        verdict === 'not-applicable' ||
        (verdict === 'not-reached' && activations === 0 && message === undefined),
    )
  )
}
