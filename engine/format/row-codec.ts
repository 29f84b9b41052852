// engine/format/row-codec.ts: a row as packed bytes, in which what is not there takes no room.
//
//   AVL data:        count varuint, then for each: key id, left rowid, right rowid, flag (varuints)
//   reference data:  count varuint, then for each: reference id, rowid (varuints)
//   column data:     groups of columns with consecutive ids, ascending, up to the end of the row:
//                      number of columns varuint | id of the first varuint | their values
//
//   integer  varint                       double   8 bytes, IEEE-754 big-endian
//   string   length varuint, UTF-8        boolean  1 byte, 0 or 1
//   binary   length varuint, bytes
//
// A group of 0 columns ends a row; its "first id" says how many columns the table had had when the row was written.
//
// Invariants: (1) NULL takes no bytes: it is a gap between groups. (2) Ids are given in the order in which columns are
// added, and never twice. A column that a row does not hold is NULL if the row was written when the table had it (its id
// is below the end of the row's last group), else it has the column's default. The group of 0 columns is written only
// where a row would otherwise be misread so. Adding a column rewrites no row. (3) A dropped column stays in old rows and
// in the catalog with its type, which says how to skip its value; its name and default are gone. Values carry no type of
// their own: that would cost a byte for each double and long string of each row. (4) The same values with the same
// layout have the same bytes. (5) A decoder throws FormatError for any bytes that are not a row of the layout, and reads
// nothing outside them.
//
// Differs from the C engines of this family: strings are JavaScript strings, so U+0000 and what follows it is kept.
// The AVL and reference parts are empty in rows that this version writes; both are skipped when read.

import { assert, EngineError } from '../errors.ts'
import { copyForCaller } from './caller-bytes.ts'
import { valueError, type ColumnType, type ColumnValue } from './column.ts'
import { decodeDouble, DOUBLE_SIZE_BYTES, encodeDouble } from './double.ts'
import { FormatError } from './format-error.ts'
import { decodeUtf8, encodeUtf8, utf8SizeBytes } from './utf8.ts'
import {
  decodeVarint,
  decodeVaruint,
  encodeVarint,
  encodeVaruint,
  varintSizeBytes,
  varuintSizeBytes,
} from './varint.ts'

const AVL_FIELDS = 4
const REFERENCE_FIELDS = 2

/** A column that the table has or had. */
export type RowColumn = Readonly<{
  /** From 0, in the order in which columns were added. */
  id: number
  name: string
  type: ColumnType
  /** The column is gone; old rows may still hold values. */
  dropped?: boolean
  /** What rows have that were written before the column was added, for ever the same; NULL if absent. */
  defaultValue?: ColumnValue
}>

/** Packs and unpacks the rows of one table. Values are listed in the order of the columns that are not dropped. */
export class RowCodec {
  /** The columns that a row's values are for, in order of their ids. */
  readonly columns: readonly RowColumn[]
  readonly #types: readonly ColumnType[] // by id, dropped ones included
  readonly #positions: readonly number[] // by id: index into `columns`, -1 if dropped
  /** The id behind the last column that has a default other than NULL. */
  readonly #defaultsEnd: number

  /** `columns`: all that the table has or had, with ids 0, 1, 2, … in this order. Throws E_SCHEMA if they are not. */
  constructor(columns: readonly RowColumn[]) {
    for (const [index, column] of columns.entries()) {
      if (column.id !== index)
        throw new EngineError('E_SCHEMA', `column '${column.name}' has id ${column.id}, not ${index}`)
    }
    this.columns = columns.filter((column) => column.dropped !== true)
    this.#types = columns.map((column) => column.type)
    this.#positions = columns.map((column) => this.columns.indexOf(column))
    this.#defaultsEnd = 1 + columns.findLastIndex((c) => c.dropped !== true && (c.defaultValue ?? null) !== null)
  }

  /** Length of the packed row, in bytes. Throws E_CONSTRAINT (column named) for a value that its column cannot hold. */
  rowSizeBytes(values: readonly ColumnValue[]): number {
    assert(values.length === this.columns.length, 'a row has a value for each column')
    let sizeBytes = 2
    let end = 0 // the id behind the last column written
    for (let position = 0; position < values.length;) {
      if (values[position] === null) {
        position += 1
        continue
      }
      const after = this.#groupEnd(values, position)
      sizeBytes += varuintSizeBytes(after - position) + varuintSizeBytes(this.#column(position).id)
      for (; position < after; position += 1) {
        sizeBytes += valueSizeBytes(this.#column(position), values[position] as ColumnValue)
      }
      end = this.#column(after - 1).id + 1
    }
    return end < this.#defaultsEnd ? sizeBytes + 1 + varuintSizeBytes(this.#types.length) : sizeBytes
  }

  /** Packs a row, whose size was asked for before, at `offset`; returns the offset behind it. */
  encodeRow(values: readonly ColumnValue[], target: Uint8Array, offset: number): number {
    target[offset] = 0
    target[offset + 1] = 0
    let at = offset + 2
    let end = 0
    for (let position = 0; position < values.length;) {
      if (values[position] === null) {
        position += 1
        continue
      }
      const after = this.#groupEnd(values, position)
      at = encodeVaruint(after - position, target, at)
      at = encodeVaruint(this.#column(position).id, target, at)
      for (; position < after; position += 1) {
        at = encodeValue(this.#column(position).type, values[position] as ColumnValue, target, at)
      }
      end = this.#column(after - 1).id + 1
    }
    if (end < this.#defaultsEnd) {
      at = encodeVaruint(0, target, at)
      at = encodeVaruint(this.#types.length, target, at)
    }
    return at
  }

  /** The values of the packed row `bytes[start … end)`; binaries are copies that belong to the caller. */
  decodeRow(bytes: Uint8Array, start: number, end: number): ColumnValue[] {
    const values: ColumnValue[] = Array(this.columns.length).fill(null) // charged: the caller's, as long as a row
    const known = this.#walk(bytes, start, end, values, -1)
    if (known < this.#defaultsEnd) {
      for (const [position, column] of this.columns.entries()) {
        if (column.id >= known) values[position] = column.defaultValue ?? null
      }
    }
    return values
  }

  /** The value of one column (index into `columns`) of the packed row `bytes[start … end)`; nothing else is unpacked. */
  decodeColumn(position: number, bytes: Uint8Array, start: number, end: number): ColumnValue {
    const column = this.#column(position)
    const values: ColumnValue[] = [null]
    const known = this.#walk(bytes, start, end, values, column.id)
    return known <= column.id ? (column.defaultValue ?? null) : (values[0] as ColumnValue)
  }

  /**
   * Goes through a packed row. Puts all values into `values` by position, or only that of column `onlyId` into
   * `values[0]` if it is not -1. Returns the number of columns that the table is known to have had.
   */
  #walk(bytes: Uint8Array, start: number, end: number, values: ColumnValue[], onlyId: number): number {
    let at = skipPart(bytes, start, end, AVL_FIELDS)
    at = skipPart(bytes, at, end, REFERENCE_FIELDS)
    let known = 0
    while (at < end) {
      const count = decodeVaruint(bytes, at, end)
      at += varuintSizeBytes(count)
      const first = decodeVaruint(bytes, at, end)
      const gapless = first === known && known > 0 && count > 0 // would have been one group
      if (first < known || gapless || first + count > this.#types.length) {
        throw new FormatError(`a row has ${count} columns from id ${first} on behind ${known}`, at)
      }
      at += varuintSizeBytes(first)
      for (let id = first; id < first + count; id += 1) {
        const type = this.#types[id] as ColumnType
        const after = skipValue(type, bytes, at, end)
        if (onlyId === -1) {
          const position = this.#positions[id] as number
          if (position >= 0) values[position] = decodeValue(type, bytes, at, after)
        } else if (id === onlyId) {
          values[0] = decodeValue(type, bytes, at, after)
        }
        at = after
      }
      if (count === 0 && at !== end) throw new FormatError('a row goes on behind its end', at)
      known = first + count
    }
    return known
  }

  /** The position behind the group of values that are not NULL and whose ids follow each other, from `position` on. */
  #groupEnd(values: readonly ColumnValue[], position: number): number {
    const difference = this.#column(position).id - position
    let after = position + 1
    while (after < values.length && values[after] !== null && this.#column(after).id - after === difference) after += 1
    return after
  }

  #column(position: number): RowColumn {
    return this.columns[position] as RowColumn
  }
}

function skipPart(bytes: Uint8Array, start: number, end: number, fields: number): number {
  const count = decodeVaruint(bytes, start, end)
  let at = start + varuintSizeBytes(count)
  if (count * fields > end - at) throw new FormatError(`a row has a part of ${count} entries`, start)
  for (let field = 0; field < count * fields; field += 1) at += varuintSizeBytes(decodeVaruint(bytes, at, end))
  return at
}

function valueSizeBytes(column: RowColumn, value: ColumnValue): number {
  switch (column.type) {
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return varintSizeBytes(value)
      break
    case 'double':
      if (typeof value === 'number') return DOUBLE_SIZE_BYTES
      break
    case 'string':
      if (typeof value === 'string') {
        const sizeBytes = utf8SizeBytes(value)
        if (sizeBytes >= 0) return varuintSizeBytes(sizeBytes) + sizeBytes
      }
      break
    case 'binary':
      if (value instanceof Uint8Array) return varuintSizeBytes(value.length) + value.length
      break
    case 'boolean':
      if (typeof value === 'boolean') return 1
      break
    default:
      return column.type satisfies never
  }
  throw valueError(column.type, value, column.name)
}

function encodeValue(type: ColumnType, value: ColumnValue, target: Uint8Array, offset: number): number {
  if (typeof value === 'number') {
    return type === 'integer' ? encodeVarint(value, target, offset) : encodeDouble(value, target, offset)
  }
  if (typeof value === 'string') {
    const lengthBytes = utf8SizeBytes(value)
    return encodeUtf8(value, target, encodeVaruint(lengthBytes, target, offset))
  }
  if (typeof value === 'boolean') {
    target[offset] = value ? 1 : 0
    return offset + 1
  }
  assert(value !== null, 'NULL is a gap, not a value')
  const at = encodeVaruint(value.length, target, offset)
  target.set(value, at)
  return at + value.length
}

/** The offset behind a value. */
function skipValue(type: ColumnType, bytes: Uint8Array, offset: number, end: number): number {
  switch (type) {
    case 'integer':
      return offset + varintSizeBytes(decodeVarint(bytes, offset, end))
    case 'double':
      if (end - offset < DOUBLE_SIZE_BYTES) throw new FormatError('a double is cut off', offset)
      return offset + DOUBLE_SIZE_BYTES
    case 'boolean':
      if (offset >= end) throw new FormatError('a boolean is missing', offset)
      if ((bytes[offset] as number) > 1) throw new FormatError('a boolean is neither 0 nor 1', offset)
      return offset + 1
    case 'string':
    case 'binary': {
      const lengthBytes = decodeVaruint(bytes, offset, end)
      const at = offset + varuintSizeBytes(lengthBytes)
      if (lengthBytes > end - at) throw new FormatError(`a ${type} of ${lengthBytes} bytes is cut off`, offset)
      return at + lengthBytes
    }
    default:
      return type satisfies never
  }
}

/** The value in `bytes[offset … end)`, as `skipValue` found it. */
function decodeValue(type: ColumnType, bytes: Uint8Array, offset: number, end: number): ColumnValue {
  switch (type) {
    case 'integer':
      return decodeVarint(bytes, offset, end)
    case 'double':
      return decodeDouble(bytes, offset)
    case 'boolean':
      return bytes[offset] === 1
    case 'string':
    case 'binary': {
      const at = offset + varuintSizeBytes(decodeVaruint(bytes, offset, end))
      return type === 'string' ? decodeUtf8(bytes, at, end) : copyForCaller(bytes, at, end)
    }
    default:
      return type satisfies never
  }
}
