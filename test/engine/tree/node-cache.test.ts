import { describe, expect, it } from 'vitest'
import {
  decodeRoot,
  encodeRoot,
  EMPTY_ROOT,
  ROOT_SIZE_BYTES_MAX,
  rootSizeBytes,
  TreeView,
} from '../../../engine/tree/index.ts'
import { FormatError } from '../../../engine/format/index.ts'
import { buildTree, hex, makeBed, type Bed } from './test-bed.ts'

const entries = Array.from({ length: 250 }, (_, n) => [hex(Uint8Array.of(n)), hex(Uint8Array.of(n))] as const)

function readAll(bed: Bed, view: TreeView): void {
  for (let n = 0; n < 250; n += 1) {
    const found = view.get(Uint8Array.of((n * 37) % 250), 0, 1)
    expect(found?.bytes[found.start]).toBe((n * 37) % 250)
  }
}

describe('node cache', { tags: ['MRY-04'] }, () => {
  it('stays within its budget but for the node asked for last, and needs no more reads when all fits', () => {
    for (const budget of [0, 1000, 5000, 1_000_000]) {
      const bed = makeBed(4, budget)
      const root = buildTree(bed, entries)
      const view = new TreeView(bed.cache, root)
      for (let n = 0; n < 250; n += 1) {
        view.get(Uint8Array.of(n), 0, 1)
        expect(bed.cache.counters().bytes).toBeLessThanOrEqual(Math.max(budget, 200))
        expect(bed.allocator.counters().liveBytes).toBe(bed.cache.counters().bytes)
      }
      bed.store.reads = 0
      readAll(bed, view)
      if (budget === 1_000_000) expect(bed.store.reads).toBe(0)
      else expect(bed.store.reads).toBeGreaterThan(0)
      bed.cache.close()
      bed.cache.close()
      expect(bed.allocator.live).toBe(0)
    }
  })

  it('keeps a pinned node where it is until it is let go, whatever happens to the rest', () => {
    const bed = makeBed(4, 1000)
    const root = buildTree(bed, entries)
    const { pack = 0, offsetBytes = 0, lengthBytes = 0 } = root.reference ?? {}
    const frame = bed.cache.pin(pack, offsetBytes, lengthBytes, root.height - 1)
    const image = () => {
      const end = frame.block.start + frame.block.byteLength
      return hex(frame.block.bytes.subarray(end - lengthBytes, end))
    }
    const before = image()
    readAll(bed, new TreeView(bed.cache, root))
    bed.cache.forget({ pack, offsetBytes })
    bed.cache.forgetPack(1)
    expect(bed.cache.counters()).toEqual({ nodes: 0, bytes: 0, pins: 1 })
    readAll(bed, new TreeView(bed.cache, root))
    expect(image()).toBe(before)
    expect(() => bed.cache.close()).toThrow(/cursors are closed/)
    bed.cache.unpin(frame)
    bed.cache.close()
    expect(bed.allocator.live).toBe(0)
  })

  it('makes room before it reads, so that a failed allocation is the last one', { tags: ['QA-08'] }, () => {
    const bed = makeBed(4, 1000)
    const root = buildTree(bed, entries)
    const view = new TreeView(bed.cache, root)
    for (let point = 1; point < 40; point += 1) {
      bed.allocator.arm(point)
      let failures = 0
      for (let n = 0; n < 60 && failures === 0; n += 1) {
        try {
          view.get(Uint8Array.of((n * 11) % 250), 0, 1)
        } catch {
          failures += 1
        }
      }
      expect(failures).toBe(1)
      expect(bed.allocator.askedAfterFailure).toBe(0)
      expect(bed.allocator.live).toBe(bed.cache.counters().nodes)
      bed.allocator.arm(0)
      readAll(bed, view)
    }
    bed.cache.close()
  })
})

describe('root', { tags: ['COW-02'] }, () => {
  it('comes back as it was, empty or not', () => {
    const full = {
      reference: { pack: 99_999_999, offsetBytes: 2 ** 31 - 1, lengthBytes: 2 ** 31 - 1 },
      height: 32,
      count: 2 ** 53 - 1,
    }
    for (const root of [
      EMPTY_ROOT,
      full,
      { reference: { pack: 1, offsetBytes: 2, lengthBytes: 3 }, height: 1, count: 4 },
    ]) {
      const bytes = new Uint8Array(ROOT_SIZE_BYTES_MAX)
      const end = encodeRoot(root, bytes, 0)
      expect(end).toBe(rootSizeBytes(root))
      expect(decodeRoot(bytes, 0, end)).toEqual(root)
    }
    for (const bytes of [[33, 1, 1, 1, 1], [1, 0, 1, 1, 1], [1, 1, 0, 1, 1], [1], []]) {
      expect(() => decodeRoot(Uint8Array.from(bytes), 0, bytes.length)).toThrow(FormatError)
    }
  })
})
