export type { CampaignHost, CampaignView, CrewOptions, Journal, JournalUnit, Progress } from './campaign-host.ts'
export { bindPlan } from './bind-plan.ts'
export { EXIT, exitCodeOf, runCampaign, type CampaignOutcome, type ExitCode } from './campaign.ts'
export { repeatCommand, replayCommand, resumeCommand } from './command-line.ts'
export type { Crew, PreparedCampaign, RecordSink, UnitTask, WorkEnd } from './crew.ts'
export { minimiseToken } from './minimise-violations.ts'
export {
  applySettings,
  checkSettings,
  DEFAULT_DEPTH,
  MINIMISE_BUDGET_MS,
  RUN_LIMIT_MS,
  suggestion,
  UsageError,
  type CampaignOptions,
  type PointSelection,
} from './options.ts'
export { askPromises, type PromiseComplaint, type PromiseOptions, type PromiseRow } from './promises.ts'
export { mergeShards, type Merged } from './merge.ts'
export { checkShard, parseShard, unitsOfShard, type Shard } from './shards.ts'
export { progressLine } from './progress-line.ts'
export { runRerun } from './rerun.ts'
export { pointRange, requestOf } from './subject.ts'
export { hungReplay, superviseUnit, type UnitEnd } from './supervise.ts'
