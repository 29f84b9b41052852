// engine/format/varint.ts: integers whose length follows their value.
//
//   varuint, 0 … 2^53-1            seven bits a byte, lowest first; the top bit says that another byte follows
//   varint, -(2^53-1) … 2^53-1     the varuint of 2v for v >= 0, of -2v-1 for v < 0 (zigzag)
//
//   value below   2^7  2^14  2^21  2^28  2^35  2^42  2^49  2^53
//   bytes           1     2     3     4     5     6     7     8       (a varint: of twice the magnitude)
//
// Invariants: (1) only the shortest form is legal, so equal values have equal bytes, and a value tells the length of
// what it was decoded from; (2) a decoder reads nothing at or past `end`; (3) what is decoded is a safe integer.
//
// Numbers are split into halves of 28 bits, on which shifts work: `%` and `/` of large doubles cost more than a search.

import { FormatError } from './format-error.ts'

/** Bytes of the longest varuint and the longest varint. */
export const VARINT_BYTES_MAX = 8

const HALF = 0x1000_0000 // 2^28
const HIGH_HALF_LIMIT = 0x200_0000 // 2^25: 28 + 25 = 53 bits
const SIGNED_REST_LIMIT = 0x8000_0000_0000 // 2^47: 6 + 47 = 53 bits

/** Length of the varuint of `value` (0 … 2^53-1), in bytes. */
export function varuintSizeBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  if (value < HALF) return 4
  if (value < 0x8_0000_0000) return 5
  if (value < 0x400_0000_0000) return 6
  return value < 0x2_0000_0000_0000 ? 7 : 8
}

/** Writes the varuint of `value` (0 … 2^53-1, not checked) at `offset`; returns the offset behind it. */
export function encodeVaruint(value: number, target: Uint8Array, offset: number): number {
  let at = offset
  if (value < 0x80) {
    target[at] = value
    return at + 1
  }
  let low = value
  if (value >= HALF) {
    const high = Math.floor(value / HALF)
    low = value - high * HALF
    target[at] = low | 0x80
    target[at + 1] = (low >>> 7) | 0x80
    target[at + 2] = (low >>> 14) | 0x80
    target[at + 3] = (low >>> 21) | 0x80
    at += 4
    low = high
  }
  while (low >= 0x80) {
    target[at] = low | 0x80
    low >>>= 7
    at += 1
  }
  target[at] = low
  return at + 1
}

/**
 * Reads the varuint at `offset`; it is `varuintSizeBytes(result)` long. Throws FormatError if it does not end before
 * `end`, is longer than it must be, or is above 2^53-1.
 */
export function decodeVaruint(bytes: Uint8Array, offset: number, end: number): number {
  if (offset < end) {
    const first = bytes[offset] as number
    if (first < 0x80) return first
  }
  return decodeLongVaruint(bytes, offset, end)
}

function decodeLongVaruint(bytes: Uint8Array, offset: number, end: number): number {
  let low = 0
  let high = 0
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    if (offset + index >= end) throw new FormatError('a variable-length integer is cut off', offset)
    const byte = bytes[offset + index] as number
    const bits = byte & 0x7f
    if (index < 4) low |= bits << (7 * index)
    else high |= bits << (7 * (index - 4))
    if (byte >= 0x80) continue
    if (byte === 0 && index > 0) throw new FormatError('a variable-length integer is not in its shortest form', offset)
    if (high >= HIGH_HALF_LIMIT) break
    return high * HALF + low
  }
  throw new FormatError('a variable-length integer is above 2^53-1', offset)
}

/** Length of the varint of `value` (a safe integer), in bytes. */
export function varintSizeBytes(value: number): number {
  const magnitude = value < 0 ? -value - 1 : value
  return magnitude < 64 ? 1 : 1 + varuintSizeBytes(Math.floor(magnitude / 64))
}

/** Writes the varint of `value` (a safe integer, not checked) at `offset`; returns the offset behind it. */
export function encodeVarint(value: number, target: Uint8Array, offset: number): number {
  const sign = value < 0 ? 1 : 0
  const magnitude = value < 0 ? -value - 1 : value
  if (magnitude < 64) {
    target[offset] = (magnitude << 1) | sign
    return offset + 1
  }
  const rest = Math.floor(magnitude / 64)
  target[offset] = ((magnitude - rest * 64) << 1) | sign | 0x80
  return encodeVaruint(rest, target, offset + 1)
}

/** Reads the varint at `offset`; it is `varintSizeBytes(result)` long. Throws FormatError as `decodeVaruint`. */
export function decodeVarint(bytes: Uint8Array, offset: number, end: number): number {
  if (offset >= end) throw new FormatError('a variable-length integer is cut off', offset)
  const first = bytes[offset] as number
  const sign = first & 1
  let magnitude = (first & 0x7f) >> 1
  if (first >= 0x80) {
    const rest = decodeVaruint(bytes, offset + 1, end)
    if (rest === 0) throw new FormatError('a variable-length integer is not in its shortest form', offset)
    if (rest >= SIGNED_REST_LIMIT) throw new FormatError('a variable-length integer is above 2^53-1', offset)
    magnitude += rest * 64
  }
  if (sign === 0) return magnitude
  if (magnitude === Number.MAX_SAFE_INTEGER) throw new FormatError('an integer is below -(2^53-1)', offset)
  return -magnitude - 1
}
