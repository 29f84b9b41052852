// test/harness/subjects/campaign.ts: runs a whole campaign in this thread, without workers or files.

import type { CampaignRequest, Preparation, RunRecord, UnitResult } from '../../../harness/plan/index.ts'
import { createCampaignCore, type CoreSeams } from '../../../harness/run/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'

export type CampaignOutcome = Readonly<{
  preparation: Preparation
  records: readonly RunRecord[]
  units: readonly UnitResult[]
  violations: readonly RunRecord[]
  oracles: readonly string[]
}>

export function requestFor(name: string, changes: Partial<CampaignRequest> = {}): CampaignRequest {
  return {
    subject: { scenario: name, parameters: {}, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
    families: ['allocation', 'io', 'crash'],
    modes: ['once', 'from'],
    forms: ['linear'],
    statesPerIntervalMax: 200,
    ...changes,
  }
}

export async function runCampaign<Store, Model>(
  scenario: Scenario<Store, Model>,
  changes: Partial<CampaignRequest> = {},
  seams: Partial<CoreSeams> = {},
): Promise<CampaignOutcome> {
  // A scenario's store and model are known to it alone.
  const loadScenario = async (): Promise<Scenario> => scenario as unknown as Scenario
  const core = createCampaignCore({ loadScenario, seams })
  const request = requestFor(scenario.name, changes)
  const preparation = await core.prepare(request)
  const records: RunRecord[] = []
  const units: UnitResult[] = []
  for (const { index } of preparation.units)
    units.push(await core.runUnit(request, index, (record) => void records.push(record)))
  const violations = records.filter(({ outcome }) => outcome !== 'passed')
  const oracles = [
    ...new Set([...preparation.findings, ...violations].map(({ oracle }) => oracle ?? 'none')),
  ].toSorted()
  return { preparation, records, units, violations, oracles }
}
