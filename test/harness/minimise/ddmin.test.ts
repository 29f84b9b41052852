import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ddmin, smallerNumber } from '../../../harness/minimise/index.ts'

describe('delta debugging', { tags: ['MIN-01'] }, () => {
  it('leaves exactly what a failure needs, in order, when it needs some things and no others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.array(fc.nat(), { minLength: 1 }), async (count, picks) => {
        const all = Array.from({ length: count }, (_, index) => index)
        const needed = [...new Set(picks.map((pick) => pick % count))].toSorted((left, right) => left - right)
        const kept = await ddmin(all, async (some) => needed.every((item) => some.includes(item)))
        expect(kept).toEqual(needed)
      }),
    )
  })

  it('leaves nothing that could be taken away alone, whatever the failure depends on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 24 }), fc.nat(), async (count, seed) => {
        const all = Array.from({ length: count }, (_, index) => index)
        // Fails with all of them, and with parts that look arbitrary.
        const fails = async (some: readonly number[]): Promise<boolean> =>
          some.length === count || (some.reduce((sum, item) => sum * 31 + item, seed) >>> 0) % 3 === 0
        const kept = await ddmin(all, fails)
        expect(await fails(kept)).toBe(true)
        for (const item of kept) {
          const rest = kept.filter((other) => other !== item)
          expect(rest.length > 0 && (await fails(rest))).toBe(false)
        }
      }),
    )
  })

  it('asks about a hundred questions for one thing out of thousands', async () => {
    let asked = 0
    const all = Array.from({ length: 4096 }, (_, index) => index)
    const kept = await ddmin(all, async (some) => {
      asked += 1
      return some.includes(2777)
    })
    expect(kept).toEqual([2777])
    expect(asked).toBeLessThan(100)
  })
})

describe('a smaller number', { tags: ['MIN-01'] }, () => {
  it('is the least that fails, where all above it fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (one, other) => {
        const [least, value] = [Math.min(one, other), Math.max(one, other)]
        expect(await smallerNumber(value, async (number) => number >= least)).toBe(least)
      }),
    )
  })

  it('fails and is no farther from 0, whatever the failure depends on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeInteger(), fc.integer({ min: 2, max: 9 }), async (value, divisor) => {
        const fails = async (number: number): Promise<boolean> => number === value || number % divisor === 1
        const found = await smallerNumber(value, fails)
        expect(await fails(found)).toBe(true)
        expect(Math.abs(found)).toBeLessThanOrEqual(Math.abs(value))
      }),
    )
  })

  it('is never asked of one with a fraction', async () => {
    expect(
      await smallerNumber(0.25, () => {
        throw new Error('asked')
      }),
    ).toBe(0.25)
  })
})
