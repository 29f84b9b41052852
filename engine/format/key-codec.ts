// engine/format/key-codec.ts: compound keys as bytes whose order is the order of the values.
//
// A key is its columns' encodings, one behind the other. The first byte of a column is 0x00 for NULL, else:
//
//   integer   0x01 … 0x07   negative: 7 … 1 bytes of -v follow, big-endian, every bit inverted
//             0x08 … 0xf8   the value -16 … 224 itself, plus 0x18
//             0xf9 … 0xff   positive: 1 … 7 bytes of v follow, big-endian
//   double    0x01          8 bytes follow: IEEE-754 big-endian, sign bit inverted if positive, every bit if negative
//   string    0x01          UTF-8 follows, 0x00 written as 01 01 and 0x01 as 01 02, ended by 0x00
//   binary    0x01          as string
//   boolean   0x01, 0x02    false, true
//
// Invariants: (1) comparing encodings byte by byte gives the order of the values, column by column, NULL first; strings
// by code point, binaries by byte, NaN above all doubles, and -0 is the same key as 0 (the row keeps the sign);
// (2) no encoding of a column is the beginning of another, so a prefix of columns is a prefix of bytes;
// (3) equal values have equal bytes: a decoder refuses an integer that is longer than it must be.
//
// Not covered: collations; descending columns (a scan backward gives a whole key in descending order).

import { EngineError } from '../errors.ts'
import { copyForCaller } from './caller-bytes.ts'
import { valueError, type ColumnType, type ColumnValue } from './column.ts'
import { DOUBLE_SIZE_BYTES, decodeOrderedDouble, encodeOrderedDouble } from './double.ts'
import { FormatError } from './format-error.ts'
import { decodeUtf8, encodeUtf8, utf8SizeBytes } from './utf8.ts'

const INLINE_MIN = -16
const INLINE_MAX = 224
const INLINE_BIAS = 0x18
const NULL_BYTE = 0x00
const PRESENT_BYTE = 0x01
const TRUE_BYTE = 0x02
const ESCAPE_BYTE = 0x01
const END_BYTE = 0x00

/** Length of the encoding of `value`, in bytes. Throws E_CONSTRAINT (naming `column`) if the type cannot hold it. */
export function keyColumnSizeBytes(type: ColumnType, value: ColumnValue, column?: string): number {
  if (value === null) return 1
  switch (type) {
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return 1 + magnitudeSizeBytes(value)
      break
    case 'double':
      if (typeof value === 'number') return 1 + DOUBLE_SIZE_BYTES
      break
    case 'string':
      if (typeof value === 'string') {
        const sizeBytes = utf8SizeBytes(value)
        if (sizeBytes >= 0) return 2 + sizeBytes + escapesInText(value)
      }
      break
    case 'binary':
      if (value instanceof Uint8Array) return 2 + value.length + escapesInBytes(value)
      break
    case 'boolean':
      if (typeof value === 'boolean') return 1
      break
    default:
      return type satisfies never
  }
  throw valueError(type, value, column)
}

/**
 * Writes the encoding of `value` at `offset`; returns the offset behind it. The value was given to `keyColumnSizeBytes`
 * before, which checks it, and the target has room for that many bytes.
 */
export function encodeKeyColumn(type: ColumnType, value: ColumnValue, target: Uint8Array, offset: number): number {
  if (value === null) {
    target[offset] = NULL_BYTE
    return offset + 1
  }
  if (typeof value === 'number') {
    if (type === 'integer') return encodeInteger(value, target, offset)
    target[offset] = PRESENT_BYTE
    return encodeOrderedDouble(value, target, offset + 1)
  }
  if (typeof value === 'boolean') {
    target[offset] = value ? TRUE_BYTE : PRESENT_BYTE
    return offset + 1
  }
  target[offset] = PRESENT_BYTE
  let end: number
  let escapes: number
  if (typeof value === 'string') {
    end = encodeUtf8(value, target, offset + 1)
    escapes = escapesInText(value)
  } else {
    target.set(value, offset + 1)
    end = offset + 1 + value.length
    escapes = escapesInBytes(value)
  }
  if (escapes > 0) end = spreadEscapes(target, offset + 1, end, escapes)
  target[end] = END_BYTE
  return end + 1
}

/** The offset behind the column's encoding at `offset`. Throws FormatError. */
export function skipKeyColumn(type: ColumnType, bytes: Uint8Array, offset: number, end: number): number {
  if (offset >= end) throw new FormatError('a key column is missing', offset)
  const first = bytes[offset] as number
  if (first === NULL_BYTE) return offset + 1
  let after = offset + 1
  switch (type) {
    case 'integer':
      if (first < 0x08) after += 0x08 - first
      else if (first > 0xf8) after += first - 0xf8
      break
    case 'double':
      if (first !== PRESENT_BYTE) throw new FormatError('a double in a key has a wrong first byte', offset)
      after += DOUBLE_SIZE_BYTES
      break
    case 'boolean':
      if (first > TRUE_BYTE) throw new FormatError('a boolean in a key is neither true nor false', offset)
      break
    case 'string':
    case 'binary':
      if (first !== PRESENT_BYTE) throw new FormatError(`a ${type} in a key has a wrong first byte`, offset)
      while (after < end && bytes[after] !== END_BYTE) after += 1
      after += 1
      break
    default:
      return type satisfies never
  }
  if (after > end) throw new FormatError('a key column is cut off', offset)
  return after
}

/** The value of the column whose encoding is `bytes[offset … end)`, as `skipKeyColumn` found it. Throws FormatError. */
export function decodeKeyColumn(type: ColumnType, bytes: Uint8Array, offset: number, end: number): ColumnValue {
  if (bytes[offset] === NULL_BYTE) return null
  switch (type) {
    case 'integer':
      return decodeInteger(bytes, offset)
    case 'double':
      return decodeOrderedDouble(bytes, offset + 1)
    case 'boolean':
      return bytes[offset] === TRUE_BYTE
    case 'string':
      return decodeEscapedText(bytes, offset + 1, end - 1)
    case 'binary':
      return unescapedBytes(bytes, offset + 1, end - 1)
    default:
      return type satisfies never
  }
}

/** Length of a key of these columns, in bytes; as many values as types, or fewer for a prefix. Throws E_CONSTRAINT. */
export function keySizeBytes(types: readonly ColumnType[], values: readonly ColumnValue[]): number {
  let sizeBytes = 0
  for (const [index, value] of values.entries()) sizeBytes += keyColumnSizeBytes(typeAt(types, index), value)
  return sizeBytes
}

/** Writes a key, whose size was asked for before, at `offset`; returns the offset behind it. */
export function encodeKey(
  types: readonly ColumnType[],
  values: readonly ColumnValue[],
  target: Uint8Array,
  offset: number,
): number {
  let at = offset
  for (const [index, value] of values.entries()) at = encodeKeyColumn(typeAt(types, index), value, target, at)
  return at
}

/** The values of the key `bytes[start … end)`. Throws FormatError, also if bytes are left over. */
export function decodeKey(types: readonly ColumnType[], bytes: Uint8Array, start: number, end: number): ColumnValue[] {
  const values: ColumnValue[] = [] // charged: as long as the key has columns, the caller's
  let at = start
  for (const type of types) {
    const after = skipKeyColumn(type, bytes, at, end)
    values.push(decodeKeyColumn(type, bytes, at, after))
    at = after
  }
  if (at !== end) throw new FormatError('a key is longer than its columns', at)
  return values
}

/**
 * Turns a prefix into the least key above all keys that begin with it, in place; returns the new length. 0: there is no
 * such key (the prefix is empty or all 0xff), the range is open.
 */
export function prefixToUpperBound(target: Uint8Array, start: number, lengthBytes: number): number {
  let end = start + lengthBytes
  while (end > start && target[end - 1] === 0xff) end -= 1
  if (end > start) target[end - 1] = (target[end - 1] as number) + 1
  return end - start
}

function typeAt(types: readonly ColumnType[], index: number): ColumnType {
  const type = types[index]
  if (type === undefined) throw new EngineError('E_USAGE', `the key has ${types.length} columns, not ${index + 1}`)
  return type
}

/** Bytes behind the first one. */
function magnitudeSizeBytes(value: number): number {
  if (value >= INLINE_MIN && value <= INLINE_MAX) return 0
  const magnitude = Math.abs(value)
  if (magnitude < 0x100) return 1
  if (magnitude < 0x1_0000) return 2
  if (magnitude < 0x100_0000) return 3
  if (magnitude < 0x1_0000_0000) return 4
  if (magnitude < 0x100_0000_0000) return 5
  return magnitude < 0x1_0000_0000_0000 ? 6 : 7
}

function encodeInteger(value: number, target: Uint8Array, offset: number): number {
  const sizeBytes = magnitudeSizeBytes(value)
  if (sizeBytes === 0) {
    target[offset] = value + INLINE_BIAS
    return offset + 1
  }
  const inversion = value < 0 ? 0xff : 0x00
  target[offset] = value < 0 ? 0x08 - sizeBytes : 0xf8 + sizeBytes
  let rest = Math.abs(value)
  for (let at = offset + sizeBytes; at > offset; at -= 1) {
    const next = Math.floor(rest / 0x100)
    target[at] = (rest - next * 0x100) ^ inversion
    rest = next
  }
  return offset + 1 + sizeBytes
}

function decodeInteger(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset] as number
  if (first >= 0x08 && first <= 0xf8) return first - INLINE_BIAS
  const negative = first < 0x08
  const sizeBytes = negative ? 0x08 - first : first - 0xf8
  const inversion = negative ? 0xff : 0x00
  let magnitude = 0
  for (let at = offset + 1; at <= offset + sizeBytes; at += 1) {
    magnitude = magnitude * 0x100 + ((bytes[at] as number) ^ inversion)
  }
  const value = negative ? -magnitude : magnitude
  if (!Number.isSafeInteger(value)) throw new FormatError('an integer in a key is too large', offset)
  if (magnitudeSizeBytes(value) !== sizeBytes) {
    throw new FormatError('an integer in a key is not in its shortest form', offset)
  }
  return value
}

function escapesInText(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) <= ESCAPE_BYTE) count += 1
  return count
}

function escapesInBytes(bytes: Uint8Array): number {
  let count = 0
  for (let index = 0; index < bytes.length; index += 1) if ((bytes[index] as number) <= ESCAPE_BYTE) count += 1
  return count
}

/** Makes room for `escapes` escape bytes in `target[start … end)`, from the back; returns the new end. */
function spreadEscapes(target: Uint8Array, start: number, end: number, escapes: number): number {
  let to = end + escapes
  for (let from = end - 1; from >= start; from -= 1) {
    const byte = target[from] as number
    to -= 1
    if (byte > ESCAPE_BYTE) {
      target[to] = byte
    } else {
      target[to] = byte + 1
      to -= 1
      target[to] = ESCAPE_BYTE
    }
  }
  return end + escapes
}

/** The bytes of an escaped column, without its escapes, in memory of the caller's. */
function unescapedBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = copyForCaller(bytes, start, end)
  let to = 0
  for (let from = 0; from < copy.length; from += 1) {
    let byte = copy[from] as number
    if (byte === ESCAPE_BYTE) {
      from += 1
      const escaped = from < copy.length ? (copy[from] as number) : 0
      if (escaped !== 0x01 && escaped !== 0x02) throw new FormatError('a key has a wrong escape', start + from)
      byte = escaped - 1
    }
    copy[to] = byte
    to += 1
  }
  return to === copy.length ? copy : copyForCaller(copy, 0, to)
}

function decodeEscapedText(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== ESCAPE_BYTE) continue
    const plain = unescapedBytes(bytes, start, end)
    return decodeUtf8(plain, 0, plain.length)
  }
  return decodeUtf8(bytes, start, end)
}
