// harness/run/nested/recovery-process.ts: the process that recovers a crashed disk, run once undisturbed: its points, the
// disk at each of its calls, what it found, and how many events it takes.
//
//   open (swept) ─▶ read back (swept) ─▶ first step (swept) ─▶ verify ─▶ close
//
// 1. Allocations and calls are numbered from 1 over open, read and step: what faults in it are named by.
// 2. One crash more than the calls have: before the first call behind the step, when that is acknowledged.
// 3. A disk that the undisturbed process does not recover is a finding, not a start.

import {
  type AllocationEvent,
  type FileSystemCallInfo,
  type FileSystemCallResult,
  isWrite,
} from '../../../faults/index.ts'
import { errorText, plainDiff, plainEqual, violation, type Violation } from '../../oracles/index.ts'
import type { AllocationPoint, CallPoint, CrashMomentPoint } from '../../explore/index.ts'
import { combinedDigest } from '../digest.ts'
import { PointTwins } from '../crash-run.ts'
import { identifiedAllocations, identifiedCalls } from '../identity.ts'
import { CrashRecorder, PointRecorder, type Progress, type RecordedCall } from '../recorder.ts'
import type { Segment, SegmentPhase } from '../segment.ts'
import { Session } from '../session.ts'
import type { Trace } from '../trace.ts'
import { syncIntervals } from '../unit.ts'
import type { RunWorld, WorldObserver } from '../world.ts'
import type { CrashedDisk } from './crashed-disk.ts'
import { crashModels, RecoveredScenario, RecoveryContext } from './recovered-scenario.ts'

/** Unit label in the identities of all points of recovering processes. */
export const RECOVERY_RUN = 'recovery'

const OPEN = 0
const READ = 1
const STEP = 2
const AFTER = 3
const PHASES = ['open', 'read', 'step', 'verify'] as const

export type RecoveryProcess = Readonly<{
  disk: CrashedDisk
  context: RecoveryContext
  /** The same again, for runs with a fault. */
  segment: Segment
  allocations: readonly AllocationPoint[]
  calls: readonly CallPoint[]
  /** Crash points by the sync interval that they lie in, and the call of each. */
  intervals: readonly (readonly CrashMomentPoint[])[]
  recorded: ReadonlyMap<number, RecordedCall>
  /** Hash of the undisturbed run. */
  digest: string
  /** Hash of which events follow which, without numbers, sizes and contents: equal for recoveries that go the same way. */
  shape: string
  /** Its events, where they were asked for. */
  trace: Trace
}>

/** A disk whose undisturbed recovery is wrong by itself. */
export type FailedRecovery = Readonly<{ disk: CrashedDisk; violation: Violation }>

/** Runs the process; its points have identities where `sites` are noted. Undefined where the damage was detected and no more was promised. */
export async function enterRecovery(
  disk: CrashedDisk,
  options: Readonly<{ sites: boolean; keep?: boolean }>,
): Promise<RecoveryProcess | FailedRecovery | undefined> {
  const { context, image, next, low, mayDetect, progress } = disk
  const { loaded } = context
  const failed = (found: Violation): FailedRecovery => ({ disk, violation: found })
  const holder: { world?: RunWorld } = {}
  const worldOf = (): RunWorld => {
    if (holder.world === undefined) throw new Error('the world is not made yet')
    return holder.world
  }
  const points = new PointRecorder(worldOf)
  const crash = new CrashRecorder(worldOf)
  const shape = new TraceShape()
  const trace = context.trace({ keep: options.keep ?? false })
  const world = context.world({ image, next }, trace, { sites: options.sites, observers: [points, crash, shape] })
  holder.world = world
  const all = crashModels(loaded, progress)
  const held = progress.started - progress.durable + (all.length - loaded.models.length)
  const before: Progress = { started: held, acknowledged: held, durable: 0 }
  crash.begin()
  crash.progress = before
  const session = new Session(loaded, world)
  const enter = (phase: number): void => {
    shape.enter(phase)
    points.phase = phase
    crash.phase = phase
  }
  enter(OPEN)
  const opened = await session.open()
  if (!opened.ok) {
    if (mayDetect && opened.class.kind === 'corruption') return undefined
    return failed(violation('recovery-opens', `the store does not open: ${errorText(opened.error)}`))
  }
  enter(READ)
  const read = await session.read()
  if (!read.ok) {
    if (mayDetect && read.class.kind === 'corruption') return undefined
    return failed(violation('recovered-state', `the recovered store cannot be read: ${errorText(read.error)}`))
  }
  let found = progress.started
  while (found >= low && !plainEqual(all[found], read.value)) found -= 1
  if (found < low) found = all.findIndex((part, at) => at >= loaded.models.length && plainEqual(part, read.value))
  if (found === -1) {
    const difference = plainDiff(loaded.models[low], read.value)
    return failed(violation('recovered-state', `the store holds no model that the crash allows: ${difference}`))
  }
  const recovered = new RecoveredScenario(loaded, progress, found)
  const { first } = recovered
  if (first !== undefined) {
    enter(STEP)
    crash.progress = { ...before, started: held + 1 }
    const done = await session.step(first)
    if (!done.ok)
      return failed(
        violation('recovery-commits', `'${first.name}' fails in the recovered store: ${errorText(done.error)}`),
      )
    const said = recovered.durableSteps(session.currentStore)
    const durable = (first.durability ?? 'durable') === 'durable' ? held + 1 : Math.min(said ?? 0, held + 1)
    crash.progress = { started: held + 1, acknowledged: held + 1, durable }
  }
  points.swept = false
  enter(AFTER)
  await session.verify()
  await session.close()
  const own = new RecoveryContext(context, recovered, disk.faults, { events: trace.count, bytes: shape.bytes })
  const phases: SegmentPhase[] = [
    { phase: { kind: 'open' }, swept: true },
    { phase: { kind: 'read' }, swept: true },
    ...(first === undefined ? [] : [{ phase: { kind: 'step', step: held }, swept: true } as const]),
    { phase: { kind: 'close' }, swept: false },
  ]
  const recorded = options.sites ? identifiedRecords(crash.calls) : crash.calls
  return {
    disk,
    context: own,
    segment: { label: RECOVERY_RUN, start: { image, next, steps: held, durable: 0 }, phases },
    allocations: options.sites ? identifiedAllocations(RECOVERY_RUN, PHASES, points.allocations) : points.allocations,
    calls: options.sites ? identifiedCalls(RECOVERY_RUN, PHASES, points.calls) : points.calls,
    intervals: crashPoints(recorded, crash),
    recorded: new Map(recorded.map((call) => [call.point.call.index, call])),
    digest: trace.digest(),
    shape: shape.digest(),
    trace,
  }
}

function identifiedRecords(calls: readonly RecordedCall[]): readonly RecordedCall[] {
  const points = calls.map(({ point }) => point)
  const named = identifiedCalls(RECOVERY_RUN, PHASES, points)
  return calls.map((call, at) => ({ ...call, point: named[at] ?? call.point }))
}

/** Notes which event follows which, not how often nor with which bytes; and how much is transferred in all. */
class TraceShape implements WorldObserver {
  /** Read and written. */
  bytes = 0
  private readonly pairs = new Set<string>()
  private last = ''

  enter(phase: number): void {
    this.note(`phase ${phase}`)
  }

  allocation({ kind, tag }: AllocationEvent): void {
    if (kind === 'allocate') this.note(tag)
  }

  afterCall({ kind, path }: FileSystemCallInfo, { code, value }: FileSystemCallResult): void {
    if (kind === 'read' || kind === 'append') this.bytes += value ?? 0
    // Names have numbers and tokens in them, which differ from process to process.
    this.note(`${kind} ${path.replaceAll(/[0-9a-f]{2,}|\d/g, '#')} ${code ?? ''}`)
  }

  digest(): string {
    return combinedDigest([...this.pairs].toSorted())
  }

  private note(event: string): void {
    this.pairs.add(`${this.last} > ${event}`)
    this.last = event
  }
}

/**
 * The moments of the swept phases, and the one right behind them; those left out at which the disk and what is promised of
 * it are as at an earlier one, since every crash there is a crash then.
 */
function crashPoints(
  recorded: readonly RecordedCall[],
  { images }: CrashRecorder,
): readonly (readonly CrashMomentPoint[])[] {
  const behind = recorded.find(({ point }) => point.phase === AFTER)
  const swept = recorded.filter((call) => call.point.phase < AFTER || call === behind)
  const twins = new PointTwins()
  return syncIntervals(swept).map((calls) =>
    calls.flatMap((recordedCall): CrashMomentPoint[] => {
      const { index, kind } = recordedCall.point.call
      const moments =
        recordedCall === behind
          ? (['before'] as const)
          : isWrite(kind)
            ? (['before', 'within', 'after'] as const)
            : (['before', 'after'] as const)
      return moments
        .map((when) => ({ call: index, when, image: images.at(index, when).image }))
        .filter((point) => !twins.isTwin(point, recordedCall.progress))
    }),
  )
}
