// reports: what a campaign records, and what people and tools read of it.
export { FORMAT_VERSION, RUN_OUTCOMES, campaignSchema, runRecordSchema } from './format/index.ts'
export type {
  CallInput,
  Campaign,
  CampaignInput,
  Failure,
  FamilyInput,
  FamilyTotals,
  Finding,
  PointRowInput,
  RunOutcome,
  RunRecord,
  ScenarioInput,
  ScenarioResult,
  Selection,
  UnitInput,
  Violation,
} from './format/index.ts'
export { REPORT_ERRORS, ReportError, type ReportErrorCode } from './report-error.ts'
export {
  RECORDS_FILE,
  RESULTS_ROOT,
  RecordWriter,
  createResultFolder,
  readRecords,
  resolveResultFolder,
  type ResultFolderOptions,
} from './store/index.ts'
