// engine/format/checksum.ts: the two sums that guard a pack's bytes.
//
// 1. Every checksum is seeded with the database's id, the pack's number and the record's offset, so that a whole record
//    in the wrong place (a recycled disk block, a misdirected write) does not check.
// 2. Both sums can be continued: sum(a ++ b) = continue(sum(a), b), whatever the cut.
//
// CRC-32 is the one of ISO 3309 (zlib's). The second, independent sum is FNV-1a over bytes, 32 bits
// (draft-eastlake-fnv). Short ranges are summed here, long ones by zlib: the call costs more than a short loop.

import { crc32 as zlibCrc32 } from 'node:zlib'

const NATIVE_FROM_BYTES = 768

// A constant of the algorithm, not data: 256 entries for each of 4 byte positions.
const TABLE = makeTable()

function makeTable(): Int32Array {
  const table = new Int32Array(1024) // charged: nothing, because it is a constant of the algorithm
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    table[byte] = value
  }
  for (let byte = 0; byte < 256; byte += 1) {
    let value = table[byte] ?? 0
    for (let position = 1; position < 4; position += 1) {
      value = (value >>> 8) ^ (table[value & 0xff] ?? 0)
      table[position * 256 + byte] = value
    }
  }
  return table
}

/** CRC-32 of `lengthBytes` bytes from `start`, continuing `previous` (0 to begin). Unsigned 32 bits. */
export function crc32(bytes: Uint8Array, start: number, lengthBytes: number, previous = 0): number {
  if (lengthBytes >= NATIVE_FROM_BYTES) return zlibCrc32(bytes.subarray(start, start + lengthBytes), previous) >>> 0
  const table = TABLE
  let crc = ~previous
  let at = start
  const end = start + lengthBytes
  const wordEnd = end - 3
  while (at < wordEnd) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    crc =
      (table[768 + (crc & 0xff)] as number) ^
      (table[512 + ((crc >>> 8) & 0xff)] as number) ^
      (table[256 + ((crc >>> 16) & 0xff)] as number) ^
      (table[crc >>> 24] as number)
    at += 4
  }
  while (at < end) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number)
    at += 1
  }
  return ~crc >>> 0
}

/** CRC-32 of the four bytes of `value`, big-endian, continuing `previous`. */
export function crc32OfUint32(value: number, previous: number): number {
  const table = TABLE
  let crc = ~previous
  crc = (crc >>> 8) ^ (table[(crc ^ (value >>> 24)) & 0xff] as number)
  crc = (crc >>> 8) ^ (table[(crc ^ (value >>> 16)) & 0xff] as number)
  crc = (crc >>> 8) ^ (table[(crc ^ (value >>> 8)) & 0xff] as number)
  crc = (crc >>> 8) ^ (table[(crc ^ value) & 0xff] as number)
  return ~crc >>> 0
}

/**
 * What CRC-32 the bytes were continued from if it is `after` behind them: crc32(bytes, crc32Before(bytes, after)) = after.
 * A sum whose bytes are known tells so the seed that it was made with.
 */
export function crc32Before(bytes: Uint8Array, start: number, lengthBytes: number, after: number): number {
  let crc = ~after
  for (let at = start + lengthBytes - 1; at >= start; at -= 1) crc = stepBack(crc, bytes[at] as number)
  return ~crc >>> 0
}

/** As `crc32Before`, of the four bytes of `value`, big-endian. */
export function crc32BeforeUint32(value: number, after: number): number {
  let crc = ~after
  for (let shift = 0; shift < 32; shift += 8) crc = stepBack(crc, (value >>> shift) & 0xff)
  return ~crc >>> 0
}

/** The state before a byte. No two entries of the table have the same highest byte, so that it tells the entry. */
function stepBack(state: number, byte: number): number {
  const table = TABLE
  const highest = state >>> 24
  let index = 0
  while ((table[index] as number) >>> 24 !== highest) index += 1
  return ((state ^ (table[index] as number)) << 8) | (index ^ byte)
}

export const FNV_START = 0x811c9dc5

/** FNV-1a of `lengthBytes` bytes from `start`, continuing `previous` (FNV_START to begin). Unsigned 32 bits. */
export function fnv1a(bytes: Uint8Array, start: number, lengthBytes: number, previous: number = FNV_START): number {
  let hash = previous
  const end = start + lengthBytes
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash >>> 0
}

/** The seed of all checksums of one pack: rule 1. `idCrc` is the CRC-32 of the database id. */
export function packSeed(idCrc: number, packNumber: number): number {
  return crc32OfUint32(packNumber, idCrc)
}
