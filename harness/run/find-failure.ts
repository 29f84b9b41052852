// harness/run/find-failure.ts: looks in a subject for a run that fails in a given way: what minimising asks of each
// smaller subject that it tries.
//
// 1. Only a violation with the wanted fingerprint counts: a smaller case of one defect is never one of another.
// 2. Points have other numbers in another subject. The plan's own point is tried first, by its identity, then the others
//    at the same call site, in the order of the run. No other point can have the fingerprint.
// 3. What is found is sound without the fault: its subject, read back at every border, holds what its model says.
// 4. Damage, and faults in a recovery, have searches of their own (`find-damage.ts`, `nested/find-nested.ts`). What is left
//    (no fault at all, chains of more than two) is run as it is, by replay.

import { whereOf, type PlannedFault } from '../explore/index.ts'
import { fingerprintOf, plainEqual } from '../oracles/index.ts'
import {
  familyOf,
  modeOf,
  type AllocationMode,
  type FailureFound,
  type FailureSearch,
  type Fault,
  type FaultPlan,
  type PointFault,
  type ReplayResult,
} from '../plan/index.ts'
import { innermost } from './call-site.ts'
import type { RunContext } from './context.ts'
import { validate } from './counting.ts'
import { crashCase } from './crash-run.ts'
import { ownCall, statesAlike, statesBefore, type CrashFault } from './crash-tries.ts'
import { DiskJudge } from './disk-judge.ts'
import { isWanted, requestFor, type Found, type Tried } from './failure-search.ts'
import { runFault } from './fault-run.ts'
import { lookAmongDamages } from './find-damage.ts'
import { locate } from './identity.ts'
import { isRecoveryPlan, lookAmongRecoveries } from './nested/index.ts'
import { identifiedRun } from './make-units.ts'
import { prepareSearch, type Prepared } from './prepare.ts'
import { crashRecord, crashStart, faultRecord, faultStart } from './record.ts'
import { judgeRecovery } from './recovery.ts'
import { wholePhases } from './segment.ts'
import type { Phase } from './session.ts'
import { armedFor, faultPlans, plannedAs } from './sweep-faults.ts'
import { POINT_FAMILIES, pointsOf, type FaultUnit } from './unit.ts'

const PHASE_KINDS: readonly Phase['kind'][] = ['open', 'step', 'close']

/** `replay` runs a whole plan of the same subject. */
export async function findFailure(
  context: RunContext,
  search: FailureSearch,
  replay: (plan: FaultPlan) => Promise<ReplayResult>,
): Promise<FailureFound> {
  const stepNames = context.loaded.steps.map(({ name }) => name)
  const tried: Tried = { runs: 0 }
  const found = await look(context, search, replay, tried)
  const sound = found !== undefined && (await validate(context)) === undefined
  return { found: sound ? found : undefined, stepNames, runs: tried.runs }
}

async function look(
  context: RunContext,
  search: FailureSearch,
  replay: (plan: FaultPlan) => Promise<ReplayResult>,
  tried: Tried,
): Promise<Found | undefined> {
  const { plan } = search
  const [fault] = plan.faults
  if (plan.faults.length === 1 && fault?.kind === 'crash') return lookAmongCrashes(context, search, fault, tried)
  if (plan.faults.length === 1 && fault !== undefined && isPointFault(fault)) {
    const prepared = await prepareSearch(context, requestFor(plan, [fault.kind]))
    return prepared && lookAmongFaults(prepared, search, fault, tried)
  }
  if (plan.faults.length === 1 && fault?.kind === 'corruption') return lookAmongDamages(context, search, fault, tried)
  if (isRecoveryPlan(plan)) return lookAmongRecoveries(context, search, plan, tried)
  if (search.among === 'simpler') return undefined
  tried.runs += 1
  if (fault === undefined) {
    const prepared = await prepareSearch(context, requestFor(plan, []))
    const finding = prepared?.preparation.findings.find(({ fingerprint }) => fingerprint === search.fingerprint)
    if (prepared === undefined || finding === undefined) return undefined
    const { record } = await replay(plan)
    const { oracle, message, fingerprint, step } = finding
    return { plan, record: { ...record, oracle, message, fingerprint, phase: step ?? record.phase } }
  }
  const { record } = await replay(plan)
  return isWanted(search, record) ? { plan, record } : undefined
}

function isPointFault(fault: Fault): fault is PointFault {
  return POINT_FAMILIES.some((family) => family === fault.kind)
}

// Crashes.

async function lookAmongCrashes(
  context: RunContext,
  search: FailureSearch,
  fault: CrashFault,
  tried: Tried,
): Promise<Found | undefined> {
  const prepared = await prepareSearch(context, { ...requestFor(search.plan, []), forms: [] })
  const whole = prepared?.whole
  if (whole === undefined) return undefined
  const calls = identifiedRun(context, whole.crash.calls)
  const imageAt = (call: number, when: CrashFault['when']) => whole.crash.images.at(call, when).image
  const own = ownCall(calls, fault)
  const kinds = wholePhases(context.loaded).map(({ kind }) => kind)
  const same = calls.filter(({ point: { call, site, phase } }) => {
    const place = `${call.kind} ${innermost(site)}`
    return fingerprintOf(search.oracle, context.loaded.name, kinds[phase] ?? 'open', place) === search.fingerprint
  })
  const tries =
    search.among === 'alike'
      ? statesAlike(
          context,
          [...same.filter((call) => call === own), ...same.filter((call) => call !== own)],
          fault,
          imageAt,
        )
      : statesBefore(context, same, fault, imageAt)
  const seen = new Set<string>()
  for (const { recorded, point, state } of tries) {
    const { key, given } = crashCase(context, state, recorded.progress)
    if (seen.has(key)) continue
    if (tried.runs >= search.runsMax) return undefined
    seen.add(key)
    tried.runs += 1
    const verdict = await judgeRecovery(context, given)
    if (verdict.violation === undefined) continue
    const { form } = search.plan
    const start = crashStart(context, { summary: { form } }, { kind: 'state', point, state }, recorded, 0)
    const record = crashRecord(context, start, recorded, verdict, 0)
    if (!isWanted(search, record)) continue
    const found: CrashFault = {
      kind: 'crash',
      ...whereOf(point.call, recorded.point),
      when: point.when,
      state: state.id,
    }
    return { plan: { ...search.plan, faults: [found] }, record }
  }
  return undefined
}

// Allocations and calls.

type FaultTry = Readonly<{ unit: FaultUnit; planned: PlannedFault }>

async function lookAmongFaults(
  prepared: Prepared,
  search: FailureSearch,
  fault: PointFault,
  tried: Tried,
): Promise<Found | undefined> {
  const { context } = prepared
  const units = prepared.units.filter(
    (unit): unit is FaultUnit => unit.kind === 'fault' && unit.family === familyOf(search.plan),
  )
  const tries =
    search.among === 'alike'
      ? faultsAlike(prepared, units, search, fault)
      : faultsBefore(prepared, units, search, fault)
  const judge = new DiskJudge(context)
  for (const { unit, planned } of tries) {
    if (tried.runs >= search.runsMax) return undefined
    tried.runs += 1
    const outcome = await runFault(context, unit.segment, armedFor(context, unit, planned), judge)
    const record = faultRecord(context, faultStart(context, unit, planned, 0), outcome, 0)
    if (isWanted(search, record)) return { plan: { ...search.plan, faults: [planned.fault] }, record }
  }
  return undefined
}

/** The fault at its own point, then at the others of its call site. */
function* faultsAlike(
  prepared: Prepared,
  units: readonly FaultUnit[],
  search: FailureSearch,
  fault: PointFault,
): Generator<FaultTry, void> {
  const places = units.map((unit) => ({
    label: unit.segment.label,
    firstPoint: unit.firstPoint,
    points: pointsOf(unit.points, unit.family),
  }))
  const { place } = locate(places, fault)
  const own = place && units[place.unit]
  if (place !== undefined && own !== undefined) yield { unit: own, planned: plannedAs(prepared, own, place.at, fault) }
  for (const unit of units)
    for (const at of pointsAlike(prepared.context, unit, search, modeOf(fault)))
      if (unit !== own || at !== place?.at) yield { unit, planned: plannedAs(prepared, unit, at, fault) }
}

/** `once` before `from`; points in their order; the explorer's faults in theirs. */
function* faultsBefore(
  prepared: Prepared,
  units: readonly FaultUnit[],
  search: FailureSearch,
  fault: PointFault,
): Generator<FaultTry, void> {
  const modes: readonly AllocationMode[] = 'mode' in fault ? ['once', 'from'] : ['once']
  for (const mode of modes) {
    for (const unit of units) {
      const wanted = new Set(pointsAlike(prepared.context, unit, search, mode).map((at) => unit.firstPoint + at))
      const request = { ...prepared.request, modes: [mode] }
      for (const planned of faultPlans({ ...prepared, request }, unit)) {
        if (plainEqual(planned.fault, fault)) return
        if (wanted.has(planned.fault.point)) yield { unit, planned }
      }
    }
    if (mode === modeOf(fault)) return
  }
}

/** Positions of points whose failure can have the fingerprint; all, where the fault may strike elsewhere first. */
function pointsAlike(
  { loaded }: RunContext,
  unit: FaultUnit,
  { oracle, fingerprint }: FailureSearch,
  mode: string,
): readonly number[] {
  const { allocations, calls } = unit.points
  if ((mode !== 'once' && mode !== 'from') || (unit.family !== 'allocation' && unit.family !== 'io'))
    return pointsOf(unit.points, unit.family).map((_, at) => at)
  const points: readonly Readonly<{ site: string; what: string }>[] =
    unit.family === 'allocation'
      ? allocations.map(({ site, tag }) => ({ site, what: tag }))
      : calls.map(({ site, call }) => ({ site, what: call.kind }))
  const known = new Map<string, boolean>()
  const isAlike = (place: string): boolean => {
    const told = known.get(place)
    if (told !== undefined) return told
    const alike = PHASE_KINDS.some((kind) => fingerprintOf(oracle, loaded.name, kind, place) === fingerprint)
    known.set(place, alike)
    return alike
  }
  return points.flatMap(({ site, what }, at) => (isAlike(`${what} ${innermost(site)}`) ? [at] : []))
}
