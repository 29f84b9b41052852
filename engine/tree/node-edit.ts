// engine/tree/node-edit.ts: changing a node in place.
//
// Whoever calls has made sure that the block has room (`entryCapacityOf`, `slotCapacityOf`). Entries stay packed and in
// order, so that a leaf's image can be written as it is.

import { encodeVaruint, varuintSizeBytes } from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import {
  countOf,
  entriesStart,
  entryAt,
  entryBytesOf,
  entryCapacityOf,
  keyLengthAt,
  keyStartAt,
  payloadAt,
  setCount,
  setEntryBytes,
  setSlot,
  slotCapacityOf,
  slotOf,
} from './node.ts'
import { assert } from '../errors.ts'

/** A run of bytes. */
export type Bytes = Readonly<{ bytes: Uint8Array; start: number; lengthBytes: number }>

/** The longest form of a child in memory: pack 0, number, length 0. */
export const CHILD_IN_MEMORY_BYTES_MAX = 1 + 5 + 1

/** Length of a leaf's entry. */
export function leafEntryBytes(keyLength: number, valueLength: number): number {
  return varuintSizeBytes(keyLength) + keyLength + varuintSizeBytes(valueLength) + valueLength
}

/** Length of an inner node's entry for a child in memory. */
export function childEntryBytes(keyLength: number, child: number): number {
  return varuintSizeBytes(keyLength) + keyLength + 2 + varuintSizeBytes(child)
}

/** Replaces `removed` bytes at `at` (in entry `index`, which stays) by room for `inserted`; moves all behind it. */
function shiftInside(node: Block, index: number, at: number, removed: number, inserted: number): void {
  const difference = inserted - removed
  if (difference === 0) return
  const end = entriesStart(node) + entryBytesOf(node)
  assert(entryBytesOf(node) + difference <= entryCapacityOf(node), 'the node has room for the bytes')
  node.bytes.copyWithin(at + inserted, at + removed, end)
  const count = countOf(node)
  for (let slot = index + 1; slot <= count; slot += 1) setSlot(node, slot, slotOf(node, slot) + difference)
  setEntryBytes(node, entryBytesOf(node) + difference)
}

/** Makes room for a new entry of so many bytes; returns where it begins in `node.bytes`. */
function openEntry(node: Block, index: number, lengthBytes: number): number {
  const count = countOf(node)
  assert(count < slotCapacityOf(node), 'the node has room for an entry')
  assert(entryBytesOf(node) + lengthBytes <= entryCapacityOf(node), 'the node has room for the bytes')
  const at = entryAt(node, index)
  node.bytes.copyWithin(at + lengthBytes, at, entriesStart(node) + entryBytesOf(node))
  for (let slot = count; slot >= index; slot -= 1) setSlot(node, slot + 1, slotOf(node, slot) + lengthBytes)
  setCount(node, count + 1)
  setEntryBytes(node, entryBytesOf(node) + lengthBytes)
  return at
}

function writeKey(target: Uint8Array, offset: number, key: Uint8Array, keyStart: number, keyLength: number): number {
  const at = encodeVaruint(keyLength, target, offset)
  copyBytes(key, keyStart, target, at, keyLength)
  return at + keyLength
}

/** Short runs byte by byte: a call into the runtime costs more. */
function copyBytes(from: Uint8Array, fromStart: number, to: Uint8Array, toStart: number, length: number): void {
  if (length > 32) {
    to.set(from.subarray(fromStart, fromStart + length), toStart)
    return
  }
  for (let index = 0; index < length; index += 1) to[toStart + index] = from[fromStart + index] as number
}

function writeChild(target: Uint8Array, offset: number, child: number): void {
  target[offset] = 0
  const at = encodeVaruint(child, target, offset + 1)
  target[at] = 0
}

/** Puts a key and a value in front of entry `index` of a leaf. */
export function insertLeafEntry(node: Block, index: number, key: Bytes, value: Bytes): void {
  const at = openEntry(node, index, leafEntryBytes(key.lengthBytes, value.lengthBytes))
  const payload = writeKey(node.bytes, at, key.bytes, key.start, key.lengthBytes)
  writeKey(node.bytes, payload, value.bytes, value.start, value.lengthBytes)
}

/** Gives entry `index` of a leaf another value. */
export function replaceValue(node: Block, index: number, value: Bytes): void {
  const payload = payloadAt(node.bytes, entryAt(node, index))
  const removed = entryAt(node, index + 1) - payload
  const inserted = varuintSizeBytes(value.lengthBytes) + value.lengthBytes
  shiftInside(node, index, payload, removed, inserted)
  writeKey(node.bytes, payload, value.bytes, value.start, value.lengthBytes)
}

/** Puts a separator and a child in memory in front of entry `index` of an inner node. */
export function insertChildEntry(
  node: Block,
  index: number,
  key: Uint8Array,
  keyStart: number,
  keyLength: number,
  child: number,
): void {
  const at = openEntry(node, index, childEntryBytes(keyLength, child))
  writeChild(node.bytes, writeKey(node.bytes, at, key, keyStart, keyLength), child)
}

/** Makes a node in memory the child of entry `index`. */
export function replaceChild(node: Block, index: number, child: number): void {
  const payload = payloadAt(node.bytes, entryAt(node, index))
  shiftInside(node, index, payload, entryAt(node, index + 1) - payload, 2 + varuintSizeBytes(child))
  writeChild(node.bytes, payload, child)
}

/** Takes entry `index` out. */
export function removeEntry(node: Block, index: number): void {
  const count = countOf(node)
  const at = entryAt(node, index)
  const after = entryAt(node, index + 1)
  node.bytes.copyWithin(at, after, entriesStart(node) + entryBytesOf(node))
  for (let slot = index + 1; slot <= count; slot += 1) setSlot(node, slot - 1, slotOf(node, slot) - (after - at))
  setCount(node, count - 1)
  setEntryBytes(node, entryBytesOf(node) - (after - at))
}

/** Keeps only the first `count` entries. */
export function truncateEntries(node: Block, count: number): void {
  setEntryBytes(node, slotOf(node, count))
  setCount(node, count)
}

/** Empties the key of the first entry of an inner node. */
export function emptyFirstKey(node: Block): void {
  const at = entryAt(node, 0)
  const payload = payloadAt(node.bytes, at)
  shiftInside(node, 0, at, payload - at, 1)
  node.bytes[at] = 0
}

/** Appends the entries of `from` from `index` on to those of `node`. */
export function appendEntries(node: Block, from: Block, index: number): void {
  const count = countOf(node)
  const added = countOf(from) - index
  const length = entryBytesOf(from) - slotOf(from, index)
  const end = entryBytesOf(node)
  assert(count + added <= slotCapacityOf(node), 'the node has room for the entries')
  assert(end + length <= entryCapacityOf(node), 'the node has room for the bytes')
  const source = entryAt(from, index)
  const target = entriesStart(node) + end
  if (node.bytes === from.bytes) node.bytes.copyWithin(target, source, source + length)
  else node.bytes.set(from.bytes.subarray(source, source + length), target)
  const difference = end - slotOf(from, index)
  for (let slot = 0; slot <= added; slot += 1) setSlot(node, count + slot, slotOf(from, index + slot) + difference)
  setCount(node, count + added)
  setEntryBytes(node, end + length)
}

/**
 * Appends all entries of the inner node `from`; its first one, whose key is empty, gets `separator` for a key, which
 * must not be in `node`.
 */
export function appendWithSeparator(
  node: Block,
  from: Block,
  key: Uint8Array,
  keyStart: number,
  keyLength: number,
): void {
  const source = entryAt(from, 0)
  const payload = payloadAt(from.bytes, source)
  const lengthBytes = entryAt(from, 1) - payload
  const at = openEntry(node, countOf(node), varuintSizeBytes(keyLength) + keyLength + lengthBytes)
  const target = writeKey(node.bytes, at, key, keyStart, keyLength)
  copyBytes(from.bytes, payload, node.bytes, target, lengthBytes)
  if (countOf(from) > 1) appendEntries(node, from, 1)
}

/** Length of the shortest key that is above the last key of `left` and not above the first one of `right` (leaves). */
export function separatorLength(left: Block, right: Block): number {
  const a = entryAt(left, countOf(left) - 1)
  const b = entryAt(right, 0)
  const aStart = keyStartAt(left.bytes, a)
  const bStart = keyStartAt(right.bytes, b)
  const common = Math.min(keyLengthAt(left.bytes, a), keyLengthAt(right.bytes, b))
  let index = 0
  while (index < common && left.bytes[aStart + index] === right.bytes[bStart + index]) index += 1
  return index + 1
}
