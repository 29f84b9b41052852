// harness/host/core.ts: makes the real core. Workers and `replay` import it by URL, after a mutant's hook is in force.
//
// The front for programs over `node:fs` is put in before any scenario is loaded: what a module captures of `node:fs` while
// it is loaded is the front's.

import type { CampaignCore } from '../plan/index.ts'
import { installNodeFront } from '../../faults/index.ts'
import { createCampaignCore } from '../run/index.ts'
import { loadModel } from './load-model.ts'
import { loadScenario } from './load-scenario.ts'

export function createCore(): CampaignCore {
  installNodeFront()
  return createCampaignCore({ loadScenario, loadModel, nowMs: () => performance.now() })
}
