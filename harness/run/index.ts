export { captureSite } from './call-site.ts'
export {
  BODY_FAMILIES,
  classifyDeep,
  sweepBody,
  type Body,
  type BodyFamily,
  type BodyFault,
  type BodyFinding,
  type BodySweep,
  type BodySweepOptions,
} from './body-sweep.ts'
export { createCampaignCore, type CampaignCoreOptions } from './core.ts'
export { PlanError } from './sweep-faults.ts'
export { LoadedScenario, ParameterError } from './loaded-scenario.ts'
export { heldWithin, modelAfter, type Held } from './recovery.ts'
export { ModelError } from './context.ts'
export { REAL_SEAMS, type CoreSeams, type Decide } from './seams.ts'
export { HangError, settle, type Pump } from './settle.ts'
export { firstDifference, RunawayError, Trace } from './trace.ts'
export { watchWholeRun } from './whole-run.ts'
export { FIRST_PID, PROCESS_MS, RunWorld, WORLD_DIRECTORY } from './world.ts'
