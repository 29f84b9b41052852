export { writeFileAtomic } from './atomic-file.ts'
export {
  BUNDLE_FOLDER,
  bundleReader,
  fileDigest,
  requireBundle,
  resolveBundle,
  writeBundleFile,
} from './bundle-folder.ts'
export {
  MCDC_FILE,
  MCDC_JUSTIFICATIONS_FILE,
  MCDC_LCOV_FILE,
  readMcdc,
  readMcdcJustifications,
  writeMcdc,
  writeMcdcLcov,
} from './mcdc-file.ts'
export { FAULT_COVERAGE_FILES, writeFaultCoverage } from './fault-coverage-files.ts'
export { CAMPAIGN_FILE, RECORDS_FILE, readCampaign, writeCampaign } from './campaign-file.ts'
export { checkFolder, FolderCheck } from './check-folder.ts'
export { readShard, SHARD_FILE, writeShard } from './shard-store.ts'
export { readExpectations } from './expect-file.ts'
export { readLcov, readSelftest } from './gate-files.ts'
export { RecordWriter, readRecords } from './records.ts'
export { readPrivateKey, readPublicKey, writeKeyPair, type KeyFiles } from './key-file.ts'
export {
  LATEST,
  RESULTS_ROOT,
  createResultFolder,
  resolveResultFolder,
  type ResultFolderOptions,
} from './result-folder.ts'
export {
  TRACE_FILES,
  TRACE_FORMATS,
  fileFinder,
  projectIn,
  readCampaignFolders,
  readRequirementTexts,
  readTestResultFiles,
  requirementTags,
  writeTrace,
  type TraceFileOptions,
  type TraceFormat,
} from './requirement-files.ts'
export { RECORDS_SHOWN_MAX, REPORT_FILES, REPORT_FORMATS, writeReports, type ReportFormat } from './write-reports.ts'
export { signBundle, type SignOptions } from './sign-bundle.ts'
export { readBundleCampaign, readEvidenceInputs } from './evidence-inputs.ts'
export { writeBundle } from './write-bundle.ts'
