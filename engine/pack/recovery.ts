// engine/pack/recovery.ts: finds the commit that a database stands at, from the files alone.
//
// 1. Writes nothing.
// 2. Reads a bounded amount (recoveryBytesMax), whatever the size of the database: probes of markers backward from the
//    end, the interval behind the newest valid one, and the tail behind what the newest mark calls proven.
// 3. Accepts the newest commit for which everything back to the proven position checks (protocol rule 4).
// 4. A read error or an allocation failure fails the open; it is never taken for a torn tail.
// 5. If a valid record names as durable a commit newer than the accepted one, that is damage: E_CORRUPT with the place.
//    What the bound leaves is spent on looking for such records where the search had no need to look.
// 6. Not covered: damage that no record speaks of (a cut or missing newest pack) looks like a crash.

import {
  CLOSE_PAYLOAD_BYTES,
  type CommitMark,
  comparePositions,
  corrupt,
  crc32,
  DATABASE_ID_BYTES,
  decodeHeader,
  FIELD,
  HEADER_BYTES,
  MARK_PAYLOAD_BYTES,
  MARK_RECORD_BYTES_MAX,
  MARKER_BYTES,
  type PackHeader,
  type PackLimits,
  packSeed,
  type Position,
  recordStart,
  VOUCHER_PAYLOAD_BYTES,
} from '../format/index.ts'
import { EngineError } from '../errors.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { AcceptedCommit, LogStart } from './commit-log.ts'
import { readFully } from './io.ts'
import type { PackFiles } from './pack-files.ts'
import { PackWindow, WINDOW_SCRATCH_BYTES, type Voucher, type WindowRecord } from './pack-window.ts'

const SECTOR_BYTES = 512

/** Most bytes that an open reads of the packs to find its commit. `voidPacks`: newer packs without a valid header. */
export function recoveryBytesMax(limits: PackLimits, voidPacks = 0): number {
  const probes = Math.ceil(limits.syncEveryBytes / limits.markerIntervalBytes) * SECTOR_BYTES
  const tail = Math.max(limits.tailLimitBytes, limits.lazyLimitBytes)
  return probes + limits.markerIntervalBytes + tail + SECTOR_BYTES + voidPacks * SECTOR_BYTES
}

export type Recovered = LogStart &
  Readonly<{
    bytesRead: number
    /** Number of the newest commit known durable. */
    durableCommitNumber: number
  }>

/** A close record that ends its pack, and the filler before it that vouches for aborted bytes behind the last mark. */
type Close = Readonly<{ mark: Position; sizeBytes: number; voucher: Voucher | undefined }>

type Found = Readonly<{ mark: CommitMark; position: Position; endBytes: number }>

/** Reads the packs; copies the database id to `id` (16 bytes). E_CORRUPT, E_VERSION, E_IO's cause, OutOfMemoryError. */
export function recover(files: PackFiles, allocator: Allocator, id: Block): Recovered {
  const recovery = new Recovery(files, allocator, id)
  try {
    return recovery.run()
  } finally {
    recovery.release()
  }
}

class Recovery {
  readonly #files: PackFiles
  readonly #allocator: Allocator
  readonly #id: Block
  readonly #scratch: Block
  readonly #small: Block
  #bytesRead = 0
  /** The newest commit mark that any valid record calls durable. */
  #namedMark: Position = { pack: 0, offsetBytes: 0 }
  #namedBy = ''
  /** The close record at the end of the pack with the newest valid header. */
  #close: Close | undefined
  /** Bytes at the end of the pack with the newest valid header that the search did not look at. */
  #unsearched = { from: 0, to: 0 }

  constructor(files: PackFiles, allocator: Allocator, id: Block) {
    this.#files = files
    this.#allocator = allocator
    this.#id = id
    this.#scratch = allocator.allocate(WINDOW_SCRATCH_BYTES, 'recovery')
    try {
      this.#small = allocator.allocate(MARK_RECORD_BYTES_MAX, 'recovery')
    } catch (error) {
      allocator.free(this.#scratch)
      throw error
    }
  }

  release(): void {
    this.#allocator.free(this.#small)
    this.#allocator.free(this.#scratch)
  }

  run(): Recovered {
    const { newest, lowest } = this.#files
    let header: PackHeader | undefined
    let packNumber = newest
    let why = ''
    for (; header === undefined && packNumber >= lowest; packNumber -= header === undefined ? 1 : 0) {
      const result = this.#readHeader(packNumber)
      if (result.header !== undefined) header = result.header
      else if (packNumber === newest) why = result.why
    }
    if (header === undefined) throw corrupt(this.#files.path(newest), 0, why)
    this.#checkSameDatabase(header, lowest)
    const goodPack = header.packNumber
    this.#name(header.provenMark, `the header of ${this.#files.path(goodPack)}`)

    let limitBytes = this.#files.sizeBytes(goodPack)
    this.#close = this.#closeAtEnd(header)
    let proven = header.proven
    // Each round goes to a pack with a smaller number: the base that a header names is older than its pack.
    let found = this.#searchPack(header, limitBytes, true)
    while (found === undefined) {
      const base = this.#baseOf(header)
      header = base.header
      limitBytes = base.limitBytes
      found = this.#searchPack(header, limitBytes, false)
    }

    const { newestMark, accepted } = found
    const { mark, position, endBytes } = accepted
    this.#lookForMore(goodPack, newest, header.limits)
    this.#discardEmpty(goodPack, newest)
    if (comparePositions(this.#namedMark, position) > 0) throw this.#durableDamage(position, endBytes, goodPack)

    const commit: AcceptedCommit = { mark: position, endBytes, commitNumber: mark.commitNumber, root: mark.root }
    const close = this.#close
    const isClosed =
      close !== undefined &&
      goodPack === newest &&
      position.pack === goodPack &&
      comparePositions(close.mark, position) === 0
    const clean = isClosed ? this.#cleanEnd(header, close, endBytes) : undefined
    if (comparePositions(newestMark.mark.proven, proven) > 0) proven = newestMark.mark.proven
    if (comparePositions(proven, { pack: position.pack, offsetBytes: endBytes }) > 0)
      proven = { pack: position.pack, offsetBytes: endBytes }
    const base = { limits: header.limits, idCrc: header.idCrc, accepted: commit }
    if (clean !== undefined) {
      return {
        ...base,
        proven: { pack: position.pack, offsetBytes: endBytes },
        provenMark: position,
        clean,
        bytesRead: this.#bytesRead,
        durableCommitNumber: mark.commitNumber,
      }
    }
    const provenMark = this.#namedMark
    return {
      ...base,
      proven,
      provenMark,
      clean: undefined,
      durableCommitNumber: this.#commitNumberAt(provenMark, header, commit),
      bytesRead: this.#bytesRead,
    }
  }

  /**
   * Where to look on when a pack holds no commit: in the pack of the commit that it builds on, up to that. A base that no
   * record calls durable may have been lost with its pack; then nothing that was promised rests on it, and the search goes
   * on before it.
   */
  #baseOf({ packNumber, baseMark, baseEndBytes }: PackHeader): { header: PackHeader; limitBytes: number } {
    const { lowest } = this.#files
    if (baseMark.pack < lowest || baseMark.pack >= packNumber)
      throw corrupt(this.#files.path(packNumber), HEADER_BYTES, 'the pack holds no commit and builds on none')
    const isDurable = comparePositions(baseMark, this.#namedMark) <= 0
    const path = this.#files.path(baseMark.pack)
    const base = this.#readHeader(baseMark.pack)
    if (base.header !== undefined) {
      const limitBytes = Math.min(baseEndBytes, this.#files.sizeBytes(baseMark.pack))
      if (limitBytes > HEADER_BYTES) return { header: base.header, limitBytes }
      if (isDurable) throw corrupt(path, limitBytes, 'the pack ends before the commit that others build on')
      return this.#baseOf(base.header)
    }
    if (isDurable) throw corrupt(path, 0, base.why)
    for (let before = baseMark.pack - 1; before >= lowest; before -= 1) {
      const { header } = this.#readHeader(before)
      if (header !== undefined) return { header, limitBytes: this.#files.sizeBytes(before) }
    }
    throw corrupt(path, 0, base.why)
  }

  /**
   * A pack without even a header holds nothing that anybody was promised. Its name may be in the cache only, and may have
   * been dropped by a directory sync that failed: it gives its number back, to be made anew.
   */
  #discardEmpty(goodPack: number, newest: number): void {
    if (newest <= goodPack || this.#files.sizeBytes(newest) >= HEADER_BYTES) return
    const error = this.#files.discardNewest()
    if (error !== undefined) throw error
  }

  /** The place: where the pack of the named commit stops to check. */
  #durableDamage({ pack }: Position, endBytes: number, goodPack: number): EngineError {
    const named = this.#namedMark
    const path = this.#files.path(named.pack)
    let from = endBytes
    if (named.pack !== pack) from = named.pack > goodPack ? 0 : HEADER_BYTES
    return corrupt(
      path,
      from,
      `a durable commit is damaged: ${this.#namedBy} names one at ${path} ${named.offsetBytes}, ` +
        `but the data checks only up to ${this.#files.path(pack)} ${endBytes}`,
    )
  }

  #commitNumberAt(provenMark: Position, header: PackHeader, commit: AcceptedCommit): number {
    if (provenMark.pack === 0) return 0
    if (comparePositions(provenMark, commit.mark) === 0) return commit.commitNumber
    return this.#readMark(header, provenMark)?.mark.commitNumber ?? 0
  }

  #checkSameDatabase(header: PackHeader, lowest: number): void {
    const before = header.packNumber - 1
    if (before < lowest) return
    const result = this.#readHeader(before)
    if (result.header !== undefined && result.header.idCrc !== header.idCrc)
      throw corrupt(
        this.#files.path(before),
        FIELD.databaseId,
        `the pack is of another database than ${this.#files.path(header.packNumber)}`,
      )
    // The id that everything is written with is the newest good header's.
    this.#readHeader(header.packNumber)
  }

  #name(mark: Position, by: string): void {
    if (comparePositions(mark, this.#namedMark) <= 0) return
    this.#namedMark = mark
    this.#namedBy = by
  }

  #readHeader(packNumber: number): Readonly<{ header: PackHeader | undefined; why: string }> {
    const block = this.#small
    const read = this.#read(packNumber, 0, HEADER_BYTES, block, true)
    const result = decodeHeader(block.view, block.bytes, block.start, read, packNumber)
    if (result.kind === 'version')
      throw new EngineError(
        'E_VERSION',
        `${this.#files.path(packNumber)} has format version ${result.version}, which this engine does not know`,
        { path: this.#files.path(packNumber), offsetBytes: FIELD.version },
      )
    if (result.kind === 'invalid') return { header: undefined, why: result.why }
    const from = block.start + FIELD.databaseId
    this.#id.bytes.set(block.bytes.subarray(from, from + DATABASE_ID_BYTES), this.#id.start)
    return { header: result.header, why: '' }
  }

  /** Reads into a block; a file that ends too early is damage, unless `mayEnd`. Returns the bytes read. */
  #read(packNumber: number, offset: number, lengthBytes: number, block: Block, mayEnd = false): number {
    const handle = this.#files.reader(packNumber)
    const read = readFully(handle, block.bytes, block.start, lengthBytes, offset)
    this.#bytesRead += read
    if (read < lengthBytes && !mayEnd)
      throw corrupt(
        this.#files.path(packNumber),
        offset + read,
        `the file ends here, ${lengthBytes - read} bytes too early`,
      )
    if (read < lengthBytes && mayEnd && this.#files.sizeBytes(packNumber) >= offset + lengthBytes)
      throw corrupt(this.#files.path(packNumber), offset + read, 'a read ended before the end of the file')
    return read
  }

  #window(header: PackHeader, from: number, to: number): PackWindow {
    const block = this.#allocator.allocate(Math.max(1, to - from), 'recovery')
    try {
      this.#read(header.packNumber, from, to - from, block)
    } catch (error) {
      this.#allocator.free(block)
      throw error
    }
    const seed = packSeed(header.idCrc, header.packNumber)
    const window = new PackWindow(block, this.#scratch, seed, header.limits.markerIntervalBytes)
    window.holds(from, to)
    return window
  }

  #nameByClose(window: PackWindow, record: WindowRecord, path: string): Position | undefined {
    const mark = window.closedMarkOf(record)
    if (mark !== undefined) this.#name(mark, `the close record at ${path} ${record.offsetBytes}`)
    return mark
  }

  /** The close record that a pack ends with, if it does. */
  #closeAtEnd(header: PackHeader): Close | undefined {
    const { packNumber } = header
    const sizeBytes = this.#files.sizeBytes(packNumber)
    const from = Math.max(HEADER_BYTES, sizeBytes - MARK_RECORD_BYTES_MAX)
    if (from >= sizeBytes) return undefined
    const window = this.#window(header, from, sizeBytes)
    try {
      const record = window.recordEndingAt(sizeBytes, CLOSE_PAYLOAD_BYTES)
      const mark = record === undefined ? undefined : this.#nameByClose(window, record, this.#files.path(packNumber))
      if (record === undefined || mark === undefined) return undefined
      const isBehindMarker = record.offsetBytes % window.interval === MARKER_BYTES
      const before = isBehindMarker ? record.offsetBytes - MARKER_BYTES : record.offsetBytes
      const filler = window.recordEndingAt(before, VOUCHER_PAYLOAD_BYTES)
      return { mark, sizeBytes, voucher: filler === undefined ? undefined : window.voucherOf(filler) }
    } finally {
      this.#allocator.free(window.block)
    }
  }

  /** Where the next commit goes on behind a close record, and the CRC-32 of what lies between it and the last mark. */
  #cleanEnd(header: PackHeader, { sizeBytes, voucher }: Close, endBytes: number): LogStart['clean'] {
    const isVouched = voucher !== undefined && voucher.gapStartBytes === endBytes && voucher.gapEndBytes < sizeBytes
    const from = isVouched ? voucher.gapEndBytes : endBytes
    const lengthBytes = sizeBytes - from
    // Nothing else is ever written there: whatever this is, it is not appended to.
    if (lengthBytes > MARK_RECORD_BYTES_MAX) return undefined
    const block = this.#small
    this.#read(header.packNumber, from, lengthBytes, block)
    return { sizeBytes, gapCrc: crc32(block.bytes, block.start, lengthBytes, isVouched ? voucher.gapCrc : 0) }
  }

  /** The newest mark of a pack and the commit to accept in it; undefined if that is one of an older pack. */
  #searchPack(
    header: PackHeader,
    limitBytes: number,
    isNewest: boolean,
  ): Readonly<{ newestMark: Found; accepted: Found }> | undefined {
    const newestMark = this.#newestMark(header, limitBytes, isNewest)
    if (newestMark === undefined) return undefined
    const accepted = this.#checkTail(header, newestMark)
    return accepted === undefined ? undefined : { newestMark, accepted }
  }

  /** The newest valid mark of a pack below `limitBytes`, or undefined if the pack holds none. */
  #newestMark(header: PackHeader, limitBytes: number, isNewest: boolean): Found | undefined {
    const interval = header.limits.markerIntervalBytes
    const { packNumber } = header
    const lowestProbe = limitBytes - header.limits.syncEveryBytes - interval - MARK_RECORD_BYTES_MAX
    let regionEnd = limitBytes
    for (let at = Math.floor((limitBytes - 1) / interval) * interval; ; at -= interval) {
      if (at === 0) {
        const found = this.#searchRegion(header, HEADER_BYTES, HEADER_BYTES, regionEnd, limitBytes)
        if (isNewest) this.#unsearched = { from: regionEnd, to: limitBytes }
        return found
      }
      const marker = this.#probe(header, at, limitBytes)
      if (marker !== undefined) {
        // The record that the marker interrupts may itself be a commit mark.
        const spansMark = at - marker.spanStartBytes < MARK_RECORD_BYTES_MAX
        const start = spansMark ? Math.min(marker.spanStartBytes, at + MARKER_BYTES) : at + MARKER_BYTES
        const first = spansMark ? marker.spanStartBytes : marker.nextStartBytes
        const found =
          this.#searchRegion(header, start, first, regionEnd, limitBytes) ??
          (marker.mark.pack === packNumber ? this.#readMark(header, marker.mark) : undefined)
        if (found !== undefined || marker.mark.pack !== packNumber) {
          if (isNewest) this.#unsearched = { from: regionEnd, to: limitBytes }
          return found
        }
      }
      if (at < lowestProbe)
        throw corrupt(
          this.#files.path(packNumber),
          at,
          `no recovery marker checks in the last ${limitBytes - at} bytes`,
        )
      regionEnd = at
    }
  }

  #probe(header: PackHeader, at: number, limitBytes: number): ReturnType<PackWindow['markerAt']> {
    if (limitBytes - at < MARKER_BYTES) return undefined
    this.#read(header.packNumber, at, MARKER_BYTES, this.#small)
    const seed = packSeed(header.idCrc, header.packNumber)
    const window = new PackWindow(this.#small, this.#scratch, seed, header.limits.markerIntervalBytes)
    window.holds(at, at + MARKER_BYTES)
    return window.markerAt(at)
  }

  /** Looks for the last mark in [start, end): record by record from `firstRecord`, by bytes behind a break. */
  #searchRegion(
    header: PackHeader,
    start: number,
    firstRecord: number,
    end: number,
    limitBytes: number,
  ): Found | undefined {
    if (start >= end) return undefined
    const to = Math.min(limitBytes, end + MARK_RECORD_BYTES_MAX)
    const window = this.#window(header, start, to)
    try {
      return this.#walkRegion(header, window, firstRecord, end)
    } finally {
      this.#allocator.free(window.block)
    }
  }

  #walkRegion(header: PackHeader, window: PackWindow, firstRecord: number, end: number): Found | undefined {
    const interval = header.limits.markerIntervalBytes
    const path = this.#files.path(header.packNumber)
    let last: Found | undefined
    let at = recordStart(firstRecord, interval)
    // What the marker says of the first record may be of an aborted one, which may end behind marks that came later: the
    // bytes before it are looked at first, and behind a break the bytes decide.
    let scanFrom = window.startBytes
    const skipped = window.nextMark(scanFrom, Math.min(at, end))
    if (skipped !== undefined) at = skipped.offsetBytes
    while (at < end) {
      const record = window.record(at) ?? window.nextClaim(scanFrom, end)
      if (record === undefined) break
      const mark = window.markOf(record)
      if (mark !== undefined) {
        last = {
          mark,
          position: { pack: header.packNumber, offsetBytes: record.offsetBytes },
          endBytes: record.endBytes,
        }
        this.#name(mark.provenMark, `the commit mark at ${path} ${record.offsetBytes}`)
      }
      this.#nameByClose(window, record, path)
      at = recordStart(record.endBytes, interval)
      scanFrom = record.endBytes
    }
    return last
  }

  /** The mark at a known place, if it checks. */
  #readMark(header: PackHeader, position: Position): Found | undefined {
    const size = this.#files.sizeBytes(position.pack)
    const to = Math.min(size, position.offsetBytes + MARK_RECORD_BYTES_MAX)
    if (to <= position.offsetBytes) return undefined
    const lengthBytes = to - position.offsetBytes
    this.#read(position.pack, position.offsetBytes, lengthBytes, this.#small)
    const seed = packSeed(header.idCrc, position.pack)
    const window = new PackWindow(this.#small, this.#scratch, seed, header.limits.markerIntervalBytes)
    window.holds(position.offsetBytes, to)
    const record = window.record(position.offsetBytes)
    const mark = record === undefined ? undefined : window.markOf(record)
    if (record === undefined || mark === undefined) return undefined
    this.#name(mark.provenMark, `the commit mark at ${this.#files.path(position.pack)} ${position.offsetBytes}`)
    return { mark, position, endBytes: record.endBytes }
  }

  /**
   * Checks forward from what the newest mark calls proven and gives the last commit for which everything checks, or
   * undefined if that is the one that the pack's header builds on.
   */
  #checkTail(header: PackHeader, newest: Found): Found | undefined {
    const { packNumber, limits } = header
    const { proven, provenMark } = newest.mark
    const path = this.#files.path(packNumber)
    if (comparePositions(proven, newest.position) > 0)
      throw corrupt(path, newest.position.offsetBytes, 'a commit mark names as durable what comes behind it')
    const close = this.#close
    if (close !== undefined && comparePositions(close.mark, newest.position) === 0) return newest
    const isHere = proven.pack === packNumber
    const from = isHere ? proven.offsetBytes : HEADER_BYTES
    const start = isHere && provenMark.pack === packNumber ? provenMark : header.baseMark
    const tailBytes = newest.endBytes - from
    if (tailBytes > Math.max(limits.tailLimitBytes, limits.lazyLimitBytes) + MARK_RECORD_BYTES_MAX) {
      if (newest.mark.isUnsafe) return newest
      throw corrupt(path, from, `${tailBytes} bytes before the newest commit mark are not known durable: too many`)
    }
    const window = this.#window(header, from, newest.endBytes)
    try {
      const accepted = this.#walkTail(window, start, from, newest)
      if (accepted !== undefined || start.pack !== packNumber) return accepted
    } finally {
      this.#allocator.free(window.block)
    }
    const durable = this.#readMark(header, start)
    if (durable === undefined)
      throw corrupt(path, start.offsetBytes, 'a commit mark that is known durable does not check')
    return durable
  }

  #walkTail(window: PackWindow, start: Position, from: number, newest: Found): Found | undefined {
    const pack = newest.position.pack
    let current = start
    let accepted: Found | undefined
    let at = recordStart(from, window.interval)
    while (at < newest.endBytes) {
      const record = window.record(at) ?? window.nextMark(at + 1, newest.endBytes)
      if (record === undefined) break
      const mark = window.markOf(record)
      if (mark !== undefined) {
        const follows = comparePositions(mark.previous, current) === 0 && mark.coverStartBytes >= from
        if (!follows || !window.coverChecks(mark, record.offsetBytes) || !window.gapChecks(mark)) break
        current = { pack, offsetBytes: record.offsetBytes }
        accepted = { mark, position: current, endBytes: record.endBytes }
      }
      at = recordStart(record.endBytes, window.interval)
    }
    return accepted
  }

  /** Rule 5: what is left of the bound goes to the ends of files that the search passed over. */
  #lookForMore(goodPack: number, newest: number, limits: PackLimits): void {
    const header = this.#readHeader(goodPack).header
    if (header === undefined) return
    for (let pack = newest; pack > goodPack; pack -= 1) {
      this.#closeAtEnd({ ...header, packNumber: pack })
      this.#searchForClaims(
        { ...header, packNumber: pack },
        HEADER_BYTES,
        this.#files.sizeBytes(pack),
        newest - goodPack,
      )
    }
    const { from, to } = this.#unsearched
    this.#searchForClaims({ ...header, limits }, from, to, newest - goodPack)
  }

  #searchForClaims(header: PackHeader, from: number, to: number, voidPacks: number): void {
    const budget = recoveryBytesMax(header.limits, voidPacks) - this.#bytesRead - MARK_RECORD_BYTES_MAX
    const start = Math.max(from, to - budget)
    if (start >= to || to - start < MARK_PAYLOAD_BYTES) return
    const window = this.#window(header, start, to)
    try {
      const path = this.#files.path(header.packNumber)
      let at = start
      for (;;) {
        const record = window.nextClaim(at, to)
        if (record === undefined) return
        const mark = window.markOf(record)
        if (mark === undefined) this.#nameByClose(window, record, path)
        else this.#name(mark.provenMark, `the commit mark at ${path} ${record.offsetBytes}`)
        at = record.endBytes
      }
    } finally {
      this.#allocator.free(window.block)
    }
  }
}
