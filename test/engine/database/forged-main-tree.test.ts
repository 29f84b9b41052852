// test/engine/database/forged-main-tree.test.ts: databases whose bytes all check and whose trees say what no program of the
// engine writes: each is told as damage with its place, or works, and never gives wrong rows.

import { describe, expect, it } from 'vitest'
import { catalogOf, catalogText } from '../../../engine/database/catalog.ts'
import { EngineDatabase } from '../../../engine/database/engine-database.ts'
import { markRootOf, type StoreState } from '../../../engine/database/store-state.ts'
import { salvageDatabase } from '../../../engine/index.ts'
import { EMPTY_ROOT, Overlay, type Root, type TreeEditor } from '../../../engine/tree/index.ts'
import { randomSource } from '../../../faults/index.ts'
import { DIRECTORY, Machine, errorOf, smallAllocator } from '../machine.ts'
import { itemSchema, type Item } from './items.ts'

const ITEM: Item = { id: 1, group: 3, name: 'one', tag: 'a', weight: null, bytes: null, done: false }
const BY_GROUP = 1

function stateOf(database: unknown): StoreState {
  if (database instanceof EngineDatabase) return database.state
  throw new TypeError('no database of the engine')
}

/** Commits a main tree in which entries were changed by hand. */
function commitMain(state: StoreState, change: (main: TreeEditor) => void): void {
  const { log, allocator, cache } = state
  const overlay = new Overlay({ allocator, cache, shape: { fanOut: log.limits.fanOut, keyBytesMax: 16 } })
  log.begin('sync')
  const main = overlay.editor(state.roots.main)
  overlay.beginStatement()
  change(main)
  overlay.keepStatement()
  log.commit(markRootOf(main.write(state.items)))
  overlay.discard()
}

/** A database with one row, changed by hand and closed. */
function forged(change: (state: StoreState) => void): Machine {
  const machine = new Machine()
  const database = machine.open({ schema: itemSchema })
  database.update((transaction) => transaction.insert('item', ITEM))
  change(stateOf(database))
  database.close()
  return machine
}

function withCatalog(bytes: Uint8Array): Machine {
  return forged((state) => {
    state.log.begin('sync')
    const reference = state.items.appendItem(bytes, 0, bytes.length)
    commitMain(state, (main) => main.put(state.mainKey(0), state.referenceValue(reference)))
  })
}

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const opening = (machine: Machine) => errorOf(() => machine.open({ schema: itemSchema }).close())

/** A database whose key byGroup has that root. */
const withKeyRoot = (rootOf: (state: StoreState) => Root): Machine =>
  forged((state) => {
    const root = rootOf(state)
    commitMain(state, (main) => main.put(state.mainKey(1 + BY_GROUP), state.rootValue(root)))
  })

describe('a main tree that is not what it should be', { tags: ['REC-05'] }, () => {
  it('is missed, whole or in parts', () => {
    const none = forged(({ log }) => {
      log.begin('sync')
      log.commit(markRootOf(EMPTY_ROOT))
    })
    expect(opening(none)).toMatchObject({ code: 'E_CORRUPT', message: expect.stringContaining('no main tree') })
    const noCatalog = forged((state) => commitMain(state, (main) => main.delete(state.mainKey(0))))
    expect(opening(noCatalog)).toMatchObject({ code: 'E_CORRUPT', message: expect.stringContaining('no entry 0') })
    const noRoot = forged((state) => commitMain(state, (main) => main.delete(state.mainKey(1))))
    expect(opening(noRoot)).toMatchObject({ code: 'E_CORRUPT', message: expect.stringContaining('no entry 1') })
  })

  it('is missed by salvage too, with a schema that was given', { tags: ['SLV-01'] }, () => {
    const machine = forged(({ log }) => {
      log.begin('sync')
      log.commit(markRootOf(EMPTY_ROOT))
    })
    machine.fileSystem.makeDirectory('/saved')
    const report = salvageDatabase({
      fileSystem: machine.fileSystem,
      allocator: smallAllocator(),
      random: randomSource(2, 'salvage'),
      processes: machine.processes,
      directory: DIRECTORY,
      root: '/saved',
      name: 'saved',
      schema: itemSchema,
    })
    expect(report.tables.map(({ name, saved }) => [name, saved])).toEqual([['item', 1]])
  })

  it('is damage where an entry can not be decoded', () => {
    const garbage = { bytes: Uint8Array.of(0xff, 0xff, 0xff), start: 0, lengthBytes: 3 }
    for (const entry of [0, 1]) {
      const machine = forged((state) => commitMain(state, (main) => main.put(state.mainKey(entry), garbage)))
      expect(opening(machine)).toMatchObject({
        code: 'E_CORRUPT',
        message: expect.stringContaining(`entry ${entry} of the main tree`),
      })
    }
  })

  it('is damage where the catalog is no text, no JSON, or no catalog', () => {
    for (const bytes of [Uint8Array.of(0x7b, 0xff), textBytes('{'), textBytes('{}')])
      expect(opening(withCatalog(bytes))).toMatchObject({
        code: 'E_CORRUPT',
        message: expect.stringContaining('the catalog'),
      })
  })

  it('may have a catalog that says the same in other bytes', () => {
    const spaced = JSON.stringify(JSON.parse(catalogText(catalogOf(itemSchema))), undefined, 2)
    const database = withCatalog(textBytes(spaced)).open({ schema: itemSchema })
    expect(database.read((reader) => reader.get('item', 1))).toEqual(ITEM)
    database.close()
  })
})

describe('a row whose reference is none', { tags: ['DMG-01'] }, () => {
  it('is told as damage that names the reference', () => {
    const database = forged((state) => {
      const { log, allocator, cache } = state
      const overlay = new Overlay({ allocator, cache, shape: { fanOut: log.limits.fanOut, keyBytesMax: 16 } })
      log.begin('sync')
      const rows = overlay.editor(EMPTY_ROOT)
      overlay.beginStatement()
      const bytes = Uint8Array.of(0xff, 0xff, 0xff)
      rows.put({ bytes, start: 0, lengthBytes: 1 }, { bytes, start: 0, lengthBytes: 3 })
      overlay.keepStatement()
      const root = rows.write(state.items)
      overlay.discard()
      commitMain(state, (main) => main.put(state.mainKey(1), state.rootValue(root)))
    }).open({ schema: itemSchema })
    expect(errorOf(() => database.read((reader) => [...reader.scan('item')]))).toMatchObject({
      code: 'E_CORRUPT',
      message: expect.stringContaining("a row's reference is wrong"),
      context: { path: `${DIRECTORY}/p00000001.pack`, offsetBytes: expect.any(Number) },
    })
    database.close()
  })
})

describe('a key that does not agree with its table', { tags: ['DMG-02'] }, () => {
  it('is told as damage when a row is taken out that it lacks, and the row stays', () => {
    const database = withKeyRoot(() => EMPTY_ROOT).open({ schema: itemSchema })
    const error = errorOf(() => database.update((transaction) => transaction.delete('item', 1)))
    expect(error).toMatchObject({ code: 'E_CORRUPT', message: expect.stringContaining('lacks an entry') })
    expect(database.read((reader) => reader.get('item', 1))).toEqual(ITEM)
    database.close()
  })

  it('takes a row again for which it has an entry already, if it is not unique', () => {
    let before: Root | undefined
    const machine = new Machine()
    const database = machine.open({ schema: itemSchema })
    database.update((transaction) => transaction.insert('item', ITEM))
    const state = stateOf(database)
    before = state.roots.trees[BY_GROUP]
    database.update((transaction) => transaction.delete('item', 1))
    const stale = before ?? EMPTY_ROOT
    commitMain(state, (main) => main.put(state.mainKey(1 + BY_GROUP), state.rootValue(stale)))
    database.close()
    const again = machine.open({ schema: itemSchema })
    again.update((transaction) => transaction.insert('item', ITEM))
    expect(again.read((reader) => [...reader.scan('item', { by: 'byGroup' })])).toEqual([ITEM])
    expect(again.verify()).toEqual([])
    again.close()
  })
})
