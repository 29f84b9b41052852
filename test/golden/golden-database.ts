// test/golden/golden-database.ts: the database that the golden files hold, made again by today's code.
//
// Small sizes, so that a few kilobytes meet every kind of record: roll-overs, markers within records and between them,
// long items in chunks, bytes of an aborted transaction, fillers that vouch for them, close records, a clean reopen, a
// crash and the pack that rewrites what it left, trees of several levels, every column type, NULL, both kinds of keys.

import type { DiskImage } from '../../faults/index.ts'
import { itemSchema, readItems, type Item } from '../engine/database/items.ts'
import { Machine, packsOf } from '../engine/machine.ts'

const OPTIONS = {
  schema: itemSchema,
  fanOut: 4,
  pack: { packBytesMax: 4096, markerIntervalBytes: 512, tailLimitBytes: 1024, syncEveryBytes: 8192 },
  writeBufferBytes: 512,
} as const

function rowOf(id: number): Item {
  return {
    id,
    group: id % 4 === 0 ? null : (id % 3) - 1,
    name: ['', 'a', 'é', '\u{1f600}', 'x\u0000y'][id % 5] ?? '',
    tag: id % 2 === 0 ? `tag ${id}` : null,
    weight: id % 3 === 0 ? null : -id / 8,
    bytes: id === 7 ? new Uint8Array(3000).map((_, index) => index & 0xff) : new Uint8Array(id % 6).fill(id),
    done: id % 2 === 1,
  }
}

export type Golden = Readonly<{ image: DiskImage; packs: ReadonlyMap<string, Uint8Array>; rows: readonly Item[] }>

export function makeGolden(): Golden {
  const machine = new Machine()
  let database = machine.open(OPTIONS)
  for (let id = 0; id < 9; id += 1) database.update((transaction) => transaction.insert('item', rowOf(id)))
  const aborted = database.begin()
  aborted.insert('item', { ...rowOf(100), bytes: new Uint8Array(1200).fill(0xee) })
  aborted.abort()
  database.close()
  database = machine.open(OPTIONS)
  database.update((transaction) => {
    for (let id = 9; id < 14; id += 1) transaction.insert('item', rowOf(id))
    transaction.delete('item', 2)
    transaction.update('item', 3, { name: 'changed', group: 2 ** 33 })
  })
  machine.kill()
  database = machine.open(OPTIONS)
  database.update((transaction) => transaction.insert('item', rowOf(14)))
  database.update((transaction) => transaction.update('item', 0, { weight: -0, tag: null }))
  const rows = database.read(readItems)
  database.close()
  return { image: machine.image(), packs: packsOf(machine.image()), rows }
}
