import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { Cursor, TreeView, verifyTree, type Root } from '../../../engine/tree/index.ts'
import { buildTree, entryOf, hex, makeBed, sorted, type Bed, type Model } from './test-bed.ts'

const entries: Model = new Map(
  Array.from({ length: 120 }, (_, n) => [hex(Uint8Array.of(n * 2, n)), hex(Uint8Array.of(n))]),
)

const damage = fc.record({
  node: fc.nat(),
  changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
})

function complaintsOf(bed: Bed, root: Root): string[] {
  const complaints: string[] = []
  verifyTree(bed.source, root, { damage: (_, message) => complaints.push(message) })
  return complaints
}

describe('damaged nodes whose checksum nobody compared', { tags: ['DMG-02'] }, () => {
  it('end in E_CORRUPT or in entries that are in order, never in a loop or in a node of bad form', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 32), fc.array(damage, { minLength: 1, maxLength: 3 }), (fanOut, list) => {
        const bed = makeBed(fanOut, 10_000)
        const root = buildTree(bed, entries)
        const images = [...bed.store.items.values()]
        for (const { node, changes } of list) {
          const image = images[node % images.length] as Uint8Array
          for (const [at, byte] of changes) image[at % image.length] = byte
        }
        const complaints = complaintsOf(bed, root)
        const seen: string[] = []
        const cursor = new Cursor(new TreeView(bed.cache, root), bed.allocator)
        let steps = 0
        try {
          while (cursor.next()) {
            seen.push(entryOf(cursor)[0])
            expect((steps += 1)).toBeLessThan(5000)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError)
          expect(error).toMatchObject({ code: 'E_CORRUPT' })
          expect(complaints.length).toBeGreaterThan(0)
        }
        cursor.close()
        if (complaints.length === 0) expect(seen).toEqual(seen.toSorted())
        const view = new TreeView(bed.cache, root)
        for (const [key] of sorted(entries).slice(0, 20)) {
          try {
            view.get(Buffer.from(key, 'hex'), 0, key.length / 2)
          } catch (error) {
            expect(error).toMatchObject({ code: 'E_CORRUPT' })
          }
        }
        bed.cache.close()
        expect(bed.allocator.live).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('are all named: a node that names itself, two that are exchanged, one that is missing, a wrong count', () => {
    const bed = makeBed(4)
    const root = buildTree(bed, entries)
    const pairOf = (level: number) => {
      const found: string[] = []
      verifyTree(bed.source, root, {
        damage: (_, message) => expect.fail(message),
        node: (reference, at) => void (at === level && found.push(`${reference.pack}:${reference.offsetBytes}`)),
      })
      return found
    }
    const [first = '', second = ''] = pairOf(0).filter((at, _, all) => {
      return bed.store.items.get(at)?.length === bed.store.items.get(all[1] ?? '')?.length
    })
    const one = bed.store.items.get(first) as Uint8Array
    const other = bed.store.items.get(second) as Uint8Array
    bed.store.items.set(first, other)
    bed.store.items.set(second, one)
    expect(complaintsOf(bed, root)).toHaveLength(2)
    bed.store.items.set(first, one)
    bed.store.items.set(second, other)
    expect(complaintsOf(bed, root)).toEqual([])

    bed.store.items.delete(first)
    expect(complaintsOf(bed, root)).toHaveLength(1)
    bed.store.items.set(first, one)

    expect(complaintsOf(bed, { ...root, count: root.count + 1 })).toEqual([
      `the tree has ${root.count} entries, its root says ${root.count + 1}`,
    ])
    expect(complaintsOf(bed, { ...root, height: root.height + 1 })).toHaveLength(1)
    expect(bed.allocator.live).toBe(0)
  })

  it('are refused as a child of a wrong level also when they are cached', () => {
    const bed = makeBed(4)
    const root = buildTree(bed, entries)
    const view = new TreeView(bed.cache, root)
    expect(view.get(Uint8Array.of(0, 0), 0, 2)).toBeDefined()
    const wrong = new TreeView(bed.cache, { ...root, height: root.height - 1 })
    expect(() => wrong.get(Uint8Array.of(0, 0), 0, 2)).toThrow(/E_CORRUPT/)
    bed.cache.close()
  })
})
