// test/engine/format/frames.test.ts: headers, markers, marks and record frames that say what can't be.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CLOSE_PAYLOAD_BYTES,
  DATABASE_ID_BYTES,
  DEFAULT_LIMITS,
  FIELD,
  HEADER_BYTES,
  MARKER_BYTES,
  MARK_PAYLOAD_BYTES,
  NOWHERE,
  RECORD,
  decodeClose,
  decodeHeader,
  decodeMark,
  decodeMarker,
  encodeHeader,
  encodeMark,
  encodeMarker,
  recordPayloadBytes,
  type CommitMark,
  type PackLimits,
} from '../../../engine/format/index.ts'

function headerOf(packNumber: number, limits: PackLimits = DEFAULT_LIMITS): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const id = new Uint8Array(DATABASE_ID_BYTES).fill(5)
  const position = { baseMark: NOWHERE, baseEndBytes: 0, proven: NOWHERE, provenMark: NOWHERE, formerEndBytes: 0 }
  encodeHeader(new DataView(bytes.buffer), bytes, 0, { packNumber, limits, ...position }, id, 0)
  return bytes
}

const decoded = (bytes: Uint8Array, packNumber: number) =>
  decodeHeader(new DataView(bytes.buffer), bytes, 0, bytes.length, packNumber)

describe('the header of a pack', { tags: ['STO-04'] }, () => {
  it('is valid under its own number only, and with limits that can be', () => {
    expect(decoded(headerOf(7), 7)).toMatchObject({ kind: 'header', header: { packNumber: 7 } })
    expect(decoded(headerOf(7), 8)).toMatchObject({ kind: 'invalid' })
    expect(decoded(headerOf(7, { ...DEFAULT_LIMITS, fanOut: 3 }), 7)).toMatchObject({ kind: 'invalid' })
  })

  it('is invalid with either sum wrong, and says which', { tags: ['DMG-01'] }, () => {
    for (const [field, name] of [
      [FIELD.crc, 'checksum'],
      [FIELD.fnv, 'second checksum'],
    ] as const) {
      const bytes = headerOf(7)
      bytes[field] = (bytes[field] ?? 0) ^ 1
      expect(decoded(bytes, 7)).toEqual({ kind: 'invalid', why: `the header does not match its ${name}` })
    }
  })
})

describe('frames that are cut short', { tags: ['FMT-02'] }, () => {
  it('are none', () => {
    const bytes = new Uint8Array(MARKER_BYTES)
    const view = new DataView(bytes.buffer)
    encodeMarker(view, bytes, 0, 1, 512, { spanStartBytes: 512, nextStartBytes: 536, mark: NOWHERE })
    expect(decodeMarker(view, bytes, 0, MARKER_BYTES, 1, 512)).toMatchObject({ nextStartBytes: 536 })
    expect(decodeMarker(view, bytes, 0, MARKER_BYTES - 1, 1, 512)).toBeUndefined()
    const record = Uint8Array.of(RECORD.item, 3, 0, 0, 0, 0)
    expect(recordPayloadBytes(record, 0, 6)).toBe(3)
    expect(recordPayloadBytes(record, 0, 5)).toBe(-1)
    expect(decodeClose(view, 0, CLOSE_PAYLOAD_BYTES)).toBeDefined()
    expect(decodeClose(view, 0, CLOSE_PAYLOAD_BYTES - 1)).toBeUndefined()
    expect(decodeMark(view, 0, CLOSE_PAYLOAD_BYTES)).toBeUndefined()
  })
})

/** Of an item, with a length of these bytes and no sum. */
const frame = (...length: number[]): Uint8Array => Uint8Array.of(RECORD.item, ...length, 0, 0, 0, 0)

describe('the length of a record', { tags: ['FMT-02'] }, () => {
  it('may be nothing, and is read in its shortest form only', () => {
    expect(recordPayloadBytes(frame(0), 0, 6)).toBe(0)
    expect(recordPayloadBytes(frame(0x80, 1), 0, 7)).toBe(128)
    expect(recordPayloadBytes(frame(0x80, 0), 0, 7)).toBe(-1)
    expect(recordPayloadBytes(frame(0xff, 0), 0, 7)).toBe(-1)
  })
})

describe('a commit mark', { tags: ['PRT-02'] }, () => {
  it('comes back as it was, with a commit number of up to 48 bits', () => {
    const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    const position = fc.record({ pack: uint32, offsetBytes: uint32 })
    const mark = fc.record<CommitMark>({
      isUnsafe: fc.boolean(),
      needsGap: fc.boolean(),
      commitNumber: fc.oneof(uint32, fc.integer({ min: 2 ** 32, max: 2 ** 48 - 1 })),
      coverStartBytes: uint32,
      previous: position,
      proven: position,
      provenMark: position,
      root: fc.record({
        pack: uint32,
        offsetBytes: uint32,
        lengthBytes: uint32,
        height: fc.integer({ min: 0, max: 255 }),
        count: uint32,
      }),
      coverCrc: uint32,
      coverFnv: uint32,
      gapBytes: uint32,
      gapCrc: uint32,
    })
    fc.assert(
      fc.property(mark, (value) => {
        const view = new DataView(new ArrayBuffer(MARK_PAYLOAD_BYTES))
        encodeMark(view, 0, value)
        expect(decodeMark(view, 0, MARK_PAYLOAD_BYTES)).toEqual(value)
      }),
    )
  })
})
