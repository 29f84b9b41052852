// harness: makes campaigns: counts, plans, runs, judges, replays, resumes; the command line.
//
// What is exported here is what a program needs that runs campaigns itself, or reads tokens. A scenario's author needs
// `powercut/scenarios`; what reads results, `powercut/reports`.
export {
  EXIT,
  MINIMISE_BUDGET_MS,
  repeatCommand,
  replayCommand,
  resumeCommand,
  runCampaign,
  UsageError,
  type CampaignHost,
  type CampaignOptions,
  type CampaignOutcome,
  type CampaignView,
  type ExitCode,
  type PointSelection,
  type Progress,
} from './campaign/index.ts'
export { defineConfig, main, type CommandContext, type PowercutConfig, type Terminal } from './cli/index.ts'
export {
  CORE_MODULE,
  loadScenario,
  Machine,
  replay,
  ScenarioLoadError,
  type Replayed,
  type ReplayOptions,
} from './host/index.ts'
export {
  ALLOCATION_MODES,
  bindToken,
  decodeToken,
  encodeToken,
  DEFAULT_FAMILIES,
  FAULT_FAMILIES,
  SWEPT_FAMILIES,
  FORMS,
  OUTCOMES,
  TokenError,
  type AllocationMode,
  type CampaignCore,
  type CampaignRequest,
  type CrashStateId,
  type Fault,
  type FaultFamily,
  type FaultPlan,
  type Form,
  type Outcome,
  type Preparation,
  type ReplayResult,
  type RunRecord,
  type ScenarioDescription,
  type Subject,
  type TokenContent,
} from './plan/index.ts'
export { selftest, type CleanRow, type HarnessMutant, type MutantRow, type SelftestResult } from './selftest/index.ts'
