// test/engine/database/salvage.test.ts: what is whole of a damaged database comes out, and nothing else.

import { describe, expect, it } from 'vitest'
import {
  IoError,
  openDatabase,
  salvageDatabase,
  type EngineError,
  type FileSystem,
  type SalvageOptions,
  type SalvageReport,
} from '../../../engine/index.ts'
import { randomSource, stream, type DiskImage } from '../../../faults/index.ts'
import { DIRECTORY, Machine, NAME, ROOT, errorOf, packsOf, smallAllocator, withFile } from '../machine.ts'
import { itemSchema, readItems, textOf, type Item } from './items.ts'

const SAVED_ROOT = '/saved'
const SEED = 20_260_303

function itemOf(id: number, version: number, bytes = id % 40): Item {
  return {
    id,
    group: id % 3 === 0 ? null : id % 5,
    name: `item ${id} version ${version}`,
    tag: id % 2 === 0 ? `t${id}` : null,
    weight: id / 7,
    bytes: bytes === 0 ? null : new Uint8Array(bytes).fill(id),
    done: version % 2 === 1,
  }
}

type Closed = Readonly<{
  image: DiskImage
  packs: ReadonlyMap<string, Uint8Array>
  rows: readonly Item[]
  /** Every state that a row was ever committed in. */
  history: ReadonlySet<string>
}>

/** Inserts, changes, deletions, long rows, aborted transactions, clean closes, and a crash in the middle. */
function closedDatabase(transactions: number, packBytesMax = 4096): Closed {
  const machine = new Machine()
  const options = {
    schema: itemSchema,
    pack: { packBytesMax, markerIntervalBytes: 512 },
    fanOut: 4,
    writeBufferBytes: 512,
  }
  const history = new Set<string>()
  let database = machine.open(options)
  for (let round = 0; round < transactions; round += 1) {
    database.update((transaction) => {
      for (let id = round * 3; id < round * 3 + 3; id += 1)
        transaction.insert('item', itemOf(id, 0, id % 11 === 0 ? packBytesMax : id % 40))
      if (round > 2) transaction.delete('item', round)
      if (round > 3) transaction.update('item', round * 3 - 4, { name: `changed ${round}`, group: round % 4 })
    })
    for (const row of database.read(readItems)) history.add(textOf([row]))
    if (round % 5 === 4) {
      database.close()
      database = machine.open(options)
    }
    if (round === 7) {
      machine.kill()
      database = machine.open(options)
    }
  }
  const rows = database.read(readItems)
  database.close()
  return { image: machine.image(), packs: packsOf(machine.image()), rows, history }
}

type Saved = Readonly<{ report: SalvageReport; rows: readonly Item[] }>

function salvaged(image: DiskImage, options: Partial<SalvageOptions> = {}): Saved {
  const machine = new Machine(image)
  const { fileSystem } = machine
  const before = packsOf(image)
  fileSystem.makeDirectory(SAVED_ROOT)
  const ports = {
    fileSystem,
    allocator: smallAllocator(),
    random: randomSource(2, 'salvage'),
    processes: machine.processes,
  }
  const report = salvageDatabase({ ...ports, directory: DIRECTORY, root: SAVED_ROOT, name: NAME, ...options })
  expect(ports.allocator.counters().liveBlocks).toBe(0)
  expect(machine.disk.openHandles).toBe(0)
  const after = packsOf(machine.image())
  for (const [path, bytes] of before) expect(Buffer.compare(after.get(path) ?? bytes.subarray(1), bytes), path).toBe(0)
  const database = openDatabase({ ...ports, root: SAVED_ROOT, name: NAME, schema: itemSchema, mode: 'open' })
  try {
    expect(database.verify()).toEqual([])
    return { report, rows: database.read(readItems) }
  } finally {
    database.close()
  }
}

/** What must hold of every salvage: sure rows are those of the database, doubtful ones were once. */
function expectNothingWrong({ report, rows }: Saved, closed: Closed, what: string): void {
  const good = new Set(closed.rows.map((row) => textOf([row])))
  const doubtful = report.tables[0]?.doubtfulKeys ?? []
  for (const row of rows) {
    const text = textOf([row])
    const isDoubtful = doubtful.some(({ from, to }) => row.id >= from && row.id <= to)
    expect((isDoubtful ? closed.history : good).has(text), `${what}: ${isDoubtful ? 'doubtful ' : ''}${text}`).toBe(
      true,
    )
  }
  expect(report.tables[0]?.saved).toBe(rows.length)
}

function withDamage(closed: Closed, path: string, change: (bytes: Uint8Array) => Uint8Array): DiskImage {
  return withFile(closed.image, path, change(Uint8Array.from(closed.packs.get(path) ?? [])))
}

describe('salvage', { tags: ['SLV-01'] }, () => {
  const closed = closedDatabase(14)
  const paths = [...closed.packs.keys()]

  it('saves everything of a sound database, and says so', () => {
    const { report, rows } = salvaged(closed.image)
    expect(textOf(rows)).toBe(textOf(closed.rows))
    expect(report).toMatchObject({ complete: true, damage: [], isCurrent: true, ambiguous: 0, uncommitted: 0 })
    expect(report.tables).toEqual([
      { name: 'item', saved: rows.length, doubtful: 0, doubtfulKeys: [], refused: 0, missing: 0, lostKeys: [] },
    ])
  })

  it('gives no wrong row after any flipped bit, and names the damage', () => {
    const random = stream(SEED, 'flips')
    let whole = 0
    let seen = 0
    for (let flip = 0; flip < 40; flip += 1) {
      const path = paths[random.integer(paths.length)] ?? ''
      const length = closed.packs.get(path)?.length ?? 0
      const offset = random.integer(length)
      const image = withDamage(closed, path, (bytes) => {
        bytes[offset] = (bytes[offset] ?? 0) ^ (1 << random.integer(8))
        return bytes
      })
      const saved = salvaged(image, { schema: itemSchema })
      expectNothingWrong(saved, closed, `${path} ${offset}`)
      const isWhole = textOf(saved.rows) === textOf(closed.rows)
      // Void bytes, which a crash left, are nobody's.
      expect(isWhole || saved.report.damageCount > 0, `${path} ${offset}`).toBe(true)
      expect(saved.report.complete).toBe(saved.report.damageCount === 0)
      if (saved.report.damageCount > 0) seen += 1
      if (isWhole) whole += 1
    }
    expect(seen).toBeGreaterThan(25)
    // One bit seldom costs a row: older and newer records, and the row's own, fill each other's gaps.
    expect(whole).toBeGreaterThan(20)
  })

  it('gives no wrong row after a sector of zeroes, and saves all but what was in it', () => {
    for (const [path, { length }] of closed.packs)
      for (let at = 0; at < length; at += 1024) {
        // A newest pack of which nothing is left is what a crash leaves of it: the state before is right.
        if (path === paths.at(-1) && length <= 512) continue
        const saved = salvaged(
          withDamage(closed, path, (bytes) => bytes.fill(0, at, at + 512)),
          {
            schema: itemSchema,
          },
        )
        expectNothingWrong(saved, closed, `${path} ${at}`)
        expect(saved.rows.length, `${path} ${at}`).toBeGreaterThan(closed.rows.length - 12)
      }
  })

  it('needs no header: two whole records tell what database they are of', { tags: ['SLV-02'] }, () => {
    let image = closed.image
    for (const [path, bytes] of closed.packs) image = withFile(image, path, Uint8Array.from(bytes).fill(0, 0, 112))
    const saved = salvaged(image)
    expectNothingWrong(saved, closed, 'no headers')
    expect(textOf(saved.rows)).toBe(textOf(closed.rows))
  })

  it('is not misled by sectors that were moved together, which agree on a wrong database', () => {
    const [first = ''] = paths
    const moved = withDamage(closed, first, (bytes) => {
      const sector = bytes.slice(0, 512)
      bytes.copyWithin(0, 512, 1024)
      bytes.set(sector, 512)
      return bytes
    })
    let image = moved
    for (const path of paths.slice(1)) {
      const bytes = Uint8Array.from(closed.packs.get(path) ?? [])
      image = withFile(image, path, bytes.fill(0, 0, 112))
    }
    const saved = salvaged(image, { schema: itemSchema })
    expectNothingWrong(saved, closed, 'moved sectors')
    expect(saved.rows.length).toBeGreaterThan(closed.rows.length - 12)
  })

  it('takes no row of an aborted transaction', () => {
    const machine = new Machine()
    const database = machine.open({ schema: itemSchema, fanOut: 4, writeBufferBytes: 512 })
    database.update((transaction) => transaction.insert('item', itemOf(1, 0)))
    const aborted = database.begin()
    aborted.update('item', 1, { name: 'aborted', bytes: new Uint8Array(2000) })
    aborted.insert('item', itemOf(2, 0, 2000))
    aborted.abort()
    database.update((transaction) => transaction.insert('item', itemOf(3, 0)))
    database.close()
    const image = machine.image()
    const [[path = '', bytes = new Uint8Array(0)] = []] = [...packsOf(image)]
    for (let at = 512; at < bytes.length; at += 128) {
      const damaged = Uint8Array.from(bytes).fill(0, at, at + 128)
      for (const { id, name } of salvaged(withFile(image, path, damaged), { schema: itemSchema }).rows)
        expect(name, `${at}`).toBe(`item ${id} version 0`)
    }
  })

  it('needs no catalog and no commit mark if it is given the schema', { tags: ['SLV-02'] }, () => {
    const [first = ''] = paths
    const catalogLost = withDamage(closed, first, (bytes) => bytes.fill(0, 130, 140))
    expect(errorOf(() => salvaged(catalogLost))).toMatchObject({ code: 'E_CORRUPT', context: { path: DIRECTORY } })
    const withoutCatalog = salvaged(catalogLost, { schema: itemSchema })
    expectNothingWrong(withoutCatalog, closed, 'no catalog')
    expect(textOf(withoutCatalog.rows)).toBe(textOf(closed.rows))
    let image = closed.image
    for (const [path, bytes] of closed.packs)
      image = withFile(
        image,
        path,
        bytes.map((byte) => (byte === 0xa6 ? 0xff : byte)),
      )
    const withoutMarks = salvaged(image, { schema: itemSchema })
    expect(withoutMarks.report.commitNumber).toBeUndefined()
    expectNothingWrong(withoutMarks, closed, 'no marks')
    expect(withoutMarks.rows.length).toBeGreaterThan(closed.rows.length * 0.8)
  })

  it('goes on where a pack is missing', { tags: ['SLV-02'] }, () => {
    for (const path of paths) {
      const machine = new Machine(closed.image)
      machine.fileSystem.unlink(path)
      machine.fileSystem.syncDirectory(DIRECTORY)
      const saved = salvaged(machine.image(), { schema: itemSchema })
      if (path !== paths.at(-1)) {
        expectNothingWrong(saved, closed, path)
        expect(saved.report.damageCount).toBeGreaterThan(0)
      }
    }
  })

  it('goes on where the device cannot read a sector', { tags: ['SLV-02'] }, () => {
    let named = 0
    for (const path of paths) {
      const machine = new Machine(closed.image)
      const broken = brokenAt(machine.fileSystem, path, 1024)
      machine.fileSystem.makeDirectory(SAVED_ROOT)
      const allocator = smallAllocator()
      const report = salvageDatabase({
        fileSystem: broken,
        allocator,
        random: randomSource(2, 'salvage'),
        processes: machine.processes,
        directory: DIRECTORY,
        root: SAVED_ROOT,
        name: NAME,
      })
      // In a void pack, which a crash left, nobody reads.
      const isNamed = report.damage.some((damage) => damage.path === path && damage.message.includes('EIO'))
      expect(isNamed || report.complete, path).toBe(true)
      named += isNamed ? 1 : 0
      expect(report.tables[0]?.saved).toBeGreaterThan(closed.rows.length - 12)
      expect(allocator.counters().liveBlocks).toBe(0)
    }
    expect(named).toBeGreaterThan(paths.length / 2)
  })

  it('takes rows of a lost leaf from older records, as doubtful, and leaves them out if that is asked for', () => {
    let compared = 0
    for (const [path, { length }] of [...closed.packs].toReversed()) {
      for (let at = 512; at < length && compared === 0; at += 512) {
        const image = withDamage(closed, path, (bytes) => bytes.fill(0, at, at + 512))
        const kept = salvaged(image, { schema: itemSchema })
        const doubtful = kept.report.tables[0]?.doubtful ?? 0
        if (doubtful === 0) continue
        const certain = salvaged(image, { schema: itemSchema, doubtful: 'leave-out' })
        expect(certain.report.tables[0]?.doubtful).toBe(doubtful)
        expect(certain.rows.length).toBe(kept.rows.length - doubtful)
        compared += 1
      }
    }
    expect(compared).toBe(1)
  })

  it('refuses to touch a database that is there', () => {
    const error = errorOf(() => salvaged(closed.image, { root: ROOT })) as EngineError
    expect(error).toMatchObject({ code: 'E_USAGE', context: { path: DIRECTORY } })
  })
})

/** A disk of which one sector cannot be read. */
function brokenAt(fileSystem: FileSystem, path: string, sectorAt: number): FileSystem {
  return {
    ...fileSystem,
    open: (opened, mode) => {
      const handle = fileSystem.open(opened, mode)
      if (opened !== path) return handle
      const { read } = handle
      return Object.assign(Object.create(handle) as typeof handle, {
        read: (target: Uint8Array, at: number, lengthBytes: number, positionBytes: number): number => {
          if (positionBytes < sectorAt + 512 && positionBytes + lengthBytes > sectorAt)
            throw new IoError('EIO', 'read', path, positionBytes)
          return read.call(handle, target, at, lengthBytes, positionBytes)
        },
        close: () => handle.close(),
        sizeBytes: () => handle.sizeBytes(),
      })
    },
  }
}
