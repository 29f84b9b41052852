// reports/format/sum-totals.ts: the totals of a campaign's scenarios, under the names that each scenario has them.

import type { Campaign, FamilyTotals, ScenarioResult } from './campaign.ts'
import { addOutcomes } from './outcome-counts.ts'
import type { RecoveryTotals } from './recovery-totals.ts'

type Totals = Pick<
  Campaign,
  'points' | 'families' | 'recovery' | 'intervals' | 'milestones' | 'retries' | 'uncoveredSites'
>

/** `recovery` holds the recoveries of all scenarios: a median is no sum. */
export function sumTotals(scenarios: readonly ScenarioResult[], recovery: RecoveryTotals): Totals {
  const totals: Totals = {
    points: { allocations: 0, fileSystemCalls: 0, syncs: 0 },
    families: {},
    recovery: { statesRun: 0, distinct: 0, ...recovery.result() },
    intervals: {
      exhausted: 0,
      sampled: 0,
      possible: 0,
      generated: 0,
      distinct: 0,
      run: 0,
      mergedByImage: 0,
      mergedByReadSet: 0,
    },
    milestones: {},
    retries: {},
    uncoveredSites: [],
  }
  for (const scenario of scenarios) {
    addNumbers(totals.points, scenario.points)
    addNumbers(totals.intervals, scenario.intervals)
    for (const [name, family] of Object.entries(scenario.families)) addFamily(totals.families, name, family)
    for (const [name, milestone] of Object.entries(scenario.milestones))
      addNumbers((totals.milestones[name] ??= { count: 0, wanted: 0 }), milestone)
    for (const [name, retries] of Object.entries(scenario.retries))
      addNumbers((totals.retries[name] ??= { retried: 0, reopened: 0, survived: 0 }), retries)
    totals.recovery.statesRun += scenario.recovery.statesRun
    totals.recovery.distinct += scenario.recovery.distinct
    if (scenario.recovery.boundBytes !== undefined)
      totals.recovery.boundBytes = Math.max(totals.recovery.boundBytes ?? 0, scenario.recovery.boundBytes)
    totals.uncoveredSites.push(
      ...scenario.uncoveredSites.map((site) => (scenarios.length === 1 ? site : `${scenario.name}: ${site}`)),
    )
  }
  return totals
}

function addFamily(families: Record<string, FamilyTotals>, name: string, more: FamilyTotals): void {
  const into = families[name]
  if (into === undefined) {
    families[name] = { ...more, mergedBy: { ...more.mergedBy }, outcomes: { ...more.outcomes } }
    return
  }
  into.planned += more.planned
  into.run += more.run
  into.merged += more.merged
  addNumbers(into.mergedBy, more.mergedBy)
  into.runMs += more.runMs
  into.skipped += more.skipped
  into.violations += more.violations
  into.delivered += more.delivered
  into.exhaustive = into.exhaustive && more.exhaustive
  addOutcomes(into.outcomes, more.outcomes)
}

function addNumbers<Key extends string>(into: Record<Key, number>, more: Readonly<Record<Key, number>>): void {
  for (const key in into) if (Object.hasOwn(more, key)) into[key] += more[key]
}
