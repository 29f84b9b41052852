// engine/database/salvage-scan.ts: every whole record of a pack, reachable or not, and a pack's identity without its header.
//
// 1. A record is told only if its checksum is right; behind a break the next one is looked for byte by byte.
// 2. Sectors that the device cannot read are read as zeroes, and each run of them is told once.
// 3. A database's id and marker interval are found in any two whole records: a sum whose bytes are known tells what it
//    was seeded with, and two places that fit to what they say of themselves never agree by chance.

import {
  CLOSE_PAYLOAD_BYTES,
  crc32Before,
  crc32BeforeUint32,
  decodeClose,
  decodeMark,
  HEADER_BYTES,
  MARK_PAYLOAD_BYTES,
  MARK_RECORD_BYTES,
  MARK_RECORD_BYTES_MAX,
  MARKER_BYTES,
  RECORD,
  recordHeaderBytes,
  recordStart,
} from '../format/index.ts'
import { EngineError } from '../errors.ts'
import { PackWindow, type PackFiles, readFully, WINDOW_SCRATCH_BYTES, type WindowRecord } from '../pack/index.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { ReportDamage } from './verify-packs.ts'

/** Longest record with its frame and the markers in it, twice over. */
const WINDOW_BYTES = 163_840
const SECTOR_BYTES = 512
const TYPE_MIN = RECORD.node
const TYPE_MAX = RECORD.mark
/** Of places that may be a record and of which none has agreed with another yet. */
const VOTES_MAX = 4096
const MARKER_MAGIC = [0xb7, 0xe1, 0, 0] as const
const MARKER_GRID_BYTES = 512

export type ScanPlace = Readonly<{ files: PackFiles; allocator: Allocator; pack: number; sizeBytes: number }>

/** Reads [from, to) into the block; what cannot be read is zero, and told. */
export function readWhatCan(
  { files, pack }: ScanPlace,
  from: number,
  to: number,
  block: Block,
  report: ReportDamage,
): void {
  const read = (at: number, end: number): void => {
    const done = readFully(files.reader(pack), block.bytes, block.start + at - from, end - at, at)
    block.bytes.fill(0, block.start + at - from + done, block.start + end - from)
  }
  if (!isUnreadable(() => read(from, to))) return
  let reported = -1
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES)
    const [sectorAt, sectorEnd] = [at, end]
    if (isUnreadable(() => read(sectorAt, sectorEnd))) {
      block.bytes.fill(0, block.start + at - from, block.start + end - from)
      if (reported !== at) report(files.path(pack), at, 'the device cannot read here: EIO')
      reported = end
    }
    at = end
  }
}

function isUnreadable(read: () => void): boolean {
  try {
    read()
    return false
  } catch (error) {
    if (error instanceof EngineError && error.code === 'E_CORRUPT') return true
    throw error
  }
}

/** Tells each whole record of a pack, in the order of their places. `seed`, `interval`: the pack's. */
export function scanPack(
  place: ScanPlace,
  seed: number,
  interval: number,
  report: ReportDamage,
  visit: (window: PackWindow, record: WindowRecord) => void,
): void {
  const { allocator, sizeBytes } = place
  const scratch = allocator.allocate(WINDOW_SCRATCH_BYTES, 'salvage')
  try {
    const block = allocator.allocate(Math.max(1, Math.min(WINDOW_BYTES, sizeBytes)), 'salvage')
    try {
      const window = new PackWindow(block, scratch, seed, interval)
      let at = HEADER_BYTES
      while (at < sizeBytes) {
        const end = Math.min(sizeBytes, at + block.byteLength)
        readWhatCan(place, at, end, block, report)
        window.holds(at, end)
        // What begins in the second half may reach behind the window: it is looked at in the next one.
        at = scanWindow(window, end === sizeBytes ? end : at + Math.floor(block.byteLength / 2), visit)
      }
    } finally {
      allocator.free(block)
    }
  } finally {
    allocator.free(scratch)
  }
}

/** Tells the records that begin before `until`; gives where to go on. */
function scanWindow(
  window: PackWindow,
  until: number,
  visit: (window: PackWindow, record: WindowRecord) => void,
): number {
  const { block, interval, startBytes } = window
  let at = startBytes
  while (at < until) {
    const start = recordStart(at, interval)
    const type = block.bytes[block.start + start - startBytes] ?? 0
    const isPlace = type >= TYPE_MIN && type <= TYPE_MAX && start < until
    const record = isPlace ? window.record(start) : undefined
    if (record === undefined) {
      at = start + 1
      continue
    }
    visit(window, record)
    at = record.endBytes
  }
  return Math.max(at, until)
}

export type Identity = Readonly<{ idCrc: number; markerIntervalBytes: number | undefined }>

/** What the records of all packs say of the database's id; undefined if no two of them agree. */
export function identityFromRecords(places: readonly ScanPlace[], report: ReportDamage): Identity | undefined {
  const votes = new Map<number, number>()
  const vote = (idCrc: number): void => {
    const count = votes.get(idCrc)
    if (count !== undefined || votes.size < VOTES_MAX) votes.set(idCrc, (count ?? 0) + 1)
  }
  for (const place of places) eachCandidate(place, report, vote)
  const [most] = [...votes].filter(([, count]) => count > 1).toSorted(([, left], [, right]) => right - left)
  const idCrc = most?.[0]
  if (idCrc === undefined) return undefined
  let interval = 0
  for (const place of places)
    eachCandidate(place, report, (candidate, offset, isMarker) => {
      if (isMarker && candidate === idCrc) interval = greatestCommonDivisor(interval, offset)
    })
  return { idCrc, markerIntervalBytes: interval === 0 ? undefined : interval }
}

/** Tells the id that each place that looks like a mark, a close record or a marker would have been seeded with. */
function eachCandidate(
  place: ScanPlace,
  report: ReportDamage,
  tell: (idCrc: number, offset: number, isMarker: boolean) => void,
): void {
  const { allocator, sizeBytes, pack } = place
  const block = allocator.allocate(Math.max(1, Math.min(WINDOW_BYTES, sizeBytes)), 'salvage')
  try {
    for (let from = 0; from < sizeBytes; from += Math.max(1, block.byteLength - MARK_PAYLOAD_BYTES * 2)) {
      const to = Math.min(sizeBytes, from + block.byteLength)
      readWhatCan(place, from, to, block, report)
      for (let offset = from; offset < to; offset += 1) {
        const left = to - offset
        const at = block.start + offset - from
        const seed = seedOfMarker(block, at, offset, left) ?? seedOfRecord(block, at, offset, left, pack)
        if (seed === undefined) continue
        tell(crc32BeforeUint32(pack, seed), offset, block.bytes[at] === MARKER_MAGIC[0])
      }
      if (to === sizeBytes) return
    }
  } finally {
    allocator.free(block)
  }
}

function seedOfMarker({ bytes, view }: Block, at: number, offset: number, left: number): number | undefined {
  if (offset % MARKER_GRID_BYTES !== 0 || offset === 0 || left < MARKER_BYTES) return undefined
  if (MARKER_MAGIC.some((byte, index) => bytes[at + index] !== byte)) return undefined
  const [spanStart, nextStart] = [view.getUint32(at + 4), view.getUint32(at + 8)]
  if (spanStart > offset || nextStart < offset + MARKER_BYTES || nextStart - spanStart > WINDOW_BYTES) return undefined
  const sumAt = at + MARKER_BYTES - 4
  return crc32BeforeUint32(offset, crc32Before(bytes, at, MARKER_BYTES - 4, view.getUint32(sumAt)))
}

function seedOfRecord(
  { bytes, view }: Block,
  at: number,
  offset: number,
  left: number,
  pack: number,
): number | undefined {
  const type = bytes[at]
  if (type !== RECORD.mark && type !== RECORD.close) return undefined
  const payloadBytes = type === RECORD.mark ? MARK_PAYLOAD_BYTES : CLOSE_PAYLOAD_BYTES
  if (bytes[at + 1] !== payloadBytes || left < 6 + payloadBytes) return undefined
  if (!isInPlace(view, at + 6, payloadBytes, offset, pack)) return undefined
  const behindFrame = crc32Before(bytes, at + 6, payloadBytes, view.getUint32(at + 2))
  return crc32BeforeUint32(offset, crc32Before(bytes, at, 2, behindFrame))
}

/**
 * Whether the places that a mark or a close record names fit to where it stands. Whole sectors that were moved would
 * agree with each other on a wrong id, all by the same difference.
 */
function isInPlace(view: DataView, payloadAt: number, payloadBytes: number, offset: number, pack: number): boolean {
  const mark = decodeMark(view, payloadAt, payloadBytes)
  if (mark !== undefined) {
    const { root, coverStartBytes } = mark
    const rootEnd = root.offsetBytes + recordHeaderBytes(root.lengthBytes) + root.lengthBytes
    return root.pack === pack && coverStartBytes <= root.offsetBytes && isJustBefore(rootEnd, offset, MARKER_BYTES)
  }
  const closed = decodeClose(view, payloadAt, payloadBytes)
  if (closed === undefined || closed.pack !== pack) return false
  const markEnd = closed.offsetBytes + MARK_RECORD_BYTES
  return isJustBefore(markEnd, offset, MARK_RECORD_BYTES_MAX)
}

function isJustBefore(end: number, offset: number, within: number): boolean {
  return end <= offset && offset - end <= within
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
