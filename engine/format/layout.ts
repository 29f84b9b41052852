// engine/format/layout.ts: where bytes lie in a pack; pure arithmetic.
//
//   0            112                     I                        2I                      I: marker interval
//   +--------+---+-----------------------+--------+---------------+--------+---
//   | header | records …                 | marker | … records …   | marker | …
//   +--------+---------------------------+--------+---------------+--------+---
//
// Records are one stream that markers interrupt: at each multiple of the interval stand MARKER_BYTES that belong to no
// record, and a record that reaches such a place goes on behind the marker. Offsets are always those in the file.
// A record never starts at a multiple of the interval: the marker is there.

import { EngineError } from '../errors.ts'

export const FORMAT_VERSION = 1
export const HEADER_BYTES = 112
export const MARKER_BYTES = 24
/** Type (1), length (1 to 4), checksum (4). */
export const RECORD_HEADER_BYTES_MAX = 9
/** Room kept at the end of a pack for its close record, with a marker in between. */
export const CLOSE_RESERVE_BYTES = 96
/** No commit mark record is longer. */
export const MARK_RECORD_BYTES_MAX = 128

export const PACK_BYTES_MAX = 2 ** 31 - 65_536

/** What a pack header carries of the database's options. */
export type PackLimits = Readonly<{
  packBytesMax: number
  markerIntervalBytes: number
  syncEveryBytes: number
  tailLimitBytes: number
  lazyLimitBytes: number
  commitAlignBytes: 0 | 512 | 4096
  fanOut: number
}>

export const DEFAULT_LIMITS: PackLimits = {
  packBytesMax: PACK_BYTES_MAX,
  markerIntervalBytes: 65_536,
  syncEveryBytes: 8_388_608,
  tailLimitBytes: 131_072,
  lazyLimitBytes: 131_072,
  commitAlignBytes: 0,
  fanOut: 32,
}

/** A sentence that says what is wrong with the limits, or undefined. */
export function wrongLimits(limits: PackLimits): string | undefined {
  const whole = (name: keyof PackLimits, low: number, high: number): string | undefined => {
    const value = limits[name]
    return Number.isInteger(value) && value >= low && value <= high
      ? undefined
      : `${name} is ${value}; valid is a whole number from ${low} to ${high}`
  }
  const interval = limits.markerIntervalBytes
  return (
    whole('packBytesMax', 4096, PACK_BYTES_MAX) ??
    whole('markerIntervalBytes', 512, 1_048_576) ??
    (interval % 512 === 0 ? undefined : `markerIntervalBytes is ${interval}; it must be a multiple of 512`) ??
    whole('syncEveryBytes', 1024, 1_073_741_824) ??
    whole('tailLimitBytes', 512, limits.syncEveryBytes) ??
    whole('lazyLimitBytes', 512, limits.syncEveryBytes) ??
    ([0, 512, 4096].includes(limits.commitAlignBytes)
      ? undefined
      : `commitAlignBytes is ${limits.commitAlignBytes}; valid are 0, 512 and 4096`) ??
    wrongAlignment(limits) ??
    whole('fanOut', 4, 512)
  )
}

/** What is synced ends on a border: that takes room in a pack, and counts as not known durable until then. */
function wrongAlignment({
  commitAlignBytes,
  packBytesMax,
  syncEveryBytes,
  tailLimitBytes,
}: PackLimits): string | undefined {
  const least = (name: keyof PackLimits, value: number, borders: number): string | undefined =>
    value >= borders * commitAlignBytes
      ? undefined
      : `${name} is ${value}; with commitAlignBytes ${commitAlignBytes} it must be at least ${borders * commitAlignBytes}`
  return (
    least('packBytesMax', packBytesMax, 4) ??
    least('syncEveryBytes', syncEveryBytes, 4) ??
    least('tailLimitBytes', tailLimitBytes, 1)
  )
}

/** Longest payload that is stored as one record; longer items are cut into chunks of this size. */
export function chunkBytesMax(packBytesMax: number): number {
  return Math.min(65_536, (packBytesMax >>> 2) - 64)
}

/** Where a record that is written at `offset` begins: behind the marker, if the place is a marker's. */
export function recordStart(offset: number, interval: number): number {
  return offset % interval === 0 && offset > 0 ? offset + MARKER_BYTES : offset
}

/** First byte behind `lengthBytes` bytes of the stream that begin at `start` (a record start). */
export function streamEnd(start: number, lengthBytes: number, interval: number): number {
  const room = interval - (start % interval)
  if (lengthBytes <= room) return start + lengthBytes
  const rest = lengthBytes - room
  const perInterval = interval - MARKER_BYTES
  const whole = Math.ceil(rest / perInterval)
  return start + lengthBytes + whole * MARKER_BYTES
}

/** Bytes of the stream in [start, end): without the markers in it. `start` is where a record begins, `end` no marker's place. */
export function streamBytes(start: number, end: number, interval: number): number {
  if (end <= start) return end - start
  return end - start - (Math.floor((end - 1) / interval) - Math.floor(start / interval)) * MARKER_BYTES
}

/** `p00000001.pack`. */
export function packName(packNumber: number): string {
  return `p${String(packNumber).padStart(8, '0')}.pack`
}

/** The number in a pack's file name, or undefined if it is no pack. */
export function packNumberOf(name: string): number | undefined {
  const match = /^p(\d{8})\.pack$/.exec(name)
  const number = match === null ? 0 : Number(match[1])
  return number === 0 ? undefined : number
}

/** A position in the database: a pack and an offset in it. Pack 0 is before everything. */
export type Position = Readonly<{ pack: number; offsetBytes: number }>

export const NOWHERE: Position = { pack: 0, offsetBytes: 0 }

export function comparePositions(a: Position, b: Position): number {
  return a.pack === b.pack ? a.offsetBytes - b.offsetBytes : a.pack - b.pack
}

/** Damage, told with its place. */
export function corrupt(path: string, offsetBytes: number, message: string): EngineError {
  return new EngineError('E_CORRUPT', `${path} at ${offsetBytes}: ${message}`, { path, offsetBytes })
}
