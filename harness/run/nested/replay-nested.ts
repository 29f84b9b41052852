// harness/run/nested/replay-nested.ts: a plan with faults in more than one process, run again with every event.
//
// 1. Each process is run up to its crash from the disk that the one before it left; nothing is kept of a campaign.
// 2. A point that moved is followed in its own process, and one that is gone is not reached, as in any replay.

import { diskPicture, stateAt, type DiskImage, type DiskPicture } from '../../../faults/index.ts'
import { stateOptions } from '../../explore/index.ts'
import type { Fault, FaultPlan, ReplayResult, TraceLine } from '../../plan/index.ts'
import { DiskJudge } from '../disk-judge.ts'
import { locate } from '../identity.ts'
import type { Prepared } from '../prepare.ts'
import {
  comparedIn,
  findCrash,
  given,
  goneText,
  isSame,
  linesBefore,
  linesOf,
  movedText,
  notReached,
} from '../replay.ts'
import { crashOptions } from '../sweep-crashes.ts'
import { PlanError, plannedAs } from '../sweep-faults.ts'
import { callText, type Trace } from '../trace.ts'
import { pointsOf, type FaultUnit } from '../unit.ts'
import { crashedDisk, type CrashedDisk } from './crashed-disk.ts'
import { runFaulted } from './io-chains.ts'
import { faultUnit, requested } from './nested-plans.ts'
import { nestedRecord, nestedStart } from './nested-record.ts'
import { nestedCase, runNested, type RunnablePlan } from './nested-run.ts'
import { recordedRun, recoveringRun } from './nested-unit.ts'
import { enterRecovery, RECOVERY_RUN, type RecoveryProcess } from './recovery-process.ts'

/** A disk on the way, with the events that led to it; a sentence where the way is gone. */
type Reached = Readonly<{ disk: CrashedDisk; lines: readonly TraceLine[]; moved: string | undefined }>

/** Runs the plan; `prepared` is for `requestOf(plan)`. */
export async function replayNested(prepared: Prepared, plan: FaultPlan, inspect: boolean): Promise<ReplayResult> {
  const last = plan.faults[plan.faults.length - 1]
  const [first, ...others] = plan.faults.slice(0, -1)
  if (first === undefined || last === undefined) throw new PlanError('a plan of recovery has two faults or more')
  const lost = (message: string): ReplayResult => notReached(prepared, plan, first, message)
  const isChain = first.kind !== 'crash'
  const between = isChain ? others.slice(1) : others
  let reached = isChain ? await chainDisk(prepared, plan, first, others[0]) : firstDisk(prepared, plan, first)
  for (const fault of between) {
    if (typeof reached === 'string') return lost(reached)
    const process = await processOf(reached)
    if (typeof process === 'string') return lost(process)
    reached = crashWithin(process, reached, fault)
  }
  if (typeof reached === 'string') return lost(reached)
  const process = await processOf(reached)
  if (typeof process === 'string') return lost(process)
  const found = planWithin(process, last)
  if (typeof found === 'string') return lost(found)
  const { runnable } = found
  const moved = reached.moved ?? found.moved
  const traces: Trace[] = []
  const keep = (trace: Trace): void => void traces.push(trace)
  const startMs = prepared.context.nowMs()
  const outcome = await runNested(process, runnable, new DiskJudge(process.context, keep), { inspect, keep })
  const start = given(prepared, plan, nestedStart(process, runnable, 0), moved)
  const lines =
    runnable.kind === 'state'
      ? [...reached.lines, ...recoveryLines(process, runnable.point.call, reached.lines)]
      : reached.lines
  const { delivery } = outcome.fault
  return {
    record: nestedRecord(process, start, outcome, prepared.context.nowMs() - startMs),
    trace: [...lines, ...linesOf(traces, lines.length)],
    faultEvent: Math.max(0, delivery === undefined ? lines.length - 1 : lines.length + delivery.event),
    stack: delivery?.stack,
    moved,
    compared: comparedIn(outcome.violation),
    disk: pictureOf(process, runnable, delivery?.disk),
  }
}

/** The disk that the last fault was put on. */
function pictureOf(
  process: RecoveryProcess,
  runnable: RunnablePlan,
  delivered: DiskImage | undefined,
): DiskPicture | undefined {
  const { sectorBytes } = process.context.subject
  if (runnable.kind === 'state')
    return diskPicture(runnable.point.image, nestedCase(process, runnable).given.image, sectorBytes)
  return delivered && diskPicture(delivered, undefined, sectorBytes)
}

function firstDisk(prepared: Prepared, { form }: FaultPlan, fault: Fault): Reached | string {
  if (fault.kind !== 'crash') throw new PlanError(`a plan of recovery does not begin with a fault of '${fault.kind}'`)
  const found = findCrash(prepared, fault)
  if (typeof found === 'string') return found
  const { unit, recorded, point, state, moved } = found
  const run = recordedRun(prepared.context, form, unit.summary.phase)
  return { disk: crashedDisk(run, point, state, recorded), lines: linesBefore(prepared, recorded), moved }
}

/** The disk of a process that met a failed call and was killed. */
async function chainDisk(
  prepared: Prepared,
  { form }: FaultPlan,
  fault: Fault,
  crash: Fault | undefined,
): Promise<Reached | string> {
  const { context } = prepared
  if (fault.kind !== 'io' || crash?.kind !== 'crash')
    throw new PlanError('a plan of recovery begins with a crash, or with a failed call and a crash')
  const units = prepared.units.filter(
    (unit): unit is FaultUnit => unit.kind === 'fault' && unit.family === 'io' && unit.summary.form === form,
  )
  const places = units.map(({ segment, firstPoint, points }) => ({
    label: segment.label,
    firstPoint,
    points: points.calls,
  }))
  const { place, there } = locate(places, fault)
  const unit = place && units[place.unit]
  if (place === undefined || unit === undefined) return goneText(fault, there && 'another one')
  const planned = plannedAs(prepared, unit, place.at, fault)
  const process = await runFaulted(context, unit, { ...planned, fault: { ...planned.fault, ...fault } }, { keep: true })
  if (process === undefined) return 'the failed call is not met any more'
  // A call's number in a faulted process is all that its crash is named by: stacks are not taken there.
  const recorded = process.recorded.find(({ point }) => point.call.index === crash.point)
  if (recorded === undefined) return goneText(crash, undefined)
  const point = process.pointAt(crash.point, crash.when)
  const moved = isSame(place, there)
    ? undefined
    : movedText(fault, there && 'another one', `point ${unit.firstPoint + place.at}`)
  try {
    const state = stateAt(
      point.image,
      context.model,
      crash.state,
      stateOptions(point, crashOptions(context, undefined)),
    )
    const end = process.trace.events.findIndex(({ digest }) => digest === recorded.digest) + 1
    const lines = process.trace.lines().slice(0, end)
    return { disk: crashedDisk(process.run, point, state, recorded), lines, moved }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return `the disk has no state '${crash.state.family}' ${crash.state.index} any more`
  }
}

async function processOf({ disk }: Reached): Promise<RecoveryProcess | string> {
  const process = await enterRecovery(disk, { sites: true, keep: true })
  if (process === undefined) return 'the recovery before it detects damage now, and ends'
  if ('violation' in process) return `the recovery before it fails now: ${process.violation.message}`
  return process
}

function crashWithin(process: RecoveryProcess, { lines, moved }: Reached, fault: Fault): Reached | string {
  const found = planWithin(process, fault)
  if (typeof found === 'string') return found
  const { runnable } = found
  if (runnable.kind !== 'state') throw new PlanError('in a plan of recovery, every fault but the last ends its process')
  const { point, state } = runnable
  const recorded = process.recorded.get(point.call)
  if (recorded === undefined) return goneText(fault, undefined)
  return {
    disk: crashedDisk(recoveringRun(process), point, state, recorded),
    lines: [...lines, ...recoveryLines(process, point.call, lines)],
    moved: moved ?? found.moved,
  }
}

/** The fault as a plan of the process; a sentence where its point is gone. */
export function planWithin(
  process: RecoveryProcess,
  fault: Fault,
): Readonly<{ runnable: RunnablePlan; moved: string | undefined }> | string {
  const { context } = process
  if (fault.kind === 'crash') {
    const recorded = [...process.recorded.values()]
    const points = recorded.map(({ point }) => point)
    const { place, there } = locate([{ label: RECOVERY_RUN, firstPoint: 1, points }], fault)
    const textAt = (at: number): string => {
      const call = recorded[at]?.point.call
      return call === undefined ? 'nothing' : `${callText(call)} in recovery`
    }
    const nowThere = there && textAt(there.at)
    const call = place && recorded[place.at]?.point.call.index
    const point = process.intervals.flat().find((other) => other.call === call && other.when === fault.when)
    if (place === undefined || point === undefined) return goneText(fault, nowThere)
    const moved = isSame(place, there) ? undefined : movedText(fault, nowThere, `point ${point.call}`)
    try {
      const options = stateOptions(point, crashOptions(context, undefined))
      const state = stateAt(point.image, context.model, fault.state, options)
      return { runnable: { kind: 'state', point, state }, moved }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return `the disk has no state '${fault.state.family}' ${fault.state.index} at point ${point.call} of recovery any more`
    }
  }
  if (fault.kind !== 'allocation' && fault.kind !== 'io')
    throw new PlanError(`a fault of '${fault.kind}' is no part of a plan of recovery`)
  const unit = faultUnit(process, fault.kind)
  const points = pointsOf(unit.points, fault.kind)
  const { place, there } = locate([{ label: RECOVERY_RUN, firstPoint: 1, points }], fault)
  if (place === undefined) return goneText(fault, there && `another one of recovery`)
  const moved = isSame(place, there) ? undefined : movedText(fault, 'another one of recovery', `point ${place.at + 1}`)
  const options = requested(process, { modes: ['once', 'from'], statesPerIntervalMax: 0 })
  return { runnable: { kind: 'fault', unit, plan: plannedAs(options, unit, place.at, fault) }, moved }
}

/** Events of the process up to and with its call, behind those before it. */
function recoveryLines({ trace, recorded }: RecoveryProcess, call: number, before: readonly TraceLine[]): TraceLine[] {
  const digest = recorded.get(call)?.digest
  const end = trace.events.findIndex((event) => event.digest === digest) + 1
  return linesOf([trace], before.length).slice(0, end)
}
