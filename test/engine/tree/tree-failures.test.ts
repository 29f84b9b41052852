import { describe, expect, it } from 'vitest'
import { OutOfMemoryError } from '../../../engine/ports/index.ts'
import { EMPTY_ROOT, type Overlay, type Root, type TreeEditor } from '../../../engine/tree/index.ts'
import {
  buildTree,
  contents,
  contentsOfRoot,
  hex,
  makeBed,
  makeOverlay,
  run,
  sorted,
  type Bed,
  type Model,
} from './test-bed.ts'

const two = (n: number) => Uint8Array.of(n >> 8, n)
const start: Model = new Map(Array.from({ length: 90 }, (_, n) => [hex(two(n * 3)), hex(two(n))]))

type Situation = {
  bed: Bed
  overlay: Overlay
  editors: [TreeEditor, TreeEditor]
  models: [Model, Model]
  roots: [Root, Root]
}

/** Two trees, one of them changed by an earlier statement. */
function situation(fanOut: number): Situation {
  const bed = makeBed(fanOut, 3000)
  const roots: [Root, Root] = [buildTree(bed, start), EMPTY_ROOT]
  const overlay = makeOverlay(bed)
  const editors: [TreeEditor, TreeEditor] = [overlay.editor(roots[0]), overlay.editor(roots[1])]
  overlay.beginStatement()
  for (let n = 0; n < 20; n += 1) editors[1].put(run(two(n)), run(two(n)))
  editors[0].delete(run(two(30)))
  overlay.keepStatement()
  const first = new Map(start)
  first.delete(hex(two(30)))
  const second = new Map(Array.from({ length: 20 }, (_, n) => [hex(two(n)), hex(two(n))] as const))
  bed.cache.clear()
  return { bed, overlay, editors, models: [first, second], roots }
}

/** Splits, merges, replacements, a root that grows, one that goes. */
function statement([first, second]: readonly [TreeEditor, TreeEditor]): void {
  for (let n = 100; n < 112; n += 1) first.put(run(two(n)), run(new Uint8Array(n)))
  for (let n = 0; n < 20; n += 1) second.delete(run(two(n)))
  for (let n = 10; n < 40; n += 1) first.delete(run(two(n * 3)))
  for (let n = 200; n < 240; n += 1) second.put(run(two(n)), run(two(n)))
}

function expectState({ bed, editors, models }: Situation): void {
  for (const index of [0, 1] as const) {
    expect(editors[index].count).toBe(models[index].size)
    expect(contents(bed, editors[index].view)).toEqual(sorted(models[index]))
  }
}

function finish({ bed, overlay }: Situation): void {
  overlay.discard()
  bed.cache.close()
  expect(bed.allocator.live).toBe(0)
}

describe('a tree whose memory or store fails', { tags: ['ERR-02'] }, () => {
  for (const fanOut of [4, 32]) {
    it(
      `is as it was before the statement, whichever allocation fails, and then does the statement, fan-out ${fanOut}`,
      { tags: ['QA-04'] },
      () => {
        let failing = 0
        for (;;) {
          failing += 1
          const s = situation(fanOut)
          const { bed, overlay, editors } = s
          const liveBefore = bed.allocator.live - bed.cache.counters().nodes
          bed.allocator.arm(failing)
          overlay.beginStatement()
          let failed = false
          try {
            statement(editors)
          } catch (error) {
            expect(error).toBeInstanceOf(OutOfMemoryError)
            failed = true
          }
          if (!failed) {
            overlay.keepStatement()
            finish(s)
            break
          }
          overlay.undoStatement()
          expect(bed.allocator.failuresDelivered).toBe(1)
          expect(bed.allocator.askedAfterFailure).toBe(0)
          expect(bed.allocator.live - bed.cache.counters().nodes).toBe(liveBefore)
          bed.allocator.arm(0)
          expectState(s)
          overlay.beginStatement()
          statement(editors)
          overlay.keepStatement()
          const after = contents(bed, editors[1].view).map(([key]) => key)
          expect(after).toEqual(Array.from({ length: 40 }, (_, n) => hex(two(200 + n))))
          finish(s)
        }
        expect(failing).toBeGreaterThan(15)
      },
    )

    it(`is as it was before the statement, whichever read fails, fan-out ${fanOut}`, () => {
      for (let reads = 0; ; reads += 1) {
        const s = situation(fanOut)
        s.bed.store.readsUntilFailure = reads
        s.overlay.beginStatement()
        let failed = false
        try {
          statement(s.editors)
        } catch (error) {
          expect(error).toMatchObject({ code: 'EIO' })
          failed = true
        }
        s.bed.store.readsUntilFailure = Infinity
        s.overlay.undoStatement()
        expectState(s)
        finish(s)
        if (!failed) break
      }
    })

    it(`loses nothing of the editor when a write fails, whichever append or allocation it is, fan-out ${fanOut}`, () => {
      for (const kind of ['append', 'allocation'] as const) {
        let failures = 0
        for (let point = 0; ; point += 1) {
          const s = situation(fanOut)
          const { bed, overlay, editors } = s
          let failed = false
          if (kind === 'append') bed.store.appendsUntilFailure = point
          else bed.allocator.arm(point + 1)
          const liveBefore = bed.allocator.live
          const written: Root[] = []
          try {
            for (const editor of editors) written.push(editor.write(bed.store))
          } catch (error) {
            expect(error).toMatchObject({ code: kind === 'append' ? 'ENOSPC' : 'ENOMEM' })
            failed = true
          }
          expect(bed.allocator.askedAfterFailure).toBe(0)
          expect(bed.allocator.live).toBe(liveBefore)
          bed.store.appendsUntilFailure = Infinity
          bed.allocator.arm(0)
          expectState(s)
          const roots = failed ? editors.map((editor) => editor.write(bed.store)) : written
          overlay.discard()
          for (const index of [0, 1] as const) {
            expect(contentsOfRoot(bed, roots[index] as Root)).toEqual(sorted(s.models[index]))
          }
          expect(contentsOfRoot(bed, s.roots[0])).toEqual(sorted(start))
          finish(s)
          if (!failed) break
          failures += 1
        }
        expect(failures).toBeGreaterThan(kind === 'append' ? 2 : 0)
      }
    })
  }

  it('can be discarded in the middle of a failed statement, and twice', { tags: ['ERR-03'] }, () => {
    const s = situation(4)
    s.bed.allocator.arm(9)
    s.overlay.beginStatement()
    expect(() => statement(s.editors)).toThrow(OutOfMemoryError)
    s.overlay.discard()
    s.overlay.discard()
    expect(s.bed.allocator.askedAfterFailure).toBe(0)
    finish(s)
  })

  it('holds nothing when opening an overlay or an editor finds no memory', { tags: ['QA-07'] }, () => {
    const bed = makeBed(4)
    bed.allocator.arm(1)
    expect(() => makeOverlay(bed)).toThrow(OutOfMemoryError)
    bed.allocator.arm(2)
    const overlay = makeOverlay(bed)
    expect(() => overlay.editor(EMPTY_ROOT)).toThrow(OutOfMemoryError)
    overlay.discard()
    expect(bed.allocator.live).toBe(0)
  })
})
