import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import {
  COLUMN_TYPES,
  decodeKey,
  encodeKey,
  FormatError,
  keySizeBytes,
  prefixToUpperBound,
  type ColumnType,
  type ColumnValue,
} from '../../../engine/format/index.ts'

const edges = [0, -1, 1, -16, -17, 224, 225, 255, 256, -255, -256, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER]
const valueOf: Record<ColumnType, fc.Arbitrary<ColumnValue>> = {
  integer: fc.oneof(
    fc.constantFrom(...edges, -Number.MAX_SAFE_INTEGER),
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
  ),
  double: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324)),
  string: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a'), maxLength: 6 }),
  ),
  binary: fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ max: 3, maxLength: 6 })),
  boolean: fc.boolean(),
}

const types = fc.array(fc.constantFrom(...COLUMN_TYPES), { minLength: 1, maxLength: 4 })
const keyOf = (list: readonly ColumnType[]): fc.Arbitrary<ColumnValue[]> =>
  fc.tuple(...list.map((type) => fc.option(valueOf[type], { nil: null, freq: 5 })))

function encoded(list: readonly ColumnType[], values: readonly ColumnValue[]): Uint8Array {
  const bytes = new Uint8Array(keySizeBytes(list, values))
  expect(encodeKey(list, values, bytes, 0)).toBe(bytes.length)
  return bytes
}

/** The order that the encodings promise, said in another way: NULL first, then by value. */
function compareValues(a: ColumnValue, b: ColumnValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') {
    const [left, right] = [[...a], [...b]]
    for (const [index, point] of left.entries()) {
      const difference = (point.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? -1)
      if (difference !== 0) return difference
    }
    return left.length - right.length
  }
  if (typeof a === 'boolean') return Number(a) - Number(b)
  return Buffer.compare(a as Uint8Array, b as Uint8Array)
}

function compareKeys(a: readonly ColumnValue[], b: readonly ColumnValue[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index] ?? null)
    if (order !== 0) return Math.sign(order)
  }
  return 0
}

describe('key codec', { tags: ['KEY-01'] }, () => {
  it('orders compound keys as their values, NULL first', () => {
    const pair = types.chain((list) => fc.tuple(fc.constant(list), keyOf(list), keyOf(list)))
    fc.assert(
      fc.property(pair, ([list, a, b]) => {
        expect(Buffer.compare(encoded(list, a), encoded(list, b))).toBe(compareKeys(a, b))
      }),
      { numRuns: 2000 },
    )
  })

  it('orders neighbouring integers right at every border of length', () => {
    const borders = [-(2 ** 48), -(2 ** 24), -(2 ** 8), -17, -16, 0, 224, 225, 2 ** 8, 2 ** 16, 2 ** 40, 2 ** 48]
    const values = borders.flatMap((border) => [border - 1, border, border + 1])
    for (const a of values) {
      for (const b of values) {
        const order = Buffer.compare(encoded(['integer'], [a]), encoded(['integer'], [b]))
        expect(order).toBe(Math.sign(a - b))
      }
    }
  })

  it('gives back what it encoded, but that -0 is 0', () => {
    const key = types.chain((list) => fc.tuple(fc.constant(list), keyOf(list)))
    fc.assert(
      fc.property(key, ([list, values]) => {
        const bytes = encoded(list, values)
        const expected = values.map((value) => (value === 0 ? 0 : value))
        expect(decodeKey(list, bytes, 0, bytes.length)).toEqual(expected)
        for (let cut = 0; cut < bytes.length; cut += 1) {
          expect(() => decodeKey(list, bytes, 0, cut)).toThrow(FormatError)
        }
      }),
    )
  })

  it('has one encoding for each key: bytes that are accepted are those that the values have', () => {
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 12 }), (list, bytes) => {
        let values: ColumnValue[]
        try {
          values = decodeKey(list, bytes, 0, bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          return
        }
        if (
          values.some((value, index) => list[index] === 'double' && value !== null && !(Math.abs(value as number) > 0))
        ) {
          return // zero and NaN are normalised
        }
        expect(encoded(list, values)).toEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  it('bounds all keys that begin with a prefix, and no other, by the key above the prefix', () => {
    const sample = fc.tuple(keyOf(['string']), keyOf(['string', 'integer']))
    fc.assert(
      fc.property(sample, ([prefix, key]) => {
        const low = encoded(['string', 'integer'], prefix)
        const high = low.slice()
        const length = prefixToUpperBound(high, 0, high.length)
        const bytes = encoded(['string', 'integer'], key)
        const inRange = Buffer.compare(bytes, low) >= 0 && Buffer.compare(bytes, high.subarray(0, length)) < 0
        expect(inRange).toBe(compareValues(prefix[0] ?? null, key[0] ?? null) === 0)
      }),
    )
    expect(prefixToUpperBound(Uint8Array.of(255, 255), 0, 2)).toBe(0)
  })

  it('refuses values that a column cannot hold, with the code and the column', { tags: ['ERR-01'] }, () => {
    const bad: [ColumnType, unknown][] = [
      ['integer', 1.5],
      ['integer', 2 ** 53],
      ['integer', '1'],
      ['double', '1'],
      ['string', '\ud800'],
      ['binary', 'x'],
      ['boolean', 1],
      ['string', undefined],
    ]
    for (const [type, value] of bad) {
      expect(() => keySizeBytes([type], [value as ColumnValue])).toThrow(
        expect.objectContaining({ code: 'E_CONSTRAINT' }),
      )
    }
    expect(() => keySizeBytes(['integer'], [1, 2])).toThrow(EngineError)
  })

  it('spends one byte on small integers and three more at most up to 2^24', { tags: ['ENC-01'] }, () => {
    expect(keySizeBytes(['integer'], [200])).toBe(1)
    expect(keySizeBytes(['integer'], [100_000])).toBe(4)
  })
})
