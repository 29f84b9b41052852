// test/engine/pack/recovery-search.test.ts: where recovery looks for the commit to accept, pack by pack, and what it names
// when that is not the one that was promised. Packs are forged: every record checks but the one that a test damages.

import { describe, expect, it } from 'vitest'
import {
  DATABASE_ID_BYTES,
  FNV_START,
  HEADER_BYTES,
  MARKER_BYTES,
  MARK_PAYLOAD_BYTES,
  NOWHERE,
  RECORD,
  crc32,
  crc32OfUint32,
  encodeMark,
  encodeRecordHeader,
  packSeed,
  recordHeaderBytes,
  type CommitMark,
  type Position,
} from '../../../engine/format/index.ts'
import { PackFiles, listPacks, recover } from '../../../engine/pack/index.ts'
import { errorOf } from '../machine.ts'
import { FORGED_DIRECTORY, Forge, INTERVAL_BYTES, withoutHeader, type ForgedPack } from './forge.ts'

const corrupt = (message: string) => ({ code: 'E_CORRUPT', message: expect.stringContaining(message) })

/** A row and a commit, twice: the places of all four. */
function twoCommits(pack: ForgedPack): { first: Position; firstEndBytes: number; row: Position; second: Position } {
  pack.record(40)
  const first = pack.commit()
  const firstEndBytes = pack.endBytes
  const row = pack.record(40)
  return { first, firstEndBytes, row, second: pack.commit() }
}

/** A pack of two commits, and one behind it whose only commit does not check. */
function failedSuccessor(forge: Forge): ReturnType<typeof twoCommits> {
  let places: ReturnType<typeof twoCommits> | undefined
  const base = forge.pack(1, {}, (pack) => (places = twoCommits(pack)))
  forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes }, (pack) => {
    pack.record(40)
    pack.commit({ coverCrc: 1 })
  })
  if (places === undefined) throw new Error('the pack was not written')
  return places
}

/** A row whose value is, byte for byte, a commit of nothing at the place where it stands. */
function rowWithMark(pack: ForgedPack, claims: Partial<CommitMark>): void {
  const seed = packSeed(crc32(new Uint8Array(DATABASE_ID_BYTES).fill(1), 0, DATABASE_ID_BYTES), pack.number)
  const frameBytes = recordHeaderBytes(MARK_PAYLOAD_BYTES)
  const value = new Uint8Array(frameBytes + MARK_PAYLOAD_BYTES)
  const offsetBytes = pack.endBytes + recordHeaderBytes(value.length)
  encodeMark(new DataView(value.buffer), frameBytes, {
    isUnsafe: false,
    needsGap: false,
    commitNumber: 99,
    coverStartBytes: offsetBytes,
    previous: pack.mark,
    proven: { pack: pack.number, offsetBytes },
    provenMark: NOWHERE,
    root: { pack: 0, offsetBytes: 0, lengthBytes: 0, height: 0, count: 0 },
    coverCrc: crc32OfUint32(offsetBytes, seed),
    coverFnv: FNV_START,
    gapBytes: 0,
    gapCrc: 0,
    ...claims,
  })
  encodeRecordHeader(value, 0, RECORD.mark, value, frameBytes, MARK_PAYLOAD_BYTES, seed, offsetBytes)
  expect(pack.record(value).offsetBytes + recordHeaderBytes(value.length)).toBe(offsetBytes)
}

/** Number of the newest pack as a recovery leaves it. */
function newestAfter(forge: Forge): number {
  const { fileSystem } = forge.disk
  const id = forge.allocator.allocate(DATABASE_ID_BYTES, 'forge')
  const range = listPacks(fileSystem, FORGED_DIRECTORY)
  const files = new PackFiles(fileSystem, forge.allocator, FORGED_DIRECTORY, range, '')
  recover(files, forge.allocator, id)
  const { newest } = files
  files.close()
  forge.allocator.free(id)
  return newest
}

describe('the search for a commit in older packs', { tags: ['REC-05', 'PRT-04'] }, () => {
  it('refuses a pack that holds no commit and builds on none', () => {
    const forge = new Forge()
    forge.pack(1, {}, () => undefined)
    expect(errorOf(() => forge.recover())).toMatchObject({
      ...corrupt('builds on none'),
      context: { path: forge.path(1), offsetBytes: HEADER_BYTES },
    })
  })

  it('stops at a durable base whose header is damaged, though an older pack is whole', () => {
    const forge = new Forge()
    const oldest = forge.pack(1, {}, twoCommits)
    const base = forge.pack(2, { baseMark: oldest.mark, baseEndBytes: oldest.endBytes }, twoCommits)
    const link = { baseMark: base.mark, baseEndBytes: base.endBytes, provenMark: base.mark }
    forge.pack(3, link, () => undefined)
    forge.change(2, withoutHeader)
    expect(errorOf(() => forge.recover())).toMatchObject({
      code: 'E_CORRUPT',
      context: { path: forge.path(2), offsetBytes: 0 },
    })
  })

  it('checks the tail of the base too, when no commit of the newest pack checks', () => {
    const whole = new Forge()
    const { second } = failedSuccessor(whole)
    expect(whole.recover().accepted.mark).toEqual(second)
    const damaged = new Forge()
    const { first, row } = failedSuccessor(damaged)
    damaged.flip(1, row.offsetBytes + 20)
    expect(damaged.recover().accepted.mark).toEqual(first)
  })

  it('goes before a base that nothing calls durable and that does not check', () => {
    const forge = new Forge()
    const { first, second } = failedSuccessor(forge)
    forge.flip(1, second.offsetBytes + 20)
    expect(forge.recover().accepted.mark).toEqual(first)
  })

  it('does not take for a commit what stands in the value of a row', () => {
    const forge = new Forge()
    const base = forge.pack(1, {}, twoCommits)
    forge.pack(2, { baseMark: base.mark, baseEndBytes: base.endBytes }, (pack) => rowWithMark(pack, {}))
    expect(forge.recover().accepted).toMatchObject({ mark: base.mark, commitNumber: 2 })
    // The same bytes are a commit where the row around them is broken: the search is by bytes then.
    forge.flip(2, HEADER_BYTES)
    expect(forge.recover().accepted.commitNumber).toBe(99)
  })
})

describe('the place of a durable commit that does not check', { tags: ['REC-05', 'PRT-04'] }, () => {
  it('is the end of the accepted one if both are in one pack', () => {
    const forge = new Forge()
    let places: ReturnType<typeof twoCommits> | undefined
    forge.pack(1, {}, (pack) => {
      places = twoCommits(pack)
      pack.close()
    })
    forge.flip(1, (places?.second.offsetBytes ?? 0) + 20)
    expect(errorOf(() => forge.recover())).toMatchObject({
      ...corrupt('a durable commit is damaged'),
      context: { path: forge.path(1), offsetBytes: places?.firstEndBytes },
    })
  })

  it('is told with the commit mark that names it, though that stands where the search did not look', () => {
    const forge = new Forge()
    let by = NOWHERE
    let damaged = NOWHERE
    forge.pack(1, {}, (pack) => {
      pack.record(40)
      pack.commit()
      pack.fillTo(2 * INTERVAL_BYTES - 100)
      pack.commit()
      pack.record(200)
      damaged = pack.commit()
      const proven = { pack: 1, offsetBytes: pack.endBytes }
      by = pack.commit({ proven, provenMark: damaged })
    })
    expect(damaged.offsetBytes).toBeGreaterThan(2 * INTERVAL_BYTES)
    // Without the last marker the search ends at the commit before it.
    forge.change(1, (bytes) => bytes.fill(0, 2 * INTERVAL_BYTES, 2 * INTERVAL_BYTES + MARKER_BYTES))
    expect(errorOf(() => forge.recover())).toMatchObject(
      corrupt(
        `the commit mark at ${forge.path(1)} ${by.offsetBytes} names one at ${forge.path(1)} ${damaged.offsetBytes}`,
      ),
    )
  })
})

describe('what a recovery hands on', { tags: ['REC-05', 'PRT-11'] }, () => {
  it('calls proven all of a pack that was closed, up to the end of its last commit', () => {
    const forge = new Forge()
    let endBytes = 0
    const pack = forge.pack(1, {}, (made) => {
      twoCommits(made)
      endBytes = made.endBytes
      made.close()
    })
    expect(forge.recover()).toMatchObject({ proven: { pack: 1, offsetBytes: endBytes }, provenMark: pack.mark })
  })

  it('calls nothing proven behind the commit that is accepted, whatever was synced there', () => {
    const forge = new Forge()
    let baseEndBytes = 0
    const base = forge.pack(1, {}, (pack) => {
      twoCommits(pack)
      baseEndBytes = pack.endBytes
      pack.record(40)
    })
    const proven = { pack: 1, offsetBytes: base.endBytes }
    forge.pack(2, { baseMark: base.mark, baseEndBytes, proven, provenMark: base.mark }, () => undefined)
    expect(forge.recover()).toMatchObject({
      clean: undefined,
      accepted: { mark: base.mark },
      proven: { pack: 1, offsetBytes: baseEndBytes },
      provenMark: base.mark,
    })
  })

  it('gives the number of a pack back only if the file is too short for a header', () => {
    for (const [sizeBytes, newest] of [
      [0, 1],
      [HEADER_BYTES - 1, 1],
      [HEADER_BYTES, 2],
      [300, 2],
    ] as const) {
      const forge = new Forge()
      forge.pack(1, {}, twoCommits)
      forge.file(2, new Uint8Array(sizeBytes))
      expect(newestAfter(forge)).toBe(newest)
    }
  })
})
