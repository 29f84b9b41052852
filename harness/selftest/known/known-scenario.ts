// harness/selftest/known/known-scenario.ts: the known store as a scenario: some puts, read back as a list of texts.

import { createHeap } from './heap.ts'
import { scenario, step, times, type ErrorClass, type Scenario } from '../../../scenarios/index.ts'
import { IoError, OutOfMemoryError } from '../../../engine/ports/index.ts'
import { LogStore, LogStoreError, type Defect } from './known-store.ts'

export function classifyLogError(error: unknown): ErrorClass {
  if (error instanceof OutOfMemoryError) return { kind: 'out-of-memory', allocationIndex: error.allocationIndex }
  if (error instanceof IoError) return { kind: 'io', code: error.code, operation: error.operation, path: error.path }
  if (error instanceof LogStoreError)
    return error.code === 'UNKNOWN' ? { kind: 'outcome-unknown' } : { kind: 'corruption' }
  return { kind: 'other' }
}

export type LogScenarioOptions = Readonly<{
  defect?: Defect
  name?: string
  /** The scenario says that the store notices lost writes, which it does not. */
  detectsLostWrites?: true
}>

export function logScenario({ defect, name = 'log', detectsLostWrites }: LogScenarioOptions = {}): Scenario<
  LogStore,
  readonly string[]
> {
  return scenario<LogStore, readonly string[]>({
    name,
    summary: 'puts into a small log',
    parameters: { puts: 6 },
    open: (world) =>
      LogStore.open({
        fileSystem: world.fileSystem,
        allocator: world.wrapAllocator(createHeap()),
        directory: world.directory,
        defect,
        nowMs: () => world.clock.nowMs(),
      }),
    steps: ({ puts }) =>
      times(Number(puts), (index) =>
        step(`put ${index}`, {
          run: (store) => {
            store.put(textOf(index))
          },
          model: (texts) => [...texts, textOf(index)],
        }),
      ),
    initial: () => [],
    read: (store) => store.all(),
    close: (store) => store.close(),
    probe: step('probe', { run: (store) => store.put('probe'), model: (texts) => [...texts, 'probe'] }),
    verify: (store) => store.verify(),
    classify: classifyLogError,
    ...(detectsLostWrites === undefined ? {} : { detectsLostWrites }),
    live: (store) => store.live(),
    acknowledgedPositions: (store) => [store.position()],
  })
}

function textOf(index: number): string {
  return `entry ${index} ${'x'.repeat((index * 37) % 600)}`
}
