export {
  ALLOCATION_MODES,
  FAULT_FAMILIES,
  FORMS,
  type AllocationMode,
  type CrashStateId,
  type Fault,
  type FaultFamily,
  type FaultPlan,
  type Form,
  type Subject,
} from './fault-plan.ts'
export { OUTCOMES, type Outcome, type RunRecord } from './run-record.ts'
export type {
  CampaignCore,
  CampaignFinding,
  CampaignRequest,
  PointRange,
  PointRow,
  Preparation,
  ReplayResult,
  RunStart,
  ScenarioDescription,
  TraceLine,
  UnitOptions,
  UnitResult,
  UnitSummary,
} from './campaign-core.ts'
export {
  bindToken,
  decodeToken,
  encodeToken,
  TOKEN_PREFIX,
  TokenError,
  type TokenContent,
  type TokenContract,
  type TokenErrorCode,
} from './token.ts'
