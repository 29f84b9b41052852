// reports: what a campaign records, and what people and tools read of it.
export {
  CampaignTotals,
  FORMAT_VERSION,
  NO_FAULT_FAMILY,
  RUN_OUTCOMES,
  campaignSchema,
  runRecordSchema,
  verdictOf,
} from './format/index.ts'
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
  Verdict,
  Violation,
} from './format/index.ts'
export { REPORT_ERRORS, ReportError, type ReportErrorCode } from './report-error.ts'
export {
  CAMPAIGN_FILE,
  RECORDS_FILE,
  RESULTS_ROOT,
  RecordWriter,
  createResultFolder,
  readCampaign,
  readRecords,
  resolveResultFolder,
  writeCampaign,
  type ResultFolderOptions,
} from './store/index.ts'
