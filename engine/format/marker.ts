// engine/format/marker.ts: the 24 bytes at every multiple of the marker interval.
//
//   byte 0      2          4             8            12          16            20       24
//        +------+----------+-------------+------------+-----------+-------------+--------+
//        | B7E1 | zero     | span start  | next start | mark pack | mark offset | crc    |
//        +------+----------+-------------+------------+-----------+-------------+--------+
//
// Big-endian. span start: where the record begins that the marker interrupts, or the marker's own offset if it stands
// between two records. next start: where the first record begins behind the marker. mark: the newest commit mark before
// the marker. The CRC-32 covers bytes 0 to 19 and is seeded with the pack's seed and the marker's offset.

import { crc32, crc32OfUint32 } from './checksum.ts'
import { MARKER_BYTES, type Position } from './layout.ts'

const MAGIC = 0xb7e1

export type Marker = Readonly<{ spanStartBytes: number; nextStartBytes: number; mark: Position }>

export function encodeMarker(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  seed: number,
  offsetBytes: number,
  marker: Marker,
): void {
  view.setUint16(start, MAGIC)
  view.setUint16(start + 2, 0)
  view.setUint32(start + 4, marker.spanStartBytes)
  view.setUint32(start + 8, marker.nextStartBytes)
  view.setUint32(start + 12, marker.mark.pack)
  view.setUint32(start + 16, marker.mark.offsetBytes)
  view.setUint32(start + 20, crc32(bytes, start, 20, crc32OfUint32(offsetBytes, seed)))
}

/** The marker at `start`, or undefined if it does not check. */
export function decodeMarker(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  lengthBytes: number,
  seed: number,
  offsetBytes: number,
): Marker | undefined {
  if (lengthBytes < MARKER_BYTES || view.getUint16(start) !== MAGIC || view.getUint16(start + 2) !== 0) return undefined
  if (view.getUint32(start + 20) !== crc32(bytes, start, 20, crc32OfUint32(offsetBytes, seed))) return undefined
  return {
    spanStartBytes: view.getUint32(start + 4),
    nextStartBytes: view.getUint32(start + 8),
    mark: { pack: view.getUint32(start + 12), offsetBytes: view.getUint32(start + 16) },
  }
}
