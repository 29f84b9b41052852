// test/harness/subjects/changing.ts: the known store behind a door whose code changes between a campaign and a replay.

import { createHeap, logScenario, LogStore, type LogStoreOptions } from '../../../harness/selftest/known/index.ts'
import type { Scenario, World } from '../../../scenarios/index.ts'

/** How the door is now: as it was, with one more allocation and one more call, or with another caller of the store. */
export type Change = 'none' | 'one more before' | 'another caller'

let change: Change = 'none'

export function changeCode(to: Change): void {
  change = to
}

export function changingScenario(): Scenario<LogStore, readonly string[]> {
  return { ...logScenario({ name: 'changing' }), open: openStore }
}

function openStore(world: World): LogStore {
  const { fileSystem, directory } = world
  const options = { fileSystem, directory, allocator: world.wrapAllocator(createHeap()) }
  if (change === 'one more before') {
    options.allocator.free(options.allocator.allocate(16, 'entry'))
    fileSystem.list(directory)
  }
  return change === 'another caller' ? openElsewhere(options) : LogStore.open(options)
}

function openElsewhere(options: LogStoreOptions): LogStore {
  return LogStore.open(options)
}
