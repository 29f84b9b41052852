// test/bench/subject.ts: what the benchmarks of campaigns share: a core, requests, and an evenly spread share of a plan.
//
// 1. A share takes one plan in so many by its order number; what it costs to come to a plan is paid in full.
// 2. Shares are odd primes: one run in 64 is made twice by the harness, and a power of two would pick just those.

import type { CampaignCore, CampaignRequest, FaultFamily, Preparation } from '../../harness/index.ts'
import { createCore } from '../../harness/host/core.ts'
import { cpuMs } from './measure.ts'

export { createCore }

export async function requestFor(
  core: CampaignCore,
  scenario: string,
  changes: Readonly<Record<string, number>>,
  families: readonly FaultFamily[],
  seed = 1,
): Promise<CampaignRequest> {
  const { parameters, models } = await core.describe(scenario, {})
  return {
    subject: {
      scenario,
      parameters: { ...parameters, ...changes },
      seed,
      model: models[0] ?? 'posix-minimal',
      sectorBytes: 512,
    },
    families,
    modes: ['once', 'from'],
    forms: ['linear'],
    statesPerIntervalMax: 0,
  }
}

export type Swept = Readonly<{
  units: number
  planned: number
  /** Plans that a whole campaign runs, in the units that were swept: neither merged nor skipped. */
  due: number
  run: number
  recoveryMs: number
  checkMs: number
  cpuMs: number
}>

export type SweepShare = Readonly<{
  /** One plan in so many. */
  plans: number
  /** One unit in so many. Default: all. */
  units?: number
  /** Ends after the unit in which so much processor time is spent. */
  cpuMsMax?: number
}>

/** Runs a share of a family's units in this thread. */
export async function sweep(
  core: CampaignCore,
  request: CampaignRequest,
  preparation: Preparation,
  family: FaultFamily,
  { plans, units = 1, cpuMsMax = Infinity }: SweepShare,
): Promise<Swept> {
  const swept = { units: 0, planned: 0, due: 0, run: 0, recoveryMs: 0, checkMs: 0, cpuMs: 0 }
  const skip = (order: number) => order % plans !== 0
  const startMs = cpuMs()
  const own = preparation.units.filter((unit) => unit.family === family)
  for (const [position, unit] of own.entries()) {
    if (position % units !== 0) continue
    const result = await core.runUnit(request, unit.index, refuseViolation, { skip })
    swept.units += 1
    swept.planned += result.planned
    swept.due += result.interval?.distinct ?? result.planned - result.merged - result.skipped
    swept.run += result.run
    swept.recoveryMs += result.recoveryMs
    swept.checkMs += result.checkMs
    swept.cpuMs = cpuMs() - startMs
    if (swept.cpuMs >= cpuMsMax) break
  }
  return swept
}

/** A figure of runs that fail is worth nothing. */
function refuseViolation(record: Readonly<{ outcome: string; token: string }>): void {
  if (record.outcome !== 'passed') throw new Error(`the run ${record.token} is '${record.outcome}', not passed`)
}
