export {
  PATH_SUMS_MAX,
  conditionCount,
  evaluate,
  numberPaths,
  pathsOf,
  shapeOf,
  type BooleanTree,
  type Numbering,
  type Path,
  type Verdict,
} from './boolean-tree.ts'
export { isUnmasked, judgeConditions, pathsToTake, type ConditionVerdict, type Pair } from './analyse.ts'
export { instrument, type Instrumented, type InstrumentOptions } from './instrument.ts'
export {
  DECISION_KINDS,
  VALUE_PATH_KINDS,
  type Condition,
  type DecisionItem,
  type Item,
  type OutcomeSlots,
  type Span,
  type ValuePathItem,
} from './items.ts'
export { COUNTERS_KEY, type CounterSource } from './prologue.ts'
export { languageOf, UnparsableError, type Language } from './syntax.ts'
export { pathTest, type PathTest } from './glob.ts'
export { justify } from './justify.ts'
export { matchItems, type CompiledItem } from './match.ts'
export { MergeError, mergeMcdc } from './merge.ts'
export { Lines, type Position } from './positions.ts'
export { judgeFile, NO_TOTALS, reportFile, sha256, sumTotals, type FileCounts, type ItemCounts } from './report.ts'
export { treeOfShape } from './shape.ts'
