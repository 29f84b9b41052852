// reports/format/completeness.ts: what speaks against calling a campaign complete, a sentence each; and the verdict.

import type { Campaign, FamilyTotals, ScenarioResult, Selection } from './campaign.ts'

/** Call sites that a sentence names; the list is in `uncoveredSites`. */
const SITES_NAMED_MAX = 5

/**
 * Complete is relative to what was asked: with a range of points, call sites outside it are not missed. A point that was
 * planned and not reached, and a run that the harness lost, are never complete.
 */
export function incompleteReasons(scenarios: readonly ScenarioResult[], selection: Selection): string[] {
  if (scenarios.length === 0) return ['No scenario was run.']
  return scenarios.flatMap((scenario) => {
    const reasons = [
      ...Object.entries(scenario.families).flatMap(([name, family]) => familyReasons(name, family)),
      ...Object.entries(scenario.milestones).flatMap(([name, { count, wanted }]) =>
        count < wanted ? [`Milestone '${name}' was met ${times(count)}, wanted are ${wanted}.`] : [],
      ),
      ...siteReasons(scenario, selection),
    ]
    return scenarios.length === 1 ? reasons : reasons.map((reason) => `${scenario.name}: ${reason}`)
  })
}

function familyReasons(
  name: string,
  { planned, run, merged, mergedBy, skipped, delivered, outcomes }: FamilyTotals,
): string[] {
  const reasons: string[] = []
  const missing = planned - run - merged - skipped
  if (missing > 0) reasons.push(`${missing} of ${planned} planned ${name} runs were not done.`)
  if (run + merged > planned) reasons.push(`${run + merged} ${name} runs were done and merged, ${planned} planned.`)
  const named = mergedBy.fault + mergedBy.image + mergedBy.readSet
  if (named !== merged) reasons.push(`${merged} ${name} runs were merged, and ${named} of them are accounted for.`)
  if (outcomes['not-reached'] > 0) reasons.push(`${outcomes['not-reached']} ${name} faults were never reached.`)
  if (outcomes['harness-failure'] > 0)
    reasons.push(`The harness failed in ${outcomes['harness-failure']} ${name} runs.`)
  if (run > 0 && delivered === 0) reasons.push(`No ${name} fault was delivered in ${run} runs.`)
  return reasons
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function siteReasons({ uncoveredSites }: ScenarioResult, selection: Selection): string[] {
  const asked = selection.points === undefined && selection.families.includes('allocation')
  if (!asked || uncoveredSites.length === 0) return []
  const sites =
    uncoveredSites.length === 1 ? '1 allocating call site was' : `${uncoveredSites.length} allocating call sites were`
  return [
    `${sites} failed in no form: ${uncoveredSites.slice(0, SITES_NAMED_MAX).join('; ')}${uncoveredSites.length > SITES_NAMED_MAX ? ' and others' : ''}.`,
  ]
}

export type Verdict = 'violations' | 'incomplete' | 'passed'

/**
 * Violations win over incompleteness; known open anomalies that are expected count as none. A run without a verdict on the
 * store (a failure) is no pass.
 */
export function verdictOf(campaign: Pick<Campaign, 'violations' | 'failures' | 'complete'>): Verdict {
  if (campaign.violations.some(({ expected }) => expected === undefined)) return 'violations'
  if (campaign.failures.some(({ outcome, expected }) => outcome === 'scenario-failure' && expected === undefined))
    return 'violations'
  return campaign.complete ? 'passed' : 'incomplete'
}
