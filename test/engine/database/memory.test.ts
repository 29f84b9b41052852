// test/engine/database/memory.test.ts: the engine lives in the memory that it is given, and survives every refusal.

import { describe, expect, it } from 'vitest'
import {
  ALLOCATOR_ALGORITHMS,
  EngineError,
  createAllocator,
  singleChunk,
  systemChunks,
  type AllocatorAlgorithm,
  type Database,
} from '../../../engine/index.ts'
import { core20Schema, insertNext, readAll, readLast } from '../../../engine/examples/core20/index.ts'
import { AllocationInjector, CountingAllocator, type AllocationEvent } from '../../../faults/index.ts'
import { Machine, errorOf } from '../machine.ts'
import { itemSchema, readItems, textOf, type ItemSchema } from './items.ts'

const ITERATIONS = 1000

function chunk(algorithm: AllocatorAlgorithm, bytes: number): ReturnType<typeof createAllocator> {
  return createAllocator({ algorithm, memory: singleChunk(new Uint8Array(bytes)) })
}

describe.each(ALLOCATOR_ALGORITHMS)(
  'an engine with one chunk and nothing more (%s)',
  { tags: ['QA-01', 'QA-02'] },
  (algorithm) => {
    it(`runs ${ITERATIONS} iterations of core20 in 1 MiB`, { tags: ['PRD-01'] }, () => {
      const machine = new Machine()
      const allocator = chunk(algorithm, 1024 * 1024)
      const database = machine.open({ schema: core20Schema, allocator })
      for (let index = 0; index < ITERATIONS; index += 1) {
        insertNext(database)
        expect(readLast(database)).toEqual({ last: index, count: index + 1 })
      }
      database.close()
      expect(allocator.counters().liveBlocks).toBe(0)
      expect(machine.verify()).toMatchObject({ problems: [], summary: { rows: { info: ITERATIONS } } })
    })

    it(
      'keeps its cache so small that transactions go on in 160 KiB, whatever the size of the database',
      { tags: ['MRY-04'] },
      () => {
        const machine = new Machine()
        const allocator = chunk(algorithm, 160 * 1024)
        const database = machine.open({ schema: core20Schema, allocator, fanOut: 8 })
        for (let index = 0; index < 2 * ITERATIONS; index += 1) insertNext(database)
        expect(readLast(database)).toEqual({ last: 2 * ITERATIONS - 1, count: 2 * ITERATIONS })
        database.close()
        expect(allocator.counters().liveBlocks).toBe(0)
      },
    )

    it('says E_NO_MEMORY in 32 KiB, and leaves a sound store', { tags: ['ERR-02'] }, () => {
      const machine = new Machine()
      const first = machine.open({ schema: core20Schema })
      for (let index = 0; index < 50; index += 1) insertNext(first)
      first.close()
      let acknowledged = 50
      const allocator = chunk(algorithm, 32 * 1024)
      const error = errorOf(() => {
        const database = machine.open({ schema: core20Schema, allocator })
        try {
          for (; acknowledged < 20_000; acknowledged += 1) insertNext(database)
        } finally {
          database.close()
        }
      })
      expect(error).toMatchObject({ code: 'E_NO_MEMORY', context: { requestedBytes: expect.any(Number) } })
      expect(allocator.counters().liveBlocks).toBe(0)
      expect(machine.verify()).toMatchObject({ problems: [] })
      const after = machine.open({ schema: core20Schema })
      expect(readAll(after)).toEqual(Array.from({ length: acknowledged }, (_, index) => index))
      after.close()
    })
  },
)

// --- every allocation of a representative run, failed in turn -----------------------------------------------------------

type Step = (database: Database<ItemSchema>) => void

function insert(database: Database<ItemSchema>, id: number, bytes = 0): void {
  database.update((transaction) =>
    transaction.insert('item', {
      id,
      group: id % 3,
      name: `n${id}`,
      tag: `t${id}`,
      bytes: bytes === 0 ? null : new Uint8Array(bytes).fill(id),
      done: false,
    }),
  )
}

/** Steps that can be repeated: one that failed has changed nothing. */
const STEPS: readonly Step[] = [
  ...[0, 1, 2, 3, 4, 5].map((id) => (database: Database<ItemSchema>) => insert(database, id)),
  (database) => insert(database, 6, 3000),
  (database) => void database.update((transaction) => transaction.update('item', 2, { group: 9, name: 'changed' })),
  (database) => void database.update((transaction) => transaction.delete('item', 1)),
  (database) => {
    const snapshot = database.snapshot()
    try {
      expect([...snapshot.scan('item', { by: 'byGroup', reverse: true })].length).toBe(6)
      expect(snapshot.get('item', 6)?.bytes?.length).toBe(3000)
    } finally {
      snapshot.close()
    }
  },
  (database) => {
    const transaction = database.begin()
    try {
      transaction.insert('item', { id: 100, name: 'x', done: true, bytes: new Uint8Array(1500) })
    } finally {
      transaction.abort()
    }
  },
  (database) => insert(database, 7),
  (database) => expect(database.verify()).toEqual([]),
]

const OPTIONS = {
  schema: itemSchema,
  fanOut: 4,
  pack: { packBytesMax: 4096, markerIntervalBytes: 512 },
  writeBufferBytes: 512,
  cacheBytes: 2048,
} as const

type Operation = Readonly<{ afterFailure: number; error: EngineError }>

/** One run from open to close; allocation `failing` (from 1; 0: none) is refused. A failed operation is tried again. */
function run(
  algorithm: AllocatorAlgorithm,
  failing: number,
): Readonly<{ allocations: number; failed?: Operation; text: string }> {
  const machine = new Machine()
  let failed: Operation | undefined
  let hasFailed = false
  let afterFailure = 0
  const onEvent = ({ kind, injected }: AllocationEvent): void => {
    if (injected) hasFailed = true
    else if (hasFailed && kind === 'allocate') afterFailure += 1
  }
  const inner = createAllocator({ algorithm, memory: systemChunks() })
  const allocator = new CountingAllocator(inner, {
    onEvent,
    injector: new AllocationInjector([{ mode: 'once', index: failing }]),
  })
  const attempt = <R>(work: () => R): R => {
    hasFailed = false
    afterFailure = 0
    try {
      const result = work()
      expect(hasFailed, 'an allocation failed and nobody was told').toBe(false)
      return result
    } catch (error) {
      if (!hasFailed || !(error instanceof EngineError)) throw error
      failed = { afterFailure, error }
      hasFailed = false
      return work()
    }
  }
  const open = (): Database<ItemSchema> => attempt(() => machine.open({ ...OPTIONS, allocator }))
  let database = open()
  for (const step of STEPS.slice(0, 7)) attempt(() => step(database))
  database.close()
  expect(allocator.liveBlocks()).toEqual([])
  database = open()
  attempt(() => STEPS[7]?.(database))
  // The next open is unclean: it recovers, and its first transaction settles. What the dead process held is gone with it.
  machine.kill()
  const held = allocator.liveBlocks().length
  database = open()
  for (const step of STEPS.slice(8)) attempt(() => step(database))
  const text = attempt(() => textOf(database.read(readItems)))
  database.close()
  expect(allocator.liveBlocks().length).toBe(held)
  expect(machine.disk.openHandles).toBe(0)
  expect(machine.verify().problems).toEqual([])
  return { allocations: allocator.allocations, text, ...(failed === undefined ? {} : { failed }) }
}

describe.each(ALLOCATOR_ALGORITHMS)(
  'every allocation from open to close, refused once in turn (%s)',
  { tags: ['QA-01', 'QA-02', 'QA-04', 'QA-07', 'QA-08', 'QA-09', 'QA-11', 'QA-30'] },
  (algorithm) => {
    it('fails its call with E_NO_MEMORY, is not followed by another, leaks nothing, and the call works when repeated', () => {
      const clean = run(algorithm, 0)
      expect(clean.failed).toBeUndefined()
      for (let failing = 1; failing <= clean.allocations; failing += 1) {
        const { failed, text } = run(algorithm, failing)
        expect(text).toBe(clean.text)
        expect(failed?.error, `allocation ${failing}`).toMatchObject({
          code: 'E_NO_MEMORY',
          context: { allocationIndex: failing },
        })
        expect(failed?.afterFailure, `allocations after ${failing} was refused`).toBe(0)
      }
    })
  },
)
