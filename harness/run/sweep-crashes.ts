// harness/run/sweep-crashes.ts: the crash states of one sync interval, each distinct one recovered and judged.
//
// 1. Merged and distinct depend on the plans alone, not on which of them the caller leaves out.

import { crashPlans, type CrashMomentPoint, type CrashOptions } from '../explore/index.ts'
import { violation } from '../oracles/index.ts'
import type { UnitOptions } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import { crashCase, PointTwins } from './crash-run.ts'
import type { Prepared } from './prepare.ts'
import { crashRecord, crashStart } from './record.ts'
import { judgeRecovery } from './recovery.ts'
import type { RecordedCall } from './recorder.ts'
import { PlanError, TWICE_EVERY, type Emit, type Tally } from './sweep-faults.ts'
import type { CrashUnit } from './unit.ts'

export async function sweepCrashes(
  prepared: Prepared,
  unit: CrashUnit,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const { context, request } = prepared
  const calls = new Map(unit.calls.map((recorded) => [recorded.point.call.index, recorded]))
  const twins = twinPoints(unit, calls)
  const { statesPerIntervalMax } = request
  // Points that only repeat an earlier one take no share of the bound.
  const share = Math.max(1, Math.floor(statesPerIntervalMax / Math.max(1, unit.points.length - twins.size)))
  const bound = statesPerIntervalMax === 0 ? undefined : share
  const seen = new Set<string>()
  let generated = 0
  let distinct = 0
  let order = unit.summary.firstOrder - 1
  let stopped = false
  for (const plan of context.seams.sweep(crashPlans(unit.points, crashOptions(context, bound)))) {
    if (options.stop?.() === true) {
      stopped = true
      break
    }
    if (plan.kind === 'skipped') {
      order += plan.count
      tally.skipped += plan.count
      continue
    }
    order += 1
    generated += 1
    const recorded = recordedAt(calls, plan.point)
    if (twins.has(plan.point)) {
      tally.merged += 1
      continue
    }
    const { key, given } = crashCase(context, plan.state, recorded.progress)
    if (seen.has(key)) {
      tally.merged += 1
      continue
    }
    seen.add(key)
    distinct += 1
    if (options.skip?.(order) === true) continue
    const start = crashStart(context, unit, plan, recorded, order)
    options.begin?.(start)
    const startMs = context.nowMs()
    let verdict = await judgeRecovery(context, given)
    if (order % TWICE_EVERY === 0 && (await judgeRecovery(context, given)).digest !== verdict.digest)
      verdict = {
        ...verdict,
        violation: violation('nondeterminism', 'the same state, recovered twice, made different events'),
      }
    tally.run += 1
    tally.delivered += 1
    tally.recoveryMs += verdict.recoveryMs
    tally.checkMs += verdict.checkMs
    await emit(crashRecord(context, start, recorded, verdict, context.nowMs() - startMs))
  }
  const exhausted = unit.exhaustive && tally.skipped === 0 && !stopped
  tally.interval = { possible: unit.summary.planned, generated, distinct, run: tally.run, exhausted }
}

function twinPoints(unit: CrashUnit, calls: ReadonlyMap<number, RecordedCall>): ReadonlySet<CrashMomentPoint> {
  const known = new PointTwins()
  return new Set(unit.points.filter((point) => known.isTwin(point, recordedAt(calls, point).progress)))
}

function recordedAt(calls: ReadonlyMap<number, RecordedCall>, { call }: CrashMomentPoint): RecordedCall {
  const recorded = calls.get(call)
  if (recorded === undefined) throw new PlanError(`call ${call} was not recorded`)
  return recorded
}

export function crashOptions(context: RunContext, statesMax: number | undefined): CrashOptions {
  const { sectorBytes, seed } = context.subject
  return { model: context.model, sectorBytes, seed, statesMax }
}
