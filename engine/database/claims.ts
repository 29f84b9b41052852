// engine/database/claims.ts: what written bytes say about durability, for whoever audits it from outside.
//
// Bytes are looked at as they cross the file system, without the database's id, so checksums can't be used: a mark is
// told by its frame and by values that fit together (more than 100 bits of them).

import {
  bytesForCaller,
  CLOSE_PAYLOAD_BYTES,
  type CommitMark,
  decodeClose,
  decodeHeader,
  decodeMark,
  DEFAULT_LIMITS,
  HEADER_BYTES,
  MARK_PAYLOAD_BYTES,
  MARK_RECORD_BYTES,
  MARKER_BYTES,
  type PackLimits,
  packName,
  packNumberOf,
  type Position,
  RECORD,
  recordHeaderBytes,
  streamEnd,
} from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import { PackWindow, WINDOW_SCRATCH_BYTES, recoveryBytesMax as packBytesReadMax } from '../pack/index.ts'
import type { PackOptions } from './api.ts'

/** So many bytes of that pack are said to be durable. */
export type PositionClaim = Readonly<{ path: string; endBytes: number }>

/** Most bytes of catalog and main tree that an open reads besides recovery. */
const CATALOG_BYTES_MAX = 8192

function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Whether a path is that of a pack file. */
export function isPackPath(path: string): boolean {
  return packNumberOf(fileNameOf(path)) !== undefined
}

/** Most bytes that an open reads of the database's files, lock files excluded. */
export function openBytesMax(
  files: readonly Readonly<{ path: string; sizeBytes: number }>[],
  pack: Partial<PackOptions> = {},
): number {
  const limits: PackLimits = { ...DEFAULT_LIMITS, ...pack }
  // No search goes further than the pack that it is in.
  const { packBytesMax } = limits
  const within: PackLimits = {
    ...limits,
    markerIntervalBytes: Math.min(limits.markerIntervalBytes, packBytesMax),
    syncEveryBytes: Math.min(limits.syncEveryBytes, packBytesMax),
    tailLimitBytes: Math.min(limits.tailLimitBytes, packBytesMax),
    lazyLimitBytes: Math.min(limits.lazyLimitBytes, packBytesMax),
  }
  return packBytesReadMax(within, files.filter(({ path }) => isPackPath(path)).length) + CATALOG_BYTES_MAX
}

/** The durable positions that bytes appended to `path` at `offsetBytes` name: headers, commit marks, close records. */
export function decodeClaims(
  path: string,
  bytes: Uint8Array,
  offsetBytes: number,
  markerIntervalBytes: number = DEFAULT_LIMITS.markerIntervalBytes,
): readonly PositionClaim[] {
  const packNumber = packNumberOf(fileNameOf(path))
  if (packNumber === undefined) return []
  const directory = path.slice(0, path.lastIndexOf('/') + 1)
  const claims: PositionClaim[] = []
  const claim = ({ pack, offsetBytes: endBytes }: Position): void => {
    if (pack > 0) claims.push({ path: `${directory}${packName(pack)}`, endBytes })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const block: Block = { bytes, view, start: 0, byteLength: bytes.length, tag: 'claims' }
  let from = offsetBytes
  if (offsetBytes === 0) {
    const header = decodeHeader(view, bytes, 0, bytes.length, packNumber)
    if (header.kind === 'header') claim(header.header.proven)
    from = HEADER_BYTES
  }
  const window = new PackWindow(block, scratchBlock(), 0, markerIntervalBytes)
  window.holds(offsetBytes, offsetBytes + bytes.length)
  for (let at = from; at < window.endBytes; at += 1) {
    const type = bytes[at - offsetBytes]
    if (type !== RECORD.mark && type !== RECORD.close) continue
    if (at % markerIntervalBytes < MARKER_BYTES && at >= markerIntervalBytes) continue
    const named = type === RECORD.mark ? markAt(window, packNumber, at) : closeAt(window, packNumber, at)
    if (named !== undefined) claim(named)
  }
  return claims
}

function scratchBlock(): Block {
  const bytes = bytesForCaller(WINDOW_SCRATCH_BYTES)
  return { bytes, view: new DataView(bytes.buffer), start: 0, byteLength: bytes.length, tag: 'claims' }
}

function payloadAt(window: PackWindow, at: number, payloadBytes: number): DataView | undefined {
  const frame = recordHeaderBytes(payloadBytes)
  const end = streamEnd(at, frame + payloadBytes, window.interval)
  if (window.claimedEnd(at) !== end || end > window.endBytes) return undefined
  window.copy(at, frame, payloadBytes, window.scratch.bytes, window.scratch.start)
  return window.scratch.view
}

function markAt(window: PackWindow, packNumber: number, at: number): Position | undefined {
  const view = payloadAt(window, at, MARK_PAYLOAD_BYTES)
  const mark = view === undefined ? undefined : decodeMark(view, 0, MARK_PAYLOAD_BYTES)
  return mark !== undefined && isPossible(mark, packNumber, at) ? mark.proven : undefined
}

function isPossible(mark: CommitMark, packNumber: number, at: number): boolean {
  const isBefore = ({ pack, offsetBytes }: Position): boolean =>
    pack < packNumber || (pack === packNumber && offsetBytes <= at)
  return (
    mark.coverStartBytes <= at &&
    mark.gapBytes <= mark.coverStartBytes - HEADER_BYTES &&
    isBefore(mark.previous) &&
    isBefore(mark.proven) &&
    isBefore(mark.provenMark) &&
    isBefore(mark.root) &&
    mark.commitNumber > 0
  )
}

function closeAt(window: PackWindow, packNumber: number, at: number): Position | undefined {
  const view = payloadAt(window, at, CLOSE_PAYLOAD_BYTES)
  const mark = view === undefined ? undefined : decodeClose(view, 0, CLOSE_PAYLOAD_BYTES)
  if (mark === undefined || mark.pack !== packNumber || mark.offsetBytes >= at) return undefined
  const end = streamEnd(mark.offsetBytes, MARK_RECORD_BYTES, window.interval)
  return end <= at ? { pack: packNumber, offsetBytes: end } : undefined
}
