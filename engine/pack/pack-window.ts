// engine/pack/pack-window.ts: a stretch of a pack in memory, read as records.
//
// 1. Nothing is believed before its checksum: a record is given only if type, length and CRC-32 check.
// 2. A record that markers interrupt is summed and copied around them. The markers in it are not looked at, but for
//    marks and close records: no cover reaches into these, and what little of one stands behind a marker may be zeroes
//    by nature, so that the loss of that sector would go unseen.

import {
  CLOSE_PAYLOAD_BYTES,
  type CommitMark,
  crc32,
  crc32OfUint32,
  decodeClose,
  decodeMark,
  decodeMarker,
  fnv1a,
  FNV_START,
  MARK_PAYLOAD_BYTES,
  type Marker,
  MARKER_BYTES,
  type Position,
  RECORD,
  recordHeaderBytes,
  recordPayloadBytes,
  recordStart,
  type RecordType,
  streamEnd,
  VOUCHER_PAYLOAD_BYTES,
} from '../format/index.ts'
import type { Block } from '../ports/index.ts'

export type WindowRecord = Readonly<{
  type: RecordType
  offsetBytes: number
  payloadBytes: number
  /** First byte behind the record, which may be a marker's place. */
  endBytes: number
}>

/** A filler that vouches for bytes without structure. */
export type Voucher = Readonly<{ record: WindowRecord; gapStartBytes: number; gapEndBytes: number; gapCrc: number }>

/** Longest piece of stream that is copied to be decoded: a record's frame and a mark's payload. */
export const WINDOW_SCRATCH_BYTES = 96

export class PackWindow {
  readonly block: Block
  readonly scratch: Block
  readonly seed: number
  readonly interval: number
  #startBytes = 0
  #endBytes = 0

  /** `block` holds the bytes, `scratch` (WINDOW_SCRATCH_BYTES) what is decoded; both stay the caller's. */
  constructor(block: Block, scratch: Block, seed: number, interval: number) {
    this.block = block
    this.scratch = scratch
    this.seed = seed
    this.interval = interval
  }

  get startBytes(): number {
    return this.#startBytes
  }

  get endBytes(): number {
    return this.#endBytes
  }

  /** Says which bytes of the pack the block now holds, from its start. */
  holds(startBytes: number, endBytes: number): void {
    this.#startBytes = startBytes
    this.#endBytes = endBytes
  }

  #at(offset: number): number {
    return this.block.start + offset - this.#startBytes
  }

  /** The record at `offset` (a record start), if it lies in the window and checks. */
  record(offset: number): WindowRecord | undefined {
    const frameBytes = Math.min(9, this.#streamBytesFrom(offset, 9))
    if (frameBytes < 6) return undefined
    const { scratch } = this
    this.copy(offset, 0, frameBytes, scratch.bytes, scratch.start)
    const payloadBytes = recordPayloadBytes(scratch.bytes, scratch.start, frameBytes)
    if (payloadBytes < 0) return undefined
    const headerBytes = recordHeaderBytes(payloadBytes)
    const endBytes = streamEnd(offset, headerBytes + payloadBytes, this.interval)
    if (endBytes > this.#endBytes) return undefined
    const stored = scratch.view.getUint32(scratch.start + headerBytes - 4)
    let crc = crc32(scratch.bytes, scratch.start, headerBytes - 4, crc32OfUint32(offset, this.seed))
    crc = this.#crcOfStream(streamEnd(offset, headerBytes, this.interval), payloadBytes, crc)
    if (crc !== stored) return undefined
    const type = scratch.bytes[scratch.start] as RecordType
    if ((type === RECORD.mark || type === RECORD.close) && !this.#markerInsideChecks(offset, endBytes)) return undefined
    return { type, offsetBytes: offset, payloadBytes, endBytes }
  }

  #markerInsideChecks(offset: number, endBytes: number): boolean {
    const at = Math.ceil(offset / this.interval) * this.interval
    return at <= offset || at >= endBytes || this.markerAt(at) !== undefined
  }

  /** The record of so many payload bytes that ends exactly at `end`, if one does and checks. */
  recordEndingAt(end: number, payloadBytes: number): WindowRecord | undefined {
    const lengthBytes = recordHeaderBytes(payloadBytes) + payloadBytes
    const first = Math.max(this.#startBytes, end - lengthBytes - MARKER_BYTES)
    for (let offset = end - lengthBytes; offset >= first; offset -= 1) {
      if (recordStart(offset, this.interval) !== offset || streamEnd(offset, lengthBytes, this.interval) !== end)
        continue
      if (offset % this.interval < MARKER_BYTES) continue
      const record = this.record(offset)
      if (record !== undefined && record.payloadBytes === payloadBytes) return record
    }
    return undefined
  }

  /**
   * How long the record at `offset` says to be, with its frame, unchecked; undefined if it can't be a record. For loading
   * a window that is large enough.
   */
  claimedEnd(offset: number): number | undefined {
    const frameBytes = Math.min(9, this.#streamBytesFrom(offset, 9))
    if (frameBytes < 6) return undefined
    const { scratch } = this
    this.copy(offset, 0, frameBytes, scratch.bytes, scratch.start)
    const payloadBytes = recordPayloadBytes(scratch.bytes, scratch.start, frameBytes)
    return payloadBytes < 0
      ? undefined
      : streamEnd(offset, recordHeaderBytes(payloadBytes) + payloadBytes, this.interval)
  }

  #streamBytesFrom(offset: number, wanted: number): number {
    let position = offset
    let found = 0
    while (found < wanted) {
      position = recordStart(position, this.interval)
      const piece = Math.min(wanted - found, this.interval - (position % this.interval), this.#endBytes - position)
      if (piece <= 0) return found
      found += piece
      position += piece
    }
    return found
  }

  #crcOfStream(offset: number, lengthBytes: number, previous: number): number {
    let position = offset
    let rest = lengthBytes
    let crc = previous
    while (rest > 0) {
      position = recordStart(position, this.interval)
      const piece = Math.min(rest, this.interval - (position % this.interval))
      crc = crc32(this.block.bytes, this.#at(position), piece, crc)
      position += piece
      rest -= piece
    }
    return crc
  }

  /** Copies `lengthBytes` stream bytes of the record at `offset`, behind its first `skipBytes`, without the markers. */
  copy(offset: number, skipBytes: number, lengthBytes: number, target: Uint8Array, targetOffset: number): void {
    let position = streamEnd(offset, skipBytes, this.interval)
    let at = targetOffset
    let rest = lengthBytes
    while (rest > 0) {
      position = recordStart(position, this.interval)
      const piece = Math.min(rest, this.interval - (position % this.interval))
      const from = this.#at(position)
      target.set(this.block.bytes.subarray(from, from + piece), at)
      at += piece
      position += piece
      rest -= piece
    }
  }

  /** The commit mark that a record is; undefined if it is none or holds impossible values. */
  markOf(record: WindowRecord): CommitMark | undefined {
    if (record.type !== RECORD.mark || record.payloadBytes !== MARK_PAYLOAD_BYTES) return undefined
    const { scratch } = this
    this.copy(
      record.offsetBytes,
      recordHeaderBytes(MARK_PAYLOAD_BYTES),
      MARK_PAYLOAD_BYTES,
      scratch.bytes,
      scratch.start,
    )
    return decodeMark(scratch.view, scratch.start, MARK_PAYLOAD_BYTES)
  }

  /** The next place from `from` on, before `to`, where a valid commit mark stands; by bytes, for behind a break. */
  nextMark(from: number, to: number): WindowRecord | undefined {
    const { bytes } = this.block
    for (let offset = Math.max(from, this.#startBytes); offset < to; offset += 1) {
      if (bytes[this.#at(offset)] !== RECORD.mark) continue
      if (offset % this.interval < MARKER_BYTES) continue
      const record = this.record(offset)
      if (record !== undefined && record.payloadBytes === MARK_PAYLOAD_BYTES) return record
    }
    return undefined
  }

  /** As `nextMark`, for whatever names a durable commit: marks and close records. */
  nextClaim(from: number, to: number): WindowRecord | undefined {
    const { bytes } = this.block
    for (let offset = Math.max(from, this.#startBytes); offset < to; offset += 1) {
      const type = bytes[this.#at(offset)]
      if (type !== RECORD.mark && type !== RECORD.close) continue
      if (offset % this.interval < MARKER_BYTES) continue
      const record = this.record(offset)
      const length = type === RECORD.mark ? MARK_PAYLOAD_BYTES : CLOSE_PAYLOAD_BYTES
      if (record !== undefined && record.payloadBytes === length) return record
    }
    return undefined
  }

  /** As `nextMark`, for the fillers that vouch for bytes without structure (see format/record.ts). */
  nextVoucher(from: number, to: number): Voucher | undefined {
    const { bytes } = this.block
    for (let offset = Math.max(from, this.#startBytes); offset < to; offset += 1) {
      if (bytes[this.#at(offset)] !== RECORD.filler) continue
      if (offset % this.interval < MARKER_BYTES) continue
      const record = this.record(offset)
      const voucher = record === undefined ? undefined : this.voucherOf(record)
      if (voucher !== undefined) return voucher
    }
    return undefined
  }

  /** The voucher that a record is; undefined if it is none. */
  voucherOf(record: WindowRecord): Voucher | undefined {
    if (record.type !== RECORD.filler || record.payloadBytes !== VOUCHER_PAYLOAD_BYTES) return undefined
    const { scratch } = this
    const frameBytes = recordHeaderBytes(VOUCHER_PAYLOAD_BYTES)
    this.copy(record.offsetBytes, frameBytes, VOUCHER_PAYLOAD_BYTES, scratch.bytes, scratch.start)
    return {
      record,
      gapStartBytes: scratch.view.getUint32(scratch.start),
      gapEndBytes: scratch.view.getUint32(scratch.start + 4),
      gapCrc: scratch.view.getUint32(scratch.start + 8),
    }
  }

  /** The mark that a close record names; undefined if the record is none. */
  closedMarkOf(record: WindowRecord): Position | undefined {
    if (record.type !== RECORD.close || record.payloadBytes !== CLOSE_PAYLOAD_BYTES) return undefined
    const { scratch } = this
    const frameBytes = recordHeaderBytes(CLOSE_PAYLOAD_BYTES)
    this.copy(record.offsetBytes, frameBytes, CLOSE_PAYLOAD_BYTES, scratch.bytes, scratch.start)
    return decodeClose(scratch.view, scratch.start, CLOSE_PAYLOAD_BYTES)
  }

  /** The marker at `offset` (a multiple of the interval), if it checks. */
  markerAt(offset: number): Marker | undefined {
    const available = this.#endBytes - offset
    if (available < MARKER_BYTES) return undefined
    return decodeMarker(this.block.view, this.block.bytes, this.#at(offset), available, this.seed, offset)
  }

  /** Whether the file's bytes from the mark's cover start to `markOffset` are the ones that the mark covers. */
  coverChecks(mark: CommitMark, markOffset: number): boolean {
    const start = mark.coverStartBytes
    if (start > markOffset || start < this.#startBytes || markOffset > this.#endBytes) return false
    const at = this.#at(start)
    const length = markOffset - start
    return (
      crc32(this.block.bytes, at, length, crc32OfUint32(start, this.seed)) === mark.coverCrc &&
      fnv1a(this.block.bytes, at, length, FNV_START) === mark.coverFnv
    )
  }

  /** Whether the mark's gap is there as far as the mark needs it. */
  gapChecks({ needsGap, coverStartBytes, gapBytes, gapCrc }: CommitMark): boolean {
    if (!needsGap) return true
    const from = coverStartBytes - gapBytes
    return from >= this.#startBytes && this.crcOfBytes(from, coverStartBytes) === gapCrc
  }

  /** CRC-32 of the file's bytes, markers included. */
  crcOfBytes(from: number, to: number): number {
    return crc32(this.block.bytes, this.#at(from), to - from)
  }
}
