// engine/pack/item-storage.ts: items of any length over records of bounded length.
//
// An item no longer than chunkBytesMax is one record. A longer one is cut into chunk records of that size (the last may be
// shorter) and an index: 8 bytes for each chunk, pack and offset, big-endian; the index is stored as an item in its turn.
// A reference always gives the item's own length, from which the number and the lengths of all these records follow.
//
// 1. A record is checked against its checksum each time it is read; type and length must be those expected.
// 2. What an item refers to is appended before it.

import {
  chunkBytesMax,
  corrupt,
  crc32,
  crc32OfUint32,
  MARKER_BYTES,
  RECORD,
  recordHeaderBytes,
  recordPayloadBytes,
  recordStart,
  type RecordType,
  type Reference,
  streamEnd,
} from '../format/index.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { ItemStore } from '../tree/index.ts'
import type { CommitLog } from './commit-log.ts'

const CHUNK_REFERENCE_BYTES = 8

export class ItemStorage implements ItemStore {
  readonly #log: CommitLog
  readonly #allocator: Allocator
  readonly #chunkBytes: number
  readonly #interval: number

  constructor(log: CommitLog, allocator: Allocator) {
    this.#log = log
    this.#allocator = allocator
    this.#chunkBytes = chunkBytesMax(log.limits.packBytesMax)
    this.#interval = log.limits.markerIntervalBytes
  }

  readNode(reference: Reference, extraBytes: number): Block {
    return this.#read(reference, RECORD.node, extraBytes, 'node')
  }

  /** Reads an item into a new block, which the caller owns; its content is the block's first `lengthBytes` bytes. */
  readItem(reference: Reference, tag: string): Block {
    return this.#read(reference, RECORD.item, 0, tag)
  }

  appendNode(bytes: Uint8Array, start: number, lengthBytes: number): Reference {
    return this.#append(RECORD.node, bytes, start, lengthBytes)
  }

  appendItem(bytes: Uint8Array, start: number, lengthBytes: number): Reference {
    return this.#append(RECORD.item, bytes, start, lengthBytes)
  }

  // --- appending -----------------------------------------------------------------------------------------------------

  #append(type: RecordType, bytes: Uint8Array, start: number, lengthBytes: number): Reference {
    if (lengthBytes > this.#chunkBytes) return this.#appendInChunks(type, bytes, start, lengthBytes)
    const offsetBytes = this.#log.append(type, bytes, start, lengthBytes)
    return { pack: this.#log.newestPack, offsetBytes, lengthBytes }
  }

  #appendInChunks(type: RecordType, bytes: Uint8Array, start: number, lengthBytes: number): Reference {
    const chunks = Math.ceil(lengthBytes / this.#chunkBytes)
    const index = this.#allocator.allocate(chunks * CHUNK_REFERENCE_BYTES, 'chunk-index')
    try {
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const from = chunk * this.#chunkBytes
        const length = Math.min(this.#chunkBytes, lengthBytes - from)
        const offsetBytes = this.#log.append(RECORD.chunk, bytes, start + from, length)
        const at = index.start + chunk * CHUNK_REFERENCE_BYTES
        index.view.setUint32(at, this.#log.newestPack)
        index.view.setUint32(at + 4, offsetBytes)
      }
      const { pack, offsetBytes } = this.#append(type, index.bytes, index.start, chunks * CHUNK_REFERENCE_BYTES)
      return { pack, offsetBytes, lengthBytes }
    } finally {
      this.#allocator.free(index)
    }
  }

  // --- reading -------------------------------------------------------------------------------------------------------

  #read(reference: Reference, type: RecordType, extraBytes: number, tag: string): Block {
    const { pack, offsetBytes, lengthBytes } = reference
    if (lengthBytes > this.#chunkBytes) return this.#readInChunks(reference, type, extraBytes, tag)
    const frameBytes = recordHeaderBytes(lengthBytes)
    this.#checkPlace(reference)
    const inFile = streamEnd(offsetBytes, frameBytes + lengthBytes, this.#interval) - offsetBytes
    const block = this.#allocator.allocate(extraBytes + inFile, tag)
    try {
      this.#readRecord(pack, offsetBytes, type, lengthBytes, block.bytes, block.start + extraBytes)
      return block
    } catch (error) {
      this.#allocator.free(block)
      throw error
    }
  }

  #checkPlace({ pack, offsetBytes, lengthBytes }: Reference): void {
    const { packBytesMax } = this.#log.limits
    const isPossible = offsetBytes % this.#interval >= MARKER_BYTES && offsetBytes + lengthBytes <= packBytesMax
    if (!isPossible)
      throw corrupt(this.#log.pathOf(pack), offsetBytes, `a reference names ${lengthBytes} bytes where none can be`)
  }

  /**
   * Reads the record at a place, of a known type and length, checks it and leaves its payload at `targetStart`, where
   * there is room for the record with its frame and the markers in it.
   */
  #readRecord(
    pack: number,
    offsetBytes: number,
    type: RecordType,
    lengthBytes: number,
    target: Uint8Array,
    targetStart: number,
  ): void {
    const interval = this.#interval
    const frameBytes = recordHeaderBytes(lengthBytes)
    const inFile = streamEnd(offsetBytes, frameBytes + lengthBytes, interval) - offsetBytes
    this.#log.read(pack, offsetBytes, inFile, target, targetStart)
    if (inFile !== frameBytes + lengthBytes) squeeze(target, targetStart, offsetBytes, inFile, interval)
    const isExpected =
      target[targetStart] === type && recordPayloadBytes(target, targetStart, frameBytes) === lengthBytes
    if (!isExpected)
      throw corrupt(this.#log.pathOf(pack), offsetBytes, 'a reference names no record of its type and length')
    const sumAt = targetStart + frameBytes - 4
    const seed = this.#log.seedOf(pack)
    let crc = crc32(target, targetStart, frameBytes - 4, crc32OfUint32(offsetBytes, seed))
    crc = crc32(target, targetStart + frameBytes, lengthBytes, crc)
    const stored =
      (((target[sumAt] as number) << 24) |
        ((target[sumAt + 1] as number) << 16) |
        ((target[sumAt + 2] as number) << 8) |
        (target[sumAt + 3] as number)) >>>
      0
    if (stored !== crc) throw corrupt(this.#log.pathOf(pack), offsetBytes, 'a record does not match its checksum')
    target.copyWithin(targetStart, targetStart + frameBytes, targetStart + frameBytes + lengthBytes)
  }

  #readInChunks(reference: Reference, type: RecordType, extraBytes: number, tag: string): Block {
    const { lengthBytes } = reference
    const chunks = Math.ceil(lengthBytes / this.#chunkBytes)
    const index = this.#read({ ...reference, lengthBytes: chunks * CHUNK_REFERENCE_BYTES }, type, 0, 'chunk-index')
    try {
      return this.#gather(index, chunks, lengthBytes, extraBytes, tag)
    } finally {
      this.#allocator.free(index)
    }
  }

  #gather(index: Block, chunks: number, lengthBytes: number, extraBytes: number, tag: string): Block {
    // The last chunk is read with its frame and markers, which take room behind the content.
    const frame =
      recordHeaderBytes(this.#chunkBytes) + streamEnd(0, this.#chunkBytes * 2, this.#interval) - this.#chunkBytes * 2
    const block = this.#allocator.allocate(extraBytes + lengthBytes + frame + MARKER_BYTES, tag)
    try {
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const at = index.start + chunk * CHUNK_REFERENCE_BYTES
        const from = chunk * this.#chunkBytes
        const length = Math.min(this.#chunkBytes, lengthBytes - from)
        const place = { pack: index.view.getUint32(at), offsetBytes: index.view.getUint32(at + 4), lengthBytes: length }
        this.#checkPlace(place)
        const target = block.start + extraBytes + from
        this.#readRecord(place.pack, place.offsetBytes, RECORD.chunk, length, block.bytes, target)
      }
      return block
    } catch (error) {
      this.#allocator.free(block)
      throw error
    }
  }
}

/** Takes the markers out of the stream bytes of a record that begins at `offsetBytes` of its pack. */
function squeeze(target: Uint8Array, start: number, offsetBytes: number, inFile: number, interval: number): void {
  let from = 0
  let to = 0
  while (from < inFile) {
    const position = offsetBytes + from
    const begin = recordStart(position, interval)
    from += begin - position
    const piece = Math.min(inFile - from, interval - (begin % interval))
    if (from !== to) target.copyWithin(start + to, start + from, start + from + piece)
    from += piece
    to += piece
  }
}
