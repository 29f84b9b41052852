// test/engine/pack/sector-border.test.ts: whatever a sync makes durable ends on a border, and nothing else is padded.

import { describe, expect, it } from 'vitest'
import {
  CLOSE_RESERVE_BYTES,
  MARKER_BYTES,
  MARK_PAYLOAD_BYTES,
  RECORD,
  decodeMark,
  recordHeaderBytes,
  recordPayloadBytes,
} from '../../../engine/format/index.ts'
import { errorOf } from '../machine.ts'
import { EMPTY, LogBed, waiter } from './log-bed.ts'

const WIDE = { packBytesMax: 1 << 20, syncEveryBytes: 1 << 16, tailLimitBytes: 1 << 16, lazyLimitBytes: 1 << 16 }
const ALIGNED = { ...WIDE, commitAlignBytes: 512, markerIntervalBytes: 1 << 20 } as const

function aligned(align: 512 | 4096, markerIntervalBytes: number, packBytesMax = 1 << 20): LogBed {
  return new LogBed({ ...WIDE, commitAlignBytes: align, markerIntervalBytes, packBytesMax }).settled()
}

/** Commits `bytes` more; gives the place of the first record. */
function commitOf(bed: LogBed, bytes: number, durability: 'sync' | 'lazy' | 'unsafe' = 'sync'): number {
  bed.log.begin(durability)
  const at = bed.append(bytes)
  bed.log.commit(EMPTY)
  return at
}

describe('a synced commit that is aligned', { tags: ['PRT-17'] }, () => {
  it('ends on the next border that a filler and its mark reach, whatever it is long, with markers and without', () => {
    for (const [align, interval] of [
      [512, 512],
      [512, 4096],
      [512, 1 << 20],
      [4096, 512],
      [4096, 4096],
      [4096, 1 << 20],
    ] as const) {
      const bed = aligned(align, interval, 1 << 23)
      for (let bytes = 0; bytes <= 600; bytes += 1) {
        const before = bed.log.accepted.endBytes
        const at = commitOf(bed, bytes)
        const { endBytes } = bed.log.accepted
        expect({ align, interval, bytes, at, rest: endBytes % align }).toMatchObject({
          at: before % interval === 0 ? before + MARKER_BYTES : before,
          rest: 0,
        })
        const needed = bytes + recordHeaderBytes(bytes) + 74 + MARKER_BYTES * (2 + Math.ceil(bytes / interval))
        expect(endBytes - before).toBeLessThan(needed + recordHeaderBytes(0) + align)
      }
      expect(bed.log.newestPack).toBe(1)
    }
  })

  it('holds whole fillers of zeroes, whatever memory held before', { tags: ['STO-09'] }, () => {
    const bed = new LogBed(ALIGNED)
    const dirty = bed.allocator.allocate(1 << 19, 'dirty')
    dirty.bytes.fill(0xff, dirty.start, dirty.start + dirty.byteLength)
    bed.allocator.free(dirty)
    bed.settled()
    const lengths = new Set<number>()
    for (let bytes = 1; bytes <= 640; bytes += 1) {
      const from = commitOf(bed, bytes) + recordHeaderBytes(bytes) + bytes
      const target = new Uint8Array(bed.log.accepted.endBytes - 74 - from)
      bed.log.read(1, from, target.length, target, 0)
      let at = 0
      while (at < target.length) {
        const payloadBytes = recordPayloadBytes(target, at, target.length - at)
        expect([target[at], payloadBytes >= 0]).toEqual([RECORD.filler, true])
        const payloadAt = at + recordHeaderBytes(payloadBytes)
        at = payloadAt + payloadBytes
        expect(target.subarray(payloadAt, at).every((byte) => byte === 0)).toBe(true)
      }
      expect(at).toBe(target.length)
      lengths.add(at)
    }
    // As many as there are places in a sector; a filler is no shorter than its frame.
    expect(lengths.size).toBe(512)
    // One that ends on a border by itself has none.
    expect(lengths.has(0)).toBe(true)
  })

  it(
    'covers, filler and all, no more than an open reads: the data is synced first where it would',
    { tags: ['PRT-14'] },
    () => {
      for (const tailLimitBytes of [512, 700, 1024, 1500]) {
        const bed = new LogBed({ ...ALIGNED, tailLimitBytes }).settled()
        for (let bytes = 0; bytes <= 1600; bytes += 7) {
          commitOf(bed, bytes)
          const { mark, endBytes } = bed.log.accepted
          const payload = new Uint8Array(MARK_PAYLOAD_BYTES)
          bed.log.read(mark.pack, endBytes - payload.length, payload.length, payload, 0)
          const proven = decodeMark(new DataView(payload.buffer), 0, payload.length)?.proven
          const tailBytes = endBytes - (proven?.offsetBytes ?? 0)
          expect({ tailLimitBytes, bytes, tailBytes, isBounded: tailBytes <= tailLimitBytes }).toMatchObject({
            isBounded: true,
          })
        }
      }
    },
  )

  it('begins a new pack where no border is left for its mark', () => {
    // Records end at 3584; a mark is given 128 bytes and a frame, of which it takes 74 with its frame.
    for (const [bytes, pack] of [
      [3584 - 135 - 6 - 512, 1],
      [3584 - 135 - 5 - 512, 2],
      [3584 - 135 - 1 - 512, 2],
      [3584 - 135 - 512, 1],
      [3584 - 134 - 512, 2],
    ] as const) {
      const bed = new LogBed({ ...ALIGNED, packBytesMax: 4096 }).settled()
      expect(bed.log.accepted.endBytes).toBe(512)
      bed.log.begin('sync')
      bed.append(bytes - recordHeaderBytes(bytes))
      bed.log.commit(EMPTY)
      expect({ bytes, pack: bed.log.accepted.mark.pack, rest: bed.log.accepted.endBytes % 512 }).toEqual({
        bytes,
        pack,
        rest: 0,
      })
    }
  })

  it('never leaves less room before the end of a pack than a filler takes, nor any behind it', () => {
    const endMax = 4096 - 512
    for (let bytes = 2900; bytes <= 3100; bytes += 1) {
      const bed = new LogBed({ ...ALIGNED, packBytesMax: 4096 }).settled()
      bed.log.begin('lazy')
      bed.append(bytes)
      const end = 512 + recordHeaderBytes(bytes) + bytes
      expect(bed.log.newestPack === 1).toBe(end === endMax || endMax - end >= recordHeaderBytes(0))
    }
    expect(4096 - endMax).toBeGreaterThanOrEqual(CLOSE_RESERVE_BYTES)
  })
})

describe('a commit that is not synced', { tags: ['PRT-17'] }, () => {
  it('is not padded, and begins where the one before ended', () => {
    for (const durability of ['lazy', 'unsafe'] as const) {
      const bed = new LogBed(ALIGNED).settled()
      commitOf(bed, 10)
      const { endBytes } = bed.log.accepted
      expect(commitOf(bed, 10, durability)).toBe(endBytes)
      expect(commitOf(bed, 10, durability)).toBe(endBytes + 16 + 74)
    }
  })

  it('is not synced for the sake of a border that only synced commits end on', () => {
    for (const commitAlignBytes of [0, 512, 4096] as const) {
      const bed = new LogBed({ ...ALIGNED, commitAlignBytes, lazyLimitBytes: 1024 }).settled()
      const { syncs } = bed.log.counters
      for (let commits = 0; commits < 8; commits += 1) commitOf(bed, 10, 'lazy')
      expect({ commitAlignBytes, syncs: bed.log.counters.syncs - syncs }).toEqual({ commitAlignBytes, syncs: 0 })
    }
  })

  it('is followed by no filler when it is made durable and ends on a border already, though a marker is due there', () => {
    const added = new Map<number, number>()
    for (let bytes = 300; bytes <= 500; bytes += 1) {
      const bed = aligned(512, 512)
      commitOf(bed, bytes, 'lazy')
      const { endBytes } = bed.log.accepted
      bed.log.sync()
      if (endBytes % 512 === 0) added.set(bytes, commitOf(bed, 10, 'lazy') - endBytes)
    }
    expect([...added.values()]).toEqual([MARKER_BYTES])
  })

  it('ends on a border once it is made durable', () => {
    const bed = new LogBed(ALIGNED).settled()
    commitOf(bed, 10, 'lazy')
    bed.log.sync()
    expect(bed.log.unsyncedBytes).toBe(0)
    expect(commitOf(bed, 10, 'lazy') % 512).toBe(0)
  })
})

describe('commits that share a sync', { tags: ['PRT-17', 'GRP-01'] }, () => {
  it('are padded together, by the sync', () => {
    const bed = new LogBed(ALIGNED).settled()
    const ends: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const transaction = bed.log.begin('group', true)
      ends.push(bed.append(10))
      bed.log.commitLater(transaction, EMPTY, waiter)
    }
    expect(ends[1]).toBe((ends[0] ?? 0) + 16 + 74)
    bed.scheduler.runAll()
    bed.log.begin('group', true)
    const at = bed.append(10)
    expect(at % 512).toBe(0)
    expect(at).toBeGreaterThan(ends[2] ?? 0)
  })
})

describe('a roll-over that fails', { tags: ['PRT-17', 'PRT-06'] }, () => {
  it('leaves the old pack to go on in another sector: its sync has made lazy commits durable', () => {
    const bed = new LogBed({ ...ALIGNED, packBytesMax: 4096 }).settled()
    commitOf(bed, 1500, 'lazy')
    bed.refuse = ({ kind }) => (kind === 'create' ? { kind: 'error', code: 'ENOSPC' } : undefined)
    bed.log.begin('sync')
    const first = bed.append(10)
    expect(errorOf(() => bed.append(1900))).toMatchObject({ code: 'ENOSPC' })
    bed.log.abort()
    bed.log.begin('sync')
    const next = bed.append(10)
    expect({ next: next % 512, isLater: next > first, pack: bed.log.newestPack }).toEqual({
      next: 0,
      isLater: true,
      pack: 1,
    })
  })
})

describe('a close with lazy commits', { tags: ['PRT-17', 'PRT-11'] }, () => {
  it('writes its close record into a sector of its own', () => {
    const bed = new LogBed(ALIGNED).settled()
    commitOf(bed, 10, 'lazy')
    const { endBytes } = bed.log.accepted
    expect(bed.log.close()).toBeUndefined()
    const border = Math.ceil(endBytes / 512) * 512
    // A voucher for the filler, and the close record.
    expect(bed.files.sizeBytes(1)).toBe(border + 18 + 14)
  })
})
