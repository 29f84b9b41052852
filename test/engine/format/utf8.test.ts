import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8, FormatError, utf8SizeBytes } from '../../../engine/format/index.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constant('\ufeffa\0'),
)

describe('utf-8', { tags: ['ENC-04'] }, () => {
  it('agrees with the platform for every string of whole code points', () => {
    fc.assert(
      fc.property(text, fc.nat(3), (value, offset) => {
        const expected = new TextEncoder().encode(value)
        const bytes = new Uint8Array(offset + expected.length)
        expect(utf8SizeBytes(value)).toBe(expected.length)
        expect(encodeUtf8(value, bytes, offset)).toBe(bytes.length)
        expect(bytes.subarray(offset)).toEqual(expected)
        expect(decodeUtf8(bytes, offset, bytes.length)).toBe(value)
      }),
    )
  })

  it('has no form for half of a surrogate pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0xd800, max: 0xdfff }), (value, half) => {
        expect(utf8SizeBytes(`${value}${String.fromCharCode(half)}`)).toBe(-1)
        expect(utf8SizeBytes(`${String.fromCharCode(half)}a${value}`)).toBe(-1)
      }),
    )
    expect(utf8SizeBytes('\udc00\ud800')).toBe(-1)
  })

  it('refuses whatever the platform refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        let expected: string | undefined
        try {
          expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
        } catch {
          expected = undefined
        }
        if (expected === undefined) expect(() => decodeUtf8(bytes, 0, bytes.length)).toThrow(FormatError)
        else expect(decodeUtf8(bytes, 0, bytes.length)).toBe(expected)
      }),
    )
  })
})
