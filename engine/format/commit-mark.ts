// engine/format/commit-mark.ts: the record that makes a transaction real, and the one that says that all is well.
//
// Payload of a commit mark, 68 bytes, big-endian, u32 but where said:
//
//   byte  0  flags (u8): 1 = `unsafe`, 2 = needs its gap       35  main root: pack
//         1  commit number (u48)                               39  main root: offset
//         7  cover start                                       43  main root: length
//        11  previous mark: pack                               47  main root: height (u8)
//        15  previous mark: offset                             48  main root: entries
//        19  proven: pack                                      52  CRC-32 of the cover
//        23  proven: offset                                    56  FNV-1a of the cover
//        27  proven mark: pack                                 60  gap: bytes
//        31  proven mark: offset                               64  gap: CRC-32
//
// 1. The cover is every byte of the file from cover start to the mark's record, markers included. CRC-32 (seeded with the
//    pack's seed and the cover's start) and FNV-1a: 64 bits. It never reaches into an older pack.
// 2. The gap is what lies between the end of the previous mark in this pack (or the header) and cover start: what was
//    synced before the mark, aborted bytes, a close record. A mark whose gap was written, and not synced, since the newest
//    sync *needs* it: the power may have taken the gap alone, and recovery looks at its CRC-32 as it does at the cover's.
//    Else the gap is durable (or the close record of a process before, which may be missing), and for `verify` only.
// 3. proven names what was durable when the mark was written; proven mark the newest mark before that.
//
// Payload of a close record, 8 bytes: pack and offset of the mark that was the newest, synced with all before it.

import { type Position } from './layout.ts'
import { recordHeaderBytes } from './record.ts'

export const MARK_PAYLOAD_BYTES = 68
/** A mark's record where no marker is in it. */
export const MARK_RECORD_BYTES = recordHeaderBytes(MARK_PAYLOAD_BYTES) + MARK_PAYLOAD_BYTES
export const CLOSE_PAYLOAD_BYTES = 8

const FLAG_UNSAFE = 1
const FLAG_NEEDS_GAP = 2

export type CommitMark = Readonly<{
  /** Written by an `unsafe` commit: the tail behind proven may be longer than any limit. */
  isUnsafe: boolean
  /** The gap was not known durable when the mark was written: the commit is accepted only with it. */
  needsGap: boolean
  /** From 1, without gaps along the chain of previous marks. */
  commitNumber: number
  coverStartBytes: number
  previous: Position
  proven: Position
  provenMark: Position
  root: Readonly<{ pack: number; offsetBytes: number; lengthBytes: number; height: number; count: number }>
  coverCrc: number
  coverFnv: number
  gapBytes: number
  gapCrc: number
}>

export function encodeMark(view: DataView, start: number, mark: CommitMark): void {
  view.setUint8(start, (mark.isUnsafe ? FLAG_UNSAFE : 0) | (mark.needsGap ? FLAG_NEEDS_GAP : 0))
  view.setUint16(start + 1, Math.floor(mark.commitNumber / 0x1_0000_0000))
  view.setUint32(start + 3, mark.commitNumber >>> 0)
  view.setUint32(start + 7, mark.coverStartBytes)
  view.setUint32(start + 11, mark.previous.pack)
  view.setUint32(start + 15, mark.previous.offsetBytes)
  view.setUint32(start + 19, mark.proven.pack)
  view.setUint32(start + 23, mark.proven.offsetBytes)
  view.setUint32(start + 27, mark.provenMark.pack)
  view.setUint32(start + 31, mark.provenMark.offsetBytes)
  view.setUint32(start + 35, mark.root.pack)
  view.setUint32(start + 39, mark.root.offsetBytes)
  view.setUint32(start + 43, mark.root.lengthBytes)
  view.setUint8(start + 47, mark.root.height)
  view.setUint32(start + 48, mark.root.count)
  view.setUint32(start + 52, mark.coverCrc)
  view.setUint32(start + 56, mark.coverFnv)
  view.setUint32(start + 60, mark.gapBytes)
  view.setUint32(start + 64, mark.gapCrc)
}

/** The mark whose payload begins at `start`; the record's checksum has been checked. Undefined if a field is impossible. */
export function decodeMark(view: DataView, start: number, payloadBytes: number): CommitMark | undefined {
  if (payloadBytes !== MARK_PAYLOAD_BYTES) return undefined
  const flags = view.getUint8(start)
  if (flags > (FLAG_UNSAFE | FLAG_NEEDS_GAP)) return undefined
  return {
    isUnsafe: (flags & FLAG_UNSAFE) !== 0,
    needsGap: (flags & FLAG_NEEDS_GAP) !== 0,
    commitNumber: view.getUint16(start + 1) * 0x1_0000_0000 + view.getUint32(start + 3),
    coverStartBytes: view.getUint32(start + 7),
    previous: { pack: view.getUint32(start + 11), offsetBytes: view.getUint32(start + 15) },
    proven: { pack: view.getUint32(start + 19), offsetBytes: view.getUint32(start + 23) },
    provenMark: { pack: view.getUint32(start + 27), offsetBytes: view.getUint32(start + 31) },
    root: {
      pack: view.getUint32(start + 35),
      offsetBytes: view.getUint32(start + 39),
      lengthBytes: view.getUint32(start + 43),
      height: view.getUint8(start + 47),
      count: view.getUint32(start + 48),
    },
    coverCrc: view.getUint32(start + 52),
    coverFnv: view.getUint32(start + 56),
    gapBytes: view.getUint32(start + 60),
    gapCrc: view.getUint32(start + 64),
  }
}

export function encodeClose(view: DataView, start: number, mark: Position): void {
  view.setUint32(start, mark.pack)
  view.setUint32(start + 4, mark.offsetBytes)
}

export function decodeClose(view: DataView, start: number, payloadBytes: number): Position | undefined {
  if (payloadBytes !== CLOSE_PAYLOAD_BYTES) return undefined
  return { pack: view.getUint32(start), offsetBytes: view.getUint32(start + 4) }
}
