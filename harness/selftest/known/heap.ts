// harness/selftest/known/heap.ts: the simplest allocator: every block has bytes of its own.

import type { Allocator, AllocatorCounters, Block } from '../../../engine/ports/index.ts'

export function createHeap(): Allocator {
  const live = new Set<Block>()
  let allocations = 0
  let liveBytes = 0
  let peakBytes = 0
  return {
    allocate(byteLength: number, tag: string): Block {
      const bytes = new Uint8Array(byteLength)
      const block: Block = { bytes, view: new DataView(bytes.buffer), start: 0, byteLength, tag }
      live.add(block)
      allocations += 1
      liveBytes += byteLength
      peakBytes = Math.max(peakBytes, liveBytes)
      return block
    },
    free(block: Block): void {
      if (!live.delete(block)) throw new Error(`a block of '${block.tag}' is freed that is not live`)
      liveBytes -= block.byteLength
    },
    counters(): AllocatorCounters {
      return { liveBlocks: live.size, liveBytes, peakBytes, allocations, byTag: new Map() }
    },
  }
}
