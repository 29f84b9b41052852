export {
  FORMAT_VERSION,
  campaignSchema,
  type BytesRead,
  type Campaign,
  type Evidence,
  type EvidenceEvent,
  type Expectation,
  type ExpectedAnomaly,
  type Failure,
  type FamilyTotals,
  type Finding,
  type Intervals,
  type Milestones,
  type MinimisedCase,
  type OutcomeCounts,
  type PointKind,
  type Points,
  type Recovery,
  type Retries,
  type ScenarioResult,
  type Selection,
  type Site,
  type SourcePosition,
  type TimeLine,
  type TimeLineBucket,
  type Violation,
} from './campaign.ts'
export { SECTOR_STATES, type DiskPicture, type FilePicture, type SectorState } from './disk-picture.ts'
export { fingerprintOf } from './scenario-totals.ts'
export { shardSchema, type ShardFile, type ShardUnit } from './shard.ts'
export { CampaignTotals, NO_FAULT_FAMILY } from './campaign-totals.ts'
export { incompleteReasons, verdictOf, type Verdict } from './completeness.ts'
export { applyExpectations, expectationsSchema, type ExpectationEntry } from './expectations.ts'
export { addOutcomes, noOutcomes, sumOutcomes } from './outcome-counts.ts'
export type {
  CallInput,
  CampaignInput,
  FamilyInput,
  PointRowInput,
  ScenarioInput,
  UnitInput,
} from './campaign-input.ts'
export {
  RETRY_RESULTS,
  RUN_OUTCOMES,
  runRecordSchema,
  type RetryResult,
  type RunOutcome,
  type RunRecord,
} from './run-record.ts'
export {
  FAULT_COVERAGE_VERSION,
  faultCoverageSchema,
  type CoverageCount,
  type CoveredSite,
  type FaultCell,
  type FaultCoverage,
  type SiteContext,
} from './fault-coverage.ts'
export {
  JSON_SCHEMA_FILES,
  campaignJsonSchema,
  jsonSchemaText,
  mcdcJsonSchema,
  mcdcJustificationsJsonSchema,
  runRecordJsonSchema,
  type JsonSchema,
} from './json-schema.ts'
export {
  MCDC_FORMAT_VERSION,
  MCDC_PROBLEMS,
  mcdcJustificationsSchema,
  mcdcSchema,
  type Mcdc,
  type McdcCondition,
  type McdcDecision,
  type McdcFile,
  type McdcJustification,
  type McdcJustifications,
  type McdcProblem,
  type McdcProblemKind,
  type McdcTotals,
  type McdcValuePath,
} from './mcdc.ts'
