// test/engine/tree/overlay-and-rewrite.test.ts: what an overlay refuses, and trees that grow while they are written again.

import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../../engine/errors.ts'
import { EMPTY_ROOT, rewriteTree, type Bytes } from '../../../engine/tree/index.ts'
import { errorOf } from '../machine.ts'
import { buildTree, contentsOfRoot, hex, makeBed, makeOverlay, run } from './test-bed.ts'

const everything = () => true
/** A value as long as it was and `bytes` more. */
const longer =
  (bytes: number) =>
  (_key: Bytes, value: Bytes): Bytes =>
    run(Uint8Array.of(...value.bytes.subarray(value.start, value.start + value.lengthBytes), ...Array(bytes).fill(9)))

describe('an overlay', { tags: ['TRE-04'] }, () => {
  it('is not made for trees of a shape that can not be, and holds nothing then', () => {
    const bed = makeBed(4)
    const held = bed.allocator.live
    for (const [fanOut, keyBytesMax] of [
      [4.5, 100],
      [3, 100],
      [513, 100],
      [4, 1.5],
      [4, 0],
      [4, 4097],
    ] as const)
      expect(errorOf(() => makeOverlay(bed, fanOut, keyBytesMax))).toMatchObject({ code: 'E_USAGE' })
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
