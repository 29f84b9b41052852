// harness/selftest/known/unsynced-scenario.ts: stores that forget to sync, and whose data is nothing but names or a size:
// what a crash took from them shows in no byte of a file.

import { scenario, step, times, type Scenario, type World } from '../../../scenarios/index.ts'

/** Where the store keeps its count. */
export type CountIn = 'names' | 'size'

/** Counts its steps; none but the first one is durable, though all say so. */
export function unsyncedScenario(countIn: CountIn): Scenario<World, number> {
  return scenario<World, number>({
    name: `unsynced-${countIn}`,
    summary: `a count kept in ${countIn === 'names' ? 'the names of empty files' : 'the size of a file'}, without syncs`,
    parameters: { counts: 4 },
    open: (world) => world,
    steps: ({ counts }) =>
      times(Number(counts), (index) =>
        step(`count ${index + 1}`, {
          run: (world) => (countIn === 'names' ? addName(world, index) : addByte(world, index)),
          model: (count) => count + 1,
        }),
      ),
    initial: () => 0,
    read: countIn === 'names' ? ({ fileSystem, directory }) => fileSystem.list(directory).length : sizeOf,
    close: () => {},
    probe: step('look', { run: () => {}, model: (count) => count }),
  })
}

function addName({ fileSystem, directory }: World, index: number): void {
  fileSystem.create(`${directory}/${index}`).close()
  if (index === 0) fileSystem.syncDirectory(directory)
}

function addByte({ fileSystem, directory }: World, index: number): void {
  const path = `${directory}/count`
  const file = index === 0 ? fileSystem.create(path) : fileSystem.open(path, 'append')
  try {
    file.append(Uint8Array.of(1), 0, 1)
    if (index === 0) file.sync()
  } finally {
    file.close()
  }
  if (index === 0) fileSystem.syncDirectory(directory)
}

function sizeOf({ fileSystem, directory }: World): number {
  return fileSystem.stat(`${directory}/count`)?.sizeBytes ?? 0
}
