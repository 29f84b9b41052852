// harness/run/core.ts: the core of a campaign: prepares it, runs its units, replays its plans.
//
// 1. What was prepared is kept by request, so that a worker prepares once.
// 2. Records come in plan order. A plan that is skipped by the caller still counts for what later plans merge with.
// 3. Three numbers from three places: planned from the explorers, run from the records made, delivered from the injectors.

import type { Scenario } from '../../scenarios/index.ts'
import { stateAt } from '../../faults/index.ts'
import {
  allocationPlans,
  crashPlans,
  ioPlans,
  PROBABILITIES,
  stateOptions,
  type CrashPlan,
  type PlannedFault,
} from '../explore/index.ts'
import { fingerprintOf, violation, type Violation } from '../oracles/index.ts'
import { ALLOCATION_MODES, FAULT_FAMILIES } from '../plan/index.ts'
import type {
  CampaignCore,
  CampaignRequest,
  Fault,
  FaultPlan,
  ReplayResult,
  RunRecord,
  RunStart,
  ScenarioDescription,
  TraceLine,
  UnitOptions,
  UnitResult,
} from '../plan/index.ts'
import type { Parameters } from '../../scenarios/index.ts'
import { armAllocation, armIo, type Armed } from './arm.ts'
import { innermost, shownSite } from './call-site.ts'
import { RunContext } from './context.ts'
import { crashCase, PointTwins } from './crash-run.ts'
import { combinedDigest } from './digest.ts'
import { DiskJudge } from './disk-judge.ts'
import { runFault, type FaultOutcome } from './fault-run.ts'
import { LoadedScenario } from './loaded-scenario.ts'
import { prepareCampaign, type Prepared } from './prepare.ts'
import { judgeRecovery, type RecoveryVerdict } from './recovery.ts'
import type { RecordedCall } from './recorder.ts'
import { REAL_SEAMS, type CoreSeams } from './seams.ts'
import { phaseName, wholePhases } from './segment.ts'
import { callText, type Trace } from './trace.ts'
import type { CrashUnit, FaultUnit } from './unit.ts'

export type CampaignCoreOptions = Readonly<{
  /** Loads a scenario by the name or path that a subject has. */
  loadScenario: (name: string) => Promise<Scenario>
  /** For durations in records. Default: none are measured. */
  nowMs?: () => number
  /** Parts to replace, where the harness itself is tested. */
  seams?: Partial<CoreSeams>
}>

/** A plan that this scenario has no point for. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

const PREPARED_MAX = 4
/** One run in so many is made twice, and must have the same trace. */
const TWICE_EVERY = 64

export function createCampaignCore(options: CampaignCoreOptions): CampaignCore {
  return new Core(options)
}

type Emit = (record: RunRecord) => void | Promise<void>
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Tally = Mutable<Omit<UnitResult, 'unit' | 'planned'>>

class Core implements CampaignCore {
  private readonly options: CampaignCoreOptions
  private readonly seams: CoreSeams
  private readonly nowMs: () => number
  private readonly prepared = new Map<string, Promise<Prepared>>()

  constructor(options: CampaignCoreOptions) {
    this.options = options
    this.seams = { ...REAL_SEAMS, ...options.seams }
    this.nowMs = options.nowMs ?? (() => 0)
  }

  async describe(scenario: string, parameters: Parameters): Promise<ScenarioDescription> {
    return new LoadedScenario(await this.options.loadScenario(scenario), parameters).describe()
  }

  async prepare(request: CampaignRequest) {
    return (await this.preparedFor(request)).preparation
  }

  async runUnit(request: CampaignRequest, index: number, emit: Emit, options: UnitOptions = {}): Promise<UnitResult> {
    const prepared = await this.preparedFor(request)
    const unit = prepared.units[index]
    if (unit === undefined) throw new PlanError(`there is no unit ${index}: there are ${prepared.units.length}`)
    const tally: Tally = { run: 0, merged: 0, skipped: 0, delivered: 0, recoveryMs: 0, checkMs: 0 }
    if (unit.kind === 'fault') await this.runFaults(prepared, unit, emit, options, tally)
    else await this.runCrashes(prepared, unit, emit, options, tally)
    return { unit: index, planned: unit.summary.planned, ...tally }
  }

  async replay(plan: FaultPlan, options: Readonly<{ inspect?: boolean }> = {}): Promise<ReplayResult> {
    const prepared = await this.preparedFor(requestOf(plan))
    const fault = plan.faults[0]
    if (fault === undefined) return this.replayWhole(prepared)
    return fault.kind === 'crash'
      ? this.replayCrash(prepared, fault)
      : this.replayFault(prepared, plan, fault, options.inspect ?? false)
  }

  private preparedFor(request: CampaignRequest): Promise<Prepared> {
    const key = JSON.stringify(request)
    const known = this.prepared.get(key)
    if (known !== undefined) return known
    const made = this.prepareNew(request)
    if (this.prepared.size >= PREPARED_MAX) this.prepared.clear()
    this.prepared.set(key, made)
    return made
  }

  private async prepareNew(request: CampaignRequest): Promise<Prepared> {
    const { scenario, parameters } = request.subject
    const loaded = new LoadedScenario(await this.options.loadScenario(scenario), parameters)
    const subject = { ...request.subject, parameters: loaded.parameters }
    return prepareCampaign(new RunContext(loaded, subject, this.seams, this.nowMs), request)
  }

  private async runFaults(
    prepared: Prepared,
    unit: FaultUnit,
    emit: Emit,
    options: UnitOptions,
    tally: Tally,
  ): Promise<void> {
    const { context } = prepared
    const judge = new DiskJudge(context)
    const seen = new Set<string>()
    let order = unit.summary.firstOrder - 1
    for (const plan of this.seams.sweep(faultPlans(prepared, unit))) {
      order += 1
      if (options.stop?.() === true) break
      if (plan.sameAs !== undefined) {
        if (seen.has(plan.sameAs)) {
          tally.merged += 1
          continue
        }
        seen.add(plan.sameAs)
      }
      if (options.skip?.(order) === true) continue
      const start = this.faultStart(context, unit, plan, order)
      options.begin?.(start)
      const startMs = this.nowMs()
      const first = await runFault(context, unit.segment, armedFor(context, unit, plan), judge)
      const outcome = order % TWICE_EVERY === 0 ? await this.sameAgain(context, unit, plan, first) : first
      tally.run += 1
      tally.delivered += outcome.delivered
      await emit(faultRecord(context, start, outcome, this.nowMs() - startMs))
    }
    tally.recoveryMs = judge.recoveryMs
    tally.checkMs = judge.checkMs
  }

  /** Runs a plan a second time, remembering nothing of the first. */
  private async sameAgain(
    context: RunContext,
    unit: FaultUnit,
    plan: PlannedFault,
    first: FaultOutcome,
  ): Promise<FaultOutcome> {
    const second = await runFault(context, unit.segment, armedFor(context, unit, plan), new DiskJudge(context))
    if (second.digest === first.digest) return first
    const message = 'the same plan, run twice, made different events'
    return { ...first, outcome: 'violation', violation: violation('nondeterminism', message) }
  }

  private faultStart(context: RunContext, unit: FaultUnit, plan: PlannedFault, order: number): RunStart {
    const { family, form } = unit.summary
    const point = (family === 'allocation' ? unit.allocations : unit.calls)[plan.at]
    const phase = unit.segment.phases[point?.phase ?? 0]?.phase ?? { kind: 'open' }
    return {
      order,
      token: context.token(form, [plan.fault]),
      scenario: context.loaded.name,
      family,
      form,
      point: plan.fault.point,
      mode: plan.mode,
      fault: plan.text,
      phase: phaseName(context.loaded, phase),
    }
  }

  private async runCrashes(
    prepared: Prepared,
    unit: CrashUnit,
    emit: Emit,
    options: UnitOptions,
    tally: Tally,
  ): Promise<void> {
    const { context, request } = prepared
    const { statesPerIntervalMax } = request
    const bound =
      statesPerIntervalMax === 0 ? undefined : Math.max(1, Math.floor(statesPerIntervalMax / unit.points.length))
    const calls = new Map(unit.calls.map((recorded) => [recorded.point.call.index, recorded]))
    const seen = new Set<string>()
    const twins = new PointTwins()
    const twinPoints = new Map<unknown, boolean>()
    let generated = 0
    let distinct = 0
    let order = unit.summary.firstOrder - 1
    let stopped = false
    for (const plan of this.seams.sweep(crashPlans(unit.points, crashOptions(context, bound)))) {
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
      const recorded = calls.get(plan.point.call)
      if (recorded === undefined) throw new PlanError(`call ${plan.point.call} was not recorded`)
      let isTwin = twinPoints.get(plan.point)
      if (isTwin === undefined) twinPoints.set(plan.point, (isTwin = twins.isTwin(plan.point, recorded.progress)))
      if (isTwin) {
        tally.merged += 1
        continue
      }
      const { key, given } = crashCase(context, plan.state, recorded.progress)
      if (seen.has(key)) {
        tally.merged += 1
        continue
      }
      seen.add(key)
      distinct += 1
      if (options.skip?.(order) === true) continue
      const start = crashStart(context, unit, plan, recorded, order)
      options.begin?.(start)
      const startMs = this.nowMs()
      let verdict = await judgeRecovery(context, given)
      if (order % TWICE_EVERY === 0 && (await judgeRecovery(context, given)).digest !== verdict.digest)
        verdict = {
          ...verdict,
          violation: violation('nondeterminism', 'the same state, recovered twice, made different events'),
        }
      tally.run += 1
      tally.delivered += 1
      tally.recoveryMs += verdict.recoveryMs
      tally.checkMs += verdict.checkMs
      await emit(crashRecord(context, start, recorded, verdict, this.nowMs() - startMs))
    }
    const exhausted = unit.exhaustive && tally.skipped === 0 && !stopped
    tally.interval = { possible: unit.summary.planned, generated, distinct, run: tally.run, exhausted }
  }

  /** The whole run without a fault, and what was found in it. */
  private async replayWhole(prepared: Prepared): Promise<ReplayResult> {
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

  private async replayFault(
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
    if (unit === undefined) return this.notReached(prepared, plan, fault)
    const planned = plannedAs(prepared, unit, fault)
    const start = this.faultStart(context, unit, planned, 0)
    const traces: Trace[] = []
    const keep = (trace: Trace): void => void traces.push(trace)
    const startMs = this.nowMs()
    const judge = new DiskJudge(context, keep)
    const outcome = await runFault(context, unit.segment, armedFor(context, unit, planned), judge, { inspect, keep })
    return {
      record: faultRecord(context, start, outcome, this.nowMs() - startMs),
      trace: linesOf(traces),
      faultEvent: outcome.delivery?.event,
      stack: outcome.delivery?.stack,
      moved: undefined,
    }
  }

  private async replayCrash(prepared: Prepared, fault: Extract<Fault, { kind: 'crash' }>): Promise<ReplayResult> {
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
      return this.notReached(prepared, plan, fault)
    const options = crashOptions(context, undefined)
    let state
    try {
      state = stateAt(point.image, context.model, fault.state, stateOptions(point, options))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.notReached(prepared, plan, fault)
    }
    const start = crashStart(context, unit, { kind: 'state', point, state }, recorded, 0)
    const traces: Trace[] = []
    const startMs = this.nowMs()
    const { given } = crashCase(context, state, recorded.progress)
    const verdict = await judgeRecovery(context, given, (trace) => void traces.push(trace))
    const before = whole.trace.events.findIndex(({ digest }) => digest === recorded.digest) + 1
    return {
      record: crashRecord(context, start, recorded, verdict, this.nowMs() - startMs),
      trace: [...whole.trace.lines().slice(0, before), ...linesOf(traces, before)],
      faultEvent: Math.max(0, before - 1),
      stack: undefined,
      moved: undefined,
    }
  }

  private notReached(prepared: Prepared, plan: FaultPlan, fault: Fault): ReplayResult {
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
}

function requestOf(plan: FaultPlan): CampaignRequest {
  return {
    subject: plan.subject,
    families: FAULT_FAMILIES.filter((family) => plan.faults.some(({ kind }) => kind === family)),
    modes: ALLOCATION_MODES,
    forms: [plan.form],
    statesPerIntervalMax: 0,
  }
}

function* faultPlans({ context, request }: Prepared, unit: FaultUnit): Generator<PlannedFault, void> {
  const { points: selection, modes } = request
  const { seed, sectorBytes } = context.subject
  if (unit.family === 'io') yield* ioPlans(unit.calls, unit.firstPoint, { modes, selection, sectorBytes })
  else
    yield* allocationPlans(unit.allocations, unit.firstPoint, {
      modes,
      selection,
      budgetBytes: request.budgetBytes,
      probability: request.probability,
      draw: (point) => context.seams.draw(seed, `probability ${point}`).integer(PROBABILITIES.length),
    })
}

/** The plan as the explorer would have given it, so that a replay's record says the same. */
function plannedAs(prepared: Prepared, unit: FaultUnit, fault: Exclude<Fault, { kind: 'crash' }>): PlannedFault {
  const wanted = JSON.stringify(fault)
  const selection = { from: fault.point, to: fault.point }
  const request = { ...prepared.request, points: selection }
  for (const plan of faultPlans({ ...prepared, request }, unit)) if (JSON.stringify(plan.fault) === wanted) return plan
  const text = fault.kind === 'allocation' ? 'allocation' : `call ${fault.code}`
  return { fault, at: fault.point - unit.firstPoint, mode: fault.mode, text }
}

function pointsOf(unit: FaultUnit): readonly unknown[] {
  return unit.family === 'allocation' ? unit.allocations : unit.calls
}

function armedFor(context: RunContext, unit: FaultUnit, { fault, at }: PlannedFault): Armed {
  if (fault.kind === 'allocation') {
    const point = unit.allocations[at]
    if (point !== undefined) return armAllocation(context, fault, point, unit.armedFrom)
  } else if (fault.kind === 'io') {
    const point = unit.calls[at]
    if (point !== undefined) return armIo(context, fault, point)
  }
  throw new PlanError(`unit ${unit.summary.index} has no point ${at}`)
}

function crashOptions(context: RunContext, statesMax: number | undefined) {
  const { sectorBytes, seed } = context.subject
  return { model: context.model, sectorBytes, seed, statesMax }
}

function crashStart(
  context: RunContext,
  unit: CrashUnit,
  { point, state }: Extract<CrashPlan, { kind: 'state' }>,
  recorded: RecordedCall,
  order: number,
): RunStart {
  const { form } = unit.summary
  const { call, when } = point
  const phase = wholePhases(context.loaded)[recorded.point.phase]
  return {
    order,
    token: context.token(form, [{ kind: 'crash', point: call, when, state: state.id }]),
    scenario: context.loaded.name,
    family: 'crash',
    form,
    point: call,
    mode: state.id.family,
    fault: `${when} ${callText(recorded.point.call)}: ${state.describe()}`,
    phase: phase === undefined ? 'open' : phaseName(context.loaded, phase),
  }
}

function crashRecord(
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
    traceHash: combinedDigest([recorded.digest, start.token, verdict.digest]),
    recoveryBytes: verdict.recoveryBytes,
    durationMs,
  }
}

function faultRecord(context: RunContext, start: RunStart, outcome: FaultOutcome, durationMs: number): RunRecord {
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

function linesOf(traces: readonly Trace[], after = 0): readonly TraceLine[] {
  let index = after
  return traces.flatMap((trace, number) =>
    trace.lines().map((line) => {
      index += 1
      return number === 0 && after === 0 ? line : { ...line, index, phase: `recovery: ${line.phase}` }
    }),
  )
}
