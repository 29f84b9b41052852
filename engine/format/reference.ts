// engine/format/reference.ts: how one record names another.
//
//   pack varuint | offset varuint | length varuint
//
// Invariants: (1) a reference on disk has pack >= 1; pack 0 is reserved for what is only in memory; (2) an offset is
// below 2^31, the bound of a pack's size; (3) the length is that of the record's content and at least 1.

import { FormatError } from './format-error.ts'
import { decodeVaruint, encodeVaruint, varuintSizeBytes } from './varint.ts'

/** Where a record is: number of the pack file, offset of the record in it, length of its content. */
export type Reference = Readonly<{ pack: number; offsetBytes: number; lengthBytes: number }>

/** Pack numbers have 8 digits in file names. */
export const PACK_NUMBER_MAX = 99_999_999
/** No pack is as large as this. */
export const PACK_SIZE_LIMIT_BYTES = 0x8000_0000
/** Length of the longest reference. */
export const REFERENCE_SIZE_BYTES_MAX = 4 + 5 + 5

/** Length of an encoded reference, in bytes. */
export function referenceSizeBytes(reference: Reference): number {
  return (
    varuintSizeBytes(reference.pack) + varuintSizeBytes(reference.offsetBytes) + varuintSizeBytes(reference.lengthBytes)
  )
}

/** Writes `reference` at `offset`; returns the offset behind it. */
export function encodeReference(reference: Reference, target: Uint8Array, offset: number): number {
  const offsetAt = encodeVaruint(reference.pack, target, offset)
  const lengthAt = encodeVaruint(reference.offsetBytes, target, offsetAt)
  return encodeVaruint(reference.lengthBytes, target, lengthAt)
}

/** Reads the reference at `offset`; it is `referenceSizeBytes(result)` long. Throws FormatError. */
export function decodeReference(bytes: Uint8Array, offset: number, end: number): Reference {
  let at = offset
  const pack = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(pack)
  const offsetBytes = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(offsetBytes)
  const lengthBytes = decodeVaruint(bytes, at, end)
  if (pack < 1 || pack > PACK_NUMBER_MAX) throw new FormatError(`a reference names pack ${pack}`, offset)
  if (offsetBytes >= PACK_SIZE_LIMIT_BYTES) throw new FormatError(`a reference names offset ${offsetBytes}`, offset)
  if (lengthBytes < 1 || lengthBytes >= PACK_SIZE_LIMIT_BYTES) {
    throw new FormatError(`a reference names a record of ${lengthBytes} bytes`, offset)
  }
  return { pack, offsetBytes, lengthBytes }
}
