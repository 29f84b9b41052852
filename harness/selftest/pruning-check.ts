// harness/selftest/pruning-check.ts: whether a campaign finds the same when it merges what was looked at the same.
//
// 1. Everything that an unpruned campaign complains of, a pruned one complains of, run by run, and of nothing else.

import type { Scenario } from '../../scenarios/index.ts'
import type { CampaignRequest } from '../plan/index.ts'
import { createCampaignCore, type CoreSeams } from '../run/index.ts'
import { unsyncedScenario, type CountIn } from './known/index.ts'

type Found = Readonly<{ complaints: readonly string[]; run: number; mergedByReadSet: number }>

/** What a store that forgets to sync is accused of, pruned and unpruned; how many runs it took. */
export async function findsTheSame(
  seams: Partial<CoreSeams>,
  countIn: CountIn,
): Promise<Readonly<{ message: string | undefined; runs: number }>> {
  const whole = await complaintsOf({}, countIn, false)
  const pruned = await complaintsOf(seams, countIn, true)
  const runs = whole.run + pruned.run
  if (whole.complaints.length === 0) return { message: 'a store that never syncs is not accused', runs }
  const missed = whole.complaints.find((complaint) => !pruned.complaints.includes(complaint))
  if (missed !== undefined) return { message: `not found once states are merged: ${missed}`, runs }
  const extra = pruned.complaints.find((complaint) => !whole.complaints.includes(complaint))
  return { message: extra === undefined ? undefined : `found only once states are merged: ${extra}`, runs }
}

async function complaintsOf(seams: Partial<CoreSeams>, countIn: CountIn, prune: boolean): Promise<Found> {
  const scenario = unsyncedScenario(countIn)
  // The harness knows neither store nor model of a scenario; the cast says so.
  const loadScenario = (): Promise<Scenario> => Promise.resolve(scenario as unknown as Scenario)
  const core = createCampaignCore({ loadScenario, seams })
  const request: CampaignRequest = {
    subject: { scenario: scenario.name, parameters: {}, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
    families: ['crash'],
    modes: ['once'],
    forms: ['linear'],
    statesPerIntervalMax: 0,
    prune,
  }
  const complaints: string[] = []
  let run = 0
  let mergedByReadSet = 0
  for (const { index } of (await core.prepare(request)).units) {
    const result = await core.runUnit(request, index, ({ outcome, fault, message }) => {
      if (outcome !== 'passed') complaints.push(`${fault}: ${message ?? ''}`)
    })
    run += result.run
    mergedByReadSet += result.interval?.mergedByReadSet ?? 0
  }
  return { complaints, run, mergedByReadSet }
}
