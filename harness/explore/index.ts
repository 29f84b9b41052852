export { PROBABILITIES, allocationPlans, type AllocationOptions } from './allocation.ts'
export { clockPlans, countClockPlans, type ReadingPoint } from './clock.ts'
export { type ConditionPlan } from './io-conditions.ts'
export { IO_MODES, countIoPlans, ioPlans, type IoMode, type IoOptions } from './io.ts'
export {
  isSelected,
  selectedCount,
  whereOf,
  type AllocationPoint,
  type CallPoint,
  type PlannedFault,
  type Selection,
} from './points.ts'
export { countSchedulePlans, schedulePlans, type ChoicePoint, type ScheduleOptions } from './schedule.ts'
export {
  CRASH_MOMENTS,
  countCrashPlans,
  crashPlans,
  stateOptions,
  type CrashMoment,
  type CrashMomentPoint,
  type CrashOptions,
  type CrashPlan,
} from './crash.ts'
