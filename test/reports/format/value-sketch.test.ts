import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXACT_VALUES_MAX, ValueSketch } from '../../../reports/format/value-sketch.ts'

const value = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 40 }))

function sketchOf(values: readonly number[]): ValueSketch {
  const sketch = new ValueSketch()
  for (const each of values) sketch.add(each)
  return sketch
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? 0
}

describe('the distribution of a value', { tags: ['RES-04'] }, () => {
  it('is exact while there are few different values', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        const { count, median, maximum, exact, histogram } = sketchOf(values).result()
        expect([count, median, maximum, exact]).toEqual([values.length, medianOf(values), Math.max(...values), true])
        for (const { from, to, count: bar } of histogram)
          expect(bar).toBe(values.filter((each) => each >= from && each <= to).length)
        expect(histogram.reduce((sum, { count: bar }) => sum + bar, 0)).toBe(values.length)
      }),
    )
  })

  it('stays bounded and within 1 part in 128 when there are many', () => {
    const values = Array.from({ length: 5 * EXACT_VALUES_MAX }, (_, index) => 1000 + index * 37)
    const { count, median, maximum, exact } = sketchOf(values).result()
    expect([count, maximum, exact]).toEqual([values.length, Math.max(...values), false])
    const expected = medianOf(values)
    expect(Math.abs(median - expected)).toBeLessThanOrEqual(expected / 128)
  })

  it('of two parts together is that of all values', () => {
    fc.assert(
      fc.property(fc.array(value), fc.array(value), (first, second) => {
        const merged = sketchOf(first)
        merged.merge(sketchOf(second))
        expect(merged.result()).toEqual(sketchOf([...first, ...second]).result())
      }),
    )
  })

  it('of nothing is empty', () => {
    expect(new ValueSketch().result()).toEqual({ count: 0, median: 0, maximum: 0, exact: true, histogram: [] })
  })
})
