// harness/run/nested/nested-plans.ts: what goes wrong in a recovering process: every allocation and every call failed, a
// crash at every moment, in this order.
//
// 1. Counting and making agree: the plans given, and those that a bound leaves out, are as many as are counted.
// 2. A bound on the states of a sync interval is shared by its points, representatives first, as in the crash family.
//    Where none is given the representatives are the plan.

import { countCrashPlans, countIoPlans, crashPlans, type CrashPlan, type PlannedFault } from '../../explore/index.ts'
import type { CampaignRequest } from '../../plan/index.ts'
import { crashOptions } from '../sweep-crashes.ts'
import { faultPlans } from '../sweep-faults.ts'
import type { FaultUnit } from '../unit.ts'
import type { RecoveryProcess } from './recovery-process.ts'

/** A plan within a recovering process, or so many that a bound leaves out. */
export type NestedPlan =
  | Readonly<{ kind: 'fault'; unit: FaultUnit; plan: PlannedFault }>
  | Extract<CrashPlan, { kind: 'state' | 'skipped' }>

export type NestedOptions = Pick<CampaignRequest, 'modes' | 'statesPerIntervalMax' | 'everyRecovery'> &
  Readonly<{
    /** Crashes alone: where the faults before are what the plan is about. */
    crashesOnly: boolean
  }>

/** States planned for a sync interval of a recovery, families in turn, where no bound was given and not all are wanted. */
const REPRESENTATIVES_MAX = 64

/** The plans' number, those included that the bound leaves out. */
export function countNestedPlans(process: RecoveryProcess, options: NestedOptions): number {
  const { context, intervals, allocations, calls } = process
  const modes = modesOf(options)
  const { sectorBytes } = context.subject
  let crashes = 0
  for (const points of intervals) {
    const share = shareOf(points.length, options)
    for (const point of points) {
      const { total } = countCrashPlans([point], crashOptions(context, undefined))
      crashes += share.isPlan ? Math.min(total, share.statesMax ?? total) : total
    }
  }
  if (options.crashesOnly) return crashes
  const io = countIoPlans(calls, 1, { modes, selection: undefined, sectorBytes })
  return crashes + io + allocations.length * modes.length
}

export function* nestedPlans(process: RecoveryProcess, options: NestedOptions): Generator<NestedPlan, void> {
  if (!options.crashesOnly)
    for (const family of ['allocation', 'io'] as const) {
      const unit = faultUnit(process, family)
      for (const plan of faultPlans(requested(process, options), unit)) yield { kind: 'fault', unit, plan }
    }
  const { context, intervals } = process
  for (const points of intervals) {
    const { statesMax, isPlan } = shareOf(points.length, options)
    for (const plan of crashPlans(points, crashOptions(context, statesMax)))
      if (plan.kind === 'state' || !isPlan) yield plan
  }
}

/** States for each of an interval's points, and whether no more are planned (or more are, and left out). */
function shareOf(
  points: number,
  { statesPerIntervalMax, everyRecovery }: NestedOptions,
): Readonly<{ statesMax: number | undefined; isPlan: boolean }> {
  if (everyRecovery === true) return { statesMax: undefined, isPlan: false }
  const isPlan = statesPerIntervalMax === 0
  const bound = isPlan ? REPRESENTATIVES_MAX : statesPerIntervalMax
  return { statesMax: Math.max(1, Math.floor(bound / Math.max(1, points))), isPlan }
}

/** The process's points of a family as a unit of work; numbers are those of the process. */
export function faultUnit(process: RecoveryProcess, family: 'allocation' | 'io'): FaultUnit {
  const { disk, segment, allocations, calls } = process
  const { form, phase } = disk
  return {
    kind: 'fault',
    summary: { index: 0, family, form, phase, firstOrder: 0, planned: 0 },
    family,
    segment,
    firstPoint: 1,
    points: { allocations, calls, choices: [], readings: [] },
    exhaustive: true,
    armedFrom: 1,
  }
}

/** A campaign's request, as far as plans within the process go. */
export function requested(
  { context }: RecoveryProcess,
  options: Pick<NestedOptions, 'modes' | 'statesPerIntervalMax'>,
) {
  const { statesPerIntervalMax } = options
  const request: CampaignRequest = {
    subject: context.subject,
    families: ['recovery'],
    modes: modesOf(options),
    forms: [],
    statesPerIntervalMax,
  }
  return { context, request }
}

/** Budgets and random faults are for whole runs: a recovery is too short for them. */
function modesOf({ modes }: Pick<NestedOptions, 'modes'>): readonly ('once' | 'from')[] {
  return modes.filter((mode) => mode === 'once' || mode === 'from')
}
