// harness/run/context.ts: what every run of a campaign shares: the scenario, the subject, the persistence model, the seams.

import { persistenceModel, type DiskQuestion, type PersistenceModel } from '../../faults/index.ts'
import { countActivation } from '../../faults/mutants/index.ts'
import { findKitMutant, MutantDisk, MutantFileSystem, NOT_OVER_NODE_FS } from '../../faults/mutant-kit/index.ts'
import { encodeToken, type Fault, type FaultPlan, type Form, type Subject } from '../plan/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import type { CoreSeams } from './seams.ts'
import { SoundFilesMemory } from './sound-files.ts'
import { Trace, type Positions, type TraceOptions } from './trace.ts'
import { VerdictTree } from './verdict-tree.ts'
import { RunWorld, type RunWorldOptions, type Wraps } from './world.ts'

/** A persistence model that nobody has defined. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
}

/** Disks opened again that are remembered at a time. */
const REOPENED_MAX = 256

/** What a store said that was opened and read, and nothing else. */
export type Reopened = Readonly<{
  value: unknown
  digest: string
  questions: readonly DiskQuestion[]
  /** Events that it took. */
  events: number
}>

export class RunContext {
  readonly loaded: LoadedScenario
  readonly subject: Subject
  readonly model: PersistenceModel
  readonly seams: CoreSeams
  /** For durations in records; never part of a trace. */
  readonly nowMs: () => number
  /** Most events of a run; what a run is bounded by once the counting run's number is known. */
  eventsMax: number | undefined
  /** Which events have their source positions. */
  positions: Positions = false
  /**
   * What came of opening and reading a disk. Many disks that differ in what a crash left are the same for whoever opens
   * them after a new commit. It spares time and shows in no record: the same disk would make the same events.
   */
  readonly reopened: VerdictTree<Reopened>
  /** Files of the recorded run's store that its check found sound. Through a mutant of the kit nothing is as it was. */
  readonly soundFiles = new SoundFilesMemory()
  /** Whether a mutant of the kit stands between the store and its files. */
  readonly hasKitMutant: boolean
  /** Plants the subject's mutant between the store and its file system, or its disk, if it is one of the kit. */
  private readonly wraps: Wraps

  /**
   * `model`: the one that the subject names; default: a built-in one. `reopened`: that of another context of the same
   * scenario and subject. Throws ModelError.
   */
  constructor(
    loaded: LoadedScenario,
    subject: Subject,
    seams: CoreSeams,
    nowMs: () => number,
    model = persistenceModel(subject.model),
    reopened = new VerdictTree<Reopened>(REOPENED_MAX),
  ) {
    if (model === undefined) throw new ModelError(`there is no persistence model '${subject.model}'`)
    this.loaded = loaded
    this.subject = subject
    this.model = model
    this.seams = seams
    this.nowMs = nowMs
    this.reopened = reopened
    const kit = subject.mutant === undefined ? undefined : findKitMutant(subject.mutant)
    this.hasKitMutant = kit !== undefined
    this.wraps =
      kit === undefined
        ? {}
        : {
            wrapFileSystem: (fileSystem) => new MutantFileSystem(fileSystem, kit.defect, countActivation),
            ...(kit.id in NOT_OVER_NODE_FS
              ? {}
              : { wrapDisk: (calls) => new MutantDisk(calls, kit.defect, countActivation) }),
          }
  }

  trace(options: TraceOptions = {}): Trace {
    const { eventsMax, positions } = this
    return new Trace({ ...(eventsMax === undefined ? {} : { eventsMax }), positions, ...options })
  }

  world(
    checkpoint: Pick<Checkpoint, 'image' | 'next'>,
    trace: Trace,
    options: Omit<RunWorldOptions, 'image' | 'number' | 'seed' | 'trace' | 'makeInjector'> = {},
  ): RunWorld {
    return new RunWorld({
      image: checkpoint.image,
      number: checkpoint.next,
      seed: this.subject.seed,
      trace,
      makeInjector: this.seams.makeInjector,
      ...this.wraps,
      ...options,
      ...(options.faults === undefined ? {} : { faults: this.seams.arm(options.faults) }),
    })
  }

  token(form: Form, faults: readonly Fault[]): string {
    const plan: FaultPlan = { subject: this.subject, form, faults }
    const { contractHash, defaults } = this.loaded
    return encodeToken(plan, { contractHash, defaults })
  }
}
