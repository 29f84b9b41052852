// engine/pack/sector-border.ts: what is synced ends on a border, where the device may lose a sector that it writes again.
//
//   … records | filler | mark ║    a synced commit: the last byte of the mark is the sector's last
//   … records | filler ║           any other sync
//
// 1. With `commitAlignBytes` nothing is ever written into a sector that holds a byte known durable.
// 2. A pack takes records up to `endMaxBytes`, itself a border, and a record never leaves less before it than a filler
//    takes: so the end of every record can be followed by a border.
// 3. Nothing is allocated after the construction, so that a close and a shared sync can pad.

import {
  CLOSE_RESERVE_BYTES,
  MARKER_BYTES,
  type PackLimits,
  RECORD,
  recordHeaderBytes,
  recordStart,
  streamBytes,
} from '../format/index.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { AppendStream } from './append-stream.ts'

const FILLER_BYTES_MIN = recordHeaderBytes(0)
const NO_FILLER = -1

export class SectorBorder {
  /** Where records of a pack end at the latest. */
  readonly endMaxBytes: number
  readonly #alignBytes: number
  readonly #interval: number
  readonly #allocator: Allocator
  readonly #zeroes: Block | undefined

  constructor(limits: PackLimits, allocator: Allocator) {
    const { commitAlignBytes, packBytesMax, markerIntervalBytes } = limits
    const endMax = packBytesMax - CLOSE_RESERVE_BYTES
    this.endMaxBytes = commitAlignBytes === 0 ? endMax : endMax - (endMax % commitAlignBytes)
    this.#alignBytes = commitAlignBytes
    this.#interval = markerIntervalBytes
    this.#allocator = allocator
    if (commitAlignBytes === 0) return
    this.#zeroes = allocator.allocate(this.padBytesMax, 'filler')
    const { bytes, start, byteLength } = this.#zeroes
    bytes.fill(0, start, start + byteLength)
  }

  release(): void {
    if (this.#zeroes !== undefined) this.#allocator.free(this.#zeroes)
  }

  /** Most bytes that a sync adds, and that a mark's end is away from its border; 0 if nothing is aligned. */
  get padBytesMax(): number {
    return this.#alignBytes === 0 ? 0 : this.#alignBytes + 2 * FILLER_BYTES_MIN + MARKER_BYTES
  }

  /** Whether a record may end there. */
  fits(endBytes: number): boolean {
    const rest = this.endMaxBytes - endBytes
    return rest === 0 || rest >= (this.#alignBytes === 0 ? 0 : FILLER_BYTES_MIN)
  }

  /**
   * Appends a filler, if one is needed, so that a record of `behindBytes` behind it, or nothing if 0, ends on a border.
   * False, and nothing appended, if the pack has no such border any more.
   */
  pad(stream: AppendStream, behindBytes: number): boolean {
    const align = this.#alignBytes
    const zeroes = this.#zeroes
    if (zeroes === undefined || (behindBytes === 0 && stream.endBytes % align === 0)) return true
    const start = recordStart(stream.endBytes, this.#interval)
    let border = Math.ceil((stream.endBytes + behindBytes) / align) * align
    let room = streamBytes(start, border - behindBytes, this.#interval)
    while (room < FILLER_BYTES_MIN && room !== 0) {
      border += align
      room = streamBytes(start, border - behindBytes, this.#interval)
    }
    if (border > this.endMaxBytes) return false
    if (room === 0) return true
    // Where the length's own size jumps no single filler fits: an empty one goes first.
    if (fillerPayload(room) === NO_FILLER) {
      stream.appendRecord(RECORD.filler, zeroes.bytes, zeroes.start, 0)
      room -= FILLER_BYTES_MIN
    }
    stream.appendRecord(RECORD.filler, zeroes.bytes, zeroes.start, fillerPayload(room))
    return true
  }
}

/** Payload of a filler that takes exactly `room` bytes with its header, of which there is room; NO_FILLER if none does. */
function fillerPayload(room: number): number {
  for (let header = recordHeaderBytes(0); header <= 9; header += 1)
    if (recordHeaderBytes(room - header) === header) return room - header
  return NO_FILLER
}
