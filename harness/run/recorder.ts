// harness/run/recorder.ts: notes of a counting run: its points, and at every file-system call what the disk held, what was
// promised by then, and the run's hash.

import { DiskRecorder, pendingOperations } from '../../faults/index.ts'
import type { AllocationEvent, FileSystemCallInfo, FileSystemCallResult } from '../../faults/index.ts'
import type { AllocationPoint, CallPoint, ChoicePoint, ReadingPoint } from '../explore/index.ts'
import type { RunWorld, WorldObserver } from './world.ts'

/** What was promised at a moment. */
export type Progress = Readonly<{
  /** Steps begun, steps acknowledged, and steps acknowledged that no power loss may take. */
  started: number
  acknowledged: number
  durable: number
}>

export type RecordedCall = Readonly<{
  point: CallPoint
  progress: Progress
  /** Hash of the run up to and with this call. */
  digest: string
  /** Operations that a power loss could take after it. */
  pending: number
}>

/** Points of a counting run. Told which phase it is in, and whether points count now. */
export class PointRecorder implements WorldObserver {
  readonly allocations: AllocationPoint[] = []
  readonly calls: CallPoint[] = []
  readonly choices: ChoicePoint[] = []
  readonly readings: ReadingPoint[] = []
  phase = 0
  /** Points are noted only while this is true: in the phases that are swept. */
  swept = true
  private readonly world: () => RunWorld

  constructor(world: () => RunWorld) {
    this.world = world
  }

  allocation(event: AllocationEvent, liveBytes: number, site: string): void {
    if (event.kind !== 'allocate' || !this.swept) return
    const { tag, byteLength, failed } = event
    const before = failed ? liveBytes : liveBytes - byteLength
    this.allocations.push({
      index: this.world().allocations,
      phase: this.phase,
      tag,
      byteLength,
      liveBytes: before,
      site,
      stack: this.world().trace.standing,
    })
  }

  choice(index: number, ready: number): void {
    if (this.swept) this.choices.push({ index, phase: this.phase, ready })
  }

  reading(index: number, site: string): void {
    if (this.swept) this.readings.push({ index, phase: this.phase, site })
  }

  afterCall(
    call: FileSystemCallInfo,
    result: FileSystemCallResult,
    _bytes: Uint8Array | undefined,
    site: string,
  ): void {
    if (!this.swept) return
    // A read that the file's end cut short can only be cut further within what it gave.
    const lengthBytes = call.kind === 'read' ? (result.value ?? 0) : call.lengthBytes
    const stack = this.world().trace.standing
    this.calls.push({ phase: this.phase, call: { ...call, lengthBytes }, site, stack })
  }
}

/** The same, and the disk at each call: what a crash sweep needs. */
export class CrashRecorder implements WorldObserver {
  readonly calls: RecordedCall[] = []
  progress: Progress = { started: 0, acknowledged: 0, durable: 0 }
  phase = 0
  private disk: DiskRecorder | undefined
  private readonly world: () => RunWorld

  constructor(world: () => RunWorld) {
    this.world = world
  }

  /** Called when the world is made, before its first event. */
  begin(): void {
    this.disk = new DiskRecorder(this.world().disk)
  }

  /** The disk at each call. */
  get images(): DiskRecorder {
    if (this.disk === undefined) throw new Error('the recorder was not begun')
    return this.disk
  }

  afterCall(
    call: FileSystemCallInfo,
    _result: FileSystemCallResult,
    _bytes: Uint8Array | undefined,
    site: string,
  ): void {
    const world = this.world()
    this.images.record(call.index)
    this.calls.push({
      point: { phase: this.phase, call, site },
      progress: this.progress,
      digest: world.trace.digest(),
      pending: pendingOperations(world.disk.checkpoint()),
    })
  }
}
