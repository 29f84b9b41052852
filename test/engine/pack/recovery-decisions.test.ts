// test/engine/pack/recovery-decisions.test.ts: recovery over packs in which every record checks and what they say does not
// fit together: what a defect, another program or a mixture of files leaves, rather than a crash.

import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, HEADER_BYTES, MARKER_BYTES, NOWHERE, RECORD, crc32 } from '../../../engine/format/index.ts'
import { recoveryBytesMax } from '../../../engine/pack/index.ts'
import type { FileHandle, FileSystem } from '../../../engine/ports/index.ts'
import { errorOf } from '../machine.ts'
import { FORGED_LIMITS, Forge, INTERVAL_BYTES, instead, withoutHeader, type ForgedPack } from './forge.ts'

const corrupt = (message: string) => ({ code: 'E_CORRUPT', message: expect.stringContaining(message) })

/** Two commits of a row each. */
function twoCommits(pack: ForgedPack): void {
  pack.record(40)
  pack.commit()
  pack.record(40)
  pack.commit()
}

/** Reads of packs give nothing behind `limitBytes`; sizes are as they are. */
const shortReads = (fileSystem: FileSystem, limitBytes: number): FileSystem =>
  instead(fileSystem, {
    open: (path, mode) => {
      const handle = fileSystem.open(path, mode)
      const read: FileHandle['read'] = (target, at, length, position) =>
        position >= limitBytes ? 0 : handle.read(target, at, Math.min(length, limitBytes - position), position)
      return instead(handle, { read })
    },
  })

describe('recovery of forged packs', { tags: ['REC-05', 'PRT-04'] }, () => {
  it('takes a pack for closed only if its close record names the commit that is accepted', () => {
    const forge = new Forge()
    forge.pack(1, {}, (pack) => {
      twoCommits(pack)
      pack.close()
    })
    expect(forge.recover().clean).toBeDefined()
    const older = new Forge()
    older.pack(1, {}, (pack) => {
      pack.record(40)
      const first = pack.commit()
      pack.record(40)
      pack.commit()
      pack.close(first)
    })
    expect(older.recover()).toMatchObject({ clean: undefined, accepted: { commitNumber: 2 } })
  })

  it('does not go on in a closed pack behind which another was begun', () => {
    const forge = new Forge()
    forge.pack(1, {}, (pack) => {
      twoCommits(pack)
      pack.close()
    })
    forge.file(2, new Uint8Array(200))
    expect(forge.recover()).toMatchObject({ clean: undefined, accepted: { commitNumber: 2, mark: { pack: 1 } } })
  })

  it('does not take a close record that names a commit of an older pack for the end of its own', () => {
    const forge = new Forge()
    const base = forge.pack(1, {}, twoCommits)
    forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes }, (pack) => pack.close(base.mark))
    expect(forge.recover()).toMatchObject({ clean: undefined, accepted: { mark: base.mark } })
  })

  it('takes nothing for a close record that is as long as one and is none', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, (made) => {
      twoCommits(made)
      made.record(8)
    })
    expect(forge.recover()).toMatchObject({ clean: undefined, accepted: { mark: pack.mark } })
  })

  it('refuses a pack that holds no commit and builds on itself', () => {
    const forge = new Forge()
    forge.pack(1, {}, twoCommits)
    forge.pack(2, { baseMark: { pack: 2, offsetBytes: 300 }, baseEndBytes: 400 }, () => undefined)
    expect(errorOf(() => forge.recover())).toMatchObject(corrupt('builds on none'))
  })

  it('says that the pack of a durable base ends too early, and looks before one that nothing calls durable', () => {
    for (const isDurable of [true, false]) {
      const forge = new Forge()
      const oldest = forge.pack(1, {}, twoCommits)
      const base = forge.pack(2, { baseMark: oldest.mark, baseEndBytes: oldest.endBytes }, twoCommits)
      const provenMark = isDurable ? base.mark : NOWHERE
      forge.pack(3, { baseMark: base.mark, baseEndBytes: base.endBytes, provenMark }, () => undefined)
      forge.change(2, (bytes) => bytes.slice(0, HEADER_BYTES))
      if (isDurable) expect(errorOf(() => forge.recover())).toMatchObject(corrupt('ends before the commit'))
      else expect(forge.recover().accepted.mark).toEqual(oldest.mark)
    }
  })

  it('says that the header of a durable base is damaged', () => {
    const forge = new Forge()
    const base = forge.pack(1, {}, twoCommits)
    forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes, provenMark: base.mark }, () => undefined)
    forge.pack(3, { baseMark: base.mark, baseEndBytes: base.endBytes, provenMark: base.mark }, () => undefined)
    forge.change(1, withoutHeader)
    expect(errorOf(() => forge.recover())).toMatchObject({ code: 'E_CORRUPT', context: { offsetBytes: 0 } })
  })

  it('looks in all packs before a base whose header is gone and that nothing calls durable', () => {
    const forge = new Forge()
    const oldest = forge.pack(1, {}, twoCommits)
    const link = { baseMark: oldest.mark, baseEndBytes: oldest.endBytes }
    forge.pack(2, link, twoCommits)
    const base = forge.pack(3, link, twoCommits)
    forge.pack(4, { baseMark: base.mark, baseEndBytes: base.endBytes }, () => undefined)
    forge.change(2, withoutHeader)
    forge.change(3, withoutHeader)
    expect(forge.recover().accepted.mark).toEqual(oldest.mark)
    forge.change(1, withoutHeader)
    expect(errorOf(() => forge.recover())).toMatchObject({
      code: 'E_CORRUPT',
      context: { path: forge.path(3), offsetBytes: 0 },
    })
  })

  it('names the pack of a durable commit that does not check, behind the one that is accepted', () => {
    const forge = new Forge()
    const base = forge.pack(1, {}, twoCommits)
    const newer = forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes }, (pack) => {
      pack.record(40)
      pack.commit()
      pack.close()
    })
    forge.flip(2, newer.mark.offsetBytes + 20)
    expect(errorOf(() => forge.recover())).toMatchObject({
      ...corrupt('a durable commit is damaged'),
      context: { path: forge.path(2), offsetBytes: HEADER_BYTES },
    })
  })

  it('refuses packs of two databases', () => {
    const forge = new Forge()
    const base = forge.pack(1, { idByte: 9 }, twoCommits)
    forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes }, twoCommits)
    expect(errorOf(() => forge.recover())).toMatchObject(corrupt('of another database'))
  })

  it('refuses a commit that calls durable what comes behind it', () => {
    const forge = new Forge()
    forge.pack(1, {}, (pack) => {
      pack.record(40)
      pack.commit({ proven: { pack: 1, offsetBytes: 5000 } })
    })
    expect(errorOf(() => forge.recover())).toMatchObject(corrupt('names as durable what comes behind it'))
  })

  it('refuses a commit behind more bytes than may be unsynced, unless it is an unsafe one', () => {
    for (const isUnsafe of [false, true]) {
      const forge = new Forge()
      const pack = forge.pack(1, {}, (made) => {
        for (let i = 0; i < 4; i += 1) made.record(400)
        made.commit({ isUnsafe })
      })
      if (isUnsafe) expect(forge.recover().accepted.mark).toEqual(pack.mark)
      else expect(errorOf(() => forge.recover())).toMatchObject(corrupt('too many'))
    }
  })

  it('says that a commit which is known durable does not check', () => {
    const forge = new Forge()
    let inBetween = NOWHERE
    forge.pack(1, {}, (pack) => {
      pack.record(40)
      pack.commit()
      inBetween = pack.record(40)
      const proven = { pack: 1, offsetBytes: pack.endBytes }
      pack.record(40)
      // Its cover does not check, and the mark that it calls durable is none.
      pack.commit({ proven, provenMark: inBetween, coverCrc: 1 })
    })
    expect(errorOf(() => forge.recover())).toMatchObject({
      ...corrupt('known durable does not check'),
      context: { offsetBytes: inBetween.offsetBytes },
    })
  })

  it('does not take a commit that covers what was proven before it', () => {
    const forge = new Forge()
    let first = NOWHERE
    forge.pack(1, {}, (pack) => {
      pack.record(40)
      first = pack.commit()
      const proven = { pack: 1, offsetBytes: pack.endBytes }
      pack.record(40)
      pack.commit({ proven, provenMark: first, coverStartBytes: HEADER_BYTES })
    })
    expect(forge.recover().accepted.mark).toEqual(first)
  })

  it('knows no number of a durable commit that is not there any more, or is no commit', () => {
    for (const offsetBytes of [9000, 0]) {
      const forge = new Forge()
      let row = NOWHERE
      const base = forge.pack(1, {}, (pack) => {
        row = pack.record(40)
        pack.commit()
      })
      const provenMark = offsetBytes === 0 ? row : { pack: 1, offsetBytes }
      forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes, provenMark }, (pack) => {
        pack.commits = 1
        pack.record(40)
        pack.commit()
      })
      expect(forge.recover()).toMatchObject({ durableCommitNumber: 0, accepted: { commitNumber: 2 } })
    }
  })

  it('refuses a pack whose markers are gone over more bytes than may be unsynced', () => {
    const forge = new Forge()
    forge.pack(1, {}, (pack) => {
      pack.record(40)
      pack.commit()
      for (let i = 0; i < 12; i += 1) pack.record(400)
    })
    forge.change(1, (bytes) => {
      const changed = bytes.slice()
      for (let at = INTERVAL_BYTES; at < bytes.length; at += INTERVAL_BYTES) changed.fill(0, at, at + MARKER_BYTES)
      return changed
    })
    expect(errorOf(() => forge.recover())).toMatchObject(corrupt('no recovery marker checks'))
  })

  it('looks before a marker that the end of the file cuts', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, (made) => {
      made.record(40)
      made.commit()
      made.record(600)
    })
    forge.change(1, (bytes) => bytes.slice(0, INTERVAL_BYTES + 10))
    expect(forge.recover().accepted.mark).toEqual(pack.mark)
  })
})

describe('the end of a closed pack', { tags: ['REC-05'] }, () => {
  it('goes on from the sum of its voucher only if that vouches for what lies behind the commit', () => {
    for (const [gapStart, gapEnd, previous] of [
      [0, 0, 77],
      [1, 0, 0],
      [0, 9000, 0],
    ] as const) {
      const forge = new Forge()
      let endBytes = 0
      forge.pack(1, {}, (pack) => {
        pack.record(40)
        pack.commit()
        endBytes = pack.endBytes
        pack.voucher(endBytes + gapStart, endBytes + gapEnd, 77)
        pack.close()
      })
      const bytes = forge.bytesOf(1)
      const gapCrc = crc32(bytes, endBytes, bytes.length - endBytes, previous)
      expect(forge.recover().clean).toEqual({ sizeBytes: bytes.length, gapCrc })
    }
  })

  it('is found where the close record begins right behind a marker', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, (made) => {
      made.record(40)
      made.commit()
      made.fillTo(INTERVAL_BYTES - 18)
      made.voucher(made.mark.offsetBytes, made.mark.offsetBytes, 0)
      expect(made.endBytes).toBe(INTERVAL_BYTES)
      made.close()
    })
    expect(pack.endBytes).toBe(INTERVAL_BYTES + MARKER_BYTES + 14)
    expect(forge.recover().accepted.mark).toEqual(pack.mark)
  })
})

describe('a file that reads shorter than it is', { tags: ['REC-05'] }, () => {
  it('is damage with its place, never a shorter database', () => {
    const forge = new Forge()
    forge.pack(1, {}, twoCommits)
    const { fileSystem } = forge.disk
    const limitBytes = forge.bytesOf(1).length - 5
    expect(errorOf(() => forge.recover(shortReads(fileSystem, limitBytes)))).toMatchObject({
      ...corrupt('too early'),
      context: { offsetBytes: limitBytes },
    })
    expect(errorOf(() => forge.recover(shortReads(fileSystem, 60)))).toMatchObject({
      ...corrupt('before the end of the file'),
      context: { offsetBytes: 60 },
    })
  })

  it('is no damage if the file is as short: a pack without a whole header is passed over', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, twoCommits)
    forge.file(2, new Uint8Array(50))
    expect(forge.recover().accepted.mark).toEqual(pack.mark)
  })
})

describe('a record that is a mark by its type alone', { tags: ['PRT-02'] }, () => {
  it('is no commit', () => {
    const forge = new Forge()
    const pack = forge.pack(1, {}, (made) => {
      twoCommits(made)
      made.record(30, RECORD.mark)
      made.record(30, RECORD.close)
    })
    expect(forge.recover().accepted.mark).toEqual(pack.mark)
  })
})

describe('the bytes that a recovery may read', { tags: ['PRT-14'] }, () => {
  it('are bounded by the limits alone, and by a sector for each pack that is void', () => {
    const bytes = recoveryBytesMax(FORGED_LIMITS)
    expect(recoveryBytesMax(FORGED_LIMITS, 0)).toBe(bytes)
    expect(recoveryBytesMax(FORGED_LIMITS, 3)).toBe(bytes + 3 * 512)
    expect(recoveryBytesMax({ ...FORGED_LIMITS, packBytesMax: 1 << 30 })).toBe(bytes)
  })

  it('are a sector for each interval between syncs, an interval, the tail, and a sector', () => {
    expect(recoveryBytesMax(FORGED_LIMITS)).toBe((2048 / INTERVAL_BYTES) * 512 + INTERVAL_BYTES + 1024 + 512)
    expect(recoveryBytesMax({ ...FORGED_LIMITS, syncEveryBytes: 2049 })).toBe(recoveryBytesMax(FORGED_LIMITS) + 512)
    expect(recoveryBytesMax(DEFAULT_LIMITS)).toBe(256 * 1024 + 512)
  })
})
