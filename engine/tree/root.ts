// engine/tree/root.ts: all that is needed to find a tree again.
//
//   height varuint | count varuint | reference          an empty tree: one byte, 0
//
// Invariants: (1) height 0 = empty = no reference; (2) a tree of height h has its leaves h-1 levels below the root.

import {
  decodeReference,
  decodeVaruint,
  encodeReference,
  encodeVaruint,
  FormatError,
  REFERENCE_SIZE_BYTES_MAX,
  referenceSizeBytes,
  VARINT_BYTES_MAX,
  varuintSizeBytes,
  type Reference,
} from '../format/index.ts'
import { HEIGHT_MAX } from './node.ts'

/** A tree as it was written; never changes. `count`: entries in the whole tree. */
export type Root = Readonly<{ reference: Reference | undefined; height: number; count: number }>

export const EMPTY_ROOT: Root = { reference: undefined, height: 0, count: 0 }

/** Length of the longest root. */
export const ROOT_SIZE_BYTES_MAX = 1 + VARINT_BYTES_MAX + REFERENCE_SIZE_BYTES_MAX

/** Length of an encoded root, in bytes. */
export function rootSizeBytes(root: Root): number {
  if (root.reference === undefined) return 1
  return varuintSizeBytes(root.height) + varuintSizeBytes(root.count) + referenceSizeBytes(root.reference)
}

/** Writes `root` at `offset`; returns the offset behind it. */
export function encodeRoot(root: Root, target: Uint8Array, offset: number): number {
  let at = encodeVaruint(root.height, target, offset)
  if (root.reference === undefined) return at
  at = encodeVaruint(root.count, target, at)
  return encodeReference(root.reference, target, at)
}

/** Reads the root at `offset`; it is `rootSizeBytes(result)` long. Throws FormatError. */
export function decodeRoot(bytes: Uint8Array, offset: number, end: number): Root {
  const height = decodeVaruint(bytes, offset, end)
  if (height === 0) return EMPTY_ROOT
  if (height > HEIGHT_MAX) throw new FormatError(`a tree is said to be ${height} levels high`, offset)
  let at = offset + varuintSizeBytes(height)
  const count = decodeVaruint(bytes, at, end)
  if (count === 0) throw new FormatError('a tree with a root node is said to be empty', at)
  at += varuintSizeBytes(count)
  return { reference: decodeReference(bytes, at, end), height, count }
}
