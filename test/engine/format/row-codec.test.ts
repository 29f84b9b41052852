import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COLUMN_TYPES,
  FormatError,
  RowCodec,
  type ColumnType,
  type ColumnValue,
  type RowColumn,
} from '../../../engine/format/index.ts'

const valueOf: Record<ColumnType, fc.Arbitrary<ColumnValue>> = {
  integer: fc.maxSafeInteger(),
  double: fc.oneof(fc.double(), fc.constantFrom(-0, NaN)),
  string: fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('a\0b')),
  binary: fc.uint8Array({ maxLength: 200 }),
  boolean: fc.boolean(),
}

const layout = fc
  .array(fc.record({ type: fc.constantFrom(...COLUMN_TYPES), dropped: fc.boolean() }), { minLength: 1, maxLength: 8 })
  .map((list): RowColumn[] => list.map((column, id) => ({ id, name: `c${id}`, ...column })))
const rowOf = (columns: readonly RowColumn[]): fc.Arbitrary<ColumnValue[]> =>
  fc.tuple(...columns.map((column) => fc.option(valueOf[column.type], { nil: null, freq: 3 })))

function packed(codec: RowCodec, values: readonly ColumnValue[]): Uint8Array {
  const bytes = new Uint8Array(codec.rowSizeBytes(values))
  expect(codec.encodeRow(values, bytes, 0)).toBe(bytes.length)
  return bytes
}

const column = (id: number, type: ColumnType, more: Partial<RowColumn> = {}): RowColumn => ({
  id,
  name: `c${id}`,
  type,
  ...more,
})

describe('packed rows', { tags: ['FMT-02'] }, () => {
  it(
    'come back as they were, whole and column by column, for any layout and any NULLs',
    { tags: ['COW-06', 'ENC-05', 'ENC-06'] },
    () => {
      const sample = layout.chain((columns) => {
        const codec = new RowCodec(columns)
        return fc.tuple(fc.constant(codec), rowOf(codec.columns))
      })
      fc.assert(
        fc.property(sample, ([codec, values]) => {
          const bytes = packed(codec, values)
          const shifted = Uint8Array.of(1, 2, ...bytes, 3)
          expect(codec.decodeRow(shifted, 2, 2 + bytes.length)).toEqual(values)
          for (const [position, value] of values.entries()) {
            expect(codec.decodeColumn(position, shifted, 2, 2 + bytes.length)).toEqual(value)
          }
        }),
      )
    },
  )

  it(
    'survive columns added and dropped later: the dropped are skipped, the added have their default',
    { tags: ['ROW-05'] },
    () => {
      const sample = fc.tuple(layout, layout, fc.func(fc.boolean())).chain(([before, added, drops]) => {
        const first = new RowCodec(before)
        const second = new RowCodec([
          ...before.map((c) => ({ ...c, dropped: c.dropped === true || drops(c.id) })),
          ...added.map((c, index) => {
            const id = before.length + index
            return { ...c, id, name: `c${id}`, ...(c.type === 'integer' ? { defaultValue: 7 } : {}) }
          }),
        ])
        return fc.tuple(fc.constant({ first, second, old: before.length }), rowOf(first.columns), rowOf(second.columns))
      })
      fc.assert(
        fc.property(sample, ([{ first, second, old }, oldRow, newRow]) => {
          const bytes = packed(first, oldRow)
          const byId = new Map(first.columns.map((c, position) => [c.id, oldRow[position] ?? null]))
          const expected = second.columns.map((c) => (c.id < old ? (byId.get(c.id) ?? null) : (c.defaultValue ?? null)))
          expect(second.decodeRow(bytes, 0, bytes.length)).toEqual(expected)
          for (const [position, value] of expected.entries()) {
            expect(second.decodeColumn(position, bytes, 0, bytes.length)).toEqual(value)
          }
          const newBytes = packed(second, newRow)
          expect(second.decodeRow(newBytes, 0, newBytes.length)).toEqual(newRow)
        }),
      )
    },
  )

  it(
    'have the bytes that the table above the codec says',
    { tags: ['ENC-01', 'ENC-03', 'ENC-05', 'ENC-07', 'ROW-01', 'ROW-04', 'ROW-05'] },
    () => {
      const codec = new RowCodec([
        column(0, 'integer'),
        column(1, 'string'),
        column(2, 'boolean', { dropped: true }),
        column(3, 'double'),
        column(4, 'binary'),
        column(5, 'boolean'),
      ])
      const bytes = packed(codec, [10, 'é\0', -0, null, true])
      expect([...bytes]).toEqual([0, 0, 2, 0, 20, 3, 0xc3, 0xa9, 0, 1, 3, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 5, 1])
      expect(packed(codec, [null, null, null, null, null])).toEqual(Uint8Array.of(0, 0))
    },
  )

  it('tell NULL from a column that the row is too old for', { tags: ['ROW-05'] }, () => {
    const old = new RowCodec([column(0, 'integer')])
    const codec = new RowCodec([column(0, 'integer'), column(1, 'integer', { defaultValue: 5 })])
    const bytes = packed(old, [1])
    expect(codec.decodeRow(bytes, 0, bytes.length)).toEqual([1, 5])
    const later = packed(codec, [1, null])
    expect(codec.decodeRow(later, 0, later.length)).toEqual([1, null])
    expect(codec.decodeColumn(1, later, 0, later.length)).toBeNull()
  })

  it(
    'written with links of other index kinds are read: both lists are skipped',
    { tags: ['ROW-01', 'ROW-02', 'ROW-03'] },
    () => {
      const codec = new RowCodec([column(0, 'integer')])
      const bytes = Uint8Array.of(1, 3, 4, 0x80, 1, 0, 2, 1, 2, 3, 4, 1, 0, 20)
      expect(codec.decodeRow(bytes, 0, bytes.length)).toEqual([10])
    },
  )

  it('are refused when cut anywhere but between groups, and never read outside their bytes', () => {
    const codec = new RowCodec([column(0, 'string'), column(1, 'double'), column(2, 'binary'), column(3, 'integer')])
    const bytes = packed(codec, ['hello', 1.5, Uint8Array.of(1, 2, 3), 300])
    for (let cut = 3; cut < bytes.length; cut += 1) {
      expect(() => codec.decodeRow(bytes, 0, cut)).toThrow(FormatError)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          expect(codec.decodeRow(noise, 0, noise.length)).toHaveLength(4)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('refuse a value that the column cannot hold, naming the column', { tags: ['ERR-01'] }, () => {
    const codec = new RowCodec([column(0, 'string')])
    for (const value of ['\udc00', 1, undefined]) {
      expect(() => codec.rowSizeBytes([value as ColumnValue])).toThrow(
        expect.objectContaining({ code: 'E_CONSTRAINT', context: { column: 'c0' } }),
      )
    }
  })
})
