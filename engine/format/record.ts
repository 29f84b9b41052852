// engine/format/record.ts: how a record is framed in the stream.
//
//   +------+------------------+--------------+-----------+
//   | type | length: 1..4     | crc u32      | payload … |
//   | u8   | 7 bits each, low | big-endian   |           |
//   +------+------------------+--------------+-----------+
//
// The length is that of the payload, in the shortest form, low 7 bits first, the top bit says that more follow.
// The CRC-32 covers type, length and payload, seeded with the pack's seed and the record's offset in the file.
// A record of zeroes is never valid: type 0 does not exist.
//
// A filler of 12 bytes vouches for a gap that no mark of its pack will: start, end and CRC-32 of the bytes that an aborted
// transaction left, u32 each, big-endian; it is written where a pack ends with such bytes behind its last mark. Any other
// filler is zeroes, for alignment.

import { crc32, crc32OfUint32 } from './checksum.ts'

export const RECORD = {
  /** A tree node. */
  node: 0xa1,
  /** A row, or any other item that a tree's value refers to. */
  item: 0xa2,
  /** A piece of an item that is longer than a record may be. */
  chunk: 0xa3,
  /** Alignment, or a voucher for a gap. */
  filler: 0xa4,
  close: 0xa5,
  mark: 0xa6,
} as const

export type RecordType = (typeof RECORD)[keyof typeof RECORD]

export const VOUCHER_PAYLOAD_BYTES = 12

const TYPE_MIN = 0xa1
const TYPE_MAX = 0xa6

/** Bytes that type, length and checksum take in front of a payload. */
export function recordHeaderBytes(payloadBytes: number): number {
  if (payloadBytes < 0x80) return 6
  if (payloadBytes < 0x4000) return 7
  if (payloadBytes < 0x20_0000) return 8
  return 9
}

/** Writes type, length and checksum at `at`; returns the bytes written. `payload` need not stand behind them. */
export function encodeRecordHeader(
  target: Uint8Array,
  at: number,
  type: RecordType,
  payload: Uint8Array,
  payloadStart: number,
  payloadBytes: number,
  seed: number,
  offsetBytes: number,
): number {
  let end = at
  target[end] = type
  end += 1
  let rest = payloadBytes
  while (rest >= 0x80) {
    target[end] = (rest & 0x7f) | 0x80
    rest >>>= 7
    end += 1
  }
  target[end] = rest
  end += 1
  let crc = crc32(target, at, end - at, crc32OfUint32(offsetBytes, seed))
  crc = crc32(payload, payloadStart, payloadBytes, crc)
  target[end] = crc >>> 24
  target[end + 1] = (crc >>> 16) & 0xff
  target[end + 2] = (crc >>> 8) & 0xff
  target[end + 3] = crc & 0xff
  return end + 4 - at
}

/**
 * Length of the payload of the record at `at`, of which `available` bytes are there, or −1 if there is none: unknown
 * type, an overlong or endless length. Believes nothing else: check the sum before use.
 */
export function recordPayloadBytes(bytes: Uint8Array, at: number, available: number): number {
  if (available < 6) return -1
  const type = bytes[at] as number
  if (type < TYPE_MIN || type > TYPE_MAX) return -1
  let length = 0
  for (let index = 0; index < 4; index += 1) {
    const byte = bytes[at + 1 + index] as number
    length |= (byte & 0x7f) << (7 * index)
    if (byte < 0x80) return index > 0 && byte === 0 ? -1 : length
  }
  return -1
}

/** Whether the record at `at` (type, length, sum and payload in one piece) matches its checksum. */
export function recordChecks(
  bytes: Uint8Array,
  at: number,
  payloadBytes: number,
  seed: number,
  offsetBytes: number,
): boolean {
  const lengthEnd = at + recordHeaderBytes(payloadBytes) - 4
  let crc = crc32(bytes, at, lengthEnd - at, crc32OfUint32(offsetBytes, seed))
  crc = crc32(bytes, lengthEnd + 4, payloadBytes, crc)
  const stored =
    ((bytes[lengthEnd] as number) << 24) |
    ((bytes[lengthEnd + 1] as number) << 16) |
    ((bytes[lengthEnd + 2] as number) << 8) |
    (bytes[lengthEnd + 3] as number)
  return stored >>> 0 === crc
}
