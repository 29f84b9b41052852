// engine/tree/rewrite-tree.ts: parts of a written tree, written again elsewhere.
//
// After an unclean open the unproven tail is written again; vacuum moves what is left in an old pack. Both walk down,
// write what must move, and then every node above it, because the references in it change.
//
// Invariants: (1) children are written before their parents; (2) a node that neither must move nor has moved content
// keeps its place, and its reference is returned as it was; (3) keys, counts and height stay; (4) memory: two blocks a
// level, freed on every way out. A node read here does not go through the cache.

import { assert, EngineError } from '../errors.ts'
import {
  encodeReference,
  encodeVaruint,
  REFERENCE_SIZE_BYTES_MAX,
  varuintSizeBytes,
  type Reference,
} from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import type { ItemStore } from './item-store.ts'
import { loadNode, type NodeSource } from './load-node.ts'
import {
  countOf,
  entriesStart,
  entryAt,
  entryBytesOf,
  IMAGE_HEADER_BYTES_MAX,
  NODE_BYTES_MAX,
  payloadAt,
  readChild,
  writeImageHeader,
  VALUE_BYTES_LIMIT,
  type MutableReference,
} from './node.ts'
import type { Bytes } from './node-edit.ts'
import type { Root } from './root.ts'
import { valueOf } from './verify-tree.ts'

export type RewriteOptions = Readonly<{
  source: NodeSource
  store: Pick<ItemStore, 'appendNode'>
  /** Whether a node must be written again. */
  needsRewrite(reference: Reference): boolean
  /**
   * Whether to look below a node that need not be written again itself; if absent, no: nothing before the tail refers
   * to anything in it.
   */
  descends?(reference: Reference): boolean
  /**
   * The new value of an entry of a leaf that was read, or undefined to keep the old one. Key and value are in place,
   * valid for the length of the call. The result is copied before the next call. It may write to the store.
   */
  mapLeafValue?(key: Bytes, value: Bytes): Bytes | undefined
}>

const VALUE_GROWTH_BYTES = 32 // room kept for each value that is mapped; more than a longer reference takes

/**
 * Writes again what `options` says, and returns the root of the tree as it is then: the same object if nothing moved.
 * Throws OutOfMemoryError, what the store throws, what `damage` makes; what was appended by then is of no use.
 */
export function rewriteTree(root: Root, options: RewriteOptions): Root {
  if (root.reference === undefined) return root
  const reference = rewriteNode(root.reference, root.height - 1, options)
  return reference === root.reference ? root : { ...root, reference }
}

/** Returns where the node is now: `reference` itself if it stays. Calls itself once a level, at most. */
function rewriteNode(reference: Reference, level: number, options: RewriteOptions): Reference {
  const moves = options.needsRewrite(reference)
  if (!moves && options.descends?.(reference) !== true) return reference
  const { allocator } = options.source
  const block = loadNode(options.source, reference, level)
  let image: Block | undefined
  try {
    const count = countOf(block)
    const growth = level === 0 ? VALUE_GROWTH_BYTES : REFERENCE_SIZE_BYTES_MAX
    const room = entryBytesOf(block) + (level > 0 || options.mapLeafValue !== undefined ? count * growth : 0)
    image = allocator.allocate(IMAGE_HEADER_BYTES_MAX + room, 'node')
    const changed = level === 0 ? copyLeaf(block, image, options) : copyInner(block, image, level, options)
    const entries = image.start + IMAGE_HEADER_BYTES_MAX
    if (!moves && changed === 0) return reference
    const end = changed === 0 ? entries + entryBytesOf(block) : changed
    if (end - entries > NODE_BYTES_MAX) {
      throw new EngineError('E_CONSTRAINT', `a node written again would have ${end - entries} bytes of entries`)
    }
    const start = writeImageHeader(image.bytes, entries, level, count)
    return options.store.appendNode(image.bytes, start, end - start)
  } finally {
    if (image !== undefined) allocator.free(image)
    allocator.free(block)
  }
}

/** Copies the entries of a leaf, with mapped values; returns where they end, or 0 if they are the same as before. */
function copyLeaf(block: Block, image: Block, options: RewriteOptions): number {
  const target = image.bytes
  const limit = image.start + image.byteLength
  let at = image.start + IMAGE_HEADER_BYTES_MAX
  let changed = false
  if (options.mapLeafValue === undefined) {
    copyRun(block.bytes, entriesStart(block), target, at, entryBytesOf(block))
    return 0
  }
  const count = countOf(block)
  for (let index = 0; index < count; index += 1) {
    const entry = entryAt(block, index)
    const payload = payloadAt(block.bytes, entry)
    const value = valueOf(block, index)
    const keyPrefix = keyOfEntry(block, entry, payload)
    const mapped = options.mapLeafValue(keyPrefix, value)
    const next = mapped ?? value
    changed ||= mapped !== undefined
    assert(next.lengthBytes <= VALUE_BYTES_LIMIT, 'a mapped value is not too long for a node')
    const needed = payload - entry + varuintSizeBytes(next.lengthBytes) + next.lengthBytes
    assert(at + needed <= limit, 'a mapped value is at most 32 bytes longer')
    copyRun(block.bytes, entry, target, at, payload - entry)
    at = encodeVaruint(next.lengthBytes, target, at + payload - entry)
    copyRun(next.bytes, next.start, target, at, next.lengthBytes)
    at += next.lengthBytes
  }
  return changed ? at : 0
}

function keyOfEntry(block: Block, entry: number, payload: number): Bytes {
  const start = (block.bytes[entry] as number) < 0x80 ? entry + 1 : entry + 2
  return { bytes: block.bytes, start, lengthBytes: payload - start }
}

/** Copies the entries of an inner node, with the new places of its children; returns as `copyLeaf`. */
function copyInner(block: Block, image: Block, level: number, options: RewriteOptions): number {
  const target = image.bytes
  const child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
  const count = countOf(block)
  let at = image.start + IMAGE_HEADER_BYTES_MAX
  let changed = false
  for (let index = 0; index < count; index += 1) {
    readChild(block, index, child)
    const before: Reference = { ...child }
    const after = rewriteNode(before, level - 1, options)
    changed ||= after !== before
    const entry = entryAt(block, index)
    const keyBytes = payloadAt(block.bytes, entry) - entry
    copyRun(block.bytes, entry, target, at, keyBytes)
    at = encodeReference(after, target, at + keyBytes)
  }
  return changed ? at : 0
}

function copyRun(from: Uint8Array, fromStart: number, to: Uint8Array, toStart: number, length: number): void {
  if (from === to) to.copyWithin(toStart, fromStart, fromStart + length)
  else to.set(from.subarray(fromStart, fromStart + length), toStart)
}
