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
import { crashCase, hasEvicted } from '../crash-run.ts'
import type { DiskJudge } from '../disk-judge.ts'
import { runFault, type FaultOutcome } from '../fault-run.ts'
import { judgeRecovery } from '../recovery.ts'
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

export type NestedRunOptions = Readonly<{ inspect?: boolean; sites?: boolean; keep?: (trace: Trace) => void }>

export async function runNested(
  process: RecoveryProcess,
  plan: RunnablePlan,
  judge: DiskJudge,
  options: NestedRunOptions = {},
): Promise<NestedOutcome> {
  const made = await (plan.kind === 'state'
    ? runState(process, plan, options)
    : runPoint(process, plan, judge, options))
  const found = process.context.rested(made.violation)
  return found === made.violation ? made : { ...made, violation: found }
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

async function runState(
  process: RecoveryProcess,
  { point, state }: Extract<RunnablePlan, { kind: 'state' }>,
  options: NestedRunOptions,
): Promise<NestedOutcome> {
  const { context, recorded, segment, disk } = process
  const call = recorded.get(point.call)
  if (call === undefined) throw new RangeError(`call ${point.call} is not of the recovering process`)
  const { given } = crashCase(context, state, call.progress, disk.next)
  const phase = segment.phases[call.point.phase]?.phase.kind ?? 'step'
  const verdict = await judgeRecovery(context, given, options.keep)
  const changed =
    state.id.family === 'kill' && !hasEvicted(given.image) && (phase === 'open' || phase === 'read')
      ? changedBy(process, given.image)
      : undefined
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
