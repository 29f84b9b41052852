// engine/memory/chunk-allocator.ts: the engine's allocators: blocks, counters and chunks over an algorithm.
//
// Invariants:
//   1. Live blocks never overlap, and each lies in one chunk.
//   2. A block handle is made for one allocation and never used again, so a stale free is always seen.
//   3. Counters are exact after every call; a call that throws has changed nothing.
//   4. `free` takes no memory.
//   5. The bytes of all chunks together never exceed the source's limit.
// Not covered: a read of freed memory shows the pattern and nothing more.

import { InvariantError } from '../errors.ts'
import { OutOfMemoryError, type Allocator, type AllocatorCounters, type Block } from '../ports/index.ts'
import type { Arena, ArenaKind } from './arena.ts'
import type { ChunkSource } from './chunk-source.ts'

type TagCounters = { readonly tag: string; liveBlocks: number; liveBytes: number; allocations: number }

type Chunk = { readonly owner: ChunkAllocator; readonly arena: Arena; readonly byteLength: number; liveBlocks: number }

class ChunkBlock implements Block {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly byteLength: number
  readonly tag: string
  readonly counters: TagCounters
  /** Undefined once freed. */
  chunk: Chunk | undefined

  constructor(chunk: Chunk, start: number, byteLength: number, counters: TagCounters) {
    this.bytes = chunk.arena.bytes
    this.view = chunk.arena.view
    this.start = start
    this.byteLength = byteLength
    this.tag = counters.tag
    this.counters = counters
    this.chunk = chunk
  }
}

export class ChunkAllocator implements Allocator {
  readonly limitBytes: number | undefined
  readonly #kind: ArenaKind
  readonly #source: ChunkSource
  readonly #poison: boolean
  readonly #tags = new Map<string, TagCounters>()
  #chunks: Chunk[] = []
  #chunkBytes = 0
  /** The chunk tried first. */
  #current: Chunk | undefined
  /** The counters used last: calls with one tag often follow each other. */
  #counters: TagCounters = { tag: '', liveBlocks: 0, liveBytes: 0, allocations: 0 }
  #liveBlocks = 0
  #liveBytes = 0
  #peakBytes = 0
  #allocations = 0

  constructor(kind: ArenaKind, source: ChunkSource, poison: boolean) {
    this.#kind = kind
    this.#source = source
    this.#poison = poison
    const limitBytes = source.kind === 'single' ? source.bytes.length : source.limitBytes
    this.limitBytes = Number.isFinite(limitBytes) ? limitBytes : undefined
    if (source.kind === 'single') this.#current = this.#addChunk(source.bytes)
  }

  allocate(byteLength: number, tag: string): Block {
    if (!Number.isSafeInteger(byteLength) || byteLength < 1) {
      throw new InvariantError(`a block of ${byteLength} bytes was asked for, for '${tag}'`)
    }
    let chunk = this.#current
    let start = chunk === undefined ? -1 : chunk.arena.take(byteLength, tag)
    if (chunk === undefined || start < 0) {
      const piece = this.#takeElsewhere(byteLength, tag)
      chunk = piece.chunk
      start = piece.start
      this.#current = chunk
    }
    const counters = this.#counters.tag === tag ? this.#counters : this.#countersOf(tag)
    this.#counters = counters
    if (counters.allocations === 0) this.#tags.set(tag, counters)
    counters.liveBlocks += 1
    counters.liveBytes += byteLength
    counters.allocations += 1
    chunk.liveBlocks += 1
    this.#liveBlocks += 1
    this.#allocations += 1
    const liveBytes = this.#liveBytes + byteLength
    this.#liveBytes = liveBytes
    if (liveBytes > this.#peakBytes) this.#peakBytes = liveBytes
    return new ChunkBlock(chunk, start, byteLength, counters)
  }

  free(block: Block): void {
    if (!(block instanceof ChunkBlock))
      throw new InvariantError(`a block of '${block.tag}' is no block of an allocator`)
    const chunk = block.chunk
    if (chunk === undefined) {
      throw new InvariantError(`a block of '${block.tag}' was freed twice, at offset ${block.start} of its chunk`)
    }
    if (chunk.owner !== this) throw new InvariantError(`a block of '${block.tag}' was freed at another allocator`)
    chunk.arena.give(block.start, block.byteLength, block.tag)
    block.chunk = undefined
    block.counters.liveBlocks -= 1
    block.counters.liveBytes -= block.byteLength
    chunk.liveBlocks -= 1
    this.#liveBlocks -= 1
    this.#liveBytes -= block.byteLength
  }

  counters(): AllocatorCounters {
    const byTag = new Map<string, Readonly<{ liveBlocks: number; liveBytes: number; allocations: number }>>()
    for (const { tag, liveBlocks, liveBytes, allocations } of this.#tags.values()) {
      byTag.set(tag, { liveBlocks, liveBytes, allocations })
    }
    return {
      liveBlocks: this.#liveBlocks,
      liveBytes: this.#liveBytes,
      peakBytes: this.#peakBytes,
      allocations: this.#allocations,
      byTag,
    }
  }

  /** A piece of another chunk than the current one, or of a new chunk. Throws OutOfMemoryError. */
  #takeElsewhere(byteLength: number, tag: string): Readonly<{ chunk: Chunk; start: number }> {
    for (const chunk of this.#chunks) {
      if (chunk === this.#current) continue
      const start = chunk.arena.take(byteLength, tag)
      if (start >= 0) return { chunk, start }
    }
    const chunk = this.#systemChunk(byteLength)
    if (chunk === undefined) throw new OutOfMemoryError(byteLength, tag, this.#allocations + 1)
    const start = chunk.arena.take(byteLength, tag)
    if (start < 0) throw new InvariantError(`a chunk made for ${byteLength} bytes has no room for them`)
    return { chunk, start }
  }

  /** A new chunk with room for a block of that length; undefined if the source has none to give. */
  #systemChunk(byteLength: number): Chunk | undefined {
    const source = this.#source
    if (source.kind === 'single') return undefined
    const needed = this.#kind.chunkBytesFor(byteLength)
    if (needed > source.limitBytes - this.#liveChunkBytes()) return undefined
    const wanted = Math.max(needed, source.chunkBytes)
    let bytes: Uint8Array
    const kept = this.#chunks
    const keptBytes = this.#chunkBytes
    // Empty chunks, none of which is large enough, are given up only if the limit leaves no other way.
    if (source.limitBytes - keptBytes < needed) {
      this.#chunks = kept.filter((chunk) => chunk.liveBlocks > 0)
      this.#chunkBytes = this.#liveChunkBytes()
    }
    try {
      bytes = new Uint8Array(Math.min(wanted, Math.floor(source.limitBytes - this.#chunkBytes)))
    } catch {
      // The system refused; the only error that a typed array's constructor has for a length that is a whole number.
      this.#chunks = kept
      this.#chunkBytes = keptBytes
      return undefined
    }
    return this.#addChunk(bytes)
  }

  #liveChunkBytes(): number {
    let total = 0
    for (const chunk of this.#chunks) if (chunk.liveBlocks > 0) total += chunk.byteLength
    return total
  }

  #countersOf(tag: string): TagCounters {
    return this.#tags.get(tag) ?? { tag, liveBlocks: 0, liveBytes: 0, allocations: 0 }
  }

  #addChunk(bytes: Uint8Array): Chunk {
    const arena = this.#kind.make(bytes, this.#poison)
    const chunk: Chunk = { owner: this, arena, byteLength: bytes.length, liveBlocks: 0 }
    this.#chunks.push(chunk)
    this.#chunkBytes += bytes.length
    return chunk
  }
}
