// harness/run/seams.ts: the parts of the core that the harness's own self-test replaces by defective ones.
//
// 1. Nothing here is a switch: each seam is a function with one real implementation, used by everything.

import {
  AllocationInjector,
  imageIdentity,
  stream,
  type AllocationFault,
  type CallDecision,
  type CrashState,
  type Damage,
  type DiskImage,
  type DiskQuestion,
  type FileSystemCallInfo,
  type RandomStream,
} from '../../faults/index.ts'
import { judgeIsolation, type RecordedTransaction, type Violation } from '../oracles/index.ts'
import { firstDifference, type Trace } from './trace.ts'
import type { ArmedFaults, RunWorld } from './world.ts'

export type Decide = (call: FileSystemCallInfo) => CallDecision | undefined

export type CoreSeams = Readonly<{
  /** The allocator's injector. */
  makeInjector: (faults: readonly AllocationFault[]) => AllocationInjector
  /** What the file-system injector asks. */
  decideWith: (decide: Decide) => Decide
  /** What is put into a world. */
  arm: (faults: ArmedFaults) => ArmedFaults
  /** Judges the transactions that a scenario told of. */
  isolation: (history: readonly RecordedTransaction[]) => Violation | undefined
  /** What is opened as damaged. */
  damage: (damage: Damage, undamaged: DiskImage) => Damage
  /** Ends the fault before anything is judged. */
  lift: (world: RunWorld) => void
  /** What tells two disks apart. */
  identity: (image: DiskImage) => string
  /** What of all that a run looked at tells two disks apart: all of it. */
  readSet: (questions: readonly DiskQuestion[]) => readonly DiskQuestion[]
  /** The disk that a crash leaves. */
  crashImage: (state: CrashState) => DiskImage
  /** The image of a dead process's disk. */
  killed: (image: DiskImage) => DiskImage
  /** Plans in the order in which they are run. */
  sweep: <T>(plans: Iterable<T>) => Iterable<T>
  /** The first difference of two runs of the same plan. */
  difference: (first: Trace, second: Trace) => string | undefined
  /** Random numbers of plans. */
  draw: (seed: number, label: string) => RandomStream
}>

export const REAL_SEAMS: CoreSeams = {
  makeInjector: (faults) => new AllocationInjector(faults),
  decideWith: (decide) => decide,
  arm: (faults) => faults,
  isolation: judgeIsolation,
  damage: (damage) => damage,
  lift: (world) => world.lift(),
  identity: imageIdentity,
  readSet: (questions) => questions,
  crashImage: (state) => state.make(),
  killed: (image) => image,
  sweep: (plans) => plans,
  difference: firstDifference,
  draw: stream,
}
