import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainDiff, plainEqual, plainSides } from '../../../harness/oracles/index.ts'

const plain = fc.anything({ withBigInt: true, withTypedArray: false, maxDepth: 3 })

describe('plain data', { tags: ['ORA-04'] }, () => {
  it('equals a copy of itself, with no difference to tell', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const copy = structuredClone(value)
        expect(plainEqual(value, copy)).toBe(true)
        expect(plainDiff(value, copy)).toBe('')
      }),
    )
  })

  it('is symmetric, and says where two values that differ do', () => {
    fc.assert(
      fc.property(plain, plain, (left, right) => {
        const equal = plainEqual(left, right)
        expect(plainEqual(right, left)).toBe(equal)
        expect(plainDiff(left, right) === '').toBe(equal)
      }),
    )
  })

  it('compares bytes by content, and takes a missing property for an undefined one', () => {
    expect(plainEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(plainEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(plainEqual(Uint8Array.of(1), [1])).toBe(false)
    expect(plainEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(plainEqual({ a: 1 }, { b: 1 })).toBe(false)
    expect(plainEqual([undefined], [])).toBe(false)
  })

  it('names the place, what was expected and what was found', () => {
    expect(plainDiff([{ balance: 100 }], [{ balance: 70 }])).toBe('[0].balance: expected 100, found 70')
    expect(plainDiff(['a', 'b'], ['a'])).toContain("[1] missing: 'b'")
  })

  it('is told side by side: as many lines expected as found, and none where there is no difference', () => {
    expect(plainSides([{ balance: 100 }], [{ balance: 70 }])).toEqual({
      expected: '[0].balance: 100',
      found: '[0].balance: 70',
    })
    fc.assert(
      fc.property(plain, plain, (expected, found) => {
        const sides = plainSides(expected, found)
        expect(sides.expected.split('\n').length).toBe(sides.found.split('\n').length)
        expect(sides.expected === '' && sides.found === '').toBe(plainEqual(expected, found))
      }),
    )
  })
})
