// test/engine/tree/overlay-and-rewrite.test.ts: what an overlay refuses, the memory that writing a tree takes,
// and trees that grow while they are written again.

import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../../engine/errors.ts'
import type { Allocator, Block } from '../../../engine/ports/index.ts'
import { EMPTY_ROOT, Overlay, rewriteTree, type Bytes } from '../../../engine/tree/index.ts'
import { errorOf } from '../machine.ts'
import { buildTree, contentsOfRoot, hex, makeBed, makeOverlay, run, unhex, type Bed } from './test-bed.ts'

const everything = () => true
/** A value as long as it was and `bytes` more. */
const longer =
  (bytes: number) =>
  (_key: Bytes, value: Bytes): Bytes =>
    run(Uint8Array.of(...value.bytes.subarray(value.start, value.start + value.lengthBytes), ...Array(bytes).fill(9)))

/** An allocator over the bed's that notes what is asked for and which blocks are live. */
const watched = (bed: Bed): { allocator: Allocator; sizes: number[]; live: Set<Block> } => {
  const sizes: number[] = []
  const live = new Set<Block>()
  const { allocator } = bed
  return {
    sizes,
    live,
    allocator: {
      counters: () => allocator.counters(),
      allocate: (byteLength, tag) => {
        const block = allocator.allocate(byteLength, tag)
        sizes.push(byteLength)
        live.add(block)
        return block
      },
      free: (block) => {
        allocator.free(block)
        live.delete(block)
      },
    },
  }
}

const number = (n: number) => hex(Uint8Array.of(n >> 8, n))

/** Puts the keys into a new tree and writes it; gives the sizes of the blocks that writing borrowed. */
const borrowedFor = (keys: readonly string[]): number[] => {
  const bed = makeBed(4)
  const { allocator, sizes, live } = watched(bed)
  const overlay = new Overlay({ allocator, cache: bed.cache, shape: { fanOut: 4, keyBytesMax: 1000 } })
  const editor = overlay.editor(EMPTY_ROOT)
  overlay.beginStatement()
  for (const key of keys) editor.put(run(unhex(key)), run(Uint8Array.of(1)))
  overlay.keepStatement()
  sizes.length = 0
  const root = editor.write({
    appendNode: (bytes, start, lengthBytes) => {
      const owner = [...live].find(
        (block) =>
          block.bytes === bytes && block.start <= start && start + lengthBytes <= block.start + block.byteLength,
      )
      expect(owner).toBeDefined()
      return bed.store.appendNode(bytes, start, lengthBytes)
    },
  })
  overlay.discard()
  expect(live.size).toBe(0)
  expect(contentsOfRoot(bed, root)).toEqual(keys.map((key) => [key, '01']))
  return sizes
}

describe('an overlay', { tags: ['TRE-04'] }, () => {
  it('is not made for trees of a shape that can not be, and holds nothing then', () => {
    const bed = makeBed(4)
    const held = bed.allocator.live
    for (const [fanOut, keyBytesMax, message] of [
      [4.5, 100, 'the fan-out is 4.5, not 4 to 512'],
      [3, 100, 'the fan-out is 3, not 4 to 512'],
      [513, 100, 'the fan-out is 513, not 4 to 512'],
      [4, 1.5, 'keys of at most 1.5 bytes, not 1 to 4096'],
      [4, 0, 'keys of at most 0 bytes, not 1 to 4096'],
      [4, 4097, 'keys of at most 4097 bytes, not 1 to 4096'],
    ] as const)
      expect(errorOf(() => makeOverlay(bed, fanOut, keyBytesMax))).toMatchObject({
        code: 'E_USAGE',
        message: expect.stringContaining(message) as string,
      })
    expect(bed.allocator.live).toBe(held)
    for (const [fanOut, keyBytesMax] of [
      [4, 1],
      [512, 4096],
    ] as const)
      makeOverlay(bed, fanOut, keyBytesMax).discard()
  })

  it('does nothing more once it is discarded, and no statement within another', () => {
    const overlay = makeOverlay(makeBed(4))
    overlay.beginStatement()
    expect(errorOf(() => overlay.beginStatement())).toBeInstanceOf(InvariantError)
    overlay.keepStatement()
    overlay.discard()
    expect(errorOf(() => overlay.beginStatement())).toBeInstanceOf(InvariantError)
    expect(errorOf(() => overlay.editor(EMPTY_ROOT))).toBeInstanceOf(InvariantError)
  })

  it('gives the number of a removed node out again when the statement is kept, and not before', () => {
    const overlay = makeOverlay(makeBed(4))
    overlay.beginStatement()
    const kept = overlay.create(0, 1, 8)
    const removed = overlay.create(0, 1, 8)
    overlay.keepStatement()
    for (let round = 0; round < 100; round += 1) {
      overlay.beginStatement()
      overlay.remove(removed)
      const other = overlay.create(0, 1, 8)
      expect([kept, removed]).not.toContain(other)
      overlay.remove(other)
      overlay.keepStatement()
      overlay.beginStatement()
      // Both are free now: two new nodes have their numbers.
      expect(new Set([overlay.create(0, 1, 8), overlay.create(0, 1, 8)])).toEqual(new Set([removed, other]))
      overlay.remove(other)
      overlay.keepStatement()
    }
    overlay.discard()
  })
})

describe('a tree that is written', { tags: ['TRE-04'] }, () => {
  it('puts all inner nodes together in one block that has room for each', () => {
    expect(borrowedFor(Array.from({ length: 60 }, (_, n) => number(n)))).toHaveLength(1)
  })

  it('borrows a longer block for an inner node that the one before has no room for', () => {
    const short = Array.from({ length: 30 }, (_, n) => number(n))
    const long = Array.from({ length: 30 }, (_, n) => 'ff'.repeat(600) + number(n))
    const sizes = borrowedFor([...short, ...long])
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  })

  it('takes no more room for a leaf that is moved as it is than its image has', () => {
    const bed = makeBed(32)
    const root = buildTree(
      bed,
      Array.from({ length: 20 }, (_, n): [string, string] => [number(n), '0102']),
    )
    expect(root.height).toBe(1)
    const { allocator, sizes } = watched(bed)
    rewriteTree(root, { source: { ...bed.source, allocator }, store: bed.store, needsRewrite: everything })
    // The longest form of the image's header is a byte longer than the one in use.
    expect(sizes).toEqual([(root.reference?.lengthBytes ?? 0) + 1])
  })
})

describe('a tree whose values grow while it is written again', { tags: ['TRE-04'] }, () => {
  it('gives keys of every length to who maps the values', () => {
    for (const keyBytes of [1, 127, 128, 1000]) {
      const bed = makeBed(4)
      const key = hex(new Uint8Array(keyBytes).fill(3))
      const root = buildTree(bed, [[key, '0102']])
      const seen: string[] = []
      const mapLeafValue = (found: Bytes): Bytes => {
        seen.push(hex(found.bytes.subarray(found.start, found.start + found.lengthBytes)))
        return run(Uint8Array.of(7))
      }
      const after = rewriteTree(root, { source: bed.source, store: bed.store, needsRewrite: everything, mapLeafValue })
      expect(seen).toEqual([key])
      expect(contentsOfRoot(bed, after)).toEqual([[key, '07']])
    }
  })

  it('may have values that are 32 bytes longer; longer ones are a bug of who maps them, and nothing is written', () => {
    const bed = makeBed(4)
    const root = buildTree(bed, [['01', '0102']])
    const written = bed.store.order.length
    const options = { source: bed.source, store: bed.store, needsRewrite: everything }
    expect(errorOf(() => rewriteTree(root, { ...options, mapLeafValue: longer(33) }))).toBeInstanceOf(InvariantError)
    expect(bed.store.order.length).toBe(written)
    const after = rewriteTree(root, { ...options, mapLeafValue: longer(32) })
    expect(contentsOfRoot(bed, after)).toEqual([['01', `0102${'09'.repeat(32)}`]])
  })

  it('is refused, not cut, when a node would be longer than one may be', () => {
    const bed = makeBed(512)
    const entries = Array.from({ length: 400 }, (_, index): [string, string] => [
      hex(Uint8Array.of(index >> 8, index, ...Array(60).fill(1))),
      hex(new Uint8Array(8)),
    ])
    let root = buildTree(bed, entries)
    expect(root.height).toBe(1)
    const options = { source: bed.source, store: bed.store, needsRewrite: everything, mapLeafValue: longer(30) }
    const growing = (): void => {
      for (let round = 0; round < 10; round += 1) {
        const written = bed.store.order.length
        const error = errorOf(() => (root = rewriteTree(root, options)))
        expect(bed.store.order.length).toBe(error === undefined ? written + 1 : written)
        if (error !== undefined) throw error
      }
    }
    expect(errorOf(growing)).toMatchObject({ code: 'E_CONSTRAINT' })
    // What was written before is whole.
    expect(contentsOfRoot(bed, root)).toHaveLength(400)
  })
})
