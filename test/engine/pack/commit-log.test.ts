// test/engine/pack/commit-log.test.ts: the log by itself: what it refuses, and what it does when it is called twice.

import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../../engine/errors.ts'
import { NOWHERE, RECORD } from '../../../engine/format/index.ts'
import { AppendStream, ItemStorage } from '../../../engine/pack/index.ts'
import { FailingFileSystem, SimulatedDisk } from '../../../faults/index.ts'
import { errorOf, smallAllocator } from '../machine.ts'
import { FORGED_LIMITS } from './forge.ts'
import { EMPTY, LogBed, WRITE_BUFFER_BYTES, waiter } from './log-bed.ts'

describe('a commit log', { tags: ['PRT-09'] }, () => {
  it('begins no safe transaction before it has settled', () => {
    const { log } = new LogBed()
    expect(errorOf(() => log.begin('sync'))).toBeInstanceOf(InvariantError)
    expect(errorOf(() => log.begin('unsafe'))).toBeUndefined()
  })

  it('begins no transaction that runs alone while commits wait', () => {
    const bed = new LogBed().settled()
    const shared = bed.log.begin('group', true)
    bed.append(10)
    bed.log.commitLater(shared, EMPTY, waiter)
    expect(bed.log.isIdle).toBe(false)
    expect(errorOf(() => bed.log.begin('sync'))).toBeInstanceOf(InvariantError)
    expect(errorOf(() => bed.log.begin('group', true))).toBeUndefined()
  })

  it('forgets a transaction once, however often it is aborted', () => {
    const bed = new LogBed().settled()
    const one = bed.log.begin('group', true)
    bed.append(10)
    const other = bed.log.begin('group', true)
    bed.append(10)
    bed.log.abort(one)
    bed.log.abort(one)
    // The other still has bytes, which an abort of its neighbour may not take.
    bed.log.enter(other)
    expect(bed.log.commitLater(other, EMPTY, waiter).commitNumber).toBe(2)
  })

  it('goes on in the pack of an unsafe transaction with the next, and settles in another', { tags: ['PRT-13'] }, () => {
    const bed = new LogBed()
    for (let commits = 1; commits <= 2; commits += 1) {
      bed.log.begin('unsafe')
      bed.append(10)
      expect(bed.log.commit(EMPTY)).toMatchObject({ commitNumber: commits, mark: { pack: 1 } })
    }
    bed.log.beginSettling()
    bed.append(10)
    expect(bed.log.commit(EMPTY)).toMatchObject({ commitNumber: 3, mark: { pack: 2 } })
    expect(bed.log.needsSettling).toBe(false)
  })

  it('leaves a pack once when the sync that a shared append needs has failed', () => {
    const bed = new LogBed({ syncEveryBytes: 1024, tailLimitBytes: 1024, lazyLimitBytes: 1024 }).settled()
    const before = bed.log.epoch
    const shared = bed.log.begin('group', true)
    bed.refuse = ({ kind }) => (kind === 'sync' ? { kind: 'error', code: 'EIO' } : undefined)
    const error = errorOf(() => {
      for (let i = 0; i < 4; i += 1) bed.append(500)
    })
    expect(error).toMatchObject({ code: 'EIO', operation: 'sync' })
    expect([bed.log.epoch, bed.log.needsSettling]).toEqual([before + 1, true])
    expect(errorOf(() => bed.log.enter(shared))).toMatchObject({ code: 'E_ABORT' })
  })

  it('settles again in the pack that it began for that, unless an append has torn it', { tags: ['PRT-05'] }, () => {
    for (const isTorn of [false, true]) {
      const bed = new LogBed()
      bed.log.beginSettling()
      expect(bed.log.newestPack).toBe(1)
      let appends = 0
      bed.refuse = ({ kind }) => {
        if (kind !== 'append') return undefined
        appends += 1
        return isTorn && appends === 1 ? { kind: 'short', bytes: 100 } : { kind: 'error', code: 'ENOSPC' }
      }
      expect(errorOf(() => bed.append(4000))).toMatchObject({ code: 'ENOSPC' })
      bed.refuse = undefined
      bed.log.beginSettling()
      bed.append(10)
      expect(bed.log.commit(EMPTY).mark.pack).toBe(isTorn ? 2 : 1)
    }
  })

  it('reads nothing behind its own end, buffered or not', () => {
    const bed = new LogBed().settled()
    bed.log.begin('sync')
    const at = bed.append(30)
    const target = new Uint8Array(8192)
    bed.log.read(1, at, 36, target, 0)
    expect(target[0]).toBe(RECORD.item)
    expect(errorOf(() => bed.log.read(1, at, 37, target, 0))).toMatchObject({
      code: 'E_CORRUPT',
      context: { offsetBytes: at },
    })
  })

  it(
    'is closed without a close record when an append has failed half way, aborted or not',
    { tags: ['PRT-11'] },
    () => {
      for (const aborts of [false, true]) {
        const bed = new LogBed().settled()
        bed.log.begin('sync')
        let appends = 0
        bed.refuse = ({ kind }) => {
          if (kind !== 'append') return undefined
          appends += 1
          return appends === 1 ? { kind: 'short', bytes: 100 } : { kind: 'error', code: 'ENOSPC' }
        }
        expect(errorOf(() => bed.append(4000))).toMatchObject({ code: 'ENOSPC' })
        bed.refuse = undefined
        if (aborts) bed.log.abort()
        const sizeBytes = bed.files.sizeBytes(1)
        expect(bed.log.close()).toBeUndefined()
        expect(bed.files.sizeBytes(1)).toBe(sizeBytes)
        expect(bed.allocator.counters().liveBlocks).toBe(0)
      }
    },
  )

  it('sees at a roll-over that another program has written to its pack', { tags: ['PRT-15'] }, () => {
    const bed = new LogBed({ packBytesMax: 4096 }).settled()
    const other = bed.disk.fileSystem.open(bed.files.path(1), 'append')
    other.append(new Uint8Array(3), 0, 3)
    other.close()
    bed.log.begin('sync')
    const error = errorOf(() => {
      for (let i = 0; i < 10; i += 1) bed.append(900)
    })
    expect(error).toMatchObject({ code: 'E_CHANGED', context: { path: bed.files.path(1) } })
  })

  it('keeps the handles of sixteen packs that are not synced, and settles rather than sync one that it let go', () => {
    for (const [packs, needsSettling] of [
      [16, false],
      [17, true],
    ] as const) {
      const bed = new LogBed({ packBytesMax: 4096 }).settled()
      bed.log.begin('unsafe')
      while (bed.log.newestPack < 1 + packs) bed.append(900)
      bed.log.commit(EMPTY)
      expect({ packs, needsSettling: bed.log.needsSettling }).toEqual({ packs, needsSettling })
      expect(bed.log.openHandles).toBe(16 + 1)
      bed.log.close()
      expect(bed.allocator.counters().liveBlocks).toBe(0)
    }
  })

  it('tells the error of closing an older pack that it has synced', { tags: ['PRT-13'] }, () => {
    const bed = new LogBed({ packBytesMax: 4096 }).settled()
    bed.log.begin('unsafe')
    while (bed.log.newestPack < 2) bed.append(900)
    bed.log.commit(EMPTY)
    bed.refuse = ({ kind }) => (kind === 'close' ? { kind: 'error', code: 'EIO' } : undefined)
    bed.log.begin('sync')
    expect(errorOf(() => bed.log.commit(EMPTY))).toMatchObject({ code: 'EIO', operation: 'close' })
  })
})

describe('an append stream that is broken', { tags: ['PRT-10'] }, () => {
  it('writes nothing more', () => {
    const { fileSystem } = new SimulatedDisk({ directories: ['/docs'] })
    let appends = 0
    const failing = new FailingFileSystem(fileSystem, {
      root: '/',
      decide: ({ kind }) => {
        if (kind !== 'append') return undefined
        appends += 1
        return appends === 1 ? { kind: 'short', bytes: 10 } : { kind: 'error', code: 'EIO' }
      },
    })
    const allocator = smallAllocator()
    const stream = new AppendStream(
      {
        handle: failing.create('/docs/torn.pack'),
        packNumber: 1,
        seed: 1,
        markerIntervalBytes: 512,
        sizeBytes: 0,
        markEndBytes: 0,
        gapCrc: 0,
        mark: NOWHERE,
      },
      allocator.allocate(WRITE_BUFFER_BYTES, 'test'),
      allocator.allocate(64, 'test'),
    )
    stream.appendHeader(() => undefined)
    expect(errorOf(() => stream.flush())).toMatchObject({ code: 'EIO' })
    expect(stream.isBroken).toBe(true)
    expect(errorOf(() => stream.flush())).toBeInstanceOf(InvariantError)
    expect(errorOf(() => stream.appendRecord(RECORD.item, new Uint8Array(1), 0, 1))).toBeInstanceOf(InvariantError)
  })
})

describe('a reference that names a place where no record can be', { tags: ['STO-04'] }, () => {
  it('is damage before anything is read', () => {
    const bed = new LogBed().settled()
    const items = new ItemStorage(bed.log, bed.allocator)
    for (const [offsetBytes, lengthBytes] of [
      [3, 10],
      [512, 10],
      [535, 10],
      [FORGED_LIMITS.packBytesMax - 5, 10],
    ] as const)
      expect(errorOf(() => items.readNode({ pack: 1, offsetBytes, lengthBytes }, 0))).toMatchObject({
        code: 'E_CORRUPT',
        message: expect.stringContaining('where none can be'),
        context: { offsetBytes },
      })
    expect(bed.files.openReaders).toBe(0)
  })
})

describe('a reference to a record of another type', { tags: ['DMG-01'] }, () => {
  it('is damage, though the record is as long and whole', () => {
    const bed = new LogBed().settled()
    const items = new ItemStorage(bed.log, bed.allocator)
    bed.log.begin('sync')
    const reference = items.appendItem(new Uint8Array(10), 0, 10)
    expect(items.readItem(reference, 'test').byteLength).toBeGreaterThanOrEqual(10)
    expect(errorOf(() => items.readNode(reference, 0))).toMatchObject({
      code: 'E_CORRUPT',
      message: expect.stringContaining('no record of its type and length'),
      context: { offsetBytes: reference.offsetBytes },
    })
  })
})
