// harness/run/sweep-crashes.ts: the crash states of one sync interval, each distinct one recovered and judged.
//
// 1. Merged and distinct depend on the plans alone, not on which of them the caller leaves out, as long as it says which
//    of those were judged before.
// 2. One state in TWICE_EVERY is judged a second time, with nothing remembered; a merged one for the first time, and it
//    must have made the events of the state that it was merged with.

import { crashPlans, type CrashMomentPoint, type CrashOptions } from '../explore/index.ts'
import { violation } from '../oracles/index.ts'
import type { UnitOptions } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import { crashCase, PointTwins } from './crash-run.ts'
import type { Prepared } from './prepare.ts'
import { crashRecord, crashStart } from './record.ts'
import { ReadSetPruning, type Twin } from './pruning.ts'
import { judgeRecovery, type RecoveryCase, type RecoveryVerdict } from './recovery.ts'
import type { RecordedCall } from './recorder.ts'
import { addMerged, PlanError, TWICE_EVERY, type Emit, type Tally } from './sweep-faults.ts'
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
  const pruning = request.prune === false || context.loaded.usesNodeFs ? undefined : new ReadSetPruning(context)
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
      addMerged(tally, 'image')
      continue
    }
    const { key, given } = crashCase(context, plan.state, recorded.progress)
    if (seen.has(key)) {
      addMerged(tally, 'image')
      continue
    }
    seen.add(key)
    distinct += 1
    if (options.skip?.(order) === true) {
      if (pruning !== undefined && options.judged?.(order) === true)
        await relearn(context, given, pruning.twinOf(given))
      continue
    }
    const twin = pruning?.twinOf(given)
    if (twin?.digest !== undefined && (order % TWICE_EVERY !== 0 || (await isTwin(context, given, twin.digest)))) {
      addMerged(tally, 'readSet')
      continue
    }
    const start = crashStart(context, unit, plan, recorded, order)
    options.begin?.(start)
    const startMs = context.nowMs()
    let verdict = await judgeRecovery(context, given, undefined, twin)
    twin?.learn(verdict)
    if (order % TWICE_EVERY === 0) verdict = await sameAgain(context, given, verdict, twin?.digest)
    tally.run += 1
    tally.delivered += 1
    tally.recoveryMs += verdict.recoveryMs
    tally.checkMs += verdict.checkMs
    await emit(crashRecord(context, start, recorded, verdict, context.nowMs() - startMs))
  }
  const exhausted = unit.exhaustive && tally.skipped === 0 && !stopped
  tally.interval = {
    possible: unit.summary.planned,
    generated,
    distinct,
    run: tally.run,
    mergedByImage: tally.mergedBy.image,
    mergedByReadSet: tally.mergedBy.readSet,
    exhausted,
  }
}

/** Judges a state that has its record already, so that later ones find what it looked at. */
async function relearn(context: RunContext, given: RecoveryCase, twin: Twin): Promise<void> {
  if (twin.digest === undefined) twin.learn(await judgeRecovery(context, given, undefined, twin))
}

/** Whether a state that would be merged makes the events of the one that it is merged with. */
async function isTwin(context: RunContext, given: RecoveryCase, digest: string): Promise<boolean> {
  const verdict = await judgeRecovery(context, given, undefined, { fresh: true })
  return verdict.digest === digest && verdict.violation === undefined
}

async function sameAgain(
  context: RunContext,
  given: RecoveryCase,
  first: RecoveryVerdict,
  twinDigest: string | undefined,
): Promise<RecoveryVerdict> {
  const second = await judgeRecovery(context, given, undefined, { fresh: true })
  if (second.digest === first.digest && (twinDigest ?? first.digest) === first.digest)
    return { ...first, violation: first.violation ?? second.violation }
  const message =
    second.digest === first.digest
      ? 'a state made other events than one that is the same in all that was looked at'
      : 'the same state, recovered twice, made different events'
  return { ...first, violation: violation('nondeterminism', message) }
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
