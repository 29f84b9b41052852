export { csvText, type Cell } from './csv.ts'
export { REQUIREMENT_SCHEMA_FILES } from './json-schema.ts'
export {
  EVIDENCE_KINDS,
  REQUIREMENT_PROPERTIES,
  SKIP_REASON_PROPERTY,
  readCampaignResults,
  readTestResults,
  type Evidence,
  type ReadEvidence,
  type ResultFile,
} from './evidence.ts'
export { FINDING_KINDS, type TraceFinding, type TraceFindingKind } from './finding.ts'
export { MATRIX_FORMAT_VERSION, matrixJsonSchema, matrixOf, matrixSchema, type Matrix } from './matrix-json.ts'
export { needsJson, type NeedsOptions } from './needs.ts'
export { parseRequirements, type ParsedRequirements, type SourceText } from './parse-requirements.ts'
export { reqifXml, type ReqifOptions } from './reqif.ts'
export {
  REQUIREMENT_STATUSES,
  VERIFICATION_METHODS,
  isRequirementId,
  requirementsJsonSchema,
  textFingerprint,
  type Requirement,
  type RequirementFile,
  type RequirementStatus,
  type VerificationMethod,
} from './requirement.ts'
export { matrixCsv, requirementsCsv } from './tables.ts'
export { requirementText, traceText } from './trace-text.ts'
export {
  VERDICTS as REQUIREMENT_VERDICTS,
  evidenceName,
  trace,
  type Claim,
  type RequirementVerdict,
  type Trace,
  type TraceInput,
  type TracedRequirement,
} from './trace.ts'
