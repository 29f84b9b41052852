// harness/run/nested/sweep-nested.ts: the plans of one unit of the recovery family, run in order.
//
// 1. Merged and distinct depend on the plans alone, not on which of them the caller leaves out.
// 2. A recovery that differs from when it was counted is a violation, on the first plan of its disk, and never retried.

import { violation } from '../../oracles/index.ts'
import type { UnitOptions } from '../../plan/index.ts'
import { crashCase } from '../crash-run.ts'
import { DiskJudge } from '../disk-judge.ts'
import type { Prepared } from '../prepare.ts'
import { PlanError, TWICE_EVERY, type Emit, type Tally } from '../sweep-faults.ts'
import { nestedPlans } from './nested-plans.ts'
import { nestedRecord, nestedStart } from './nested-record.ts'
import { runNested, type NestedOutcome, type RunnablePlan } from './nested-run.ts'
import { nestedOptions, type NestedStart, type NestedUnit } from './nested-unit.ts'
import { enterRecovery, type RecoveryProcess } from './recovery-process.ts'

export async function sweepNested(
  prepared: Prepared,
  unit: NestedUnit,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  let order = unit.summary.firstOrder
  for (const start of unit.starts) {
    if (options.stop?.() === true) return
    await sweepStart(prepared, start, order, emit, options, tally)
    order += start.planned
  }
}

async function sweepStart(
  prepared: Prepared,
  start: NestedStart,
  firstOrder: number,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const { context } = prepared
  const process = await enterRecovery(start.disk, { sites: true })
  if (process === undefined || 'violation' in process)
    throw new PlanError(`${start.disk.text}: recovers differently now`)
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
    const key = stateKey(process, plan)
    if (key !== undefined) {
      if (seen.has(key)) {
        tally.merged += 1
        continue
      }
      seen.add(key)
    }
    if (options.skip?.(order) === true) continue
    const begun = nestedStart(process, plan, order)
    options.begin?.(begun)
    const startMs = context.nowMs()
    let outcome = await runNested(process, plan, judge)
    if (order % TWICE_EVERY === 0) {
      const again = await runNested(process, plan, new DiskJudge(process.context))
      if (again.digest !== outcome.digest) outcome = nondeterministic(outcome, 'the same plan, run twice, made')
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

/** Equal for crashes after which nothing can differ. */
function stateKey({ context, recorded, disk }: RecoveryProcess, plan: RunnablePlan): string | undefined {
  if (plan.kind === 'fault') return undefined
  const call = recorded.get(plan.point.call)
  return call === undefined ? undefined : crashCase(context, plan.state, call.progress, disk.next).key
}

function nondeterministic(outcome: NestedOutcome, what: string): NestedOutcome {
  return { ...outcome, outcome: 'violation', violation: violation('nondeterminism', `${what} different events`) }
}
