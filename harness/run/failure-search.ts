// harness/run/failure-search.ts: what every search for a failure shares: what is prepared, what counts as found.

import type { CampaignRequest, FailureFound, FailureSearch, FaultPlan, RunRecord } from '../plan/index.ts'

export type Found = NonNullable<FailureFound['found']>
/** Counts runs with a fault. */
export type Tried = { runs: number }

export function requestFor(plan: FaultPlan, families: CampaignRequest['families']): CampaignRequest {
  const { subject, form } = plan
  return { subject, families, modes: ['once', 'from'], forms: [form], statesPerIntervalMax: 0 }
}

export function isWanted({ oracle, fingerprint }: FailureSearch, record: RunRecord): boolean {
  return record.outcome === 'violation' && record.oracle === oracle && record.fingerprint === fingerprint
}
