// test/engine/pack/pack-window.test.ts: bytes that look like records and are none, and sums that do not match.

import { describe, expect, it } from 'vitest'
import {
  CLOSE_PAYLOAD_BYTES,
  HEADER_BYTES,
  MARKER_BYTES,
  MARK_PAYLOAD_BYTES,
  RECORD,
  VOUCHER_PAYLOAD_BYTES,
  crc32,
  encodeRecordHeader,
  packSeed,
  type CommitMark,
} from '../../../engine/format/index.ts'
import { PackWindow, WINDOW_SCRATCH_BYTES } from '../../../engine/pack/index.ts'
import { smallAllocator } from '../machine.ts'
import { Forge, INTERVAL_BYTES, type ForgedPack } from './forge.ts'

/** Of a forged pack 1. */
const SEED = packSeed(crc32(new Uint8Array(16).fill(1), 0, 16), 1)

/** A window on a whole forged pack, changed by hand or not. */
function windowOn(write: (pack: ForgedPack) => void, change = (bytes: Uint8Array): Uint8Array => bytes): PackWindow {
  const forge = new Forge()
  forge.pack(1, {}, write)
  const bytes = change(forge.bytesOf(1))
  const allocator = smallAllocator()
  const block = allocator.allocate(bytes.length, 'test')
  block.bytes.set(bytes, block.start)
  const window = new PackWindow(block, allocator.allocate(WINDOW_SCRATCH_BYTES, 'test'), SEED, INTERVAL_BYTES)
  window.holds(0, bytes.length)
  return window
}

const marked = (claims: Partial<CommitMark> = {}) => {
  let at = 0
  const window = windowOn((pack) => {
    pack.record(40)
    at = pack.commit(claims).offsetBytes
  })
  const record = window.record(at)
  const mark = record && window.markOf(record)
  if (mark === undefined) throw new Error('no mark')
  return { window, mark, at }
}

describe('a search for records of one kind', { tags: ['REC-03'] }, () => {
  it('passes over records that have its type and another length', () => {
    const window = windowOn((pack) => {
      pack.record(20, RECORD.mark)
      pack.record(20, RECORD.close)
      pack.record(20, RECORD.filler)
      pack.record(40)
      pack.commit()
      pack.close()
      pack.voucher(HEADER_BYTES, HEADER_BYTES, 0)
    })
    const end = window.endBytes
    const mark = window.nextMark(0, end)
    expect(mark).toMatchObject({ type: RECORD.mark, payloadBytes: MARK_PAYLOAD_BYTES })
    const claim = window.nextClaim(0, end)
    expect(claim).toEqual(mark)
    expect(window.nextClaim(mark?.endBytes ?? 0, end)).toMatchObject({
      type: RECORD.close,
      payloadBytes: CLOSE_PAYLOAD_BYTES,
    })
    expect(window.nextVoucher(0, end)).toMatchObject({ gapStartBytes: HEADER_BYTES, gapCrc: 0 })
  })

  it('gives no meaning to a record of another type or length', () => {
    const window = windowOn((pack) => {
      pack.record(20, RECORD.mark)
      pack.record(20, RECORD.close)
      pack.record(MARK_PAYLOAD_BYTES)
      // Zeroes are possible values of a mark.
      pack.record(new Uint8Array(MARK_PAYLOAD_BYTES))
      pack.record(CLOSE_PAYLOAD_BYTES)
      pack.record(VOUCHER_PAYLOAD_BYTES)
      pack.record(20, RECORD.filler)
    })
    let records = 0
    for (let at = HEADER_BYTES; at < window.endBytes;) {
      const record = window.record(at)
      if (record === undefined) throw new Error(`no record at ${at}`)
      expect([window.markOf(record), window.closedMarkOf(record), window.voucherOf(record)]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      records += 1
      at = record.endBytes
    }
    expect(records).toBe(7)
  })

  it('finds the record that ends at a place only if it has the length that is looked for', () => {
    const window = windowOn((pack) => pack.record(CLOSE_PAYLOAD_BYTES))
    expect(window.recordEndingAt(window.endBytes, CLOSE_PAYLOAD_BYTES)).toMatchObject({ offsetBytes: HEADER_BYTES })
    // The bytes before the end begin no record of so many, and a record that begins there ends elsewhere.
    expect(window.recordEndingAt(window.endBytes - 1, CLOSE_PAYLOAD_BYTES)).toBeUndefined()
    expect(window.recordEndingAt(window.endBytes, CLOSE_PAYLOAD_BYTES - 1)).toBeUndefined()
    // Two records that are as long together as the one.
    const two = windowOn((pack) => {
      pack.record(2)
      pack.record(0)
    })
    expect(two.endBytes).toBe(window.endBytes)
    expect(two.recordEndingAt(two.endBytes, CLOSE_PAYLOAD_BYTES)).toBeUndefined()
  })

  it('begins no record where a marker stands, whatever bytes are there', () => {
    const types = [RECORD.mark, RECORD.close, RECORD.filler] as const
    const window = windowOn(
      (pack) => {
        for (let i = 0; i < 6; i += 1) pack.record(300)
      },
      (bytes) => {
        const changed = bytes.slice()
        for (const [index, type] of types.entries()) {
          changed.fill(0, INTERVAL_BYTES * (index + 1), INTERVAL_BYTES * (index + 1) + MARKER_BYTES)
          changed[INTERVAL_BYTES * (index + 1) + 3] = type
        }
        return changed
      },
    )
    const end = window.endBytes
    expect([window.nextMark(0, end), window.nextClaim(0, end), window.nextVoucher(0, end)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    for (let at = INTERVAL_BYTES; at < end; at += INTERVAL_BYTES)
      for (let inside = 1; inside < MARKER_BYTES; inside += 1)
        expect(window.recordEndingAt(at + inside + 14, CLOSE_PAYLOAD_BYTES)).toBeUndefined()
  })
})

describe('an empty record', { tags: ['REC-03'] }, () => {
  it('is one at the very end of the bytes too, and nothing shorter is', () => {
    const window = windowOn((pack) => pack.record(0))
    expect(window.record(HEADER_BYTES)).toMatchObject({ payloadBytes: 0, endBytes: HEADER_BYTES + 6 })
    expect(window.endBytes).toBe(HEADER_BYTES + 6)
    window.holds(0, HEADER_BYTES + 5)
    expect(window.record(HEADER_BYTES)).toBeUndefined()
  })
})

describe("a record whose sum is right and whose place is a marker's", { tags: ['REC-02'] }, () => {
  it('is found by no search', () => {
    for (const [type, payloadBytes] of [
      [RECORD.mark, MARK_PAYLOAD_BYTES],
      [RECORD.close, CLOSE_PAYLOAD_BYTES],
      [RECORD.filler, VOUCHER_PAYLOAD_BYTES],
    ] as const)
      for (let inside = 1; inside < MARKER_BYTES; inside += 1) {
        const at = INTERVAL_BYTES + inside
        const payload = new Uint8Array(payloadBytes)
        const window = windowOn(
          (pack) => {
            for (let i = 0; i < 2; i += 1) pack.record(300)
          },
          (bytes) => {
            const changed = bytes.slice()
            const headerBytes = encodeRecordHeader(changed, at, type, payload, 0, payloadBytes, SEED, at)
            changed.set(payload, at + headerBytes)
            return changed
          },
        )
        const end = window.endBytes
        const claimed = window.record(at)
        expect(claimed).toMatchObject({ type, payloadBytes })
        expect(window.recordEndingAt(claimed?.endBytes ?? 0, payloadBytes)).toBeUndefined()
        expect([window.nextMark(0, end), window.nextClaim(0, end), window.nextVoucher(0, end)]).toEqual([
          undefined,
          undefined,
          undefined,
        ])
      }
  })
})

describe('a mark or a close record that a marker interrupts', { tags: ['REC-02'] }, () => {
  it('is none if that marker does not check', () => {
    for (const kind of ['mark', 'close'] as const) {
      let offsetBytes = 0
      const write = (pack: ForgedPack): void => {
        pack.record(40)
        const mark = pack.commit()
        pack.fillTo(INTERVAL_BYTES - 7)
        offsetBytes = (kind === 'mark' ? pack.commit() : pack.close(mark)).offsetBytes
      }
      const whole = windowOn(write)
      expect(whole.record(offsetBytes)).toMatchObject({ type: RECORD[kind], offsetBytes: INTERVAL_BYTES - 7 })
      const torn = windowOn(write, (bytes) => bytes.with(INTERVAL_BYTES + 20, 1 ^ (bytes[INTERVAL_BYTES + 20] ?? 0)))
      expect(torn.record(offsetBytes)).toBeUndefined()
      const cut = windowOn(write)
      cut.holds(0, INTERVAL_BYTES + 10)
      expect([cut.record(offsetBytes), cut.markerAt(INTERVAL_BYTES)]).toEqual([undefined, undefined])
    }
  })

  it('is looked at when the record begins where a marker stood before it', () => {
    const window = windowOn((pack) => {
      pack.record(40)
      pack.fillTo(INTERVAL_BYTES)
      pack.close(pack.mark)
    })
    expect(window.record(INTERVAL_BYTES + MARKER_BYTES)).toMatchObject({ type: RECORD.close })
    // Read as if it began at the marker's own place it is nothing.
    expect(window.record(INTERVAL_BYTES)).toBeUndefined()
  })
})

describe('what a mark says of the bytes before it', { tags: ['PRT-02'] }, () => {
  it('checks only with both sums, and only within the window', () => {
    const { window, mark, at } = marked()
    expect(window.coverChecks(mark, at)).toBe(true)
    expect(window.coverChecks({ ...mark, coverFnv: mark.coverFnv ^ 1 }, at)).toBe(false)
    expect(window.coverChecks({ ...mark, coverCrc: mark.coverCrc ^ 1 }, at)).toBe(false)
    expect(window.coverChecks({ ...mark, coverStartBytes: at + 1 }, at)).toBe(false)
    const bytes = window.block.bytes.slice(window.block.start, window.block.start + window.endBytes)
    const narrow = windowOn(() => undefined)
    narrow.block.bytes.set(bytes.subarray(HEADER_BYTES + 1, HEADER_BYTES + 2), narrow.block.start)
    narrow.holds(HEADER_BYTES + 1, window.endBytes)
    expect(narrow.coverChecks(mark, at)).toBe(false)
    window.holds(0, at - 1)
    expect(window.coverChecks(mark, at)).toBe(false)
  })

  it('needs its gap as far as it says, and no gap that begins before the window', () => {
    const { window, mark } = marked()
    expect(window.gapChecks({ ...mark, needsGap: false, gapBytes: 9, gapCrc: 1 })).toBe(true)
    const start = mark.coverStartBytes
    const gapCrc = window.crcOfBytes(start - 9, start)
    expect(window.gapChecks({ ...mark, needsGap: true, gapBytes: 9, gapCrc })).toBe(true)
    expect(window.gapChecks({ ...mark, needsGap: true, gapBytes: 9, gapCrc: gapCrc ^ 1 })).toBe(false)
    expect(window.gapChecks({ ...mark, needsGap: true, gapBytes: start + 1, gapCrc })).toBe(false)
  })

  it('says nothing at all with flags that nobody sets', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, (made) => {
      made.record(40)
      made.commit()
    })
    const flags = pack.mark.offsetBytes + 6
    const window = windowOn(
      (made) => {
        made.record(40)
        const payload = new Uint8Array(MARK_PAYLOAD_BYTES)
        payload[0] = 4
        made.record(payload, RECORD.mark)
      },
      (bytes) => bytes,
    )
    const record = window.nextMark(0, window.endBytes)
    expect(record?.offsetBytes).toBe(flags - 6)
    expect(record && window.markOf(record)).toBeUndefined()
  })
})
