import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeVarint,
  decodeVaruint,
  encodeVarint,
  encodeVaruint,
  FormatError,
  varintSizeBytes,
  varuintSizeBytes,
} from '../../../engine/format/index.ts'

const max = Number.MAX_SAFE_INTEGER
const borders = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].flatMap((bits) => [2 ** bits - 2, 2 ** bits - 1, 2 ** bits])
const edges = [0, 1, 63, 64, ...borders].filter((value) => value <= max)
const unsigned = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat())
const signed = fc.oneof(fc.constantFrom(...edges, ...edges.map((value) => -value)), fc.maxSafeInteger())

function bigVaruint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...bigVaruint(value >> 7n)]
}

describe('varuint', { tags: ['ENC-01', 'FMT-02'] }, () => {
  it('is the shortest run of 7-bit groups, lowest first, and comes back as it was', () => {
    fc.assert(
      fc.property(unsigned, fc.nat(5), (value, offset) => {
        const bytes = new Uint8Array(offset + 8).fill(0xee)
        const end = encodeVaruint(value, bytes, offset)
        expect([...bytes.subarray(offset, end)]).toEqual(bigVaruint(BigInt(value)))
        expect(varuintSizeBytes(value)).toBe(end - offset)
        expect(decodeVaruint(bytes, offset, end)).toBe(value)
        for (let cut = offset; cut < end; cut += 1) expect(() => decodeVaruint(bytes, offset, cut)).toThrow(FormatError)
      }),
    )
  })

  it('is refused when it is longer than it must be or above 2^53-1', () => {
    for (const bytes of [
      [0x80, 0],
      [0xff, 0x80, 0],
      Array(9).fill(0x80),
      bigVaruint(2n ** 53n),
      bigVaruint(2n ** 60n),
    ]) {
      expect(() => decodeVaruint(Uint8Array.from(bytes), 0, bytes.length)).toThrow(FormatError)
    }
  })

  it('has one form only: whatever bytes are accepted are the bytes that the value has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 9 }), (bytes) => {
        for (const [decode, encode] of [
          [decodeVaruint, encodeVaruint] as const,
          [decodeVarint, encodeVarint] as const,
        ]) {
          let value: number
          try {
            value = decode(bytes, 0, bytes.length)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
            continue
          }
          const again = new Uint8Array(9)
          const end = encode(value, again, 0)
          expect(again.subarray(0, end)).toEqual(bytes.subarray(0, end))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('varint', { tags: ['ENC-01', 'FMT-02'] }, () => {
  it('is the varuint of the zigzag value, and comes back as it was', () => {
    fc.assert(
      fc.property(signed, (value) => {
        const bytes = new Uint8Array(8)
        const end = encodeVarint(value, bytes, 0)
        const big = BigInt(value)
        expect([...bytes.subarray(0, end)]).toEqual(bigVaruint(big < 0n ? -2n * big - 1n : 2n * big))
        expect(varintSizeBytes(value)).toBe(end)
        expect(decodeVarint(bytes, 0, end)).toBe(value === 0 ? 0 : value)
        for (let cut = 0; cut < end; cut += 1) expect(() => decodeVarint(bytes, 0, cut)).toThrow(FormatError)
      }),
    )
  })

  it('is refused outside the safe integers', () => {
    for (const zigzag of [2n ** 54n, 2n ** 54n - 1n, 2n ** 55n]) {
      const bytes = bigVaruint(zigzag)
      expect(() => decodeVarint(Uint8Array.from(bytes), 0, bytes.length)).toThrow(FormatError)
    }
  })
})
