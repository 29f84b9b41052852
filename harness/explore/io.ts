// harness/explore/io.ts: which file-system calls to fail, and how.
//
// 1. Every call meets every fault of the table for its kind (but the one below), once and from then on. Order: points ascending, modes in the
//    order of the table, faults as the table lists them, then the conditions that set in at the call (io-conditions.ts).

import { ioFaults, type FileSystemCallInfo, type IoCondition, type IoFault } from '../../faults/index.ts'
import type { AllocationMode, Fault } from '../plan/index.ts'
import { conditionsAt, conditionText, type ConditionPlan } from './io-conditions.ts'
import { isSelected, whereOf, type CallPoint, type PlannedFault, type Selection } from './points.ts'

export const IO_MODES = ['once', 'from'] as const
export type IoMode = (typeof IO_MODES)[number]

export type IoOptions = Readonly<{
  modes: readonly AllocationMode[]
  selection: Selection
  sectorBytes: number
  /** Default: none. */
  conditions?: ConditionPlan
}>

/** How many plans `ioPlans` gives. */
export function countIoPlans(points: readonly CallPoint[], firstPoint: number, options: IoOptions): number {
  const modes = modesOf(options)
  const conditions = conditionsAt(points, options.conditions)
  let count = 0
  for (const [at, { call }] of points.entries()) {
    if (!isSelected(firstPoint + at, options.selection)) continue
    count += modes.length * faultsFor(call, options.sectorBytes).length
    for (const mode of modes) count += conditions(at, mode).length
  }
  return count
}

/** The plans for `points`, the first of which has the number `firstPoint`. */
export function* ioPlans(
  points: readonly CallPoint[],
  firstPoint: number,
  options: IoOptions,
): Generator<PlannedFault, void> {
  const conditions = conditionsAt(points, options.conditions)
  for (const [at, target] of points.entries()) {
    const { call } = target
    const point = firstPoint + at
    if (!isSelected(point, options.selection)) continue
    const where = whereOf(point, target)
    for (const mode of modesOf(options)) {
      for (const fault of faultsFor(call, options.sectorBytes))
        yield {
          fault: faultOf(fault, mode, where),
          at,
          mode,
          text: `${call.kind} ${textOf(fault)}${mode === 'from' ? ', and all later calls' : ''}`,
        }
      for (const condition of conditions(at, mode))
        yield {
          fault: conditionOf(condition, where),
          at,
          mode: condition.mode,
          text: conditionText(call.kind, condition),
        }
    }
  }
}

function conditionOf(condition: IoCondition, where: Pick<Fault, 'point' | 'identity'>): Fault {
  return { kind: 'io', ...where, ...condition }
}

/**
 * The table's faults but one: names that a failed directory sync drops for good can be made durable by no later call, so
 * no program can promise anything after it. Such a fault can be replayed from a plan; it is in no campaign.
 */
function faultsFor(call: FileSystemCallInfo, sectorBytes: number): readonly IoFault[] {
  const faults = ioFaults(call, sectorBytes)
  if (call.kind !== 'syncDirectory') return faults
  return faults.filter((fault) => !('variant' in fault) || fault.variant !== 'pages-dropped')
}

function modesOf(options: IoOptions): readonly IoMode[] {
  return IO_MODES.filter((mode) => options.modes.includes(mode))
}

function faultOf(fault: IoFault, mode: IoMode, where: Pick<Fault, 'point' | 'identity'>): Fault {
  if ('bytes' in fault) return { kind: 'io', mode, ...where, code: 'short', bytes: fault.bytes }
  const { code, variant } = fault
  return { kind: 'io', mode, ...where, code, ...(variant === undefined ? {} : { variant }) }
}

function textOf(fault: IoFault): string {
  if ('bytes' in fault) return `of only ${fault.bytes} bytes`
  return fault.variant === undefined ? fault.code : `${fault.code}, ${fault.variant}`
}
