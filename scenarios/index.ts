export { BUILTIN_SCENARIOS, type AnyScenario } from './builtin.ts'
export {
  scenario,
  step,
  times,
  type DurableClaim,
  type ErrorClass,
  type LiveCounts,
  type ParameterValue,
  type Parameters,
  type Plain,
  type PlainObject,
  type Problem,
  type Scenario,
  type Step,
  type StepDurability,
  type World,
} from './contract.ts'
