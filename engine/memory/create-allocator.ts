// engine/memory/create-allocator.ts: makes the engine's production allocators.

import type { Allocator } from '../ports/index.ts'
import type { ArenaKind } from './arena.ts'
import { buddy } from './buddy.ts'
import { ChunkAllocator } from './chunk-allocator.ts'
import type { ChunkSource } from './chunk-source.ts'
import { segregatedFit } from './segregated-fit.ts'

/**
 * The algorithms over a chunk. `segregated-fit` wastes little (4 bytes a block, sizes rounded to 8) and suits blocks of
 * many sizes. `buddy` rounds sizes up to a power of two from 32 and suits blocks that are nearly that already (pages);
 * its free memory never ends up in pieces too small to join.
 */
export const ALLOCATOR_ALGORITHMS = ['segregated-fit', 'buddy'] as const

export type AllocatorAlgorithm = (typeof ALLOCATOR_ALGORITHMS)[number]

const ARENA_BY_ALGORITHM: Readonly<Record<AllocatorAlgorithm, ArenaKind>> = { 'segregated-fit': segregatedFit, buddy }

export type AllocatorOptions = Readonly<{
  algorithm: AllocatorAlgorithm
  memory: ChunkSource
  /** Fills freed blocks with a pattern and checks it when they are used again. Default true. */
  poison?: boolean
}>

/**
 * An allocator. Throws nothing: a chunk too small for the bookkeeping is one whose every allocation is out of memory.
 * With `poison`, `allocate` and `free` throw InvariantError when they meet memory that was written to after it was freed,
 * or past the end of its block.
 */
export function createAllocator({ algorithm, memory, poison = true }: AllocatorOptions): Allocator {
  return new ChunkAllocator(ARENA_BY_ALGORITHM[algorithm], memory, poison)
}
