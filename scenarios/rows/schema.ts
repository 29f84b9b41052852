// scenarios/rows/schema.ts: the table of the rows scenario and the rows that are put into it: every column type, NULL in
// every column that allows it, long strings and binaries, and a key of two columns.
//
// 1. A row follows from its id, its version and `longBytes` alone.
// 2. Ids and versions are chosen so that keys repeat: the key's order has ties, which the primary key decides.

import { column, defineSchema, type RowOf } from '../../engine/index.ts'

export const schema = defineSchema({
  item: {
    columns: {
      id: column.integer(),
      grade: column.integer().nullable(),
      name: column.string(),
      weight: column.double().nullable(),
      active: column.boolean().nullable(),
      body: column.binary().nullable(),
      note: column.string().nullable(),
    },
    primaryKey: 'id',
    keys: { byGrade: { columns: ['grade', 'name'], unique: false } },
  },
})

export type Item = RowOf<(typeof schema)['item']>

/** Names that sort differently by code unit, by code point and by the rules of a language. */
const NAMES = ['apple', 'Zebra', 'ångström', '\u{FFFD}odd', '\u{1D11E}clef'] as const

export function makeItem(id: number, version: number, longBytes: number): Item {
  const mix = id * 5 + version * 3
  return {
    id,
    grade: mix % 4 === 3 ? null : (mix % 4) - 1,
    name: NAMES[mix % NAMES.length] ?? '',
    weight: id % 5 === 4 ? null : (mix - 20) / 7,
    active: [true, false, null][mix % 3] ?? null,
    body: makeBody(id + version, longBytes),
    note: makeNote(id + version, longBytes),
  }
}

function makeBody(kind: number, longBytes: number): Uint8Array | null {
  if (kind % 3 === 1) return null
  const length = kind % 3 === 0 ? longBytes + kind * 101 : kind % 7
  return Uint8Array.from({ length }, (_, i) => (i * 31 + kind) & 0xff)
}

function makeNote(kind: number, longBytes: number): string | null {
  if (kind % 4 === 2) return null
  return kind % 4 === 1 ? `note ${kind} — `.repeat(Math.ceil(longBytes / 12)) : `note ${kind}`
}

/** The order of the key `byGrade`: NULL first, then grade, name by code point, id. */
export function compareByGrade(a: Item, b: Item): number {
  if (a.grade !== b.grade) {
    if (a.grade === null) return -1
    return b.grade === null ? 1 : a.grade - b.grade
  }
  return compareCodePoints(a.name, b.name) || a.id - b.id
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0)
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0)
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
