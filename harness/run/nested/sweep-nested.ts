// harness/run/nested/sweep-nested.ts: the plans of one unit of the recovery family, run in order.
//
// 1. Merged and distinct depend on the plans alone, not on which of them the caller leaves out, as long as it says which
//    of those were judged before.
// 2. A recovery that differs from when it was counted is a violation, on the first plan of its disk, and never retried.
// 3. Crashes of recoveries that gave the same are merged by read set also where they began from different disks
//    (`pruning.ts`). One merged state in TWICE_EVERY is judged all the same.

import { violation } from '../../oracles/index.ts'
import type { UnitOptions } from '../../plan/index.ts'
import { DiskJudge } from '../disk-judge.ts'
import type { Prepared } from '../prepare.ts'
import { noKnownStates, ReadSetPruning, type KnownStates, type Twin } from '../pruning.ts'
import { judgeRecovery, type RecoveryCase } from '../recovery.ts'
import { addMerged, PlanError, TWICE_EVERY, type Emit, type Tally } from '../sweep-faults.ts'
import { nestedPlans } from './nested-plans.ts'
import { nestedRecord, nestedStart } from './nested-record.ts'
import { changedIn, nestedCase, runNested, type NestedOutcome } from './nested-run.ts'
import { nestedOptions, type NestedStart, type NestedUnit } from './nested-unit.ts'
import { enterRecovery, type RecoveryProcess } from './recovery-process.ts'

export async function sweepNested(
  prepared: Prepared,
  unit: NestedUnit,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const known = new Map<string, KnownStates>()
  let order = unit.summary.firstOrder
  for (const start of unit.starts) {
    if (options.stop?.() === true) return
    await sweepStart(prepared, start, order, known, emit, options, tally)
    order += start.planned
  }
}

async function sweepStart(
  prepared: Prepared,
  start: NestedStart,
  firstOrder: number,
  known: Map<string, KnownStates>,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const { context } = prepared
  const process = await enterRecovery(start.disk, { sites: true })
  if (process === undefined || 'violation' in process)
    throw new PlanError(`${start.disk.text}: recovers differently now`)
  const { loaded } = process.context
  const states = known.get(loaded.key) ?? noKnownStates()
  known.set(loaded.key, states)
  const isPruned = prepared.request.prune !== false && !loaded.usesNodeFs
  const pruning = isPruned ? new ReadSetPruning(process.context, states) : undefined
  const own = nestedOptions(prepared.request, start.crashesOnly)
  const judge = new DiskJudge(process.context)
  const seen = new Set<string>()
  let differs = process.digest !== start.digest
  let order = firstOrder - 1
  for (const plan of context.seams.sweep(nestedPlans(process, own))) {
    if (options.stop?.() === true) return
    if (plan.kind === 'skipped') {
      order += plan.count
      tally.skipped += plan.count
      continue
    }
    order += 1
    const state = plan.kind === 'state' ? nestedCase(process, plan) : undefined
    if (state !== undefined) {
      if (seen.has(state.key)) {
        addMerged(tally, 'image')
        continue
      }
      seen.add(state.key)
    }
    const changed = plan.kind === 'state' && state !== undefined ? changedIn(process, plan, state.given) : undefined
    const twin = state && changed === undefined ? pruning?.twinOf(state.given) : undefined
    if (options.skip?.(order) === true) {
      if (state !== undefined && twin !== undefined && options.judged?.(order) === true)
        await relearn(process, state.given, twin)
      continue
    }
    if (
      state !== undefined &&
      twin?.digest !== undefined &&
      (order % TWICE_EVERY !== 0 || (await isTwin(process, state.given, twin.digest)))
    ) {
      addMerged(tally, 'readSet')
      continue
    }
    const begun = nestedStart(process, plan, order)
    options.begin?.(begun)
    const startMs = context.nowMs()
    let outcome = await runNested(process, plan, judge, twin === undefined ? {} : { twin })
    if (order % TWICE_EVERY === 0) {
      const again = await runNested(process, plan, new DiskJudge(process.context), { fresh: true })
      if (twin?.digest !== undefined)
        outcome = nondeterministic(outcome, 'a state that is the same in all that was looked at as an earlier one made')
      else if (again.digest !== outcome.digest) outcome = nondeterministic(outcome, 'the same plan, run twice, made')
    }
    if (differs) outcome = nondeterministic(outcome, 'the same recovery, counted twice, made')
    differs = false
    if (outcome.violation?.oracle === 'no-leak') {
      const named = await runNested(process, plan, new DiskJudge(process.context), { sites: true })
      outcome = { ...outcome, violation: named.violation ?? outcome.violation }
    }
    tally.run += 1
    tally.delivered += start.disk.delivered + outcome.delivered
    tally.recoveryMs += outcome.recoveryMs
    tally.checkMs += outcome.checkMs
    await emit(nestedRecord(process, begun, outcome, context.nowMs() - startMs))
  }
}

/** Judges a state that has its record already, so that later ones find what it looked at. */
async function relearn({ context }: RecoveryProcess, given: RecoveryCase, twin: Twin): Promise<void> {
  if (twin.digest === undefined) twin.learn(await judgeRecovery(context, given, undefined, twin))
}

/** Whether a state that would be merged makes the events of the one that it is merged with. */
async function isTwin({ context }: RecoveryProcess, given: RecoveryCase, digest: string): Promise<boolean> {
  const verdict = await judgeRecovery(context, given, undefined, { fresh: true })
  return verdict.digest === digest && verdict.violation === undefined
}

function nondeterministic(outcome: NestedOutcome, what: string): NestedOutcome {
  return { ...outcome, outcome: 'violation', violation: violation('nondeterminism', `${what} different events`) }
}
