// test/engine/database/program.ts: random programs over a database: the commands, and what the plain model makes of them.
//
// The model knows the contents after every commit since the last one that a power loss can't take (`sure`). After a power
// loss the database holds one of them, whole; after a mere kill the newest. What was found then is the only one.

import fc from 'fast-check'
import { expect } from 'vitest'
import { type Database, type Durability, type Snapshot, type UpdateTransaction } from '../../../engine/index.ts'
import { FailingFileSystem } from '../../../faults/index.ts'
import { Machine, deviceFor, errorOf, type MachineOptions } from '../machine.ts'
import {
  itemSchema,
  rangeOf,
  readItems,
  scanOptions,
  sortedItems,
  textOf,
  type Item,
  type ItemRange,
  type ItemSchema,
  type Items,
} from './items.ts'

export type ProgramOptions = Omit<MachineOptions<ItemSchema>, 'schema'>

export type Model = {
  /** Contents that a power loss may leave, oldest first; the last one is the newest. */
  states: Items[]
}

/** The machine stops here: what a call of the file system meets instead of being made. */
class PowerLoss extends Error {}

export class Session {
  readonly machine = new Machine()
  readonly options: ProgramOptions
  database: Database<ItemSchema>
  snapshot: Readonly<{ reader: Snapshot<ItemSchema>; items: Items }> | undefined
  callsLeft: number | undefined
  lostPower = 0

  constructor(options: ProgramOptions) {
    this.options = options
    this.database = this.open()
  }

  open(): Database<ItemSchema> {
    this.callsLeft = undefined
    const { fileSystem } = this.machine
    return this.machine.open({
      ...this.options,
      schema: itemSchema,
      fileSystem: new FailingFileSystem(fileSystem, { root: '/', onCall: () => this.#countCall() }),
    })
  }

  cutPower(pick: number): void {
    this.machine.powerCut(pick, deviceFor(this.options.pack?.commitAlignBytes ?? 0))
    this.lostPower += 1
  }

  /** Whether the power went while a call was under way. The engine may have wrapped what it was told. */
  get isDown(): boolean {
    return this.callsLeft !== undefined && this.callsLeft < 0
  }

  #countCall(): void {
    if (this.callsLeft === undefined) return
    this.callsLeft -= 1
    if (this.callsLeft < 0) throw new PowerLoss()
  }

  /** After a crash: the database opens and holds one of the model's states; that one is left. */
  reopen(model: Model, expected: 'newest' | 'any'): void {
    this.snapshot = undefined
    this.database = this.open()
    const found = textOf(this.database.read(readItems))
    const index = model.states.findLastIndex((items) => textOf(sortedItems(items)) === found)
    expect(index, `not a state that may be left: ${found}`).toBeGreaterThanOrEqual(0)
    if (expected === 'newest') expect(index).toBe(model.states.length - 1)
    else model.states = model.states.slice(index, index + 1)
  }

  get durability(): Durability {
    return this.options.durability ?? 'sync'
  }
}

export function newest(model: Model): Items {
  return model.states.at(-1) ?? new Map()
}

type Command = fc.Command<Model, Session>

export type Change =
  | Readonly<{ kind: 'insert'; row: Item }>
  | Readonly<{ kind: 'update'; id: number; changes: Partial<Item> }>
  | Readonly<{ kind: 'delete'; id: number }>
  | Readonly<{ kind: 'get'; id: number }>
  | Readonly<{ kind: 'range'; range: ItemRange }>

function isTagTaken(items: Items, tag: string | null | undefined, id: number): boolean {
  return typeof tag === 'string' && [...items.values()].some((row) => row.tag === tag && row.id !== id)
}

function expectConstraint(work: () => unknown): void {
  expect(errorOf(work)).toMatchObject({ code: 'E_CONSTRAINT' })
}

/** Makes a change in the transaction and in the model's map, and compares what both say. */
function change(transaction: UpdateTransaction<ItemSchema>, items: Map<number, Item>, made: Change): void {
  switch (made.kind) {
    case 'insert': {
      const { row } = made
      const insert = (): void => transaction.insert('item', row)
      if (items.has(row.id) || isTagTaken(items, row.tag, row.id)) return expectConstraint(insert)
      insert()
      items.set(row.id, row)
      return undefined
    }
    case 'update': {
      const before = items.get(made.id)
      const update = (): boolean => transaction.update('item', made.id, made.changes)
      if (before !== undefined && isTagTaken(items, made.changes.tag, made.id)) return expectConstraint(update)
      expect(update()).toBe(before !== undefined)
      if (before !== undefined) items.set(made.id, { ...before, ...made.changes })
      return undefined
    }
    case 'delete':
      expect(transaction.delete('item', made.id)).toBe(items.delete(made.id))
      return undefined
    case 'get': {
      const found = transaction.get('item', made.id)
      const expected = items.get(made.id)
      expect(textOf(found === undefined ? [] : [found])).toBe(textOf(expected === undefined ? [] : [expected]))
      return undefined
    }
    case 'range':
      expect(textOf(transaction.scan('item', scanOptions(made.range)))).toBe(textOf(rangeOf(items, made.range)))
      return undefined
    default:
      return made satisfies never
  }
}

function changeText(made: Change): string {
  return JSON.stringify(made, (_key, value: unknown) =>
    value instanceof Uint8Array ? `${value.length} bytes of ${value[0] ?? 0}` : value,
  )
}

/** A transaction with changes that ends in a commit, an abort, or a crash before its end. */
export class Transact implements Command {
  readonly changes: readonly Change[]
  readonly end: 'commit' | 'sync' | 'abort' | 'kill' | 'power-cut'
  readonly pick: number

  constructor(changes: readonly Change[], end: Transact['end'], pick: number) {
    this.changes = changes
    this.end = end
    this.pick = pick
  }

  check(): boolean {
    return true
  }

  run(model: Model, session: Session): void {
    const durability = this.end === 'sync' ? 'sync' : session.durability
    const transaction = session.database.begin({ durability })
    const items = new Map(newest(model))
    const before = textOf(sortedItems(items))
    for (const made of this.changes) change(transaction, items, made)
    switch (this.end) {
      case 'commit':
      case 'sync':
        transaction.commit()
        // A transaction without changes commits nothing, and nothing older becomes durable by it.
        if (textOf(sortedItems(items)) === before) return
        model.states = durability === 'sync' ? [items] : [...model.states, items]
        return
      case 'abort':
        transaction.abort()
        expect(session.database.live().transactions).toBe(0)
        return
      case 'kill':
        session.machine.kill()
        session.reopen(model, 'newest')
        return
      case 'power-cut':
        session.cutPower(this.pick)
        session.reopen(model, 'any')
        return
      default:
        this.end satisfies never
    }
  }

  toString(): string {
    const text = this.changes.map(changeText).join(', ')
    return `transaction[${text}].${this.end}(${this.pick})`
  }
}

/** A transaction in which the power goes, or the process dies, at a call of the file system. */
export class CutShort implements Command {
  readonly changes: readonly Change[]
  readonly calls: number
  readonly end: 'kill' | 'power-cut'
  readonly pick: number

  constructor(changes: readonly Change[], calls: number, end: CutShort['end'], pick: number) {
    this.changes = changes
    this.calls = calls
    this.end = end
    this.pick = pick
  }

  check(): boolean {
    return true
  }

  run(model: Model, session: Session): void {
    const items = new Map(newest(model))
    session.callsLeft = this.calls
    const error = errorOf(() =>
      session.database.update((transaction) => {
        for (const made of this.changes) change(transaction, items, made)
      }),
    )
    const isDown = session.isDown
    session.callsLeft = undefined
    if (error !== undefined && !isDown) throw error
    const before = newest(model)
    if (textOf(sortedItems(items)) !== textOf(sortedItems(before))) {
      // Acknowledged: there for sure, if synced. Not acknowledged: there or not.
      const sure = error === undefined && session.durability === 'sync'
      model.states = sure ? [items] : [...model.states, items]
    }
    if (this.end === 'kill') {
      session.machine.kill()
      if (error === undefined) return session.reopen(model, 'newest')
      const allowed = model
      const lastTwo: Model = { states: allowed.states.slice(-2) }
      session.reopen(lastTwo, 'any')
      // What a kill left may still be taken by a power loss, back to what is sure.
      const found = textOf(sortedItems(newest(lastTwo)))
      const index = allowed.states.findLastIndex((state) => textOf(sortedItems(state)) === found)
      model.states = allowed.states.slice(0, index + 1)
      return undefined
    }
    session.cutPower(this.pick)
    return session.reopen(model, 'any')
  }

  toString(): string {
    const text = this.changes.map(changeText).join(', ')
    return `cutShort[${text}] after ${this.calls} calls, ${this.end}(${this.pick})`
  }
}

/** A look at the committed rows outside of a transaction. */
export class Look implements Command {
  readonly range: ItemRange
  readonly id: number

  constructor(range: ItemRange, id: number) {
    this.range = range
    this.id = id
  }

  check(): boolean {
    return true
  }

  run(model: Model, session: Session): void {
    const items = newest(model)
    session.database.read((reader) => {
      const found = reader.get('item', this.id)
      const expected = items.get(this.id)
      expect(textOf(found === undefined ? [] : [found])).toBe(textOf(expected === undefined ? [] : [expected]))
      expect(textOf(reader.scan('item', scanOptions(this.range)))).toBe(textOf(rangeOf(items, this.range)))
      expect(reader.count('item')).toBe(items.size)
    })
  }

  toString(): string {
    return `look(${JSON.stringify(this.range)}, ${this.id})`
  }
}

/** Takes a snapshot, or compares the one that is held with what was committed when it was taken. */
export class UseSnapshot implements Command {
  check(): boolean {
    return true
  }

  run(model: Model, session: Session): void {
    const held = session.snapshot
    if (held === undefined) {
      session.snapshot = { reader: session.database.snapshot(), items: newest(model) }
      return
    }
    expect(textOf(readItems(held.reader))).toBe(textOf(sortedItems(held.items)))
    held.reader.close()
    session.snapshot = undefined
    expect(session.database.live().snapshots).toBe(0)
  }

  toString(): string {
    return 'snapshot()'
  }
}

/** Closes and opens again, or dies between two transactions, or makes all that is lazy durable. */
export class Between implements Command {
  readonly what: 'close' | 'kill' | 'power-cut' | 'sync'
  readonly pick: number

  constructor(what: Between['what'], pick: number) {
    this.what = what
    this.pick = pick
  }

  check(): boolean {
    return true
  }

  run(model: Model, session: Session): void {
    const { machine, database } = session
    switch (this.what) {
      case 'close':
        database.close()
        expect(database.live()).toMatchObject({ blocks: 0, handles: 0, locks: 0, snapshots: 0, cursors: 0 })
        expect(machine.disk.openHandles).toBe(0)
        return session.reopen(model, 'newest')
      case 'kill':
        machine.kill()
        return session.reopen(model, 'newest')
      case 'power-cut':
        session.cutPower(this.pick)
        return session.reopen(model, 'any')
      case 'sync':
        database.sync()
        model.states = model.states.slice(-1)
        return undefined
      default:
        return this.what satisfies never
    }
  }

  toString(): string {
    return `${this.what}(${this.pick})`
  }
}

/** Ends a program: what the model says is there, everything checks, and nothing is held after the close. */
export function finish(model: Model, session: Session): void {
  const { database } = session
  expect(textOf(database.read(readItems))).toBe(textOf(sortedItems(newest(model))))
  expect(database.verify()).toEqual([])
  database.close()
  expect(database.live()).toMatchObject({ blocks: 0, handles: 0, locks: 0, snapshots: 0, cursors: 0 })
}
