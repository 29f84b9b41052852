import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cursor, EMPTY_ROOT, TreeView, type Bound, type CursorRange } from '../../../engine/tree/index.ts'
import {
  buildTree,
  contents,
  contentsOfRoot,
  drain,
  entryOf,
  hex,
  makeBed,
  makeOverlay,
  run,
  sorted,
  unhex,
  type Model,
} from './test-bed.ts'

const key = fc.uint8Array({ minLength: 0, maxLength: 2, max: 15 })
const model = fc
  .uniqueArray(key, { selector: hex, maxLength: 120, size: 'max' })
  .map((keys): Model => new Map(keys.map((bytes) => [hex(bytes), hex(bytes.slice(0, 1))])))
const bound = fc.option(
  fc.tuple(key, fc.boolean()).map(([bytes, inclusive]): Bound => ({ ...run(bytes), inclusive })),
  { nil: undefined },
)
const range = fc.tuple(bound, bound, fc.boolean()).map(([from, to, descending]): CursorRange => {
  return { descending, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
})

const bytesOf = (end: Bound) => hex(end.bytes.subarray(end.start, end.start + end.lengthBytes))

function expected(entries: Model, { from, to, descending }: CursorRange): [string, string][] {
  const inside = sorted(entries).filter(([k]) => {
    const aboveFrom = from === undefined || k > bytesOf(from) || (from.inclusive && k === bytesOf(from))
    return aboveFrom && (to === undefined || k < bytesOf(to) || (to.inclusive && k === bytesOf(to)))
  })
  return descending === true ? inside.toReversed() : inside
}

describe('cursor', { tags: ['TRE-03'] }, () => {
  it('gives exactly the entries of any range, in both directions, written or not', { tags: ['COW-07'] }, () => {
    fc.assert(
      fc.property(
        model,
        model,
        fc.array(range, { maxLength: 8 }),
        fc.constantFrom(4, 32),
        (written, added, ranges, fanOut) => {
          const bed = makeBed(fanOut, 1500)
          const root = buildTree(bed, written)
          const overlay = makeOverlay(bed)
          const editor = overlay.editor(root)
          overlay.beginStatement()
          for (const [k, v] of added) editor.put(run(unhex(k)), run(unhex(v)))
          overlay.keepStatement()
          const both: Model = new Map([...written, ...added])
          const view = new TreeView(bed.cache, root)
          for (const one of [{}, { descending: true }, ...ranges]) {
            expect(contents(bed, view, one)).toEqual(expected(written, one))
            expect(contents(bed, editor.view, one)).toEqual(expected(both, one))
          }
          overlay.discard()
          bed.cache.close()
          expect(bed.allocator.live).toBe(0)
        },
      ),
    )
  })

  it('goes on behind its last key when the tree changes underneath', () => {
    const change = fc.record({ steps: fc.nat(5), put: fc.boolean(), bytes: key, undo: fc.boolean() })
    fc.assert(
      fc.property(model, fc.array(change, { maxLength: 30 }), fc.boolean(), (written, changes, descending) => {
        const bed = makeBed(4, 1500)
        const overlay = makeOverlay(bed)
        const editor = overlay.editor(buildTree(bed, written))
        const now = new Map(written)
        const cursor = new Cursor(editor.view, bed.allocator, { descending })
        let last: string | undefined
        for (const { steps, put, bytes, undo } of changes) {
          for (let step = 0; step < steps; step += 1) {
            const ahead = sorted(now).filter(([k]) => last === undefined || (descending ? k < last : k > last))
            const nearest = descending ? ahead.at(-1) : ahead[0]
            expect(cursor.next()).toBe(nearest !== undefined)
            if (nearest === undefined) {
              cursor.close()
              overlay.discard()
              return
            }
            expect(entryOf(cursor)).toEqual(nearest)
            last = nearest[0]
          }
          overlay.beginStatement()
          if (put) editor.put(run(bytes), run(bytes))
          else editor.delete(run(bytes))
          if (undo) {
            overlay.undoStatement()
          } else {
            overlay.keepStatement()
            if (put) now.set(hex(bytes), hex(bytes))
            else now.delete(hex(bytes))
          }
        }
        cursor.close()
        overlay.discard()
        bed.cache.close()
        expect(bed.allocator.live).toBe(0)
      }),
    )
  })

  it('is not disturbed by eviction, or by a cache that is emptied', { tags: ['MRY-04'] }, () => {
    const bed = makeBed(4, 300)
    const entries: Model = new Map(Array.from({ length: 200 }, (_, n) => [hex(Uint8Array.of(n)), '01']))
    const root = buildTree(bed, entries)
    const cursor = new Cursor(new TreeView(bed.cache, root), bed.allocator)
    const other = new TreeView(bed.cache, root)
    const seen: [string, string][] = []
    while (cursor.next()) {
      other.get(Uint8Array.of((seen.length * 31) % 200), 0, 1)
      if (seen.length % 5 === 0) bed.cache.clear()
      if (seen.length % 7 === 0) bed.cache.forgetPack(1)
      seen.push(entryOf(cursor))
    }
    expect(seen).toEqual(sorted(entries))
    cursor.close()
    cursor.close()
    bed.cache.close()
    expect(bed.allocator.live).toBe(0)
  })

  it('can be asked again after a read or an allocation has failed, and misses nothing', () => {
    for (const descending of [false, true]) {
      const bed = makeBed(4, 0)
      const entries: Model = new Map(Array.from({ length: 100 }, (_, n) => [hex(Uint8Array.of(n)), '01']))
      const root = buildTree(bed, entries)
      for (let failAfter = 0; failAfter < 12; failAfter += 1) {
        const cursor = new Cursor(new TreeView(bed.cache, root), bed.allocator, { descending })
        const seen: [string, string][] = []
        let failures = 0
        bed.store.readsUntilFailure = failAfter
        for (;;) {
          try {
            if (!cursor.next()) break
            seen.push(entryOf(cursor))
          } catch (error) {
            expect(error).toMatchObject({ code: failures % 2 === 0 ? 'EIO' : 'ENOMEM' })
            failures += 1
            bed.store.readsUntilFailure = Infinity
            bed.allocator.arm(0)
            // A second failure on the way to where the first one struck.
            if (failures % 2 === 1) bed.allocator.arm(1 + (failAfter % 4))
            else bed.store.readsUntilFailure = failAfter + 14
          }
        }
        bed.allocator.arm(0)
        bed.store.readsUntilFailure = Infinity
        cursor.close()
        expect(failures).toBeGreaterThan(3)
        expect(seen).toEqual(descending ? sorted(entries).toReversed() : sorted(entries))
      }
      bed.cache.close()
      expect(bed.allocator.live).toBe(0)
    }
  })

  it('gives nothing of an empty tree, and is seen as a block while it is open', { tags: ['MRY-03'] }, () => {
    const bed = makeBed(4)
    const cursor = new Cursor(new TreeView(bed.cache, EMPTY_ROOT), bed.allocator)
    expect(bed.allocator.counters().byTag.get('cursor')?.liveBlocks).toBe(1)
    expect(drain(cursor)).toEqual([])
    expect(bed.allocator.live).toBe(0)
    expect(contentsOfRoot(bed, EMPTY_ROOT)).toEqual([])
  })
})
