import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reference } from '../../../engine/format/index.ts'
import { OutOfMemoryError } from '../../../engine/ports/index.ts'
import { EMPTY_ROOT, rewriteTree, verifyTree, type Bytes, type Root } from '../../../engine/tree/index.ts'
import { contentsOfRoot, hex, makeBed, makeOverlay, run, sorted, type Bed, type Model } from './test-bed.ts'

const two = (n: number) => Uint8Array.of(n >> 8, n)

const needsRewrite = ({ pack }: Reference) => pack === 2

const mapLeafValue = (key: Bytes, value: Bytes): Bytes | undefined => {
  if (value.bytes[value.start] !== 2) return undefined
  return run(Uint8Array.of(9, ...key.bytes.subarray(key.start, key.start + key.lengthBytes), ...Array(28).fill(9)))
}

/** A tree in pack 1, then changes of it in pack 2. */
function build(bed: Bed, changes: readonly number[]): { before: Root; root: Root; model: Model } {
  const model = new Map<string, string>()
  const change = (root: Root, keys: readonly number[]) => {
    const overlay = makeOverlay(bed)
    const editor = overlay.editor(root)
    for (const n of keys) {
      overlay.beginStatement()
      editor.put(run(two(n)), run(Uint8Array.of(bed.store.pack, n)))
      model.set(hex(two(n)), hex(Uint8Array.of(bed.store.pack, n)))
      overlay.keepStatement()
    }
    const written = editor.write(bed.store)
    overlay.discard()
    return written
  }
  const before = change(
    EMPTY_ROOT,
    Array.from({ length: 150 }, (_, n) => n * 2),
  )
  bed.store.pack = 2
  const root = change(before, changes)
  bed.store.pack = 3
  return { before, root, model }
}

function nodesByPack(bed: Bed, root: Root): Map<number, number> {
  const counts = new Map<number, number>()
  verifyTree(bed.source, root, {
    damage: (_, message) => expect.fail(message),
    node: ({ pack }) => void counts.set(pack, (counts.get(pack) ?? 0) + 1),
  })
  return counts
}

describe('a tree of which a part is written again', { tags: ['TRE-04'] }, () => {
  it('has the same content, nothing left in the tail, and is not read outside it', { tags: ['PRT-05'] }, () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 32), fc.array(fc.nat(400), { maxLength: 12 }), (fanOut, changes) => {
        const bed = makeBed(fanOut)
        const { root, model } = build(bed, changes)
        const tail = nodesByPack(bed, root).get(2) ?? 0
        bed.store.reads = 0
        const written = bed.store.order.length
        const after = rewriteTree(root, { source: bed.source, store: bed.store, needsRewrite })
        expect(bed.store.reads).toBe(tail)
        expect(bed.store.order.length - written).toBe(tail)
        if (tail === 0) expect(after).toBe(root)
        expect(nodesByPack(bed, after).get(2)).toBeUndefined()
        expect(contentsOfRoot(bed, after)).toEqual(sorted(model))
        expect(contentsOfRoot(bed, root)).toEqual(sorted(model))
        bed.cache.close()
        expect(bed.allocator.live).toBe(0)
      }),
    )
  })

  it('can be told to move an old pack: what refers to it is written too, the rest stays', () => {
    const bed = makeBed(4)
    const { root, model } = build(bed, [7, 100])
    const options = { source: bed.source, store: bed.store, descends: () => true }
    const after = rewriteTree(root, { ...options, needsRewrite: ({ pack }) => pack === 1 })
    expect(nodesByPack(bed, after).get(1)).toBeUndefined()
    expect(nodesByPack(bed, after).get(2)).toBeGreaterThan(0)
    expect(contentsOfRoot(bed, after)).toEqual(sorted(model))
    expect(rewriteTree(after, { ...options, needsRewrite: ({ pack }) => pack === 1 })).toBe(after)
  })

  it('has the values that it was given, however much longer, and only those', () => {
    const bed = makeBed(4)
    const { root, model } = build(bed, [7, 100])
    const after = rewriteTree(root, { source: bed.source, store: bed.store, needsRewrite, mapLeafValue })
    const expected = sorted(model).map(([key, value]) => [
      key,
      value.startsWith('02') ? `09${key}${'09'.repeat(28)}` : value,
    ])
    expect(contentsOfRoot(bed, after)).toEqual(expected)
  })

  it('holds nothing whichever allocation or append fails, and the old root stays readable', { tags: ['QA-07'] }, () => {
    for (const kind of ['append', 'allocation'] as const) {
      for (let point = 0; ; point += 1) {
        const bed = makeBed(4)
        const { root, model } = build(bed, [7, 100, 250])
        if (kind === 'append') bed.store.appendsUntilFailure = point
        else bed.allocator.arm(point + 1)
        let failed = false
        try {
          rewriteTree(root, { source: bed.source, store: bed.store, needsRewrite })
        } catch (error) {
          if (kind === 'allocation') expect(error).toBeInstanceOf(OutOfMemoryError)
          failed = true
        }
        expect(bed.allocator.askedAfterFailure).toBe(0)
        bed.allocator.arm(0)
        expect(bed.allocator.live - bed.cache.counters().nodes).toBe(0)
        expect(contentsOfRoot(bed, root)).toEqual(sorted(model))
        if (!failed) {
          expect(point).toBeGreaterThan(3)
          break
        }
      }
    }
  })
})
