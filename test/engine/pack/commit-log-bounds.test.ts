// test/engine/pack/commit-log-bounds.test.ts: how much the log writes, syncs and forgets: no more and no less.

import { describe, expect, it } from 'vitest'
import { MARK_RECORD_BYTES, recordHeaderBytes } from '../../../engine/format/index.ts'
import { errorOf } from '../machine.ts'
import { EMPTY, LogBed, waiter } from './log-bed.ts'

const WIDE = { packBytesMax: 1 << 20, syncEveryBytes: 1 << 16, tailLimitBytes: 1 << 16, lazyLimitBytes: 1 << 16 }

/** Notes the calls that change or sync a file, or close it, from now on. */
function callsOf(bed: LogBed): string[] {
  const calls: string[] = []
  bed.refuse = ({ kind }) => {
    if (kind !== 'read' && kind !== 'size') calls.push(kind)
    return undefined
  }
  return calls
}

/** Commits `bytes` more; gives the place of the first record. */
function commitOf(bed: LogBed, bytes: number, durability: 'sync' | 'lazy' | 'unsafe' | 'group' = 'sync'): number {
  bed.log.begin(durability)
  const at = bed.append(bytes)
  bed.log.commit(EMPTY)
  return at
}

describe('a read of a pack that ends too early', { tags: ['REC-05'] }, () => {
  it('says where the file ends and how many bytes are missing', () => {
    const bed = new LogBed({ packBytesMax: 4096 }).settled()
    bed.log.begin('sync')
    while (bed.log.newestPack < 2) bed.append(900)
    const sizeBytes = bed.files.sizeBytes(1)
    expect(errorOf(() => bed.log.read(1, sizeBytes - 5, 20, new Uint8Array(20), 0))).toMatchObject({
      code: 'E_CORRUPT',
      message: expect.stringContaining('the file ends here, 15 bytes too early'),
      context: { path: bed.files.path(1), offsetBytes: sizeBytes },
    })
  })
})

describe('the syncs of a log', () => {
  it('are one for each small commit, however long the pack is already', { tags: ['PRT-14', 'STO-11'] }, () => {
    const bed = new LogBed({ packBytesMax: 1 << 20, tailLimitBytes: 2048 }).settled()
    for (let commits = 0; commits < 60; commits += 1) {
      const before = bed.log.counters.syncs
      commitOf(bed, 10)
      expect(bed.log.counters.syncs - before).toBe(1)
    }
    expect(bed.log.accepted.endBytes).toBeGreaterThan(2 * 2048)
  })

  it('are one within a transaction when its next record would be one byte too many', { tags: ['PRT-14'] }, () => {
    for (const [payloadBytes, syncs] of [
      [1017, 0],
      [1018, 1],
    ] as const) {
      const bed = new LogBed({ packBytesMax: 1 << 20, markerIntervalBytes: 1 << 19 }).settled()
      const before = bed.log.counters.syncs
      bed.log.begin('sync')
      bed.append(1017)
      bed.append(payloadBytes)
      expect({ payloadBytes, syncs: bed.log.counters.syncs - before }).toEqual({ payloadBytes, syncs })
    }
  })

  it(
    'are one before the mark and one behind it, for the first safe commit after unsafe ones',
    { tags: ['PRT-13'] },
    () => {
      const bed = new LogBed(WIDE).settled()
      commitOf(bed, 10, 'unsafe')
      const calls = callsOf(bed)
      commitOf(bed, 10)
      expect(calls).toEqual(['append', 'sync', 'append', 'sync'])
      calls.length = 0
      commitOf(bed, 10)
      expect(calls).toEqual(['append', 'sync'])
    },
  )

  it('are none when what is closed is durable already', { tags: ['PRT-11'] }, () => {
    const bed = new LogBed(WIDE).settled()
    const calls = callsOf(bed)
    expect(bed.log.close()).toBeUndefined()
    expect(calls).toEqual(['append', 'close'])
  })

  it('are none at the end of unsafe commits, behind which no close record stands', { tags: ['PRT-11'] }, () => {
    const bed = new LogBed(WIDE).settled()
    commitOf(bed, 10, 'unsafe')
    const calls = callsOf(bed)
    expect(bed.log.close()).toBeUndefined()
    expect(calls).toEqual(['close'])
  })
})

describe('a roll-over of safe commits', { tags: ['PRT-06', 'MRY-04'] }, () => {
  it('keeps no handle of the pack that it has synced', () => {
    const bed = new LogBed({ packBytesMax: 4096 }).settled()
    bed.log.begin('sync')
    const calls = callsOf(bed)
    while (bed.log.newestPack < 3) bed.append(900)
    expect(bed.log.openHandles).toBe(1)
    expect(calls.filter((call) => call === 'close')).toHaveLength(2)
  })
})

describe("a new pack's name", { tags: ['PRT-07', 'PRT-13'] }, () => {
  it('is durable before anything is written to the pack, but for an unsafe transaction, which syncs nothing then', () => {
    for (const [durability, next] of [
      ['sync', 'syncDirectory'],
      ['lazy', 'syncDirectory'],
      ['unsafe', 'append'],
    ] as const) {
      const bed = new LogBed({ packBytesMax: 4096 }).settled()
      bed.log.begin(durability)
      const calls = callsOf(bed)
      while (bed.log.newestPack < 2) bed.append(900)
      expect({ durability, next: calls[calls.indexOf('create') + 1] }).toEqual({ durability, next })
    }
  })
})

describe('commits that share a sync', { tags: ['GRP-01', 'PRT-14'] }, () => {
  it('are synced on the spot where the bytes behind the proven ones leave less than half of their room', () => {
    for (const [behindBytes, waiting] of [
      [1024, 1],
      [1025, 0],
    ] as const) {
      const bed = new LogBed({ packBytesMax: 1 << 20, tailLimitBytes: 2048, markerIntervalBytes: 1 << 20 }).settled()
      const transaction = bed.log.begin('group', true)
      bed.append(behindBytes - MARK_RECORD_BYTES - recordHeaderBytes(behindBytes))
      const { syncs } = bed.log.counters
      const { commitNumber } = bed.log.commitLater(transaction, EMPTY, waiter)
      bed.scheduler.runAll()
      expect(bed.log.counters.syncs).toBe(syncs + 1)
      expect({ behindBytes, waiting: bed.log.waiting }).toEqual({ behindBytes, waiting })
      expect(bed.log.accepted.commitNumber).toBe(commitNumber - waiting)
    }
  })
})

describe('bytes of a shared transaction that is aborted', { tags: ['GRP-02', 'STO-06'] }, () => {
  it('are forgotten when no other transaction has bytes: the next record takes their place', () => {
    const bed = new LogBed(WIDE).settled()
    const aborted = bed.log.begin('group', true)
    const at = bed.append(10)
    bed.log.abort(aborted)
    bed.log.begin('group', true)
    expect(bed.append(10)).toBe(at)
  })

  it('are forgotten when the others have committed by then', () => {
    const bed = new LogBed(WIDE).settled()
    const committed = bed.log.begin('group', true)
    bed.append(10)
    bed.log.commitLater(committed, EMPTY, waiter)
    const aborted = bed.log.begin('group', true)
    const at = bed.append(10)
    bed.log.abort(aborted)
    bed.log.begin('group', true)
    expect(bed.append(10)).toBe(at)
  })
})
