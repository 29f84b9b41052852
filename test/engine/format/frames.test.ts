// test/engine/format/frames.test.ts: headers, markers, marks and record frames that say what can't be.

import { describe, expect, it } from 'vitest'
import {
  CLOSE_PAYLOAD_BYTES,
  DATABASE_ID_BYTES,
  DEFAULT_LIMITS,
  HEADER_BYTES,
  MARKER_BYTES,
  NOWHERE,
  RECORD,
  decodeClose,
  decodeHeader,
  decodeMark,
  decodeMarker,
  encodeHeader,
  encodeMarker,
  recordPayloadBytes,
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
