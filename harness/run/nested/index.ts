export { isRecoveryPlan, lookAmongRecoveries } from './find-nested.ts'
export { nestedUnits, type NestedUnit } from './nested-unit.ts'
export { replayNested } from './replay-nested.ts'
export { sweepNested } from './sweep-nested.ts'
