// harness/run/whole-run.ts: a scenario from its open to its close on an empty simulated disk, with the disk shown at each call.

import type { FileSystemCallInfo, FileSystemCallResult, SimulatedDisk } from '../../faults/index.ts'
import { emptyCheckpoint } from './checkpoint.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import { wholePhases } from './segment.ts'
import { Session } from './session.ts'
import { Trace } from './trace.ts'
import { RunWorld } from './world.ts'

/** Runs the whole scenario, and tells of each call when it begins and when its result is known, with the disk as it is then. Throws what a phase throws. */
export async function watchWholeRun(
  loaded: LoadedScenario,
  seed: number,
  told: (call: FileSystemCallInfo, result: FileSystemCallResult, disk: SimulatedDisk) => void,
  begun: (call: FileSystemCallInfo) => void,
): Promise<void> {
  const { image, next } = emptyCheckpoint()
  const observer = {
    beforeCall: begun,
    afterCall: (call: FileSystemCallInfo, result: FileSystemCallResult): void => told(call, result, world.disk),
  }
  const world: RunWorld = new RunWorld({ image, number: next, seed, trace: new Trace(), observers: [observer] })
  const session = new Session(loaded, world)
  for (const phase of wholePhases(loaded)) {
    const attempt = await session.phase(phase)
    if (!attempt.ok) throw attempt.error
  }
}
