// harness/host/core.ts: makes the real core. Workers and `replay` import it by URL, after a mutant's hook is in force.

import type { CampaignCore } from '../plan/index.ts'
import { createCampaignCore } from '../run/index.ts'
import { loadScenario } from './load-scenario.ts'

export function createCore(): CampaignCore {
  return createCampaignCore({ loadScenario, nowMs: () => performance.now() })
}
