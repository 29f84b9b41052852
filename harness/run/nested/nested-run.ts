// harness/run/nested/nested-run.ts: one plan within a recovering process, run and judged.
//
//   crash:              the disk that it leaves is recovered by yet another process and judged as any crash state is
//   allocation, I/O:    the process is run with the fault, and judged as any run with a fault is
//
// 1. Besides, after a kill before the process wrote of its own: what recovery found it left as it was (convergence).
// 2. Every disturbed process comes to rest within a bound (`RecoveryContext.rested`).

import { hashBytes, Hash64, listImage, readImageFile, type DiskImage } from '../../../faults/index.ts'
import { violation, type Violation } from '../../oracles/index.ts'
import type { RunRecord } from '../../plan/index.ts'
import { crashCase, hasEvicted, type CrashCase } from '../crash-run.ts'
import type { DiskJudge } from '../disk-judge.ts'
import { runFault, type FaultOutcome } from '../fault-run.ts'
import type { Twin } from '../pruning.ts'
import { judgeRecovery, type RecoveryCase } from '../recovery.ts'
import type { RecordedCall } from '../recorder.ts'
import type { Phase } from '../session.ts'
import { armedFor } from '../sweep-faults.ts'
import type { Trace } from '../trace.ts'
import type { NestedPlan } from './nested-plans.ts'
import type { RecoveryProcess } from './recovery-process.ts'

export type NestedOutcome = Readonly<{
  outcome: RunRecord['outcome']
  violation: Violation | undefined
  /** Phase of the process in which it was met, and its kind. */
  phase: string
  phaseKind: string
  delivered: number
  site: string
  /** What the fault was at: a tag or a kind of call. */
  place: string
  retry: RunRecord['retry']
  digest: string
  recoveryBytes: number | undefined
  recoveryMs: number
  checkMs: number
  fault: Pick<FaultOutcome, 'delivery'>
}>

export type RunnablePlan = Exclude<NestedPlan, { kind: 'skipped' }>
export type StatePlan = Extract<RunnablePlan, { kind: 'state' }>

export type NestedRunOptions = Readonly<{
  inspect?: boolean
  sites?: boolean
  keep?: (trace: Trace) => void
  /** Of a crash: what is known of its like. */
  twin?: Twin
  /** Nothing that is known from another disk is used. */
  fresh?: boolean
}>

export async function runNested(
  process: RecoveryProcess,
  plan: RunnablePlan,
  judge: DiskJudge,
  options: NestedRunOptions = {},
): Promise<NestedOutcome> {
  return process.context.within(plan.kind === 'fault' ? plan.plan.fault : undefined, async () => {
    const made = await (plan.kind === 'state'
      ? runState(process, plan, options)
      : runPoint(process, plan, judge, options))
    const found = process.context.rested(made.violation)
    return found === made.violation ? made : { ...made, violation: found }
  })
}

async function runPoint(
  { context, segment }: RecoveryProcess,
  { unit, plan }: Extract<RunnablePlan, { kind: 'fault' }>,
  judge: DiskJudge,
  options: NestedRunOptions,
): Promise<NestedOutcome> {
  const { recoveryMs, checkMs } = judge
  const outcome = await runFault(context, segment, armedFor(context, unit, plan), judge, options)
  const { delivery } = outcome
  return {
    ...outcome,
    site: delivery?.site ?? '',
    place: delivery?.allocation?.tag ?? delivery?.call?.kind ?? '',
    recoveryMs: judge.recoveryMs - recoveryMs,
    checkMs: judge.checkMs - checkMs,
    fault: { delivery },
  }
}

async function runState(process: RecoveryProcess, plan: StatePlan, options: NestedRunOptions): Promise<NestedOutcome> {
  const { context } = process
  const { state } = plan
  const call = callOf(process, plan)
  const { given } = nestedCase(process, plan)
  const phase = phaseOf(process, call)
  const { twin, fresh = false } = options
  const verdict = await judgeRecovery(context, given, options.keep, twin ?? { fresh })
  twin?.learn(verdict)
  const changed = changedIn(process, plan, given)
  return {
    outcome: (verdict.violation ?? changed) === undefined ? 'passed' : 'violation',
    violation: verdict.violation ?? changed,
    phase,
    phaseKind: phase,
    delivered: 1,
    site: call.point.site,
    place: call.point.call.kind,
    retry: undefined,
    digest: `${call.digest} ${state.id.family} ${state.id.index} ${verdict.digest}`,
    recoveryBytes: verdict.recoveryBytes,
    recoveryMs: verdict.recoveryMs,
    checkMs: verdict.checkMs,
    fault: { delivery: undefined },
  }
}

/** What the crash leaves for yet another process. */
export function nestedCase(process: RecoveryProcess, plan: StatePlan): CrashCase {
  return crashCase(process.context, plan.state, callOf(process, plan).progress, process.disk.next)
}

/** What is wrong with the disk itself, whoever recovers it: convergence, after a kill before the process wrote of its own. */
export function changedIn(process: RecoveryProcess, plan: StatePlan, { image }: RecoveryCase): Violation | undefined {
  if (plan.state.id.family !== 'kill' || hasEvicted(image)) return undefined
  const phase = phaseOf(process, callOf(process, plan))
  return phase === 'open' || phase === 'read' ? changedBy(process, image) : undefined
}

function callOf({ recorded }: RecoveryProcess, { point }: StatePlan): RecordedCall {
  const call = recorded.get(point.call)
  if (call === undefined) throw new RangeError(`call ${point.call} is not of the recovering process`)
  return call
}

function phaseOf({ segment }: RecoveryProcess, { point }: RecordedCall): Phase['kind'] {
  return segment.phases[point.phase]?.phase.kind ?? 'step'
}

/** A recovery that was cut short before its first step has changed a file that is never written again. */
function changedBy({ context, disk }: RecoveryProcess, image: DiskImage): Violation | undefined {
  const isReadOnly = context.loaded.scenario.recovery?.readOnly
  if (isReadOnly === undefined) return undefined
  for (const { path, kind } of listImage(disk.image)) {
    if (kind !== 'file' || !isReadOnly(path)) continue
    const [before, after] = [contentHash(disk.image, path), contentHash(image, path)]
    if (before === after) continue
    const what = after === undefined ? 'is gone' : 'has other content'
    return violation('convergence', `after a recovery that was cut short '${path}' ${what}`)
  }
  return undefined
}

function contentHash(image: DiskImage, path: string): string | undefined {
  const bytes = readImageFile(image, path)
  if (bytes === undefined) return undefined
  const hash = new Hash64()
  hash.addHash(hashBytes(bytes))
  hash.addNumber(bytes.length)
  return hash.digits()
}
