// engine/pack/append-stream.ts: the bytes of the newest pack on their way to the file.
//
// 1. Bytes are only ever appended. What is in the buffer is [flushed, end); below flushed it is in the file.
// 2. A marker is put at every multiple of the interval, whole: a flush never cuts one.
// 3. The sums run over every byte from the end of the last mark: `run` from there, `cover` from the cover's start. They
//    are advanced when bytes leave the buffer or a mark is made, so no byte is summed twice.
// 4. After an error of the file the stream is `broken` unless the file is exactly as long as before; a broken stream
//    writes nothing more. What was in the buffer can be forgotten (`rewind`), what was flushed can't.
//
// Does not know about transactions, syncs of other packs or recovery: that is commit-log.ts.

import {
  crc32,
  crc32OfUint32,
  encodeMarker,
  encodeRecordHeader,
  fnv1a,
  FNV_START,
  HEADER_BYTES,
  MARKER_BYTES,
  type Position,
  RECORD,
  recordHeaderBytes,
  recordStart,
  type RecordType,
  streamEnd,
  VOUCHER_PAYLOAD_BYTES,
} from '../format/index.ts'
import { assert } from '../errors.ts'
import type { Block, FileHandle } from '../ports/index.ts'
import { appendFully, uninterrupted } from './io.ts'

/** Scratch that a stream needs: a record's frame, and a voucher. */
export const STREAM_SCRATCH_BYTES = 28
const VOUCHER_AT = 16

type Sums = { runCrc: number; coverCrc: number; coverFnv: number }

export type StreamStart = Readonly<{
  handle: FileHandle
  packNumber: number
  seed: number
  markerIntervalBytes: number
  /** The file's size now. */
  sizeBytes: number
  /** End of the newest mark in this pack, or 0. The bytes from there to the file's size have the CRC-32 `gapCrc`. */
  markEndBytes: number
  gapCrc: number
  mark: Position
}>

export class AppendStream {
  readonly packNumber: number
  readonly handle: FileHandle
  readonly #seed: number
  readonly #interval: number
  readonly #buffer: Block
  readonly #headerScratch: Block
  #flushedBytes: number
  #endBytes: number
  /** How far the sums have come. */
  #summedBytes: number
  #sums: Sums
  /** The sums as they were at `flushed`: where `rewind` goes back to. */
  #flushedSums: Sums
  #markEndBytes: number
  #coverStartBytes: number
  #gapCrc: number
  /** End of what was synced since the stream began, or was there then. */
  #syncedBytes: number
  #mark: Position
  #isBroken = false
  #markers = 0
  #appendedBytes = 0

  /** `buffer` and `headerScratch` (STREAM_SCRATCH_BYTES) stay the caller's. */
  constructor(start: StreamStart, buffer: Block, headerScratch: Block) {
    this.packNumber = start.packNumber
    this.handle = start.handle
    this.#seed = start.seed
    this.#interval = start.markerIntervalBytes
    this.#buffer = buffer
    this.#headerScratch = headerScratch
    this.#flushedBytes = start.sizeBytes
    this.#endBytes = start.sizeBytes
    this.#summedBytes = start.sizeBytes
    this.#markEndBytes = start.markEndBytes
    this.#coverStartBytes = start.sizeBytes
    this.#gapCrc = start.gapCrc
    this.#syncedBytes = start.sizeBytes
    this.#mark = start.mark
    this.#sums = { runCrc: start.gapCrc, coverCrc: this.#coverSeed(start.sizeBytes), coverFnv: FNV_START }
    this.#flushedSums = { ...this.#sums }
  }

  get endBytes(): number {
    return this.#endBytes
  }

  get flushedBytes(): number {
    return this.#flushedBytes
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  get markers(): number {
    return this.#markers
  }

  get appendedBytes(): number {
    return this.#appendedBytes
  }

  /** Bytes between the end of the last mark and where the next cover starts. */
  get gapBytes(): number {
    return this.#coverStartBytes - this.#markEndBytes
  }

  /** Whether a part of the gap is known durable, or the business of a process before, and the rest of it is not. */
  get isGapMixed(): boolean {
    return this.#coverStartBytes > this.#syncedBytes && this.#markEndBytes < this.#syncedBytes
  }

  #coverSeed(startBytes: number): number {
    return crc32OfUint32(startBytes, this.#seed)
  }

  /** Where a record of so many payload bytes would end. */
  endAfter(payloadBytes: number): number {
    const start = recordStart(this.#endBytes, this.#interval)
    return streamEnd(start, recordHeaderBytes(payloadBytes) + payloadBytes, this.#interval)
  }

  /** The pack's header: the only bytes that are no record. Only in an empty file. */
  appendHeader(write: (target: Block, at: number) => void): void {
    assert(this.#endBytes === 0, 'a header is the first thing in a pack')
    this.#room(HEADER_BYTES)
    write(this.#buffer, this.#buffer.start)
    this.#endBytes = HEADER_BYTES
    this.#appendedBytes += HEADER_BYTES
    this.#sum()
    this.#markEndBytes = HEADER_BYTES
    this.#coverStartBytes = HEADER_BYTES
    this.#gapCrc = 0
    this.#sums = { runCrc: 0, coverCrc: this.#coverSeed(HEADER_BYTES), coverFnv: FNV_START }
  }

  /** Appends a record, behind the header; returns its offset. Flushes when the buffer is full. Throws IoError. */
  appendRecord(type: RecordType, payload: Uint8Array, payloadStart: number, payloadBytes: number): number {
    assert(!this.#isBroken, 'a broken stream writes nothing')
    const interval = this.#interval
    const headerBytes = recordHeaderBytes(payloadBytes)
    if (this.#endBytes % interval === 0) {
      const behind = this.#endBytes + MARKER_BYTES
      this.#putMarker(this.#endBytes, behind)
    }
    const offset = this.#endBytes
    const end = streamEnd(offset, headerBytes + payloadBytes, interval)
    const scratch = this.#headerScratch
    encodeRecordHeader(scratch.bytes, scratch.start, type, payload, payloadStart, payloadBytes, this.#seed, offset)
    this.#put(scratch.bytes, scratch.start, headerBytes, offset, end)
    this.#put(payload, payloadStart, payloadBytes, offset, end)
    assert(this.#endBytes === end, 'a record ends where the layout says')
    return offset
  }

  #put(source: Uint8Array, sourceStart: number, lengthBytes: number, spanStart: number, spanEnd: number): void {
    const interval = this.#interval
    let from = sourceStart
    let rest = lengthBytes
    while (rest > 0) {
      if (this.#endBytes % interval === 0) this.#putMarker(spanStart, recordStart(spanEnd, interval))
      const toBorder = interval - (this.#endBytes % interval)
      const room = this.#buffer.byteLength - (this.#endBytes - this.#flushedBytes)
      if (room === 0) {
        this.flush()
        continue
      }
      const piece = Math.min(rest, toBorder, room)
      const at = this.#buffer.start + this.#endBytes - this.#flushedBytes
      this.#buffer.bytes.set(source.subarray(from, from + piece), at)
      this.#endBytes += piece
      this.#appendedBytes += piece
      from += piece
      rest -= piece
    }
  }

  #putMarker(spanStartBytes: number, nextStartBytes: number): void {
    this.#room(MARKER_BYTES)
    const at = this.#buffer.start + this.#endBytes - this.#flushedBytes
    encodeMarker(this.#buffer.view, this.#buffer.bytes, at, this.#seed, this.#endBytes, {
      spanStartBytes,
      nextStartBytes,
      mark: this.#mark,
    })
    this.#endBytes += MARKER_BYTES
    this.#appendedBytes += MARKER_BYTES
    this.#markers += 1
  }

  #room(bytes: number): void {
    if (this.#buffer.byteLength - (this.#endBytes - this.#flushedBytes) < bytes) this.flush()
  }

  #sum(): void {
    const length = this.#endBytes - this.#summedBytes
    if (length === 0) return
    const { bytes, start } = this.#buffer
    const from = start + this.#summedBytes - this.#flushedBytes
    const sums = this.#sums
    sums.runCrc = crc32(bytes, from, length, sums.runCrc)
    sums.coverCrc = crc32(bytes, from, length, sums.coverCrc)
    sums.coverFnv = fnv1a(bytes, from, length, sums.coverFnv)
    this.#summedBytes = this.#endBytes
  }

  /** Hands the buffer to the file. After an IoError the stream is broken unless the file did not grow. */
  flush(): void {
    assert(!this.#isBroken, 'a broken stream writes nothing')
    const length = this.#endBytes - this.#flushedBytes
    if (length === 0) return
    this.#sum()
    try {
      appendFully(this.handle, this.#buffer.bytes, this.#buffer.start, length)
    } catch (error) {
      this.#isBroken = !this.#isAsLongAs(this.#flushedBytes)
      throw error
    }
    this.#flushedBytes = this.#endBytes
    this.#flushedSums = { ...this.#sums }
  }

  #isAsLongAs(bytes: number): boolean {
    try {
      return uninterrupted(() => this.handle.sizeBytes()) === bytes
    } catch {
      return false // the size can't be told: as bad as a size that is wrong
    }
  }

  /** Forgets what is in the buffer, and lets the next cover start behind what was flushed. Never fails. */
  rewind(): void {
    this.#endBytes = this.#flushedBytes
    this.#summedBytes = this.#flushedBytes
    this.#sums = { ...this.#flushedSums }
    this.#restartCover()
  }

  /** All is flushed and synced: the next mark covers only what comes from here on. */
  synced(): void {
    this.#syncedBytes = this.#endBytes
    this.#restartCover()
  }

  /** Everything is in the file: nothing is left in the buffer. */
  #restartCover(): void {
    this.#sum()
    if (this.#endBytes === this.#coverStartBytes) return
    this.#coverStartBytes = this.#endBytes
    this.#gapCrc = this.#sums.runCrc
    this.#sums.coverCrc = this.#coverSeed(this.#endBytes)
    this.#sums.coverFnv = FNV_START
    this.#flushedSums = { ...this.#sums }
  }

  /** The sums of the cover and of the gap before it, as a mark at the end of the stream names them. */
  cover(): Readonly<{
    coverStartBytes: number
    coverCrc: number
    coverFnv: number
    gapBytes: number
    gapCrc: number
    needsGap: boolean
  }> {
    // A marker that is due stands before the mark's record, inside the cover.
    if (this.#endBytes % this.#interval === 0) this.#putMarker(this.#endBytes, this.#endBytes + MARKER_BYTES)
    this.#sum()
    return {
      coverStartBytes: this.#coverStartBytes,
      coverCrc: this.#sums.coverCrc,
      coverFnv: this.#sums.coverFnv,
      gapBytes: this.gapBytes,
      gapCrc: this.gapBytes === 0 ? 0 : this.#gapCrc,
      needsGap: this.gapBytes > 0 && this.#markEndBytes >= this.#syncedBytes,
    }
  }

  /** A mark was appended at `offsetBytes` and flushed: markers name it, and its end is where the next cover starts. */
  markWritten(offsetBytes: number): void {
    this.#mark = { pack: this.packNumber, offsetBytes }
    this.#markEndBytes = this.#endBytes
    this.#coverStartBytes = this.#endBytes
    this.#gapCrc = 0
    this.#sums = { runCrc: 0, coverCrc: this.#coverSeed(this.#endBytes), coverFnv: FNV_START }
    this.#summedBytes = this.#endBytes
    this.#flushedSums = { ...this.#sums }
  }

  /** Before the pack is left without a mark behind a gap: a filler that vouches for the gap's bytes. */
  appendVoucher(): void {
    if (this.gapBytes === 0) return
    const { view, bytes, start } = this.#headerScratch
    const at = start + VOUCHER_AT
    view.setUint32(at, this.#markEndBytes)
    view.setUint32(at + 4, this.#coverStartBytes)
    view.setUint32(at + 8, this.#gapCrc)
    this.appendRecord(RECORD.filler, bytes, at, VOUCHER_PAYLOAD_BYTES)
  }

  /** Copies bytes that are still in the buffer; `from` is at or behind `flushedBytes`. */
  copyBuffered(target: Uint8Array, targetOffset: number, from: number, lengthBytes: number): void {
    const at = this.#buffer.start + from - this.#flushedBytes
    target.set(this.#buffer.bytes.subarray(at, at + lengthBytes), targetOffset)
  }
}
