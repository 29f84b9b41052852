import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeReference,
  encodeReference,
  encodeVaruint,
  FormatError,
  REFERENCE_SIZE_BYTES_MAX,
  referenceSizeBytes,
} from '../../../engine/format/index.ts'

describe('reference', { tags: ['FMT-02'] }, () => {
  it('comes back as it was and has the length that was foretold', { tags: ['COW-07'] }, () => {
    const reference = fc.record({
      pack: fc.integer({ min: 1, max: 99_999_999 }),
      offsetBytes: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      lengthBytes: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    })
    fc.assert(
      fc.property(reference, (value) => {
        const bytes = new Uint8Array(REFERENCE_SIZE_BYTES_MAX)
        const end = encodeReference(value, bytes, 0)
        expect(end).toBe(referenceSizeBytes(value))
        expect(decodeReference(bytes, 0, end)).toEqual(value)
        expect(() => decodeReference(bytes, 0, end - 1)).toThrow(FormatError)
      }),
    )
  })

  it('is refused with pack 0, beyond the bound of a pack, or for no bytes', () => {
    for (const [pack, offset, length] of [
      [0, 1, 1],
      [100_000_000, 1, 1],
      [1, 2 ** 31, 1],
      [1, 1, 0],
    ] as const) {
      const bytes = new Uint8Array(24)
      const end = encodeVaruint(length, bytes, encodeVaruint(offset, bytes, encodeVaruint(pack, bytes, 0)))
      expect(() => decodeReference(bytes, 0, end)).toThrow(FormatError)
    }
  })
})
