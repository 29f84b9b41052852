// engine/tree/verify-tree.ts: a whole tree, looked at node by node.
//
// Invariants: (1) every fault is reported, and the walk goes on with what does not depend on it: below a node that
// cannot be read, is of a wrong level or has keys outside its separators nothing is looked at, so that the walk ends
// whatever the references say; (2) memory: one block a level. Not covered: what the store checks (checksums) is
// reported as it says; failures that are no damage (I/O, memory) end the walk with their error.

import { EngineError } from '../errors.ts'
import { decodeVaruint, varuintSizeBytes, type Reference } from '../format/index.ts'
import type { Block } from '../ports/index.ts'
import { loadNode, type NodeSource } from './load-node.ts'
import {
  compareKeys,
  countOf,
  entryAt,
  keyLengthAt,
  keyStartAt,
  payloadAt,
  readChild,
  type MutableReference,
} from './node.ts'
import type { Bytes } from './node-edit.ts'
import type { Root } from './root.ts'

/** Keys that a node may hold: from `low` on and below `high`; undefined: no bound. In place: valid for a call. */
export type KeyBounds = Readonly<{ low: Bytes | undefined; high: Bytes | undefined }>

/** What is told about a tree while it is walked. Bytes are in place: valid for the length of the call. */
export interface TreeVisitor {
  /** Something is wrong with the node at `reference`. `bounds`: what could have been below it and is not looked at. */
  damage(reference: Reference, message: string, cause?: unknown, bounds?: KeyBounds): void
  /** Whether a node with such keys is to be looked at; all are if this is absent. */
  wants?(bounds: KeyBounds): boolean
  /** All entries of a leaf with such keys were told. */
  leafDone?(bounds: KeyBounds): void
  /** A node that could be read, before what is below it. Level 0: a leaf. */
  node?(reference: Reference, level: number): void
  /** An entry of the leaf at `leaf`. */
  entry?(leaf: Reference, key: Bytes, value: Bytes): void
}

/** Walks the tree of `root` and reports everything that is wrong; returns the number of entries that it has seen. */
export function verifyTree(source: NodeSource, root: Root, visitor: TreeVisitor): number {
  if (root.reference === undefined) return 0
  const seen = walk(source, visitor, root.reference, root.height - 1, undefined, undefined)
  if (seen.whole && seen.entries !== root.count) {
    visitor.damage(root.reference, `the tree has ${seen.entries} entries, its root says ${root.count}`)
  }
  return seen.entries
}

type Seen = { entries: number; whole: boolean }

function walk(
  source: NodeSource,
  visitor: TreeVisitor,
  reference: Reference,
  level: number,
  low: Bytes | undefined,
  high: Bytes | undefined,
): Seen {
  const bounds: KeyBounds = { low, high }
  if (visitor.wants?.(bounds) === false) return { entries: 0, whole: false }
  let block: Block
  try {
    block = loadNode(source, reference, level)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    visitor.damage(reference, error.message, error, bounds)
    return { entries: 0, whole: false }
  }
  try {
    visitor.node?.(reference, level)
    if (!isWithin(block, level, low, high)) {
      const message = 'the keys of the node are not between the separators of its parent'
      visitor.damage(reference, message, undefined, bounds)
      return { entries: 0, whole: false }
    }
    const count = countOf(block)
    if (level === 0) {
      if (visitor.entry !== undefined) {
        for (let index = 0; index < count; index += 1)
          visitor.entry(reference, keyOf(block, index), valueOf(block, index))
      }
      visitor.leafDone?.(bounds)
      return { entries: count, whole: true }
    }
    const seen: Seen = { entries: 0, whole: true }
    const child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
    for (let index = 0; index < count; index += 1) {
      readChild(block, index, child)
      const childLow = index === 0 ? low : keyOf(block, index)
      const childHigh = index + 1 === count ? high : keyOf(block, index + 1)
      const below = walk(source, visitor, { ...child }, level - 1, childLow, childHigh)
      seen.entries += below.entries
      seen.whole &&= below.whole
    }
    return seen
  } finally {
    source.allocator.free(block)
  }
}

/** Whether all keys are at or above `low` and below `high`; they ascend, so the first and the last one tell. */
function isWithin(block: Block, level: number, low: Bytes | undefined, high: Bytes | undefined): boolean {
  const first = keyOf(block, level === 0 ? 0 : 1)
  const last = keyOf(block, countOf(block) - 1)
  // The first separator of an inner node is empty; the next one is above the lower bound, not at it.
  if (low !== undefined && compare(first, low) < (level === 0 ? 0 : 1)) return false
  return high === undefined || compare(last, high) < 0
}

function compare(a: Bytes, b: Bytes): number {
  return compareKeys(a.bytes, a.start, a.lengthBytes, b.bytes, b.start, b.lengthBytes)
}

/** The key of an entry. */
export function keyOf(block: Block, index: number): Bytes {
  const { bytes } = block
  const entry = entryAt(block, index)
  return { bytes, start: keyStartAt(bytes, entry), lengthBytes: keyLengthAt(bytes, entry) }
}

/** The value of an entry of a leaf. */
export function valueOf(block: Block, index: number): Bytes {
  const { bytes } = block
  const payload = payloadAt(bytes, entryAt(block, index))
  const lengthBytes = decodeVaruint(bytes, payload, bytes.length)
  return { bytes, start: payload + varuintSizeBytes(lengthBytes), lengthBytes }
}
