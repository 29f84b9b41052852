export {
  selftest,
  selftestPassed,
  VERDICTS,
  type CleanRow,
  type HarnessMutant,
  type MutantRow,
  type SelftestPlan,
  type SelftestResult,
  type Verdict,
} from './selftest.ts'
export { CLEAN_SCENARIOS } from './clean-scenarios.ts'
export { HARNESS_MUTANTS, runHarnessMutants } from './harness-mutants.ts'
