// test/engine/database/bit-flips.test.ts: no flipped bit of a cleanly closed database passes unseen.
//
// "Seen" is: the open throws E_CORRUPT, or verify reports, and one of the places named is in that pack, at or before the
// flip: the record that holds it, or where the bytes that are summed together begin. No row that is read is ever wrong.

import { beforeAll, describe, expect, it } from 'vitest'
import { EngineError, type DamageReport } from '../../../engine/index.ts'
import { stream, type DiskImage } from '../../../faults/index.ts'
import { DIRECTORY, Machine, errorOf, packsOf, withFile } from '../machine.ts'
import { itemSchema, readItems, textOf, type Item } from './items.ts'

const SEED = 20_260_101
const FLIPS = 2000

type Closed = Readonly<{ image: DiskImage; packs: ReadonlyMap<string, Uint8Array>; rows: string }>

function itemOf(id: number, bytes: number): Item {
  return {
    id,
    group: id % 3 === 0 ? null : id % 5,
    name: `item ${id}`,
    tag: id % 2 === 0 ? `t${id}` : null,
    weight: id / 7,
    bytes: bytes === 0 ? null : new Uint8Array(bytes).fill(id),
    done: id % 2 === 1,
  }
}

/** Several packs: roll-overs, long rows, aborted transactions that were flushed, clean closes in between. */
function closedDatabase(
  pack: Readonly<{ packBytesMax: number; markerIntervalBytes: number }>,
  transactions: number,
  fanOut: number,
): Closed {
  const machine = new Machine()
  const open = (): ReturnType<typeof machine.open<typeof itemSchema>> =>
    machine.open({ schema: itemSchema, pack, fanOut, writeBufferBytes: 512 })
  let database = open()
  for (let round = 0; round < transactions; round += 1) {
    database.update((transaction) => {
      for (let id = round * 3; id < round * 3 + 3; id += 1)
        transaction.insert('item', itemOf(id, id % 11 === 0 ? pack.packBytesMax : id % 40))
      if (round > 2) transaction.delete('item', round)
      if (round > 3) transaction.update('item', round * 3 - 4, { name: `changed ${round}`, group: round % 4 })
    })
    if (round % 4 === 1) {
      const aborted = database.begin()
      aborted.insert('item', itemOf(10_000, 1500 + round * 37))
      aborted.abort()
    }
    if (round % 5 === 4) {
      database.close()
      database = open()
    }
  }
  const rows = textOf(database.read(readItems))
  expect(database.verify()).toEqual([])
  database.close()
  const image = machine.image()
  const check = new Machine(image)
  const { problems, summary } = check.verify()
  expect(problems).toEqual([])
  expect(summary.openedClean).toBe(true)
  return { image, packs: packsOf(image), rows }
}

type Seen = Readonly<{ how: 'open' | 'verify'; places: readonly Readonly<{ path: string; offsetBytes: number }>[] }>

function damaged(closed: Closed, path: string, offset: number, bit: number): Machine {
  const bytes = Uint8Array.from(closed.packs.get(path) ?? [])
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit)
  return new Machine(withFile(closed.image, path, bytes))
}

function seenBy(machine: Machine): Seen | undefined {
  let problems: readonly DamageReport[] = []
  const error = errorOf(() => {
    problems = machine.verify().problems
  })
  if (error !== undefined) {
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    return { how: 'open', places: [{ path: error.context.path ?? '', offsetBytes: error.context.offsetBytes ?? -1 }] }
  }
  return problems.length === 0 ? undefined : { how: 'verify', places: problems }
}

/** What is read is right, or the reading fails as damage: never a wrong row. */
function readsNothingWrong(closed: Closed, machine: Machine): boolean {
  let text = closed.rows
  const error = errorOf(() => {
    const database = machine.open({ schema: itemSchema })
    try {
      text = textOf(database.read(readItems))
    } finally {
      database.close()
    }
  })
  if (error !== undefined && !(error instanceof EngineError && error.code === 'E_CORRUPT')) throw error
  return text === closed.rows
}

function expectSeen(closed: Closed, path: string, offset: number, bit: number): void {
  const at = `${path.slice(DIRECTORY.length + 1)} ${offset} bit ${bit}`
  const machine = damaged(closed, path, offset, bit)
  const seen = seenBy(machine)
  expect(seen, `nobody saw the flip at ${at}`).toBeDefined()
  const near = seen?.places.some(
    (place) => place.path === path && place.offsetBytes >= 0 && place.offsetBytes <= offset,
  )
  expect(near, `the flip at ${at} was told as ${JSON.stringify(seen)}`).toBe(true)
  expect(readsNothingWrong(closed, new Machine(machine.image())), `wrong rows after the flip at ${at}`).toBe(true)
}

describe('a flipped bit of a closed database', { tags: ['DMG-01'] }, () => {
  let closed: Closed

  beforeAll(() => {
    closed = closedDatabase({ packBytesMax: 8192, markerIntervalBytes: 512 }, 14, 4)
  })

  it('is in a database with several packs', () => {
    expect(closed.packs.size).toBeGreaterThan(4)
  })

  it(`is seen at each of ${FLIPS} places, by pack and offset, and never read as data`, () => {
    const random = stream(SEED, 'flips')
    const packs = [...closed.packs]
    const total = packs.reduce((sum, [, { length }]) => sum + length, 0)
    for (let flip = 0; flip < FLIPS; flip += 1) {
      let place = random.integer(total)
      for (const [path, { length }] of packs) {
        if (place < length) {
          expectSeen(closed, path, place, random.integer(8))
          break
        }
        place -= length
      }
    }
  })
})

describe('a flipped bit of a small closed database', { tags: ['DMG-01'] }, () => {
  it('is seen in every bit of headers, markers, commit marks and close records', { tags: ['PRT-02'] }, () => {
    const closed = closedDatabase({ packBytesMax: 4096, markerIntervalBytes: 512 }, 2, 32)
    const [, [path, bytes] = ['', new Uint8Array(0)]] = [...closed.packs].toReversed()
    const [newest, newestBytes] = [...closed.packs].at(-1) ?? ['', new Uint8Array(0)]
    for (const bit of bitsOf(newestBytes, 0, 112)) expectSeen(closed, newest, ...bit)
    // The close record, the filler before it and the marker between them.
    for (const bit of bitsOf(newestBytes, newestBytes.length - 60, newestBytes.length))
      expectSeen(closed, newest, ...bit)
    for (const bit of bitsOf(bytes, 0, 112)) expectSeen(closed, path, ...bit)
    for (const bit of bitsOf(bytes, 512, 536)) expectSeen(closed, path, ...bit)
    let marks = 0
    for (const [pack, content] of closed.packs) {
      const at = markAt(content)
      if (at === undefined) continue
      marks += 1
      for (const bit of bitsOf(content, at, at + 74)) expectSeen(closed, pack, ...bit)
    }
    expect(marks).toBeGreaterThan(1)
  })
})

function* bitsOf(bytes: Uint8Array, from: number, to: number): Generator<[number, number]> {
  for (let offset = from; offset < Math.min(to, bytes.length); offset += 1)
    for (let bit = 0; bit < 8; bit += 1) yield [offset, bit]
}

/** The last commit mark of a pack, by its type and length. */
function markAt(bytes: Uint8Array): number | undefined {
  for (let at = bytes.length - 74; at > 112; at -= 1) if (bytes[at] === 0xa6 && bytes[at + 1] === 68) return at
  return undefined
}
