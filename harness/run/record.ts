// harness/run/record.ts: what a run leaves behind, from what it was and what became of it.
//
// 1. A record's trace hash holds everything that the run and the processes that recovered after it did; for a crash, also
//    the state's name. Tokens are not in it: they have identities, which are made of call sites.

import { fingerprintOf, type Violation } from '../oracles/index.ts'
import { whereOf, type CrashPlan, type PlannedFault } from '../explore/index.ts'
import type { RunRecord, RunStart } from '../plan/index.ts'
import { innermost, shownSite } from './call-site.ts'
import type { RunContext } from './context.ts'
import { combinedDigest } from './digest.ts'
import type { FaultOutcome } from './fault-run.ts'
import type { RecoveryVerdict } from './recovery.ts'
import type { RecordedCall } from './recorder.ts'
import { phaseName, wholePhases } from './segment.ts'
import { callText } from './trace.ts'
import { pointsOf, type CrashUnit, type FaultUnit } from './unit.ts'

export function faultStart(context: RunContext, unit: FaultUnit, plan: PlannedFault, order: number): RunStart {
  const { family, form } = unit.summary
  const point = pointsOf(unit.points, unit.family)[plan.at]
  const phase = unit.segment.phases[point?.phase ?? 0]?.phase ?? { kind: 'open' }
  return {
    order,
    token: context.token(form, [plan.fault]),
    scenario: context.loaded.name,
    family,
    form,
    ...whereOf(plan.fault.point, plan.fault),
    mode: plan.mode,
    fault: plan.text,
    phase: phaseName(context.loaded, phase),
  }
}

export function crashStart(
  context: RunContext,
  unit: Readonly<{ summary: Pick<CrashUnit['summary'], 'form'> }>,
  { point, state }: Extract<CrashPlan, { kind: 'state' }>,
  recorded: RecordedCall,
  order: number,
): RunStart {
  const { form } = unit.summary
  const { call, when } = point
  const phase = wholePhases(context.loaded)[recorded.point.phase]
  return {
    order,
    token: context.token(form, [{ kind: 'crash', ...whereOf(call, recorded.point), when, state: state.id }]),
    scenario: context.loaded.name,
    family: 'crash',
    form,
    ...whereOf(call, recorded.point),
    mode: state.id.family,
    fault: `${when} ${callText(recorded.point.call)}: ${state.describe()}`,
    phase: phase === undefined ? 'open' : phaseName(context.loaded, phase),
  }
}

export function crashRecord(
  context: RunContext,
  start: RunStart,
  recorded: RecordedCall,
  verdict: RecoveryVerdict,
  durationMs: number,
): RunRecord {
  const { site, call } = recorded.point
  const kind = wholePhases(context.loaded)[recorded.point.phase]?.kind ?? 'open'
  const found = verdict.violation
  return {
    ...start,
    ...(site === '' ? {} : { site: shownSite(site) }),
    outcome: found === undefined ? 'passed' : 'violation',
    delivered: 1,
    ...complaint(context, found, kind, `${call.kind} ${innermost(site)}`),
    traceHash: combinedDigest([recorded.digest, `${start.mode} ${start.point} ${start.fault}`, verdict.digest]),
    recoveryBytes: verdict.recoveryBytes,
    recoveryMs: Math.round(verdict.recoveryMs * 1000) / 1000,
    databaseBytes: verdict.diskBytes,
    ...lostSteps(context, recorded, verdict),
    durationMs,
  }
}

/** Steps that the recovered store does not hold; unknown where the scenario itself says what it accepts. */
function lostSteps(
  { loaded }: RunContext,
  { progress }: RecordedCall,
  { held }: RecoveryVerdict,
): Pick<RunRecord, 'acknowledgedLost' | 'unacknowledgedLost'> {
  if (held === undefined || loaded.scenario.accepts !== undefined) return {}
  const { started, acknowledged } = progress
  return {
    acknowledgedLost: Math.max(0, acknowledged - held.steps),
    unacknowledgedLost: started - Math.max(acknowledged, held.steps),
  }
}

export function faultRecord(
  context: RunContext,
  start: RunStart,
  outcome: FaultOutcome,
  durationMs: number,
): RunRecord {
  const { delivery, retry, recoveryBytes } = outcome
  const site = delivery?.site ?? ''
  const place = delivery?.allocation?.tag ?? delivery?.call?.kind ?? ''
  return {
    ...start,
    phase: outcome.violation === undefined ? start.phase : outcome.phase,
    ...(site === '' ? {} : { site: shownSite(site) }),
    outcome: outcome.outcome,
    delivered: outcome.delivered,
    ...(retry === undefined ? {} : { retry }),
    ...complaint(context, outcome.violation, outcome.phaseKind, `${place} ${innermost(site)}`),
    traceHash: combinedDigest([outcome.digest]),
    ...(recoveryBytes === undefined ? {} : { recoveryBytes }),
    durationMs,
  }
}

function complaint(
  context: RunContext,
  found: Violation | undefined,
  phaseKind: string,
  place: string,
): Pick<RunRecord, 'oracle' | 'message' | 'fingerprint'> {
  if (found === undefined) return {}
  const { oracle, message } = found
  return { oracle, message, fingerprint: fingerprintOf(oracle, context.loaded.name, phaseKind, place) }
}
