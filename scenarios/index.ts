export { BUILTIN_SCENARIOS, type AnyScenario } from './builtin.ts'
export { realPorts } from './real-ports.ts'
export {
  scenario,
  step,
  times,
  type DocumentedPromise,
  type DurableClaim,
  type ErrorClass,
  type ExpectedOutcome,
  type ListOperation,
  type LiveCounts,
  type ParameterValue,
  type Parameters,
  type Plain,
  type PlainObject,
  type Problem,
  type Salvaged,
  type Scenario,
  type Step,
  type StepDurability,
  type TransactionNote,
  type World,
} from './contract.ts'
