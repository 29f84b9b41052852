export { RESULTS_MAX, sarifLog, sarifText } from './sarif-log.ts'
export type { SarifLog, SarifResult } from './sarif-format.ts'
