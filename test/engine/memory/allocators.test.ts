// The allocators against a plain model: both algorithms over both sources of memory, and over chunks of awkward sizes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../../engine/errors.ts'
import { OutOfMemoryError, type Allocator, type Block } from '../../../engine/ports/index.ts'
import {
  ALLOCATOR_ALGORITHMS,
  createAllocator,
  POISON_BYTE,
  singleChunk,
  systemChunks,
  type ChunkSource,
} from '../../../engine/memory/index.ts'

type Operation =
  | Readonly<{ kind: 'allocate'; byteLength: number; tag: string }>
  | Readonly<{ kind: 'free'; pick: number }>
  | Readonly<{ kind: 'free all' }>

const byteLength = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5000, max: 50_000 }) },
)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('allocate' as const), byteLength, tag: fc.constantFrom('a', 'b') }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('free' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'free all' as const }) },
)
const operations = fc.array(operation, { maxLength: 200, size: 'max' })

const SOURCES: readonly Readonly<{ name: string; make: () => ChunkSource }>[] = [
  { name: 'one chunk of 32 KiB', make: () => singleChunk(new Uint8Array(32 * 1024)) },
  { name: 'one chunk of 1 MiB', make: () => singleChunk(new Uint8Array(1024 * 1024)) },
  { name: 'one chunk off every border', make: () => singleChunk(new Uint8Array(70_003).subarray(3, 70_000)) },
  { name: 'system chunks', make: () => systemChunks() },
  { name: 'small system chunks with a limit', make: () => systemChunks({ chunkBytes: 4096, limitBytes: 120_001 }) },
]

/** The largest block that can be allocated now, by bisection (given back at once). */
function largestBlock(allocator: Allocator, upTo: number): number {
  let fits = 0
  let fails = upTo + 1
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2)
    if (tryAllocate(allocator, middle, 'largest', (block) => allocator.free(block))) fits = middle
    else fails = middle
  }
  return fits
}

function tryAllocate(allocator: Allocator, bytes: number, tag: string, use: (block: Block) => void): boolean {
  let block: Block
  try {
    block = allocator.allocate(bytes, tag)
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error
    expect(error).toMatchObject({ requestedBytes: bytes, tag, allocationIndex: allocator.counters().allocations + 1 })
    return false
  }
  use(block)
  return true
}

/** Blocks with the byte that each is filled with, and the figures that the allocator must give. */
class Model {
  readonly live: { block: Block; mark: number }[] = []
  readonly allocations = new Map<string, number>()
  peakBytes = 0
  #marks = 0

  add(block: Block, bytes: number, tag: string): void {
    expect(block).toMatchObject({ byteLength: bytes, tag })
    expect(block.start).toBeGreaterThanOrEqual(0)
    expect(block.start + bytes).toBeLessThanOrEqual(block.bytes.length)
    expect(block.view.byteLength).toBe(block.bytes.length)
    expect(block.view.byteOffset).toBe(block.bytes.byteOffset)
    for (const { block: other } of this.live) {
      const apart =
        other.bytes !== block.bytes ||
        other.start + other.byteLength <= block.start ||
        block.start + block.byteLength <= other.start
      expect(apart).toBe(true)
    }
    this.#marks = (this.#marks + 1) % 251
    block.bytes.fill(this.#marks, block.start, block.start + bytes)
    this.live.push({ block, mark: this.#marks })
    this.allocations.set(tag, (this.allocations.get(tag) ?? 0) + 1)
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes())
  }

  remove(pick: number): Block | undefined {
    const [entry] = this.live.splice(pick % Math.max(1, this.live.length), 1)
    if (entry === undefined) return undefined
    const { block, mark } = entry
    const content = block.bytes.subarray(block.start, block.start + block.byteLength)
    expect(content.every((byte) => byte === mark)).toBe(true)
    return block
  }

  liveBytes(tag?: string): number {
    return this.live.reduce(
      (sum, { block }) => (tag === undefined || block.tag === tag ? sum + block.byteLength : sum),
      0,
    )
  }

  compare(allocator: Allocator): void {
    const byTag = [...this.allocations].map(([tag, allocations]) => {
      const liveBlocks = this.live.filter(({ block }) => block.tag === tag).length
      return [tag, { liveBlocks, liveBytes: this.liveBytes(tag), allocations }] as const
    })
    expect(allocator.counters()).toEqual({
      liveBlocks: this.live.length,
      liveBytes: this.liveBytes(),
      peakBytes: this.peakBytes,
      allocations: [...this.allocations.values()].reduce((sum, count) => sum + count, 0),
      byTag: new Map(byTag),
    })
  }
}

describe.each(ALLOCATOR_ALGORITHMS)('%s', { tags: ['QA-02', 'MRY-01'] }, (algorithm) => {
  describe.each(SOURCES)('over $name', { tags: ['QA-01'] }, ({ make }) => {
    it('keeps live blocks apart and their content, counts exactly, and gives all memory back', () => {
      fc.assert(
        fc.property(operations, fc.boolean(), (program, poison) => {
          const allocator = createAllocator({ algorithm, memory: make(), poison })
          const model = new Model()
          for (const step of program) {
            if (step.kind === 'allocate') {
              tryAllocate(allocator, step.byteLength, step.tag, (block) => {
                model.add(block, step.byteLength, step.tag)
              })
            } else if (step.kind === 'free') {
              const block = model.remove(step.pick)
              if (block !== undefined) allocator.free(block)
            } else {
              while (model.live.length > 0) allocator.free(model.remove(model.live.length - 1) as Block)
            }
            model.compare(allocator)
          }
          while (model.live.length > 0) allocator.free(model.remove(model.live.length >> 1) as Block)
          model.compare(allocator)
          const fresh = createAllocator({ algorithm, memory: make(), poison })
          expect(largestBlock(allocator, 1_100_000)).toBe(largestBlock(fresh, 1_100_000))
        }),
        { numRuns: 40 },
      )
    })

    it('says out of memory when it is, changes nothing by that, and is whole again afterwards', () => {
      const allocator = createAllocator({ algorithm, memory: make() })
      const largest = largestBlock(allocator, 1_100_000)
      const blocks: Block[] = []
      for (let round = 0; round < 2; round += 1) {
        while (blocks.length < 2000 && tryAllocate(allocator, 100, 'small', (block) => blocks.push(block)));
        const before = allocator.counters()
        if (blocks.length < 2000) expect(() => allocator.allocate(100, 'small')).toThrow(OutOfMemoryError)
        expect(allocator.counters()).toEqual(before)
        // First every other block, then the rest: nothing can join until its neighbours come.
        for (const block of blocks.filter((_, index) => index % 2 === 0)) allocator.free(block)
        for (const block of blocks.filter((_, index) => index % 2 === 1)) allocator.free(block)
        blocks.length = 0
        expect(largestBlock(allocator, 1_100_000)).toBe(largest)
      }
    })

    it('finds a write to freed memory, wherever it is, before the memory is used again', { tags: ['MRY-02'] }, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (size, at, flip) => {
          const allocator = createAllocator({ algorithm, memory: make() })
          const neighbours = [allocator.allocate(40, 'before')]
          const block = allocator.allocate(size, 'victim')
          neighbours.push(allocator.allocate(40, 'after'))
          const { bytes, start } = block
          allocator.free(block)
          const offset = start + (at % size)
          bytes[offset] = (bytes[offset] ?? 0) ^ flip
          expect(() => {
            for (let index = 0; index < 100_000; index += 1) allocator.allocate(size, 'next')
          }).toThrow(/free memory was written to, at offset \d+ .*'next'/)
        }),
        { numRuns: 60 },
      )
    })
  })

  it(
    'refuses a block that is freed twice, also when its memory belongs to another block by then',
    { tags: ['MRY-02'] },
    () => {
      const allocator = createAllocator({ algorithm, memory: systemChunks() })
      const block = allocator.allocate(64, 'page')
      allocator.free(block)
      expect(() => allocator.free(block)).toThrow(InvariantError)
      const heir = allocator.allocate(64, 'page')
      expect(heir.start).toBe(block.start)
      expect(() => allocator.free(block)).toThrow(/'page' was freed twice/)
      expect(allocator.counters()).toMatchObject({ liveBlocks: 1, liveBytes: 64, allocations: 2 })
      allocator.free(heir)
    },
  )

  it('refuses blocks of others', { tags: ['MRY-02'] }, () => {
    const allocator = createAllocator({ algorithm, memory: systemChunks() })
    const other = createAllocator({ algorithm, memory: systemChunks() })
    const block = other.allocate(64, 'page')
    expect(() => allocator.free(block)).toThrow(InvariantError)
    expect(() => allocator.free({ ...block, start: 0 })).toThrow(InvariantError)
    other.free(block)
  })

  it('refuses lengths that are none', { tags: ['MRY-02'] }, () => {
    const allocator = createAllocator({ algorithm, memory: systemChunks() })
    for (const bytes of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => allocator.allocate(bytes, 'odd')).toThrow(InvariantError)
    }
  })

  it('fills freed memory with the pattern, and not when that is switched off', { tags: ['MRY-02'] }, () => {
    for (const poison of [true, false]) {
      const allocator = createAllocator({ algorithm, memory: systemChunks(), poison })
      const block = allocator.allocate(1000, 'page')
      block.bytes.fill(7, block.start, block.start + 1000)
      allocator.free(block)
      const middle = block.bytes.subarray(block.start + 16, block.start + 900)
      expect(new Set(middle)).toEqual(new Set([poison ? POISON_BYTE : 7]))
    }
  })

  it(
    'finds a write past the end of a block when the block is freed, where the rounding left room',
    { tags: ['MRY-02'] },
    () => {
      const allocator = createAllocator({ algorithm, memory: systemChunks() })
      for (const size of [1, 21, 99, 1001]) {
        const block = allocator.allocate(size, 'short')
        block.bytes[block.start + size] = 0
        expect(() => allocator.free(block)).toThrow(/'short' was written past its end/)
      }
    },
  )

  it('gives a block larger than a chunk a chunk of its own, and uses that again', () => {
    const allocator = createAllocator({
      algorithm,
      memory: systemChunks({ chunkBytes: 4096, limitBytes: 400_000 }),
    })
    for (let round = 0; round < 20; round += 1) {
      const block = allocator.allocate(120_000, 'long')
      const pieces = Array.from({ length: 20 }, () => allocator.allocate(1000, 'piece'))
      allocator.free(block)
      for (const piece of pieces) allocator.free(piece)
    }
  })

  it('gives up empty chunks of the wrong size rather than say out of memory', () => {
    const allocator = createAllocator({ algorithm, memory: systemChunks({ chunkBytes: 4096, limitBytes: 300_000 }) })
    for (const size of [30_000, 60_000, 120_000, 30_000]) allocator.free(allocator.allocate(size, 'growing'))
    expect(() => allocator.allocate(300_000, 'too much')).toThrow(OutOfMemoryError)
  })

  it('is out of memory at once in a chunk that is too small for the bookkeeping', () => {
    for (let size = 0; size < 2000; size += 7) {
      const allocator = createAllocator({ algorithm, memory: singleChunk(new Uint8Array(size)) })
      expect(() => allocator.allocate(2000, 'page')).toThrow(OutOfMemoryError)
      tryAllocate(allocator, 1, 'byte', (block) => allocator.free(block))
    }
  })

  it('leaves most of a small chunk to its user', { tags: ['PRD-01'] }, () => {
    const allocator = createAllocator({ algorithm, memory: singleChunk(new Uint8Array(32 * 1024)) })
    let bytes = 0
    while (tryAllocate(allocator, 508, 'page', () => (bytes += 508)));
    expect(bytes).toBeGreaterThan(0.9 * 32 * 1024)
  })

  it('never asks the system for a length that no array can have', () => {
    const allocator = createAllocator({ algorithm, memory: systemChunks() })
    expect(() => allocator.allocate(2 ** 40, 'huge')).toThrow(OutOfMemoryError)
    expect(() => allocator.allocate(Number.MAX_SAFE_INTEGER, 'huge')).toThrow(OutOfMemoryError)
    expect(allocator.counters()).toMatchObject({ liveBlocks: 0, allocations: 0 })
  })
})
