import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32, crc32Before, crc32BeforeUint32, crc32OfUint32 } from '../../../engine/format/index.ts'

const bytes = fc.uint8Array({ maxLength: 1200 })
const sum = fc.nat(0xffff_ffff)

describe('a CRC-32 run backward', { tags: ['SLV-02'] }, () => {
  it('gives what the sum was continued from', () => {
    fc.assert(
      fc.property(bytes, sum, (data, before) => {
        expect(crc32Before(data, 0, data.length, crc32(data, 0, data.length, before))).toBe(before)
      }),
    )
  })

  it('does so over a number', () => {
    fc.assert(
      fc.property(sum, sum, (value, before) => {
        expect(crc32BeforeUint32(value, crc32OfUint32(value, before))).toBe(before)
      }),
    )
  })
})
