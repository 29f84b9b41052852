// harness/run/nested/nested-record.ts: what a run of the recovery family leaves behind.
//
// 1. The record's point is that of the first fault; the others are in the token, each a point of its own process.
// 2. Its trace hash holds everything up to the last fault and all that came after.

import { innermost, shownSite } from '../call-site.ts'
import { combinedDigest } from '../digest.ts'
import { fingerprintOf } from '../../oracles/index.ts'
import { whereOf } from '../../explore/index.ts'
import type { Fault, RunRecord, RunStart } from '../../plan/index.ts'
import { callText } from '../trace.ts'
import type { NestedOutcome, RunnablePlan } from './nested-run.ts'
import type { RecoveryProcess } from './recovery-process.ts'

export function nestedStart(process: RecoveryProcess, plan: RunnablePlan, order: number): RunStart {
  const { context, disk } = process
  const fault = faultOf(process, plan)
  return {
    order,
    token: context.token(disk.form, [fault]),
    scenario: context.loaded.name,
    family: 'recovery',
    form: disk.form,
    point: disk.faults[0]?.point ?? 0,
    mode: plan.kind === 'fault' ? plan.plan.mode : plan.state.id.family,
    fault: `${disk.text}; then ${textOf(process, plan)}`,
    phase: `${disk.phase}: recovery, ${phaseOf(process, plan)}`,
  }
}

/** The phase of the recovering process that the last fault is in. */
function phaseOf({ segment, recorded, allocations, calls }: RecoveryProcess, plan: RunnablePlan): string {
  const points = plan.kind === 'fault' && plan.plan.fault.kind === 'allocation' ? allocations : calls
  const point = plan.kind === 'fault' ? points[plan.plan.at] : recorded.get(plan.point.call)?.point
  return segment.phases[point?.phase ?? 0]?.phase.kind ?? 'close'
}

/** The last fault of the plan: a point of the recovering process. */
export function faultOf({ recorded }: RecoveryProcess, plan: RunnablePlan): Fault {
  if (plan.kind === 'fault') return plan.plan.fault
  const { point, state } = plan
  return {
    kind: 'crash',
    ...whereOf(point.call, recorded.get(point.call)?.point ?? {}),
    when: point.when,
    state: state.id,
  }
}

function textOf({ recorded }: RecoveryProcess, plan: RunnablePlan): string {
  if (plan.kind === 'fault') return `${plan.plan.text}, point ${plan.plan.fault.point} of recovery`
  const call = recorded.get(plan.point.call)
  const what = call === undefined ? '' : callText(call.point.call)
  return `${plan.point.when} ${what} in recovery: ${plan.state.describe()}`
}

export function nestedRecord(
  { context, disk, digest }: RecoveryProcess,
  start: RunStart,
  outcome: NestedOutcome,
  durationMs: number,
): RunRecord {
  const { violation, site, place, phaseKind, retry, recoveryBytes } = outcome
  return {
    ...start,
    ...(violation === undefined ? {} : { phase: `${disk.phase}: recovery, ${outcome.phase}` }),
    ...(site === '' ? {} : { site: shownSite(site) }),
    outcome: violation === undefined ? outcome.outcome : 'violation',
    delivered: disk.delivered + outcome.delivered,
    ...(retry === undefined ? {} : { retry }),
    ...(violation === undefined
      ? {}
      : {
          oracle: violation.oracle,
          message: violation.message,
          fingerprint: fingerprintOf(
            violation.oracle,
            context.loaded.name,
            `recovery ${phaseKind}`,
            `${place} ${innermost(site)}`,
          ),
        }),
    traceHash: combinedDigest([disk.digest, digest, `${start.mode} ${start.fault}`, outcome.digest]),
    ...(recoveryBytes === undefined ? {} : { recoveryBytes }),
    durationMs,
  }
}
