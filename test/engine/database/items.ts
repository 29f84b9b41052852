// test/engine/database/items.ts: one table with every column type, a key with duplicates and a unique one; and its plain
// model: rows in a map, ranges by sorting.

import { column, defineSchema, type Reader, type RowOf, type ScanOptions, type Value } from '../../../engine/index.ts'

export const itemSchema = defineSchema({
  item: {
    columns: {
      id: column.integer(),
      group: column.integer().nullable(),
      name: column.string(),
      tag: column.string().nullable(),
      weight: column.double().nullable(),
      bytes: column.binary().nullable(),
      done: column.boolean(),
    },
    primaryKey: 'id',
    keys: {
      byGroup: { columns: ['group', 'name'] },
      byTag: { columns: ['tag'], unique: true },
    },
  },
})

export type ItemSchema = typeof itemSchema
export type Item = RowOf<ItemSchema['item']>
export type Items = ReadonlyMap<number, Item>

/** Columns of each key, as far as they order rows; the primary key comes last. */
const KEY_COLUMNS = { id: ['id'], byGroup: ['group', 'name', 'id'], byTag: ['tag', 'id'] } as const
export type KeyName = keyof typeof KEY_COLUMNS

function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  // The order of UTF-8 bytes is that of code points; JavaScript's `<` is that of code units.
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function compareTo(row: Item, by: KeyName, bound: readonly Value[]): number {
  for (const [index, value] of bound.entries()) {
    const name = KEY_COLUMNS[by][index]
    if (name === undefined) throw new RangeError('the bound has more values than the key')
    const order = compareValues(row[name], value)
    if (order !== 0) return order
  }
  return 0
}

export function sortedItems(items: Items, by: KeyName = 'id'): Item[] {
  return [...items.values()].toSorted((a, b) =>
    compareTo(
      a,
      by,
      KEY_COLUMNS[by].map((name) => b[name]),
    ),
  )
}

export type ItemRange = Readonly<{
  by: KeyName
  from: readonly Value[] | undefined
  fromExclusive: boolean
  to: readonly Value[] | undefined
  toInclusive: boolean
  reverse: boolean
}>

export function scanOptions(range: ItemRange): ScanOptions {
  const { by, from, to, ...rest } = range
  return {
    ...rest,
    ...(by === 'id' ? {} : { by }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

export function rangeOf(items: Items, range: ItemRange): Item[] {
  const { by, from, to, fromExclusive, toInclusive, reverse } = range
  const found = sortedItems(items, by).filter((row) => {
    const low = from === undefined ? 1 : compareTo(row, by, from)
    const high = to === undefined ? -1 : compareTo(row, by, to)
    return (low > 0 || (low === 0 && !fromExclusive)) && (high < 0 || (high === 0 && toInclusive))
  })
  return reverse ? found.toReversed() : found
}

/** Everything in the store, by primary key. */
export function readItems(reader: Reader<ItemSchema>): Item[] {
  return [...reader.scan('item')]
}

/** Rows as text that tells any two contents apart, -0 and binaries included. */
export function textOf(rows: Iterable<Item>): string {
  return JSON.stringify([...rows], (_key, value: unknown) => {
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
    return Object.is(value, -0) ? '-0' : value
  })
}
