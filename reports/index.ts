// reports: what a campaign records, and what people and tools read of it.
export {
  CampaignTotals,
  FORMAT_VERSION,
  NO_FAULT_FAMILY,
  RUN_OUTCOMES,
  campaignJsonSchema,
  campaignSchema,
  runRecordJsonSchema,
  runRecordSchema,
  verdictOf,
} from './format/index.ts'
export type {
  CallInput,
  Campaign,
  CampaignInput,
  Evidence,
  EvidenceEvent,
  Expectation,
  ExpectedAnomaly,
  Failure,
  FamilyInput,
  FamilyTotals,
  Finding,
  MinimisedCase,
  PointRowInput,
  RunOutcome,
  RunRecord,
  ScenarioInput,
  ScenarioResult,
  Selection,
  SourcePosition,
  UnitInput,
  Verdict,
  Violation,
} from './format/index.ts'
export {
  compareCampaigns,
  comparisonText,
  type ComparedCampaign,
  type ComparedPoint,
  type Comparison,
  type PointList,
} from './compare/index.ts'
export { REPORT_ERRORS, ReportError, type ReportErrorCode } from './report-error.ts'
export {
  CAMPAIGN_FILE,
  RECORDS_FILE,
  REPORT_FILES,
  REPORT_FORMATS,
  RESULTS_ROOT,
  RecordWriter,
  createResultFolder,
  readCampaign,
  readRecords,
  resolveResultFolder,
  writeCampaign,
  writeReports,
  type ReportFormat,
  type ResultFolderOptions,
} from './store/index.ts'
export { consoleSummary, markdownSummary, type ConsoleSummaryOptions } from './summary/index.ts'
export { htmlReport } from './html/index.ts'
export { sarifLog, type SarifLog, type SarifResult } from './sarif/index.ts'
export { JunitCases } from './junit/index.ts'
export { minimisedSentence, plural, replayCommand } from './text/index.ts'
