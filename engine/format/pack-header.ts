// engine/format/pack-header.ts: the first 112 bytes of a pack.
//
//   byte 0         8         12       16            32        36        40         44         48         52     54
//        +---------+---------+--------+-------------+---------+---------+----------+----------+----------+------+-----+
//        | magic   | version | pack   | database id | pack    | marker  | sync     | tail     | lazy     | align| fan |
//        | 8 bytes | u32     | number | 16 bytes    | maximum | interval| every    | limit    | limit    | u16  | out |
//        +---------+---------+--------+-------------+---------+---------+----------+----------+----------+------+-----+
//        56                                68                  76                   84          88        92     104    108
//        +--------------------------------+-------------------+--------------------+-----------+---------+------+------+
//        | base: pack, mark offset, end   | proven: pack, off | proven mark: p, off| former end| flags   | zero | crc  | fnv
//        +--------------------------------+-------------------+--------------------+-----------+---------+------+------+
//
// Big-endian, all u32 but where said. Both sums cover bytes 0 to 103, the CRC-32 continuing the CRC of the database id and
// the pack number.
//
// 1. base is the commit that this pack builds on: everything after its end and before this pack is void.
// 2. proven is what was known durable when the pack was made; proven mark is the newest commit mark before it.
// 3. former end is the size of the pack before, if this pack continues it (roll-over); 0 if it was left (unclean).

import { crc32, fnv1a, packSeed } from './checksum.ts'
import { FORMAT_VERSION, HEADER_BYTES, wrongLimits, type PackLimits, type Position } from './layout.ts'

const MAGIC_HIGH = 0x50435554 // 'PCUT'
const MAGIC_LOW = 0x5041434b // 'PACK'

export const FIELD = {
  magic: 0,
  version: 8,
  packNumber: 12,
  databaseId: 16,
  packBytesMax: 32,
  markerInterval: 36,
  syncEvery: 40,
  tailLimit: 44,
  lazyLimit: 48,
  commitAlign: 52,
  fanOut: 54,
  base: 56,
  proven: 68,
  provenMark: 76,
  formerEnd: 84,
  crc: 104,
  fnv: 108,
} as const

export const DATABASE_ID_BYTES = 16

export type PackHeader = Readonly<{
  packNumber: number
  /** CRC-32 of the database id: the seed of all checksums. */
  idCrc: number
  limits: PackLimits
  baseMark: Position
  baseEndBytes: number
  proven: Position
  provenMark: Position
  formerEndBytes: number
}>

/** Writes a header. The database id is copied from `idBytes` at `idStart`. */
export function encodeHeader(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  header: Omit<PackHeader, 'idCrc'>,
  idBytes: Uint8Array,
  idStart: number,
): void {
  bytes.fill(0, start, start + HEADER_BYTES)
  view.setUint32(start + FIELD.magic, MAGIC_HIGH)
  view.setUint32(start + FIELD.magic + 4, MAGIC_LOW)
  view.setUint32(start + FIELD.version, FORMAT_VERSION)
  view.setUint32(start + FIELD.packNumber, header.packNumber)
  for (let i = 0; i < DATABASE_ID_BYTES; i += 1) bytes[start + FIELD.databaseId + i] = idBytes[idStart + i] as number
  view.setUint32(start + FIELD.packBytesMax, header.limits.packBytesMax)
  view.setUint32(start + FIELD.markerInterval, header.limits.markerIntervalBytes)
  view.setUint32(start + FIELD.syncEvery, header.limits.syncEveryBytes)
  view.setUint32(start + FIELD.tailLimit, header.limits.tailLimitBytes)
  view.setUint32(start + FIELD.lazyLimit, header.limits.lazyLimitBytes)
  view.setUint16(start + FIELD.commitAlign, header.limits.commitAlignBytes)
  view.setUint16(start + FIELD.fanOut, header.limits.fanOut)
  view.setUint32(start + FIELD.base, header.baseMark.pack)
  view.setUint32(start + FIELD.base + 4, header.baseMark.offsetBytes)
  view.setUint32(start + FIELD.base + 8, header.baseEndBytes)
  view.setUint32(start + FIELD.proven, header.proven.pack)
  view.setUint32(start + FIELD.proven + 4, header.proven.offsetBytes)
  view.setUint32(start + FIELD.provenMark, header.provenMark.pack)
  view.setUint32(start + FIELD.provenMark + 4, header.provenMark.offsetBytes)
  view.setUint32(start + FIELD.formerEnd, header.formerEndBytes)
  const seed = packSeed(crc32(bytes, start + FIELD.databaseId, DATABASE_ID_BYTES), header.packNumber)
  view.setUint32(start + FIELD.crc, crc32(bytes, start, FIELD.crc, seed))
  view.setUint32(start + FIELD.fnv, fnv1a(bytes, start, FIELD.crc))
}

/** What a header may turn out to be. */
export type HeaderResult =
  | Readonly<{ kind: 'header'; header: PackHeader }>
  | Readonly<{ kind: 'version'; version: number }>
  | Readonly<{ kind: 'invalid'; why: string }>

/** Reads a header of `lengthBytes` bytes at `start`; believes nothing before the sums. */
export function decodeHeader(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  lengthBytes: number,
  packNumber: number,
): HeaderResult {
  if (lengthBytes < HEADER_BYTES) return { kind: 'invalid', why: `the header is cut short: ${lengthBytes} bytes` }
  if (view.getUint32(start) !== MAGIC_HIGH || view.getUint32(start + 4) !== MAGIC_LOW)
    return { kind: 'invalid', why: 'not a pack: the first bytes are wrong' }
  const idCrc = crc32(bytes, start + FIELD.databaseId, DATABASE_ID_BYTES)
  const stored = view.getUint32(start + FIELD.packNumber)
  if (view.getUint32(start + FIELD.crc) !== crc32(bytes, start, FIELD.crc, packSeed(idCrc, stored)))
    return { kind: 'invalid', why: 'the header does not match its checksum' }
  if (view.getUint32(start + FIELD.fnv) !== fnv1a(bytes, start, FIELD.crc))
    return { kind: 'invalid', why: 'the header does not match its second checksum' }
  const version = view.getUint32(start + FIELD.version)
  if (version !== FORMAT_VERSION) return { kind: 'version', version }
  if (stored !== packNumber) return { kind: 'invalid', why: `the header is that of pack ${stored}` }
  const limits: PackLimits = {
    packBytesMax: view.getUint32(start + FIELD.packBytesMax),
    markerIntervalBytes: view.getUint32(start + FIELD.markerInterval),
    syncEveryBytes: view.getUint32(start + FIELD.syncEvery),
    tailLimitBytes: view.getUint32(start + FIELD.tailLimit),
    lazyLimitBytes: view.getUint32(start + FIELD.lazyLimit),
    commitAlignBytes: view.getUint16(start + FIELD.commitAlign) as 0 | 512 | 4096,
    fanOut: view.getUint16(start + FIELD.fanOut),
  }
  const wrong = wrongLimits(limits)
  if (wrong !== undefined) return { kind: 'invalid', why: wrong }
  return {
    kind: 'header',
    header: {
      packNumber,
      idCrc,
      limits,
      baseMark: { pack: view.getUint32(start + FIELD.base), offsetBytes: view.getUint32(start + FIELD.base + 4) },
      baseEndBytes: view.getUint32(start + FIELD.base + 8),
      proven: { pack: view.getUint32(start + FIELD.proven), offsetBytes: view.getUint32(start + FIELD.proven + 4) },
      provenMark: {
        pack: view.getUint32(start + FIELD.provenMark),
        offsetBytes: view.getUint32(start + FIELD.provenMark + 4),
      },
      formerEndBytes: view.getUint32(start + FIELD.formerEnd),
    },
  }
}
