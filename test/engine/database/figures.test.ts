// test/engine/database/figures.test.ts: what a database says of itself, and the words in which it refuses.

import { describe, expect, it } from 'vitest'
import {
  EngineError,
  REMEDY_BY_CODE,
  column,
  defineSchema,
  type Allocator,
  type EngineErrorCode,
} from '../../../engine/index.ts'
import { DIRECTORY, Machine, errorOf, packsOf, smallAllocator } from '../machine.ts'
import { Bed, outcomeOf, settled, type Outcome } from './concurrent-bed.ts'

const schema = defineSchema({
  row: { columns: { id: column.integer(), text: column.string() }, primaryKey: 'id' },
  empty: { columns: { id: column.integer() }, primaryKey: 'id' },
})
const pack = { packBytesMax: 4096, markerIntervalBytes: 512 }

function filesOf(machine: Machine): readonly number[] {
  const { fileSystem } = machine
  return fileSystem
    .list(DIRECTORY)
    .filter((name) => name.endsWith('.pack'))
    .toSorted()
    .map((name) => fileSystem.stat(`${DIRECTORY}/${name}`)?.sizeBytes ?? 0)
}

function expectEngineError(error: unknown, code: EngineErrorCode, says: RegExp): void {
  expect(error).toBeInstanceOf(EngineError)
  expect(error).toMatchObject({ code, remedy: REMEDY_BY_CODE[code] })
  expect(error instanceof Error && error.message).toMatch(says)
}

function expectOutcome({ error }: Outcome, code: EngineErrorCode, says: RegExp): void {
  expectEngineError(error, code, says)
}

describe('what a database says of itself', () => {
  it('is the size of its files, where its newest commit ends, and what is open', { tags: ['PRT-01'] }, () => {
    const machine = new Machine()
    const database = machine.open({ schema, pack, fanOut: 4 })
    expect(database.statistics().treeLevels).toBe(0)
    for (let id = 0; id < 60; id += 1)
      database.update((transaction) => transaction.insert('row', { id, text: `text ${id}` }))
    const sizes = filesOf(machine)
    const { packs, newestPack, commits, durableCommits, treeLevels, rows } = database.statistics()
    expect(sizes.length).toBeGreaterThan(3)
    expect(database.sizeBytes()).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect({ packs, newestPack }).toEqual({ packs: sizes.length, newestPack: sizes.length })
    expect(durableCommits).toBe(commits)
    expect(commits).toBeGreaterThanOrEqual(60)
    expect(treeLevels).toBeGreaterThanOrEqual(3)
    expect(rows).toEqual({ row: 60, empty: 0 })
    const { path, endBytes } = database.position()
    expect(path).toMatch(/\.pack$/)
    expect(endBytes).toBe(sizes.at(-1))
    expect(machine.fileSystem.stat(path)?.sizeBytes).toBe(endBytes)
    expect(database.live()).toMatchObject({ transactions: 0, snapshots: 0, cursors: 0, unsyncedBytes: 0 })
    const transaction = database.begin()
    expect(database.live().transactions).toBe(1)
    transaction.abort()
    expect(database.live().transactions).toBe(0)
    database.close()
  })

  it('is how much a loss of power would take of lazy commits, until they are synced', { tags: ['DUR-03'] }, () => {
    const machine = new Machine()
    const database = machine.open({ schema, pack, durability: 'lazy' })
    database.sync()
    const before = database.statistics()
    for (let id = 0; id < 3; id += 1) database.update((transaction) => transaction.insert('row', { id, text: '' }))
    const lazy = database.statistics()
    expect(lazy.commits).toBe(before.commits + 3)
    expect(lazy.durableCommits).toBe(before.commits)
    expect(database.live().unsyncedBytes).toBeGreaterThan(0)
    database.sync()
    expect(database.statistics().durableCommits).toBe(lazy.commits)
    expect(database.live().unsyncedBytes).toBe(0)
    database.close()
  })

  it('counts what runs side by side', { tags: ['TXN-01'] }, async () => {
    const bed = new Bed()
    const first = await bed.begin('a')
    const second = await bed.begin('b')
    expect(bed.database.live().transactions).toBe(2)
    first.abort()
    second.abort()
    expect(bed.database.live().transactions).toBe(0)
    bed.database.close()
  })
})

describe('an open that settles', { tags: ['PRT-05'] }, () => {
  it('leaves alone what was closed', () => {
    const machine = new Machine()
    const database = machine.open({ schema, pack })
    database.update((transaction) => transaction.insert('row', { id: 1, text: 'one' }))
    database.close()
    const before = packsOf(machine.image())
    const again = machine.open({ schema, pack, settle: true })
    expect(again.read((reader) => reader.get('row', 1))).toEqual({ id: 1, text: 'one' })
    again.close()
    expect(packsOf(machine.image())).toEqual(before)
  })
})

describe('what is refused', { tags: ['ERR-01'] }, () => {
  it('is a check of a database that is not there, by its place, and nothing is made', () => {
    const machine = new Machine()
    const error = errorOf(() => machine.verify())
    expectEngineError(error, 'E_NOT_FOUND', /there is no database \/docs\/data\.rdm/)
    expect(error).toMatchObject({ context: { path: DIRECTORY } })
    expect(machine.fileSystem.stat(DIRECTORY)).toBeUndefined()
  })

  it('without a scheduler, or of a database that is closed, says what to do', async () => {
    const database = new Machine().open({ schema, pack })
    const later = outcomeOf(database.beginLater())
    const idle = outcomeOf(database.whenIdle())
    await settled()
    expectOutcome(later, 'E_USAGE', /beginLater continues later: give a scheduler/)
    expectOutcome(idle, 'E_USAGE', /whenIdle continues later: give a scheduler/)
    const transaction = database.begin()
    expectEngineError(
      errorOf(() => database.begin()),
      'E_USAGE',
      /an update transaction is running: commit or abort it first/,
    )
    for (const call of [() => database.sync(), () => database.verify()])
      expectEngineError(errorOf(call), 'E_USAGE', /an update transaction is running/)
    transaction.abort()
    database.close()
    for (const call of [() => database.begin(), () => database.snapshot(), () => database.statistics()])
      expectEngineError(errorOf(call), 'E_CLOSED', /the database was closed/)
  })

  it('of transactions that run side by side names the option and what is valid', async () => {
    const bed = new Bed()
    const { database } = bed
    for (const timeoutMs of [-1, Number.NaN])
      expectOutcome(
        await ended(database.beginLater({ timeoutMs })),
        'E_USAGE',
        /timeoutMs is (-1|NaN); valid is a number/,
      )
    expectOutcome(
      await ended(database.beginLater({ durability: 'unsafe' })),
      'E_USAGE',
      /'unsafe' transaction runs alone/,
    )
    const unknown = await ended(database.beginLater({ tables: ['d' as 'a'] }))
    expectOutcome(unknown, 'E_USAGE', /there is no table 'd'; there is a, b, c/)
    expect(unknown.error).toMatchObject({ context: { table: 'd' } })
    const transaction = await database.beginLater({ tables: ['a'], reads: ['b'], timeoutMs: 0 })
    for (const [work, table, says] of [
      [() => transaction.get('c', 1), 'c', /table 'c' is not locked by this transaction/],
      [() => transaction.insert('b', { id: 1, value: 1 }), 'b', /table 'b' is locked for reading only/],
    ] as const) {
      const error = errorOf(work)
      expectEngineError(error, 'E_NOT_LOCKED', says)
      expect(error).toMatchObject({ context: { table } })
    }
    expectEngineError(
      errorOf(() => database.begin()),
      'E_BUSY',
      /1 transactions run: this call runs alone/,
    )
    transaction.abort()
    database.close()
  })
})

async function ended(promise: Promise<unknown>): Promise<Outcome> {
  const outcome = outcomeOf(promise)
  await settled()
  return outcome
}

describe('an allocation', { tags: ['MRY-03'] }, () => {
  it('has a tag that says what it is for, also of what settling and alignment need', () => {
    const tags = new Set<string>()
    const inner = smallAllocator()
    const allocator: Allocator = {
      allocate: (bytes, tag) => {
        tags.add(tag)
        return inner.allocate(bytes, tag)
      },
      free: (block) => inner.free(block),
      counters: () => inner.counters(),
      limitBytes: inner.limitBytes,
    }
    const machine = new Machine()
    const options = { schema, allocator, pack: { ...pack, commitAlignBytes: 512 } } as const
    const database = machine.open(options)
    for (let id = 0; id < 40; id += 1)
      database.update((transaction) => transaction.insert('row', { id, text: 'long '.repeat(300) }))
    database.update((transaction) => transaction.insert('row', { id: 40, text: '' }), { durability: 'unsafe' })
    machine.kill()
    machine.processes.spawn()
    machine.open({ ...options, settle: true }).close()
    expect([...tags].filter((tag) => tag.trim() === '')).toEqual([])
    expect([...tags]).toEqual(expect.arrayContaining(['filler', 'moved-item', 'recovery', 'write-buffer']))
  })
})
