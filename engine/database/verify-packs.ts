// engine/database/verify-packs.ts: every pack from its first byte to the end of what it holds, reachable or not.
//
// What a pack holds ends at the accepted commit if it is the newest, where the next pack says that it continued it, and
// else at the newest commit that was known durable when a later pack was begun after an unclean open or a failed sync.
// Behind that, and in packs that were passed over, lies what a crash or an abandoned commit left: void, not looked at
// here. What the trees reach there is looked at with them.
//
// 1. Every record and marker in a pack's holding checks; what has no structure (bytes of aborted transactions, a close
//    record) is vouched for by the mark or filler behind it.
// 2. Marks follow each other: each names the one before and has the next number.
// 3. Goes on behind damage: at the next marker that checks.
// 4. What is found of a pack that is not the newest follows from its bytes, where its holding ends, the mark named as its
//    last, and the database: if all of these are as they were when it was found sound (`SoundFiles`), it is sound.

import {
  CLOSE_PAYLOAD_BYTES,
  type CommitMark,
  comparePositions,
  crc32,
  decodeHeader,
  encodeClose,
  encodeMarker,
  encodeRecordHeader,
  HEADER_BYTES,
  MARK_RECORD_BYTES,
  MARK_RECORD_BYTES_MAX,
  MARKER_BYTES,
  NOWHERE,
  type PackHeader,
  packSeed,
  type Position,
  RECORD,
  recordHeaderBytes,
  recordStart,
  streamEnd,
} from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import type { SoundFiles } from './api.ts'
import { PackWindow, WINDOW_SCRATCH_BYTES, type WindowRecord } from '../pack/index.ts'
import type { StoreState } from './store-state.ts'

export type ReportDamage = (path: string, offsetBytes: number, message: string) => void

/** Longest record with its frame and the markers in it, twice over. */
const WINDOW_BYTES = 163_840
/** A commit mark's record without markers in it. */
/** A damaged close record differs from the true one by few bits; what a crash leaves in its place by many. */
const CLOSE_BITS_MAX = 8
const SECTOR_BYTES = 512

/** What of a pack's header tells where to go on. */
type Trail = Pick<PackHeader, 'formerEndBytes' | 'baseMark' | 'provenMark'>

/** A pack that was found sound, and all besides its bytes that this rested on. */
class SoundPack {
  readonly trail: Trail
  private readonly seed: number
  private readonly interval: number
  private readonly endBytes: number
  private readonly last: Position

  constructor({ log }: StoreState, pack: number, endBytes: number, last: Position, header: Trail) {
    const { formerEndBytes, baseMark, provenMark } = header
    this.trail = { formerEndBytes, baseMark, provenMark }
    this.seed = log.seedOf(pack)
    this.interval = log.limits.markerIntervalBytes
    this.endBytes = endBytes
    this.last = last
  }

  holds({ log }: StoreState, pack: number, endBytes: number, last: Position): boolean {
    return (
      this.endBytes === endBytes &&
      comparePositions(this.last, last) === 0 &&
      this.seed === log.seedOf(pack) &&
      this.interval === log.limits.markerIntervalBytes
    )
  }
}

/** Checks a pack, unless it is known to be sound. Gives its header, if that checks. */
function checkPack(
  state: StoreState,
  scratch: Block,
  report: ReportDamage,
  known: SoundFiles | undefined,
  pack: number,
  end: number,
  last: Position | undefined,
): Trail | undefined {
  // The newest one goes on behind the accepted commit, and what lies there is looked at with another eye.
  const memory = pack === state.log.accepted.mark.pack ? undefined : known
  const path = state.files.path(pack)
  const found = memory?.recall(path)
  if (last !== undefined && found instanceof SoundPack && found.holds(state, pack, end, last)) return found.trail
  let damaged = false
  const header = new PackCheck(
    state,
    scratch,
    (...damage) => {
      damaged = true
      report(...damage)
    },
    pack,
    end,
  ).run(last)
  if (header !== undefined && last !== undefined && !damaged)
    memory?.note(path, new SoundPack(state, pack, end, last, header))
  return header
}

/** Looks at all packs that the accepted commit builds on, newest first. */
export function verifyPacks(state: StoreState, report: ReportDamage, known?: SoundFiles): void {
  const { files, log, allocator } = state
  const scratch = allocator.allocate(WINDOW_SCRATCH_BYTES, 'verify')
  try {
    let pack = log.accepted.mark.pack
    let end = log.accepted.endBytes
    let last: Position | undefined = log.accepted.mark
    while (pack >= files.lowest) {
      const header = checkPack(state, scratch, report, known, pack, end, last)
      if (header === undefined) {
        // Nobody says where the pack before ends: all of it is looked at.
        pack -= 1
        end = pack >= files.lowest ? files.sizeBytes(pack) : 0
        last = undefined
        continue
      }
      if (header.formerEndBytes > 0) {
        pack -= 1
        end = header.formerEndBytes
        last = header.baseMark.pack === pack ? header.baseMark : undefined
        continue
      }
      // The pack was begun after an unclean open or a failed sync. What it needed behind the newest durable commit it
      // holds itself; there the older packs may be anything.
      const { provenMark } = header
      if (provenMark.pack === 0) return
      pack = provenMark.pack
      end = streamEnd(provenMark.offsetBytes, MARK_RECORD_BYTES, log.limits.markerIntervalBytes)
      last = provenMark
    }
  } finally {
    allocator.free(scratch)
  }
}

class PackCheck {
  readonly #state: StoreState
  readonly #scratch: Block
  readonly #report: ReportDamage
  readonly #pack: number
  readonly #path: string
  readonly #end: number
  readonly #interval: number
  #window: PackWindow | undefined
  #markersChecked = 0
  #lastMark: Position = NOWHERE
  #lastMarkEnd = HEADER_BYTES
  #lastNumber: number | undefined
  /** End of a close record that the power took while the commits behind it survived. */
  #lostCloseEnd = 0

  constructor(state: StoreState, scratch: Block, report: ReportDamage, pack: number, end: number) {
    this.#state = state
    this.#scratch = scratch
    this.#report = report
    this.#pack = pack
    this.#path = state.files.path(pack)
    this.#end = end
    this.#interval = state.log.limits.markerIntervalBytes
  }

  #damage(offsetBytes: number, message: string): void {
    this.#report(this.#path, offsetBytes, message)
  }

  /** Checks the pack; `last` is the mark that must be its last one. Gives the header, if it checks. */
  run(last: Position | undefined): PackHeader | undefined {
    const size = this.#state.files.sizeBytes(this.#pack)
    const isNewest = this.#pack === this.#state.log.accepted.mark.pack
    const holdsTo = isNewest && this.#isClosed(size) ? size : this.#end
    if (size < this.#end) this.#damage(size, `the file ends here, ${this.#end - size} bytes too early`)
    const end = Math.min(size, holdsTo)
    const header = this.#header(end)
    if (header !== undefined) this.#lastMark = header.baseMark
    this.#markersChecked = 0
    const block = this.#state.allocator.allocate(Math.max(HEADER_BYTES, Math.min(WINDOW_BYTES, size)), 'verify')
    this.#window = new PackWindow(block, this.#scratch, this.#seed(), this.#interval)
    try {
      this.#walk(end)
      if (last !== undefined && comparePositions(this.#lastMark, last) !== 0)
        this.#damage(last.offsetBytes, 'the last commit mark of the pack is not the one that others name')
      if (isNewest && end < size) this.#checkClose(size)
    } finally {
      this.#state.allocator.free(block)
    }
    return header
  }

  #seed(): number {
    return this.#state.log.seedOf(this.#pack)
  }

  #header(end: number): PackHeader | undefined {
    const { allocator, log } = this.#state
    const block = allocator.allocate(HEADER_BYTES, 'verify')
    try {
      const available = Math.min(end, HEADER_BYTES)
      log.read(this.#pack, 0, available, block.bytes, block.start)
      const result = decodeHeader(block.view, block.bytes, block.start, available, this.#pack)
      if (result.kind === 'header') {
        if (packSeed(result.header.idCrc, this.#pack) === this.#seed()) return result.header
        this.#damage(0, 'the header is that of another database')
      } else this.#damage(0, result.kind === 'invalid' ? result.why : `unknown format version ${result.version}`)
      return undefined
    } finally {
      allocator.free(block)
    }
  }

  /** Makes the window hold the bytes from `offset` on. */
  #load(offset: number, end: number): PackWindow {
    const window = this.#window as PackWindow
    const to = Math.min(end, offset + window.block.byteLength)
    this.#state.log.read(this.#pack, offset, to - offset, window.block.bytes, window.block.start)
    window.holds(offset, to)
    this.#checkMarkers(window, to)
    return window
  }

  #checkMarkers(window: PackWindow, to: number): void {
    let at = Math.max(
      this.#markersChecked,
      Math.ceil(window.startBytes / this.#interval) * this.#interval,
      this.#interval,
    )
    for (; at + MARKER_BYTES <= to; at += this.#interval) {
      if (window.markerAt(at) === undefined) this.#damage(at, 'a recovery marker does not match its checksum')
      this.#markersChecked = at + this.#interval
    }
  }

  #walk(end: number): void {
    let at = HEADER_BYTES
    let window = this.#load(at, end)
    while (recordStart(at, this.#interval) < end) {
      const start = recordStart(at, this.#interval)
      if (start < window.startBytes || window.endBytes - start < WINDOW_BYTES / 2) {
        if (window.endBytes < end || start < window.startBytes) window = this.#load(at, end)
      }
      const record = window.record(start)
      at = record === undefined ? this.#behindGap(start, end) : this.#record(window, record)
      if (record === undefined) window = at < end ? this.#load(at, end) : window
    }
  }

  #record(window: PackWindow, record: WindowRecord): number {
    const mark = window.markOf(record)
    if (mark !== undefined) this.#mark(window, record, mark)
    return record.endBytes
  }

  #mark(window: PackWindow, record: WindowRecord, mark: CommitMark): void {
    const at = record.offsetBytes
    if (comparePositions(mark.previous, this.#lastMark) !== 0)
      this.#damage(at, 'a commit mark names another mark before it than there is')
    if (this.#lastNumber !== undefined && mark.commitNumber !== this.#lastNumber + 1)
      this.#damage(at, `commit ${mark.commitNumber} follows commit ${this.#lastNumber}`)
    if (mark.coverStartBytes - mark.gapBytes !== this.#lastMarkEnd)
      this.#damage(at, 'a commit mark does not begin where the one before it ended')
    const inWindow = mark.coverStartBytes >= window.startBytes
    if (inWindow && !window.coverChecks(mark, at)) this.#damage(at, 'a commit does not match the checksums of its mark')
    if (mark.gapBytes > 0 && this.#lostCloseEnd !== mark.coverStartBytes)
      this.#checkGap(mark.coverStartBytes - mark.gapBytes, mark.coverStartBytes, mark.gapCrc)
    this.#lastMark = { pack: this.#pack, offsetBytes: at }
    this.#lastMarkEnd = record.endBytes
    this.#lastNumber = mark.commitNumber
  }

  #checkGap(from: number, to: number, expected: number): boolean {
    if (from < HEADER_BYTES || this.#crcOfFile(from, to) !== expected) {
      this.#damage(from, `${to - from} bytes between two commits do not match their checksum`)
      return false
    }
    return true
  }

  #crcOfFile(from: number, to: number): number {
    const { allocator, log } = this.#state
    const block = allocator.allocate(Math.min(65_536, Math.max(1, to - from)), 'verify')
    try {
      let crc = 0
      for (let at = from; at < to; at += block.byteLength) {
        const length = Math.min(block.byteLength, to - at)
        log.read(this.#pack, at, length, block.bytes, block.start)
        crc = crc32(block.bytes, block.start, length, crc)
      }
      return crc
    } finally {
      allocator.free(block)
    }
  }

  /** A record at `start` does not check. Goes behind the gap that somebody vouches for, or reports damage and goes on. */
  #behindGap(start: number, end: number): number {
    for (let at = start; at < end;) {
      const window = this.#load(at, end)
      const mark = window.nextMark(at, window.endBytes)
      const voucher = window.nextVoucher(at, mark?.offsetBytes ?? window.endBytes)
      if (voucher !== undefined)
        return this.#vouched(start, voucher.gapStartBytes, voucher.gapEndBytes, voucher.gapCrc, end)
      const content = mark === undefined ? undefined : window.markOf(mark)
      if (content !== undefined && mark !== undefined) {
        const gapStart = content.coverStartBytes - content.gapBytes
        return this.#vouched(start, gapStart, content.coverStartBytes, content.gapCrc, end)
      }
      if (window.endBytes >= end) break
      at = Math.max(at + 1, window.endBytes - MARK_RECORD_BYTES_MAX)
    }
    this.#damage(start, 'a record does not match its checksum')
    return this.#nextKnownStart(start, end)
  }

  #vouched(start: number, gapStart: number, gapEnd: number, gapCrc: number, end: number): number {
    if (gapEnd > start && gapStart <= start && gapStart >= HEADER_BYTES && this.#crcOfFile(gapStart, gapEnd) === gapCrc)
      return gapEnd
    if (this.#isLostClose(start, gapEnd)) {
      this.#lostCloseEnd = gapEnd
      return gapEnd
    }
    this.#damage(start, 'a record does not match its checksum')
    return gapEnd > start ? gapEnd : this.#nextKnownStart(start, end)
  }

  /** Where the first record begins behind the next marker that checks. */
  #nextKnownStart(start: number, end: number): number {
    for (let at = Math.ceil((start + 1) / this.#interval) * this.#interval; at < end; at += this.#interval) {
      const marker = this.#load(at, end).markerAt(at)
      if (marker !== undefined && marker.nextStartBytes > start) return marker.nextStartBytes
    }
    return end
  }

  /** Whether the file ends with the close record of the accepted commit. */
  #isClosed(size: number): boolean {
    const from = Math.max(HEADER_BYTES, size - MARK_RECORD_BYTES_MAX)
    if (size <= this.#end || size <= from) return false
    const { allocator, log } = this.#state
    const block = allocator.allocate(size - from, 'verify')
    try {
      log.read(this.#pack, from, size - from, block.bytes, block.start)
      const window = new PackWindow(block, this.#scratch, this.#seed(), this.#interval)
      window.holds(from, size)
      const record = window.recordEndingAt(size, CLOSE_PAYLOAD_BYTES)
      const mark = record === undefined ? undefined : window.closedMarkOf(record)
      return mark !== undefined && comparePositions(mark, log.accepted.mark) === 0
    } finally {
      allocator.free(block)
    }
  }

  /**
   * The file goes on behind the accepted commit and is not closed. Void bytes, unless they are a close record (with the
   * marker in it or before it) but for a few bits. What a crash leaves of one is none: whole sectors are lost.
   */
  #checkClose(size: number): void {
    const { mark } = this.#state.log.accepted
    for (const { from, start } of this.#closesEndingAt(size)) {
      if (from >= this.#end && this.#isAlmostClose(mark, start, from, size))
        this.#damage(from, 'the close record does not match its checksum')
    }
  }

  /**
   * Whether a close record of the commit before stood at [from, end), and what is there is none but for a few bits. It
   * was not synced, so commits behind it may survive without it.
   */
  #isLostClose(from: number, end: number): boolean {
    const places = [...this.#closesEndingAt(end)].filter((place) => place.from === from)
    return places.length > 0 && places.every(({ start }) => !this.#isAlmostClose(this.#lastMark, start, from, end))
  }

  /** Where a close record that ends there can start, and the marker before it if one is due there. */
  *#closesEndingAt(end: number): Generator<Readonly<{ from: number; start: number }>, void> {
    const interval = this.#interval
    const lengthBytes = recordHeaderBytes(CLOSE_PAYLOAD_BYTES) + CLOSE_PAYLOAD_BYTES
    for (let start = end - lengthBytes - MARKER_BYTES; start <= end - lengthBytes; start += 1) {
      if (recordStart(start, interval) !== start || streamEnd(start, lengthBytes, interval) !== end) continue
      const from = start % interval === MARKER_BYTES && start > interval ? start - MARKER_BYTES : start
      yield { from, start }
    }
  }

  #isAlmostClose(mark: Position, start: number, from: number, end: number): boolean {
    const { allocator, log } = this.#state
    const lengthBytes = recordHeaderBytes(CLOSE_PAYLOAD_BYTES) + CLOSE_PAYLOAD_BYTES
    const block = allocator.allocate(2 * (end - from) + lengthBytes + CLOSE_PAYLOAD_BYTES, 'verify')
    try {
      log.read(this.#pack, from, end - from, block.bytes, block.start)
      this.#expectClose(block, mark, start, from, end)
      return isAlmost(block, from, end)
    } finally {
      allocator.free(block)
    }
  }

  /** Puts the bytes [from, end) as they should be behind those of the file. */
  #expectClose(block: Block, mark: Position, start: number, from: number, end: number): void {
    const { view, bytes } = block
    const interval = this.#interval
    const image = block.start + end - from
    const record = image + end - from
    const frameBytes = recordHeaderBytes(CLOSE_PAYLOAD_BYTES)
    const payload = record + frameBytes
    encodeClose(view, payload, mark)
    encodeRecordHeader(bytes, record, RECORD.close, bytes, payload, CLOSE_PAYLOAD_BYTES, this.#seed(), start)
    let next = record
    for (let offset = from; offset < end;) {
      if (offset % interval === 0) {
        const spanStartBytes = offset < start ? offset : start
        const nextStartBytes = offset < start ? start : recordStart(end, interval)
        encodeMarker(view, bytes, image + offset - from, this.#seed(), offset, { spanStartBytes, nextStartBytes, mark })
        offset += MARKER_BYTES
        continue
      }
      bytes[image + offset - from] = bytes[next] ?? 0
      next += 1
      offset += 1
    }
  }
}

/**
 * Whether the bytes [from, end) of a file, at the block's start, are those behind them but for a few bits: one bit, if a
 * sector's border is in them and either part may have been lost alone.
 */
function isAlmost(block: Block, from: number, end: number): boolean {
  const border = Math.floor((end - 1) / SECTOR_BYTES) * SECTOR_BYTES
  const { bytes, start } = block
  const expected = start + end - from
  let bits = 0
  let sum = 0
  for (let index = 0; index < end - from; index += 1) {
    if (from + index === border && index > 0) {
      if (sum === 0) return false
      sum = 0
    }
    const byte = bytes[start + index] ?? 0
    sum += byte
    bits += bitCount(byte ^ (bytes[expected + index] ?? 0))
  }
  return sum > 0 && bits > 0 && bits <= (border > from ? 1 : CLOSE_BITS_MAX)
}

function bitCount(byte: number): number {
  let count = 0
  for (let rest = byte; rest > 0; rest >>>= 1) count += rest & 1
  return count
}
