export { gateAnswers } from './gate-answers.ts'
export {
  anomaliesCsv,
  anomaliesSarif,
  configurationIndex,
  knownAnswersXml,
  plantedRows,
  protocolMutants,
  provenance,
  sitesCsv,
} from './generated.ts'
export {
  CRASH_FAMILIES,
  EVIDENCE_PARTS,
  PARTS,
  clockProblems,
  healthOf,
  voidReasons,
  type EvidencePart,
  type Health,
  type HealthTable,
} from './health.ts'
export { normaliseCycloneDx, normaliseSpdx } from './sbom.ts'
export { soupSheet, toolRequirements, toolTable, TOOL_REQUIREMENTS } from './sheets.ts'
