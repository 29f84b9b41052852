// harness/run/nested/crashed-disk.ts: what a crash left for a process to recover, and how it came about.

import type { CrashState, DiskImage } from '../../../faults/index.ts'
import { whereOf, type CrashMomentPoint } from '../../explore/index.ts'
import type { Fault, Form } from '../../plan/index.ts'
import { innermost } from '../call-site.ts'
import type { RunContext } from '../context.ts'
import { crashCase } from '../crash-run.ts'
import type { Progress, RecordedCall } from '../recorder.ts'
import { wholePhases } from '../segment.ts'
import { callText } from '../trace.ts'
import type { ProcessNumber } from '../world.ts'

export type CrashedDisk = Readonly<{
  /** Of the process that crashed: `progress` counts its models. */
  context: RunContext
  form: Form
  /** All that happened, the crash last. */
  faults: readonly Fault[]
  /** The same in words. */
  text: string
  /** Step or phase of the recorded run that the first fault met. */
  phase: string
  /** Of the last crash: kind of the phase, of the call, and the call's own site. What fails in it has this in its name. */
  phaseKind: string
  place: string
  image: DiskImage
  /** The process that recovers. */
  next: ProcessNumber
  /** Least number of steps that the disk must hold now, and whether damage may be found instead. */
  low: number
  mayDetect: boolean
  progress: Progress
  /** Hash of everything up to the crash. */
  digest: string
  /** Equal for two disks that nothing can tell apart. */
  key: string
  /** Faults delivered so far. */
  delivered: number
}>

/** What leads to a crash: the run that crashes. */
export type CrashingRun = Readonly<{
  context: RunContext
  form: Form
  faults: readonly Fault[]
  text: string
  phase: string
  /** The process that crashes. */
  process: ProcessNumber
  digest: string
  delivered: number
}>

/** The disk that a state at a point of a recorded run leaves. */
export function crashedDisk(
  run: CrashingRun,
  point: Pick<CrashMomentPoint, 'call' | 'when'>,
  state: CrashState,
  recorded: RecordedCall,
): CrashedDisk {
  const { context, form, phase } = run
  const { key, given } = crashCase(context, state, recorded.progress, run.process)
  const { call, when } = point
  const fault: Fault = { kind: 'crash', ...whereOf(call, recorded.point), when, state: state.id }
  const what = `${when} ${callText(recorded.point.call)}: ${state.describe()}`
  return {
    context,
    form,
    phase,
    faults: [...run.faults, fault],
    text: run.text === '' ? what : `${run.text}; then ${what}`,
    phaseKind: wholePhases(context.loaded)[recorded.point.phase]?.kind ?? 'open',
    place: `${recorded.point.call.kind} ${innermost(recorded.point.site)}`,
    image: given.image,
    next: given.next,
    low: given.promised.low,
    mayDetect: given.promised.mayDetect,
    progress: recorded.progress,
    digest: `${run.digest} ${recorded.digest} ${state.id.family} ${state.id.index} ${when} ${call}`,
    key,
    delivered: run.delivered + 1,
  }
}
