// test/engine/database/key-ranges.test.ts: ranges of keys against a plain set.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyRanges } from '../../../engine/database/key-ranges.ts'
import { smallAllocator } from '../machine.ts'

const HIGHEST = 60

const change = fc.record({ add: fc.boolean(), from: fc.nat(HIGHEST), length: fc.nat(9) })

describe('ranges of keys', { tags: ['SLV-01'] }, () => {
  it('hold what a plain set of keys holds, as the fewest ranges, in order', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const allocator = smallAllocator()
        const ranges = new KeyRanges(allocator)
        const keys = new Set<number>()
        for (const { add, from, length } of changes) {
          const to = from + length
          if (add) ranges.add(from, to)
          else ranges.remove(from, to)
          for (let key = from; key <= to; key += 1) {
            if (add) keys.add(key)
            else keys.delete(key)
          }
          const expected: [number, number][] = []
          for (const key of [...keys].toSorted((a, b) => a - b)) {
            const last = expected.at(-1)
            if (last !== undefined && last[1] === key - 1) last[1] = key
            else expected.push([key, key])
          }
          expect(ranges.list(1000).map((range) => [range.from, range.to])).toEqual(expected)
          for (let key = 0; key <= HIGHEST + 10; key += 7) expect(ranges.meets(key, key)).toBe(keys.has(key))
        }
        ranges.free()
        expect(allocator.counters().liveBlocks).toBe(0)
      }),
      { numRuns: 150 },
    )
  })
})
