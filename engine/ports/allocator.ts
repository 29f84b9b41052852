// engine/ports/allocator.ts: where every byte that the engine holds comes from.
//
// A block is a view into a chunk: `bytes[start … start + byteLength)`. Reading through the chunk's own typed array keeps
// one hidden class in hot code and makes no object per access; never touch bytes outside the block.

/** A piece of memory, from `allocate` until `free`. */
export interface Block {
  /** The chunk's bytes. */
  readonly bytes: Uint8Array
  /** The same bytes, for numbers. Offsets are those of `bytes`. */
  readonly view: DataView
  /** First byte of the block in `bytes`. */
  readonly start: number
  /** Size as it was asked for. */
  readonly byteLength: number
  readonly tag: string
}

/** Live figures, by tag. */
export type AllocatorCounters = Readonly<{
  liveBlocks: number
  liveBytes: number
  peakBytes: number
  allocations: number
  byTag: ReadonlyMap<string, Readonly<{ liveBlocks: number; liveBytes: number; allocations: number }>>
}>

export interface Allocator {
  /** Most bytes that its blocks can take together, as far as it is bounded and knows. Defaults follow from it. */
  readonly limitBytes?: number | undefined
  /** A block of at least 1 byte; its content is undefined. Throws OutOfMemoryError and has then changed nothing. */
  allocate(byteLength: number, tag: string): Block
  /** Gives a block back. Never fails, except with InvariantError for a block that is not live (freed twice, foreign). */
  free(block: Block): void
  counters(): AllocatorCounters
}
