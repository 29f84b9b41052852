// harness/run/sweep-faults.ts: the plans of one unit of the allocation or the I/O family, run in order.
//
// 1. A plan that the caller leaves out still counts for what later plans merge with.
// 2. One run in TWICE_EVERY is made twice, the second time remembering nothing of the first.

import {
  allocationPlans,
  clockPlans,
  ioPlans,
  PROBABILITIES,
  schedulePlans,
  whereOf,
  type ConditionPlan,
  type PlannedFault,
} from '../explore/index.ts'
import { plainEqual, violation } from '../oracles/index.ts'
import {
  modeOf,
  type CampaignRequest,
  type MergedBy,
  type PointFault,
  type RunRecord,
  type UnitOptions,
  type UnitResult,
} from '../plan/index.ts'
import { armAllocation, armClock, armIo, armSchedule, type Armed } from './arm.ts'
import type { RunContext } from './context.ts'
import { DiskJudge } from './disk-judge.ts'
import { runFault, type FaultOutcome } from './fault-run.ts'
import type { Prepared } from './prepare.ts'
import { faultRecord, faultStart } from './record.ts'
import { pointsOf, type FaultUnit } from './unit.ts'

/** One run in so many is made twice, and must have the same trace. */
export const TWICE_EVERY = 64

export type Emit = (record: RunRecord) => void | Promise<void>
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
/** What became of a unit's plans, while they are run. */
export type Tally = Mutable<Omit<UnitResult, 'unit' | 'planned' | 'mergedBy'>> & {
  readonly mergedBy: Mutable<UnitResult['mergedBy']>
}

export function emptyTally(): Tally {
  const mergedBy = { fault: 0, image: 0, readSet: 0 }
  return { run: 0, merged: 0, mergedBy, skipped: 0, delivered: 0, recoveryMs: 0, checkMs: 0 }
}

/** One more plan is the same as one that was run. */
export function addMerged(tally: Tally, by: MergedBy): void {
  tally.merged += 1
  tally.mergedBy[by] += 1
}

/** A plan that this scenario has no point for. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

export async function sweepFaults(
  prepared: Prepared,
  unit: FaultUnit,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const { context } = prepared
  const judge = new DiskJudge(context)
  const seen = new Set<string>()
  let order = unit.summary.firstOrder - 1
  for (const plan of context.seams.sweep(faultPlans(prepared, unit))) {
    order += 1
    if (options.stop?.() === true) break
    if (plan.sameAs !== undefined) {
      if (seen.has(plan.sameAs)) {
        addMerged(tally, 'fault')
        continue
      }
      seen.add(plan.sameAs)
    }
    if (options.skip?.(order) === true) continue
    const start = faultStart(context, unit, plan, order)
    options.begin?.(start)
    const startMs = context.nowMs()
    const first = await runFault(context, unit.segment, armedFor(context, unit, plan), judge)
    let outcome = order % TWICE_EVERY === 0 ? await sameAgain(context, unit, plan, first) : first
    if (outcome.violation?.oracle === 'no-leak') outcome = await withSites(context, unit, plan, outcome)
    tally.run += 1
    tally.delivered += outcome.delivered
    await emit(faultRecord(context, start, outcome, context.nowMs() - startMs))
  }
  tally.recoveryMs = judge.recoveryMs
  tally.checkMs = judge.checkMs
}

/** Runs a plan a second time, remembering nothing of the first. */
async function sameAgain(
  context: RunContext,
  unit: FaultUnit,
  plan: PlannedFault,
  first: FaultOutcome,
): Promise<FaultOutcome> {
  const second = await runFault(context, unit.segment, armedFor(context, unit, plan), new DiskJudge(context))
  if (second.digest === first.digest) return first
  const message = 'the same plan, run twice, made different events'
  return { ...first, outcome: 'violation', violation: violation('nondeterminism', message) }
}

/** The same run with every call site, so that what leaks is named by its own; stacks are too dear for runs without one. */
async function withSites(
  context: RunContext,
  unit: FaultUnit,
  plan: PlannedFault,
  outcome: FaultOutcome,
): Promise<FaultOutcome> {
  const named = await runFault(context, unit.segment, armedFor(context, unit, plan), new DiskJudge(context), {
    sites: true,
  })
  return { ...outcome, violation: named.violation ?? outcome.violation }
}

export function* faultPlans(
  { context, request }: Pick<Prepared, 'context' | 'request'>,
  unit: FaultUnit,
): Generator<PlannedFault, void> {
  const { points: selection, modes } = request
  const { seed, sectorBytes } = context.subject
  const { points, firstPoint } = unit
  switch (unit.family) {
    case 'io':
      yield* ioPlans(points.calls, firstPoint, {
        modes,
        selection,
        sectorBytes,
        conditions: conditionsOf(context, request),
      })
      return
    case 'schedule':
      yield* schedulePlans(points.choices, firstPoint, {
        selection,
        draw: (label) => context.seams.draw(seed, label),
      })
      return
    case 'clock':
      yield* clockPlans(points.readings, firstPoint, selection)
      return
    case 'allocation':
      yield* allocationPlans(points.allocations, firstPoint, {
        modes,
        selection,
        budgetBytes: request.budgetBytes,
        probability: request.probability,
        drawnTags: request.drawnTags ?? false,
        draw: (point) => context.seams.draw(seed, `probability ${point}`).integer(PROBABILITIES.length),
      })
      return
    default:
      unit.family satisfies never
  }
}

/** Conditions of the device belong to the family itself, not to what is failed within a recovery. */
export function conditionsOf(
  { loaded }: RunContext,
  { everyCondition, families }: Pick<CampaignRequest, 'everyCondition' | 'families'>,
): ConditionPlan {
  const calls = everyCondition === true ? 'all' : families.includes('io') ? 'representatives' : 'none'
  return { calls, mayLie: loaded.scenario.detectsLostWrites === true }
}

/** The plan as the explorer would have given it for the unit's point `at`, so that a replay's record says the same. */
export function plannedAs(
  prepared: Pick<Prepared, 'context' | 'request'>,
  unit: FaultUnit,
  at: number,
  fault: PointFault,
): PlannedFault {
  const target = pointsOf(unit.points, unit.family)[at]
  const point = unit.firstPoint + at
  const wanted = { ...fault, ...whereOf(point, target ?? {}) }
  const request = { ...prepared.request, everyCondition: true, points: { from: point, to: point } }
  for (const plan of faultPlans({ ...prepared, request }, unit)) if (plainEqual(plan.fault, wanted)) return plan
  return {
    fault: wanted,
    at,
    mode: modeOf(fault),
    text: fault.kind === 'io' && 'code' in fault ? `call ${fault.code}` : fault.kind,
  }
}

export function armedFor(context: RunContext, unit: FaultUnit, { fault, at }: PlannedFault): Armed {
  const { allocations, calls, choices, readings } = unit.points
  if (fault.kind === 'allocation') {
    const point = allocations[at]
    if (point !== undefined) return armAllocation(context, fault, point, unit.armedFrom)
  } else if (fault.kind === 'io') {
    const point = calls[at]
    if (point !== undefined) return armIo(context, fault, point)
  } else if (fault.kind === 'schedule') {
    const point = choices[at]
    if (point !== undefined) return armSchedule(fault, point)
  } else if (fault.kind === 'clock') {
    const point = readings[at]
    if (point !== undefined) return armClock(fault, point)
  }
  throw new PlanError(`unit ${unit.summary.index} has no point ${at}`)
}
