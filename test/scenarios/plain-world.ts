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

export type PlainWorld = World &
  Readonly<{ disk: SimulatedDisk; scheduler: SimulatedScheduler; milestones: ReadonlyMap<string, number> }>

/** Runs what the world has to do until the promise has its outcome. */
export async function finished(world: PlainWorld, promise: unknown): Promise<void> {
  const ended: boolean[] = []
  const end = (): void => void ended.push(true)
  Promise.resolve(promise).then(end, end)
  for (let turns = 0; ended.length === 0; turns += 1) {
    await undefined
    if (turns % 20 === 19 && ended.length === 0 && !world.scheduler.runNext() && turns > 10_000)
      throw new Error('nothing is left to do, and the promise waits')
  }
  await promise
}

export function makePlainWorld(): PlainWorld {
  const clock = new SimulatedClock()
  const scheduler = new SimulatedScheduler(clock)
  const milestones = new Map<string, number>()
  const disk = new SimulatedDisk({ directories: [DIRECTORY], scheduler })
  return {
    directory: DIRECTORY,
    disk,
    fileSystem: disk.fileSystem,
    clock,
    scheduler,
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
