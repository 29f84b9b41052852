// reports/format/outcome-counts.ts: runs by how they ended.

import type { OutcomeCounts } from './campaign.ts'
import { RUN_OUTCOMES } from './run-record.ts'

export function noOutcomes(): OutcomeCounts {
  return { passed: 0, violation: 0, 'not-reached': 0, 'scenario-failure': 0, 'harness-failure': 0 }
}

/** Adds `more` to `into`. */
export function addOutcomes(into: OutcomeCounts, more: OutcomeCounts): void {
  for (const outcome of RUN_OUTCOMES) into[outcome] += more[outcome]
}

/** All runs. */
export function sumOutcomes(counts: OutcomeCounts): number {
  return RUN_OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0)
}
