// test/scenarios/plain-world.ts: a world without faults on a simulated disk, which counts milestones.

import {
  SimulatedClock,
  SimulatedDisk,
  SimulatedProcesses,
  SimulatedScheduler,
  randomSource,
} from '../../faults/index.ts'
import type { World } from '../../scenarios/index.ts'

const DIRECTORY = '/world'
const SEED = 1

export type PlainWorld = World & Readonly<{ disk: SimulatedDisk; milestones: ReadonlyMap<string, number> }>

export function makePlainWorld(): PlainWorld {
  const clock = new SimulatedClock()
  const milestones = new Map<string, number>()
  const disk = new SimulatedDisk({ directories: [DIRECTORY] })
  return {
    directory: DIRECTORY,
    disk,
    fileSystem: disk.fileSystem,
    clock,
    scheduler: new SimulatedScheduler(clock),
    processes: new SimulatedProcesses(),
    random: (label) => randomSource(SEED, label),
    wrapAllocator: (inner) => inner,
    loadModule: () => {
      throw new Error('a plain world loads no modules')
    },
    count: (name) => void milestones.set(name, (milestones.get(name) ?? 0) + 1),
    milestones,
    beginTransaction: () => ({ committed: () => {}, aborted: () => {}, unknown: () => {} }),
  }
}
