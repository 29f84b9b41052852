// harness/run/replay.ts: one plan run again, with every event and its call site.
//
// 1. A replay starts from what the counting runs of the same subject give, never from what an earlier run left behind.
// 2. Its record is the campaign's, but for the order and the time.
// 3. A point that has moved is followed by its identity, and its record keeps the token that was given. One that is gone
//    is not reached: another point is never run in its place.

import { diskPicture, stateAt, type CrashState } from '../../faults/index.ts'
import { stateOptions, type CrashMomentPoint } from '../explore/index.ts'
import { ALLOCATION_MODES, familyOf, modeOf } from '../plan/index.ts'
import type {
  CampaignRequest,
  Fault,
  FaultPlan,
  PointFault,
  ReplayResult,
  RunRecord,
  RunStart,
  TraceLine,
} from '../plan/index.ts'
import type { Compared } from '../oracles/index.ts'
import { innermost } from './call-site.ts'
import type { RunContext } from './context.ts'
import { judgeCorruption } from './corruption-judge.ts'
import { crashCase } from './crash-run.ts'
import { combinedDigest } from './digest.ts'
import { DiskJudge } from './disk-judge.ts'
import { runFault } from './fault-run.ts'
import { locate, RECORDED_RUN, type IdentifiedUnit, type PointPlace } from './identity.ts'
import { replayNested } from './nested/index.ts'
import type { Prepared } from './prepare.ts'
import { crashRecord, crashStart, faultRecord, faultStart } from './record.ts'
import type { RecordedCall } from './recorder.ts'
import { judgeRecovery } from './recovery.ts'
import { phaseName, wholePhases } from './segment.ts'
import type { Phase } from './session.ts'
import { corruptionRecord, corruptionStart, looksOf } from './sweep-corruption.ts'
import { crashOptions } from './sweep-crashes.ts'
import { armedFor, plannedAs, PlanError } from './sweep-faults.ts'
import type { Trace } from './trace.ts'
import { pointsOf, type CorruptionUnit, type CrashUnit, type FaultUnit } from './unit.ts'

/** What has to be counted for a plan, and no more. */
export function requestOf(plan: FaultPlan): CampaignRequest {
  const [first] = plan.faults
  return {
    subject: plan.subject,
    families: first === undefined ? [] : [familyOf(plan) === 'recovery' ? first.kind : familyOf(plan)],
    modes: ALLOCATION_MODES,
    forms: [plan.form],
    statesPerIntervalMax: 0,
  }
}

/** Runs the plan; `prepared` is for `requestOf(plan)`. */
export async function replayPlan(prepared: Prepared, plan: FaultPlan, inspect: boolean): Promise<ReplayResult> {
  const fault = plan.faults[0]
  if (fault === undefined) return replayWhole(prepared)
  if (plan.faults.length === 1) {
    if (fault.kind === 'crash') return replayCrash(prepared, plan, fault)
    if (fault.kind === 'corruption') return replayCorruption(prepared, plan, fault)
    return replayFault(prepared, plan, fault, inspect)
  }
  if (familyOf(plan) === 'recovery') return replayNested(prepared, plan, inspect)
  throw new PlanError(`plans of the family '${familyOf(plan)}' cannot be replayed by this version`)
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
  return { ...NOTHING_MORE, record, trace: whole?.trace.lines() ?? [] }
}

const NOTHING_MORE = {
  faultEvent: undefined,
  stack: undefined,
  moved: undefined,
  compared: undefined,
  disk: undefined,
} as const

/** What a complaint compared, if it did. */
export function comparedIn(found: Partial<Compared> | undefined): Compared | undefined {
  if (found?.expected === undefined || found.found === undefined) return undefined
  return { expected: found.expected, found: found.found }
}

async function replayFault(
  prepared: Prepared,
  plan: FaultPlan,
  fault: PointFault,
  inspect: boolean,
): Promise<ReplayResult> {
  const { context } = prepared
  const units = prepared.units.filter(
    (unit): unit is FaultUnit => unit.kind === 'fault' && unit.family === fault.kind && unit.summary.form === plan.form,
  )
  const places = units.map((unit): IdentifiedUnit => ({
    label: unit.segment.label,
    firstPoint: unit.firstPoint,
    points: pointsOf(unit.points, unit.family),
  }))
  const { place, there } = locate(places, fault)
  const textAt = ({ unit, at }: PointPlace): string => faultPointText(context, units[unit], at)
  const nowThere = there && textAt(there)
  const unit = place && units[place.unit]
  if (place === undefined || unit === undefined) return notReached(prepared, plan, fault, goneText(fault, nowThere))
  const moved = isSame(place, there)
    ? undefined
    : movedText(fault, nowThere, `point ${unit.firstPoint + place.at}, ${textAt(place)}`)
  const planned = plannedAs(prepared, unit, place.at, fault)
  const start = faultStart(context, unit, planned, 0)
  const traces: Trace[] = []
  const keep = (trace: Trace): void => void traces.push(trace)
  const startMs = context.nowMs()
  const judge = new DiskJudge(context, keep)
  // The fault as it was given: what it draws at random goes by its number then.
  const armed = armedFor(context, unit, { ...planned, fault })
  const outcome = await runFault(context, unit.segment, armed, judge, { inspect, keep })
  return {
    record: faultRecord(context, given(prepared, plan, start, moved), outcome, context.nowMs() - startMs),
    trace: linesOf(traces),
    faultEvent: outcome.delivery?.event,
    stack: outcome.delivery?.stack,
    moved,
    compared: comparedIn(outcome.violation),
    disk: outcome.delivery?.disk && diskPicture(outcome.delivery.disk, undefined, context.subject.sectorBytes),
  }
}

/** A crash of the recorded run, found in what is counted now. */
export type FoundCrash = Readonly<{
  unit: CrashUnit
  recorded: RecordedCall
  point: CrashMomentPoint
  state: CrashState
  moved: string | undefined
}>

/** Finds a crash of the recorded run; a sentence where it is gone. `prepared` has the family `crash`. */
export function findCrash(prepared: Prepared, fault: Extract<Fault, { kind: 'crash' }>): FoundCrash | string {
  const { context } = prepared
  const units = prepared.units.filter((unit): unit is CrashUnit => unit.kind === 'crash')
  // One recorded run: every call is a place of its own, because a sync that shares its time with other calls ends after
  // calls with higher numbers.
  const calls = units.flatMap((unit) => unit.calls.map((recorded) => ({ unit, recorded })))
  const places = calls.map(({ recorded: { point } }): IdentifiedUnit => ({
    label: RECORDED_RUN,
    firstPoint: point.call.index,
    points: [point],
  }))
  const { place, there } = locate(places, fault)
  const textAt = ({ unit }: PointPlace): string => crashPointText(context, calls[unit]?.recorded)
  const nowThere = there && textAt(there)
  const { unit, recorded } = (place && calls[place.unit]) ?? { unit: undefined, recorded: undefined }
  const call = recorded?.point.call.index
  const point = unit?.points.find((candidate) => candidate.call === call && candidate.when === fault.when)
  if (place === undefined || unit === undefined || recorded === undefined || point === undefined)
    return goneText(fault, nowThere)
  const moved = isSame(place, there) ? undefined : movedText(fault, nowThere, `point ${point.call}, ${textAt(place)}`)
  const options = crashOptions(context, undefined)
  try {
    const state = stateAt(point.image, context.model, fault.state, stateOptions(point, options))
    return { unit, recorded, point, state, moved }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const { family, index } = fault.state
    return `the disk has no state '${family}' ${index} at point ${point.call} any more`
  }
}

/** The recorded run's events up to and with a call. */
export function linesBefore({ whole }: Prepared, { digest }: RecordedCall): readonly TraceLine[] {
  if (whole === undefined) return []
  const before = whole.trace.events.findIndex((event) => event.digest === digest) + 1
  return whole.trace.lines().slice(0, before)
}

async function replayCrash(
  prepared: Prepared,
  plan: FaultPlan,
  fault: Extract<Fault, { kind: 'crash' }>,
): Promise<ReplayResult> {
  const { context } = prepared
  const found = findCrash(prepared, fault)
  if (typeof found === 'string') return notReached(prepared, plan, fault, found)
  const { unit, recorded, point, state, moved } = found
  const start = crashStart(context, unit, { kind: 'state', point, state }, recorded, 0)
  const traces: Trace[] = []
  const startMs = context.nowMs()
  const recoveryCase = crashCase(context, state, recorded.progress).given
  const verdict = await judgeRecovery(context, recoveryCase, (trace) => void traces.push(trace))
  const before = linesBefore(prepared, recorded)
  return {
    record: crashRecord(context, given(prepared, plan, start, moved), recorded, verdict, context.nowMs() - startMs),
    trace: [...before, ...linesOf(traces, before.length)],
    faultEvent: Math.max(0, before.length - 1),
    stack: undefined,
    moved,
    compared: comparedIn(verdict.violation),
    disk: diskPicture(point.image, recoveryCase.image, context.subject.sectorBytes),
  }
}

async function replayCorruption(
  prepared: Prepared,
  plan: FaultPlan,
  fault: Extract<Fault, { kind: 'corruption' }>,
): Promise<ReplayResult> {
  const { context } = prepared
  const { family, index } = fault.damage
  const unit = prepared.units.find(
    (candidate): candidate is CorruptionUnit =>
      candidate.kind === 'corruption' && candidate.ground.point === fault.point && candidate.damage === family,
  )
  let damage
  try {
    damage = unit?.ground.space.at(family, index)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  if (unit === undefined || damage === undefined)
    return notReached(prepared, plan, fault, `image ${fault.point} has no damage '${family}' ${index} any more`)
  const traces: Trace[] = []
  const startMs = context.nowMs()
  const clean = await looksOf(context, unit.ground)
  const verdict = await judgeCorruption(context, unit.ground, clean, damage, (trace) => void traces.push(trace))
  const start = corruptionStart(context, unit, damage, 0)
  return {
    record: corruptionRecord(context, start, verdict, context.nowMs() - startMs),
    trace: linesOf(traces),
    faultEvent: undefined,
    stack: undefined,
    moved: undefined,
    compared: comparedIn(verdict.violation),
    disk: diskPicture(unit.ground.image, damage.image, context.subject.sectorBytes),
  }
}

export function notReached(prepared: Prepared, plan: FaultPlan, fault: Fault, message: string): ReplayResult {
  const { context } = prepared
  const record: RunRecord = {
    order: 0,
    token: context.token(plan.form, plan.faults),
    scenario: context.loaded.name,
    family: familyOf(plan),
    form: plan.form,
    point: fault.point,
    mode: modeOf(fault),
    fault: `point ${fault.point}`,
    phase: 'open',
    outcome: 'not-reached',
    delivered: 0,
    message,
    traceHash: combinedDigest([]),
    durationMs: 0,
  }
  return { ...NOTHING_MORE, record, trace: [] }
}

/** A moved point is replayed by the token that was given, also the next time. */
export function given({ context }: Prepared, plan: FaultPlan, start: RunStart, moved: string | undefined): RunStart {
  return moved === undefined ? start : { ...start, token: context.token(plan.form, plan.faults) }
}

export function isSame(left: PointPlace, right: PointPlace | undefined): boolean {
  return left.unit === right?.unit && left.at === right.at
}

/** `nowThere`: what has the fault's number now, if anything has. */
export function movedText({ point }: Fault, nowThere: string | undefined, now: string): string {
  const there = nowThere === undefined ? `There is no point ${point} any more` : `Point ${point} is ${nowThere} now`
  return `${there}; the recorded one is ${now}.`
}

export function goneText({ point }: Fault, nowThere: string | undefined): string {
  const gone = 'the counting runs have no such point any more'
  return nowThere === undefined ? gone : `${gone}: point ${point} is ${nowThere} now`
}

function faultPointText(context: RunContext, unit: FaultUnit | undefined, at: number): string {
  if (unit === undefined) return 'nothing'
  const point = pointsOf(unit.points, unit.family)[at]
  if (point === undefined) return 'nothing'
  const { label, phases } = unit.segment
  const { what, site } = pointWords(unit, at)
  return `${pointText(context, what, site, phases[point.phase]?.phase)} (unit '${label}')`
}

function crashPointText(context: RunContext, recorded: RecordedCall | undefined): string {
  if (recorded === undefined) return 'nothing'
  const { call, site, phase } = recorded.point
  return pointText(context, call.kind, site, wholePhases(context.loaded)[phase])
}

function pointText({ loaded }: RunContext, what: string, site: string, phase: Phase | undefined): string {
  const by = site === '' ? '' : ` by ${innermost(site)}`
  return `${what}${by} in '${phase === undefined ? 'open' : phaseName(loaded, phase)}'`
}

function pointWords({ family, points }: FaultUnit, at: number): Readonly<{ what: string; site: string }> {
  switch (family) {
    case 'allocation':
      return { what: `allocation '${points.allocations[at]?.tag ?? ''}'`, site: points.allocations[at]?.site ?? '' }
    case 'io':
      return { what: points.calls[at]?.call.kind ?? 'call', site: points.calls[at]?.site ?? '' }
    case 'schedule':
      return { what: 'choice', site: '' }
    case 'clock':
      return { what: 'reading of the clock', site: points.readings[at]?.site ?? '' }
    default:
      return family satisfies never
  }
}

export function linesOf(traces: readonly Trace[], after = 0): readonly TraceLine[] {
  let index = after
  return traces.flatMap((trace, number) =>
    trace.lines().map((line) => {
      index += 1
      return number === 0 && after === 0 ? line : { ...line, index, phase: `recovery: ${line.phase}` }
    }),
  )
}
