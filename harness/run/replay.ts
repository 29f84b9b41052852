// harness/run/replay.ts: one plan run again, with every event and its call site.
//
// 1. A replay starts from what the counting runs of the same subject give, never from what an earlier run left behind.
// 2. Its record is the campaign's, but for the order and the time.

import { stateAt } from '../../faults/index.ts'
import { stateOptions } from '../explore/index.ts'
import { ALLOCATION_MODES, FAULT_FAMILIES } from '../plan/index.ts'
import type { CampaignRequest, Fault, FaultPlan, ReplayResult, RunRecord, TraceLine } from '../plan/index.ts'
import { crashCase } from './crash-run.ts'
import { combinedDigest } from './digest.ts'
import { DiskJudge } from './disk-judge.ts'
import { runFault } from './fault-run.ts'
import type { Prepared } from './prepare.ts'
import { crashRecord, crashStart, faultRecord, faultStart } from './record.ts'
import { judgeRecovery } from './recovery.ts'
import { crashOptions } from './sweep-crashes.ts'
import { armedFor, plannedAs } from './sweep-faults.ts'
import type { Trace } from './trace.ts'
import type { CrashUnit, FaultUnit } from './unit.ts'

/** What has to be counted for a plan, and no more. */
export function requestOf(plan: FaultPlan): CampaignRequest {
  return {
    subject: plan.subject,
    families: FAULT_FAMILIES.filter((family) => plan.faults.some(({ kind }) => kind === family)),
    modes: ALLOCATION_MODES,
    forms: [plan.form],
    statesPerIntervalMax: 0,
  }
}

/** Runs the plan; `prepared` is for `requestOf(plan)`. */
export async function replayPlan(prepared: Prepared, plan: FaultPlan, inspect: boolean): Promise<ReplayResult> {
  const fault = plan.faults[0]
  if (fault === undefined) return replayWhole(prepared)
  return fault.kind === 'crash' ? replayCrash(prepared, fault) : replayFault(prepared, plan, fault, inspect)
}

/** The whole run without a fault, and what was found in it. */
async function replayWhole(prepared: Prepared): Promise<ReplayResult> {
  const { context, preparation, whole } = prepared
  const finding = preparation.findings[0]
  const record: RunRecord = {
    order: 0,
    token: context.token('linear', []),
    scenario: context.loaded.name,
    family: 'crash',
    form: 'linear',
    point: 0,
    mode: 'none',
    fault: 'none',
    phase: finding?.step ?? 'close',
    outcome:
      finding === undefined ? 'passed' : finding.oracle === 'scenario-failure' ? 'scenario-failure' : 'violation',
    delivered: 0,
    ...(finding === undefined
      ? {}
      : { oracle: finding.oracle, message: finding.message, fingerprint: finding.fingerprint }),
    traceHash: preparation.traceHash,
    durationMs: 0,
  }
  return { record, trace: whole?.trace.lines() ?? [], faultEvent: undefined, stack: undefined, moved: undefined }
}

async function replayFault(
  prepared: Prepared,
  plan: FaultPlan,
  fault: Exclude<Fault, { kind: 'crash' }>,
  inspect: boolean,
): Promise<ReplayResult> {
  const { context, units } = prepared
  const family = fault.kind === 'allocation' ? 'allocation' : 'io'
  const unit = units.find(
    (candidate): candidate is FaultUnit =>
      candidate.kind === 'fault' &&
      candidate.family === family &&
      candidate.summary.form === plan.form &&
      fault.point >= candidate.firstPoint &&
      fault.point < candidate.firstPoint + pointsOf(candidate).length,
  )
  if (unit === undefined) return notReached(prepared, plan, fault)
  const planned = plannedAs(prepared, unit, fault)
  const start = faultStart(context, unit, planned, 0)
  const traces: Trace[] = []
  const keep = (trace: Trace): void => void traces.push(trace)
  const startMs = context.nowMs()
  const judge = new DiskJudge(context, keep)
  const outcome = await runFault(context, unit.segment, armedFor(context, unit, planned), judge, { inspect, keep })
  return {
    record: faultRecord(context, start, outcome, context.nowMs() - startMs),
    trace: linesOf(traces),
    faultEvent: outcome.delivery?.event,
    stack: outcome.delivery?.stack,
    moved: undefined,
  }
}

async function replayCrash(prepared: Prepared, fault: Extract<Fault, { kind: 'crash' }>): Promise<ReplayResult> {
  const { context, units, whole } = prepared
  const unit = units.find(
    (candidate): candidate is CrashUnit =>
      candidate.kind === 'crash' && candidate.calls.some(({ point }) => point.call.index === fault.point),
  )
  const recorded = unit?.calls.find(({ point }) => point.call.index === fault.point)
  const point = unit?.points.find(({ call, when }) => call === fault.point && when === fault.when)
  const form = unit?.summary.form ?? 'linear'
  const plan = { subject: context.subject, form, faults: [fault] }
  if (unit === undefined || recorded === undefined || point === undefined || whole === undefined)
    return notReached(prepared, plan, fault)
  const options = crashOptions(context, undefined)
  let state
  try {
    state = stateAt(point.image, context.model, fault.state, stateOptions(point, options))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return notReached(prepared, plan, fault)
  }
  const start = crashStart(context, unit, { kind: 'state', point, state }, recorded, 0)
  const traces: Trace[] = []
  const startMs = context.nowMs()
  const { given } = crashCase(context, state, recorded.progress)
  const verdict = await judgeRecovery(context, given, (trace) => void traces.push(trace))
  const before = whole.trace.events.findIndex(({ digest }) => digest === recorded.digest) + 1
  return {
    record: crashRecord(context, start, recorded, verdict, context.nowMs() - startMs),
    trace: [...whole.trace.lines().slice(0, before), ...linesOf(traces, before)],
    faultEvent: Math.max(0, before - 1),
    stack: undefined,
    moved: undefined,
  }
}

function notReached(prepared: Prepared, plan: FaultPlan, fault: Fault): ReplayResult {
  const { context } = prepared
  const record: RunRecord = {
    order: 0,
    token: context.token(plan.form, [fault]),
    scenario: context.loaded.name,
    family: fault.kind,
    form: plan.form,
    point: fault.point,
    mode: fault.kind === 'crash' ? fault.state.family : fault.mode,
    fault: `point ${fault.point}`,
    phase: 'open',
    outcome: 'not-reached',
    delivered: 0,
    message: `the counting runs have no such point any more`,
    traceHash: combinedDigest([]),
    durationMs: 0,
  }
  return { record, trace: [], faultEvent: undefined, stack: undefined, moved: undefined }
}

function pointsOf(unit: FaultUnit): readonly unknown[] {
  return unit.family === 'allocation' ? unit.allocations : unit.calls
}

function linesOf(traces: readonly Trace[], after = 0): readonly TraceLine[] {
  let index = after
  return traces.flatMap((trace, number) =>
    trace.lines().map((line) => {
      index += 1
      return number === 0 && after === 0 ? line : { ...line, index, phase: `recovery: ${line.phase}` }
    }),
  )
}
