// engine/tree/node.ts: a node on disk and in memory, and the search in it.
//
// On disk, only what is used:
//
//   level varuint | count varuint | entries
//   entry of a leaf (level 0):   key length varuint | key | value length varuint | value
//   entry of an inner node:      key length varuint | key | reference of the child (3 varuints)
//
// In memory, one block, the same for nodes that were read and nodes that are being changed:
//
//   byte  0       2       3   4               8             12              16             18
//         +-------+-------+---+---------------+-------------+---------------+--------------+------
//         | count | level | - | entriesOffset | entryBytes  | entryCapacity | slotCapacity | -
//         | u16   | u8    |   | u32           | u32         | u32           | u16          |
//         +-------+-------+---+---------------+-------------+---------------+--------------+------
//   byte  20            24              28              32 … 63: charged for the JavaScript objects that
//         | writtenPack | writtenOffset | writtenLength | belong to the block: frame, map entry, table entry
//   byte  64: slots, u16 each: where entry i begins, from entriesOffset on; one more for the end
//   in inner nodes that were read, for each slot: where the child was last seen in the cache (place u32, serial u32)
//   then, at entriesOffset (from the block's start): the entries, as on disk
//
// Invariants: (1) keys ascend strictly; (2) the first key of an inner node is empty, each other one separates: it is
// above all keys of the child before and not above any of its own; (3) a leaf has at least 1 entry, an inner node at
// least 2, no node more than FAN_OUT_MAX; (4) a node that was read is checked whole before anything uses it
// (`indexNode`), so that what is here need not look at bounds again; (5) a child with pack 0 is a node in memory whose
// number is the offset: it is never on disk.
//
// Search compares in place and makes no object: that is what a warm `get` is made of.

import {
  decodeVaruint,
  encodeVaruint,
  FormatError,
  PACK_NUMBER_MAX,
  PACK_SIZE_LIMIT_BYTES,
  varuintSizeBytes,
} from '../format/index.ts'
import type { Block } from '../ports/index.ts'

export const FAN_OUT_MIN = 4
export const FAN_OUT_MAX = 512
export const FAN_OUT_DEFAULT = 32
/** The longest key and value that a node can hold. */
export const KEY_BYTES_LIMIT = 4096
export const VALUE_BYTES_LIMIT = 2048
/** A node with more bytes of entries is split, whatever the fan-out. */
export const NODE_BYTES_SPLIT = 49_152
/** No node on disk has more bytes of entries: room for references that grow when a node is written again. */
export const NODE_BYTES_MAX = 57_344
/** More levels than 2^53 entries take. */
export const HEIGHT_MAX = 32

export const NODE_HEADER_BYTES = 64
/** Longest form of level and count on disk. */
export const IMAGE_HEADER_BYTES_MAX = 3

const LEVEL = 2
const ENTRIES_OFFSET = 4
const ENTRY_BYTES = 8
const ENTRY_CAPACITY = 12
const SLOT_CAPACITY = 16
export const WRITTEN_PACK = 20
export const WRITTEN_OFFSET = 24
export const WRITTEN_LENGTH = 28

const ENTRY_BYTES_MIN = 2

/** A child or root as numbers, to be filled again and again. */
export type MutableReference = { pack: number; offsetBytes: number; lengthBytes: number }

export function countOf(node: Block): number {
  return node.view.getUint16(node.start)
}

export function levelOf(node: Block): number {
  return node.bytes[node.start + LEVEL] as number
}

/** Where the entries begin in `node.bytes`. */
export function entriesStart(node: Block): number {
  return node.start + node.view.getUint32(node.start + ENTRIES_OFFSET)
}

export function entryBytesOf(node: Block): number {
  return node.view.getUint32(node.start + ENTRY_BYTES)
}

export function entryCapacityOf(node: Block): number {
  return node.view.getUint32(node.start + ENTRY_CAPACITY)
}

export function slotCapacityOf(node: Block): number {
  return node.view.getUint16(node.start + SLOT_CAPACITY)
}

/** Where entry `index` begins, counted from the first entry; for `count`, where the last one ends. */
export function slotOf(node: Block, index: number): number {
  return node.view.getUint16(node.start + NODE_HEADER_BYTES + 2 * index)
}

export function setSlot(node: Block, index: number, offset: number): void {
  node.view.setUint16(node.start + NODE_HEADER_BYTES + 2 * index, offset)
}

export function setCount(node: Block, count: number): void {
  node.view.setUint16(node.start, count)
}

export function setEntryBytes(node: Block, bytes: number): void {
  node.view.setUint32(node.start + ENTRY_BYTES, bytes)
}

/** Bytes in front of the entries' image in a block with room for so many slots. */
export function nodeOverheadBytes(slotCapacity: number): number {
  return NODE_HEADER_BYTES + 2 * (slotCapacity + 1)
}

const HINT_BYTES = 8

/** Bytes in front of the image of a node that is read. */
export function loadedOverheadBytes(slotCapacity: number, level: number): number {
  return nodeOverheadBytes(slotCapacity) + (level === 0 ? 0 : HINT_BYTES * slotCapacity)
}

/** Where the hint of entry `index` is, of an inner node that was read. */
export function hintAt(node: Block, index: number): number {
  return node.start + nodeOverheadBytes(slotCapacityOf(node)) + HINT_BYTES * index
}

/** Writes the header of an empty node. */
export function initializeNode(
  node: Block,
  level: number,
  slotCapacity: number,
  entriesOffset: number,
  entryCapacity: number,
): void {
  const { view, start } = node
  view.setUint16(start, 0)
  view.setUint16(start + LEVEL, level << 8)
  view.setUint32(start + ENTRIES_OFFSET, entriesOffset)
  view.setUint32(start + ENTRY_BYTES, 0)
  view.setUint32(start + ENTRY_CAPACITY, entryCapacity)
  view.setUint16(start + SLOT_CAPACITY, slotCapacity)
  view.setUint16(start + NODE_HEADER_BYTES, 0)
}

/** Where entry `index` begins in `node.bytes`. */
export function entryAt(node: Block, index: number): number {
  return entriesStart(node) + slotOf(node, index)
}

/** Length of the key of the entry at `entry`. */
export function keyLengthAt(bytes: Uint8Array, entry: number): number {
  const first = bytes[entry] as number
  return first < 0x80 ? first : (first & 0x7f) | ((bytes[entry + 1] as number) << 7)
}

/** Where the key of the entry at `entry` begins. */
export function keyStartAt(bytes: Uint8Array, entry: number): number {
  return (bytes[entry] as number) < 0x80 ? entry + 1 : entry + 2
}

/** Where value or reference of the entry at `entry` begins. */
export function payloadAt(bytes: Uint8Array, entry: number): number {
  return keyStartAt(bytes, entry) + keyLengthAt(bytes, entry)
}

/** Fills `into` with the child of entry `index` of an inner node. */
export function readChild(node: Block, index: number, into: MutableReference): void {
  const bytes = node.bytes
  const end = bytes.length
  let at = payloadAt(bytes, entryAt(node, index))
  into.pack = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(into.pack)
  into.offsetBytes = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(into.offsetBytes)
  into.lengthBytes = decodeVaruint(bytes, at, end)
}

/** Below, at or above 0: order of two keys. */
export function compareKeys(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const common = aLength < bLength ? aLength : bLength
  for (let index = 0; index < common; index += 1) {
    const difference = (a[aStart + index] as number) - (b[bStart + index] as number)
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

/** Twice the index of the first entry whose key is not below the given one, plus 1 if it is equal. */
export function searchNode(node: Block, key: Uint8Array, keyStart: number, keyLength: number): number {
  const { bytes, view, start } = node
  const slots = start + NODE_HEADER_BYTES
  const entries = start + view.getUint32(start + ENTRIES_OFFSET)
  let low = 0
  let high = view.getUint16(start)
  while (low < high) {
    const middle = (low + high) >>> 1
    let at = entries + view.getUint16(slots + 2 * middle)
    let length = bytes[at] as number
    at += 1
    if (length >= 0x80) {
      length = (length & 0x7f) | ((bytes[at] as number) << 7)
      at += 1
    }
    const common = length < keyLength ? length : keyLength
    let index = 0
    let difference = 0
    while (index < common) {
      difference = (bytes[at + index] as number) - (key[keyStart + index] as number)
      if (difference !== 0) break
      index += 1
    }
    if (difference === 0) {
      difference = length - keyLength
      if (difference === 0) return middle * 2 + 1
    }
    if (difference < 0) low = middle + 1
    else high = middle
  }
  return low * 2
}

/** Index of the child of an inner node in which a key belongs. */
export function childIndexOf(node: Block, key: Uint8Array, keyStart: number, keyLength: number): number {
  const position = searchNode(node, key, keyStart, keyLength)
  return (position & 1) === 1 ? position >> 1 : (position >> 1) - 1
}

/** Room for slots that a node of this length can need at most, if it has no more entries than the fan-out. */
export function slotCapacityFor(lengthBytes: number, fanOut: number): number {
  return Math.max(1, Math.min(fanOut, Math.floor(lengthBytes / ENTRY_BYTES_MIN)))
}

/** Number of entries that the image of a node claims to have. Throws FormatError. */
export function claimedCount(bytes: Uint8Array, imageStart: number, imageEnd: number): number {
  const level = decodeVaruint(bytes, imageStart, imageEnd)
  return decodeVaruint(bytes, imageStart + varuintSizeBytes(level), imageEnd)
}

/**
 * Checks the image behind `loadedOverheadBytes` of a block that was read, and writes header and slots in front of it.
 * `level`: what its parent says. Throws FormatError for the first thing that is wrong; the block is then no node.
 */
export function indexNode(node: Block, slotCapacity: number, lengthBytes: number, level: number): void {
  const { bytes, start } = node
  const imageStart = start + loadedOverheadBytes(slotCapacity, level)
  const end = imageStart + lengthBytes
  let at = imageStart
  const ownLevel = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(ownLevel)
  if (ownLevel !== level) throw new FormatError(`a node of level ${level} says that it is of level ${ownLevel}`, at)
  const count = decodeVaruint(bytes, at, end)
  at += varuintSizeBytes(count)
  if (count < (level === 0 ? 1 : 2) || count > slotCapacity) throw new FormatError(`a node has ${count} entries`, at)
  const entries = at
  if (end - entries > NODE_BYTES_MAX) throw new FormatError(`a node has ${end - entries} bytes of entries`, at)
  initializeNode(node, level, slotCapacity, entries - start, end - entries)
  let previousKey = 0
  let previousLength = -1
  for (let index = 0; index < count; index += 1) {
    setSlot(node, index, at - entries)
    const keyLength = decodeVaruint(bytes, at, end)
    const key = at + varuintSizeBytes(keyLength)
    if (keyLength > KEY_BYTES_LIMIT || keyLength > end - key) {
      throw new FormatError(`entry ${index} has a key of ${keyLength} bytes`, at)
    }
    if (level > 0 && index === 0 && keyLength > 0) throw new FormatError('the first separator is not empty', at)
    if (previousLength >= 0 && compareKeys(bytes, previousKey, previousLength, bytes, key, keyLength) >= 0) {
      throw new FormatError(`the key of entry ${index} is not above the one before it`, at)
    }
    previousKey = key
    previousLength = keyLength
    at = level === 0 ? valueEnd(bytes, key + keyLength, end) : childEnd(bytes, key + keyLength, end)
  }
  if (at !== end) throw new FormatError(`${end - at} bytes are left over behind the entries`, at)
  if (level > 0) bytes.fill(0, hintAt(node, 0), hintAt(node, slotCapacity))
  setSlot(node, count, end - entries)
  setCount(node, count)
  setEntryBytes(node, end - entries)
}

function valueEnd(bytes: Uint8Array, at: number, end: number): number {
  const lengthBytes = decodeVaruint(bytes, at, end)
  const value = at + varuintSizeBytes(lengthBytes)
  if (lengthBytes > VALUE_BYTES_LIMIT || lengthBytes > end - value) {
    throw new FormatError(`an entry has a value of ${lengthBytes} bytes`, at)
  }
  return value + lengthBytes
}

function childEnd(bytes: Uint8Array, at: number, end: number): number {
  const pack = decodeVaruint(bytes, at, end)
  const offsetAt = at + varuintSizeBytes(pack)
  const offset = decodeVaruint(bytes, offsetAt, end)
  const lengthAt = offsetAt + varuintSizeBytes(offset)
  const length = decodeVaruint(bytes, lengthAt, end)
  if (pack < 1 || pack > PACK_NUMBER_MAX || offset >= PACK_SIZE_LIMIT_BYTES || length < 1) {
    throw new FormatError(`a child is said to be ${length} bytes at ${offset} of pack ${pack}`, at)
  }
  if (length > NODE_BYTES_MAX + IMAGE_HEADER_BYTES_MAX) {
    throw new FormatError(`a child is said to be ${length} bytes long`, at)
  }
  return lengthAt + varuintSizeBytes(length)
}

/** Writes level and count so that they end at `end`; returns where they begin. */
export function writeImageHeader(bytes: Uint8Array, end: number, level: number, count: number): number {
  const start = end - varuintSizeBytes(level) - varuintSizeBytes(count)
  encodeVaruint(count, bytes, encodeVaruint(level, bytes, start))
  return start
}
