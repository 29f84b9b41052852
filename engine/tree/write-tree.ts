// engine/tree/write-tree.ts: the changed nodes of a tree to the store, children first.
//
// A leaf's image is written where it lies. An inner node is put together in a borrowed block, because its children's
// numbers become references of another length; the node itself stays as it is, so that a write that fails half way has
// changed nothing. Where a node was written is noted in its own header.

import { assert } from '../errors.ts'
import { encodeReference, REFERENCE_SIZE_BYTES_MAX, type Reference } from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import type { ItemStore } from './item-store.ts'
import {
  countOf,
  entriesStart,
  entryAt,
  entryBytesOf,
  HEIGHT_MAX,
  IMAGE_HEADER_BYTES_MAX,
  payloadAt,
  readChild,
  writeImageHeader,
  WRITTEN_LENGTH,
  WRITTEN_OFFSET,
  WRITTEN_PACK,
  type MutableReference,
} from './node.ts'

/** What writing needs of the overlay. */
export interface WritableNodes {
  blockOf(number: number): Block
  borrow(bytes: number): Block
  giveBack(block: Block): void
}

/** Writes the node in memory `root`, of a tree of this height, and all below it that is in memory. */
export function writeTree(
  nodes: WritableNodes,
  store: Pick<ItemStore, 'appendNode'>,
  root: number,
  height: number,
): Reference {
  const numbers: number[] = Array(HEIGHT_MAX).fill(0) // fixed size
  const nexts: number[] = Array(HEIGHT_MAX).fill(0) // fixed size
  const child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
  let scratch: Block | undefined
  let level = height - 1
  numbers[level] = root
  try {
    for (;;) {
      const block = nodes.blockOf(numbers[level] as number)
      const next = nexts[level] as number
      if (level > 0 && next < countOf(block)) {
        nexts[level] = next + 1
        readChild(block, next, child)
        if (child.pack !== 0) continue
        level -= 1
        numbers[level] = child.offsetBytes
        nexts[level] = 0
        continue
      }
      if (level > 0) {
        const needed = IMAGE_HEADER_BYTES_MAX + entryBytesOf(block) + countOf(block) * REFERENCE_SIZE_BYTES_MAX
        if (scratch === undefined || scratch.byteLength < needed) {
          if (scratch !== undefined) nodes.giveBack(scratch)
          scratch = undefined
          scratch = nodes.borrow(needed + (needed >> 1))
        }
      }
      const written = level === 0 ? appendLeaf(store, block) : appendInner(nodes, store, block, level, scratch, child)
      note(block, written)
      level += 1
      if (level === height) return written
    }
  } finally {
    if (scratch !== undefined) nodes.giveBack(scratch)
  }
}

function appendLeaf(store: Pick<ItemStore, 'appendNode'>, block: Block): Reference {
  const entries = entriesStart(block)
  const start = writeImageHeader(block.bytes, entries, 0, countOf(block))
  return store.appendNode(block.bytes, start, entries - start + entryBytesOf(block))
}

function appendInner(
  nodes: WritableNodes,
  store: Pick<ItemStore, 'appendNode'>,
  block: Block,
  level: number,
  scratch: Block | undefined,
  child: MutableReference,
): Reference {
  assert(scratch !== undefined, 'an inner node is put together in a borrowed block')
  const count = countOf(block)
  const target = scratch.bytes
  const entries = scratch.start + IMAGE_HEADER_BYTES_MAX
  const start = writeImageHeader(target, entries, level, count)
  let at = entries
  for (let index = 0; index < count; index += 1) {
    const entry = entryAt(block, index)
    const payload = payloadAt(block.bytes, entry)
    for (let from = entry; from < payload; from += 1) {
      target[at] = block.bytes[from] as number
      at += 1
    }
    readChild(block, index, child)
    at = encodeReference(child.pack === 0 ? noted(nodes.blockOf(child.offsetBytes)) : child, target, at)
  }
  return store.appendNode(target, start, at - start)
}

function note(block: Block, reference: Reference): void {
  block.view.setUint32(block.start + WRITTEN_PACK, reference.pack)
  block.view.setUint32(block.start + WRITTEN_OFFSET, reference.offsetBytes)
  block.view.setUint32(block.start + WRITTEN_LENGTH, reference.lengthBytes)
}

function noted(block: Block): Reference {
  return {
    pack: block.view.getUint32(block.start + WRITTEN_PACK),
    offsetBytes: block.view.getUint32(block.start + WRITTEN_OFFSET),
    lengthBytes: block.view.getUint32(block.start + WRITTEN_LENGTH),
  }
}
