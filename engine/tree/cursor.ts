// engine/tree/cursor.ts: the entries of a range, one after the other, in either direction.
//
// Invariants: (1) a cursor on a written tree gives exactly the entries of the range, whatever is cached or evicted
// meanwhile; (2) on an editor each `next` gives the nearest entry behind the last one given, as the tree is then, until
// there is none: then it is at its end, for good; (3) it holds one block and at most one pinned node, two for the length
// of a call; (4) a `next` that throws can be called again; (5) `close` is idempotent, never fails, and must come before
// the cache or the overlay goes.
//
// The block holds the path (reference and index, by level), the bounds, and for editors the last key given.

import { assert } from '../errors.ts'
import { decodeVaruint, varuintSizeBytes } from '../format/index.ts'
import type { Allocator, Block } from '../ports/index.ts'
import {
  childIndexOf,
  countOf,
  entryAt,
  HEIGHT_MAX,
  KEY_BYTES_LIMIT,
  keyLengthAt,
  keyStartAt,
  readChild,
  searchNode,
  type MutableReference,
} from './node.ts'
import type { Bytes } from './node-edit.ts'
import type { Frame } from './node-cache.ts'
import type { TreeView } from './tree-view.ts'

/** An end of a range. The bytes are copied. */
export type Bound = Bytes & Readonly<{ inclusive: boolean }>

/** `from`: the lower end, `to`: the upper end, whatever the direction; absent: open. */
export type CursorRange = Readonly<{ from?: Bound; to?: Bound; descending?: boolean }>

const CURSOR_BYTES = 128 // the cursor's own object
const STEP_BYTES = 16 // pack, offset, length, index of one level
const STEP = { pack: 0, offset: 4, length: 8, index: 12 } as const

/** A bound in the cursor's block. */
type OwnBound = Readonly<{ start: number; lengthBytes: number; inclusive: boolean }>

export class Cursor {
  /** The entry, after `next` gave true: its key and value in `bytes`. Valid until the next `next`, `close` or change. */
  bytes: Uint8Array
  keyStart = 0
  keyLength = 0
  valueStart = 0
  valueLength = 0
  readonly #view: TreeView
  readonly #allocator: Allocator
  readonly #block: Block
  readonly #from: OwnBound | undefined
  readonly #to: OwnBound | undefined
  readonly #descending: boolean
  readonly #lastKeyStart: number
  readonly #child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
  #leaf: Block | undefined
  #pinned: Frame | undefined
  #index = 0
  /** Where the range ends in this leaf: the index at which there is no entry any more, in the cursor's direction. */
  #stop = 0
  #state: 'new' | 'at-entry' | 'lost' | 'done' | 'closed' = 'new'
  #changesSeen = 0

  /** Throws OutOfMemoryError. */
  constructor(view: TreeView, allocator: Allocator, range: CursorRange = {}) {
    const fromBytes = range.from?.lengthBytes ?? 0
    const toBytes = range.to?.lengthBytes ?? 0
    const pathBytes = STEP_BYTES * (view.isEditable ? HEIGHT_MAX : view.height)
    const lastKeyBytes = view.isEditable ? KEY_BYTES_LIMIT : 0
    const bytes = CURSOR_BYTES + pathBytes + fromBytes + toBytes + lastKeyBytes
    this.#block = allocator.allocate(bytes, 'cursor')
    this.#allocator = allocator
    this.#view = view
    this.bytes = this.#block.bytes
    this.#descending = range.descending === true
    const boundsStart = this.#block.start + CURSOR_BYTES + pathBytes
    this.#from = range.from === undefined ? undefined : this.#own(range.from, boundsStart)
    this.#to = range.to === undefined ? undefined : this.#own(range.to, boundsStart + fromBytes)
    this.#lastKeyStart = boundsStart + fromBytes + toBytes
  }

  /** Goes to the next entry of the range; false if there is none. Throws as `NodeCache.node`; can be called again. */
  next(): boolean {
    assert(this.#state !== 'closed', 'the cursor is open')
    if (this.#state === 'done') return false
    if (this.#state === 'at-entry' && this.#changesSeen === this.#view.changes) {
      this.#index += this.#descending ? -1 : 1
    } else {
      this.#seek()
    }
    while (this.#index === this.#stop) {
      if (this.#rangeEndsInLeaf() || !this.#toNeighbour()) {
        this.#finish()
        return false
      }
    }
    this.#show()
    return true
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#finish()
    this.#state = 'closed'
    this.#allocator.free(this.#block)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #own(bound: Bound, start: number): OwnBound {
    this.#block.bytes.set(bound.bytes.subarray(bound.start, bound.start + bound.lengthBytes), start)
    return { start, lengthBytes: bound.lengthBytes, inclusive: bound.inclusive }
  }

  /** Points the public fields at the entry. */
  #show(): void {
    const leaf = this.#leaf as Block
    const bytes = leaf.bytes
    const entry = entryAt(leaf, this.#index)
    const keyLength = keyLengthAt(bytes, entry)
    const keyStart = keyStartAt(bytes, entry)
    const valueLength = decodeVaruint(bytes, keyStart + keyLength, bytes.length)
    this.bytes = bytes
    this.keyStart = keyStart
    this.keyLength = keyLength
    this.valueLength = valueLength
    this.valueStart = keyStart + keyLength + varuintSizeBytes(valueLength)
    this.#state = 'at-entry'
    if (this.#view.isEditable) {
      const target = this.#block.bytes
      if (target === bytes) target.copyWithin(this.#lastKeyStart, keyStart, keyStart + keyLength)
      else target.set(bytes.subarray(keyStart, keyStart + keyLength), this.#lastKeyStart)
    }
  }

  /** Goes to where the range begins, or behind the last entry given. */
  #seek(): void {
    const view = this.#view
    const isFirst = this.#state === 'new'
    const start = this.#descending ? this.#to : this.#from
    this.#changesSeen = view.changes
    if (!isFirst) this.#state = 'lost' // until an entry is shown: should this fail, the next call seeks again
    if (view.height === 0) {
      this.#release()
      this.#leaf = undefined
      this.#index = 0
      this.#stop = 0
      return
    }
    let keyBytes = this.#block.bytes
    let keyStart = start?.start ?? 0
    let keyLength = start === undefined ? -1 : start.lengthBytes
    let inclusive = start?.inclusive ?? true
    if (!isFirst) {
      // The last entry is in a pinned leaf of a written tree, or its key was copied.
      if (!view.isEditable) keyBytes = this.bytes
      keyStart = view.isEditable ? this.#lastKeyStart : this.keyStart
      keyLength = this.keyLength
      inclusive = false
    }
    let { pack, offsetBytes, lengthBytes } = view
    for (let level = view.height - 1; level > 0; level -= 1) {
      const node = view.node(pack, offsetBytes, lengthBytes, level)
      let index = this.#descending ? countOf(node) - 1 : 0
      if (keyLength >= 0) index = childIndexOf(node, keyBytes, keyStart, keyLength)
      this.#noteStep(level, pack, offsetBytes, lengthBytes, index)
      readChild(node, index, this.#child)
      ;({ pack, offsetBytes, lengthBytes } = this.#child)
    }
    const frame = pack === 0 ? undefined : view.cache.pin(pack, offsetBytes, lengthBytes, 0)
    const leaf = frame?.block ?? view.node(pack, offsetBytes, lengthBytes, 0)
    let index = this.#descending ? countOf(leaf) - 1 : 0
    if (keyLength >= 0) {
      const position = searchNode(leaf, keyBytes, keyStart, keyLength)
      const found = (position & 1) === 1
      index = position >> 1
      if (!isFirst && found) {
        // The same entry, should the leaf have been read again: its key is needed if the way on fails.
        this.bytes = leaf.bytes
        this.keyStart = keyStartAt(leaf.bytes, entryAt(leaf, index))
      }
      if (this.#descending) index -= found && inclusive ? 0 : 1
      else index += found && !inclusive ? 1 : 0
    }
    this.#enter(leaf, frame)
    this.#index = this.#descending ? Math.max(index, this.#stop) : Math.min(index, this.#stop)
  }

  /** Makes a leaf the current one and finds where the range ends in it; lets go of the one before. */
  #enter(leaf: Block, frame: Frame | undefined): void {
    this.#release()
    this.#leaf = leaf
    this.#pinned = frame
    const bound = this.#descending ? this.#from : this.#to
    if (bound === undefined) {
      this.#stop = this.#descending ? -1 : countOf(leaf)
      return
    }
    const position = searchNode(leaf, this.#block.bytes, bound.start, bound.lengthBytes)
    const found = (position & 1) === 1
    if (this.#descending) this.#stop = (position >> 1) - (found && !bound.inclusive ? 0 : 1)
    else this.#stop = (position >> 1) + (found && bound.inclusive ? 1 : 0)
  }

  /** Whether what stops the cursor in this leaf is the end of the range, not the end of the leaf. */
  #rangeEndsInLeaf(): boolean {
    if (this.#leaf === undefined) return true
    return this.#descending ? this.#stop >= 0 : this.#stop < countOf(this.#leaf)
  }

  /** Enters the next leaf in the cursor's direction; false if there is none. */
  #toNeighbour(): boolean {
    const view = this.#view
    const step = this.#descending ? -1 : 1
    const { view: numbers, start } = this.#block
    // If a read fails, the next call looks for the last key again.
    if (this.#state === 'at-entry') this.#state = 'lost'
    for (let level = 1; level < view.height; level += 1) {
      const at = start + CURSOR_BYTES + STEP_BYTES * level
      const index = numbers.getUint16(at + STEP.index) + step
      const node = view.node(
        numbers.getUint32(at + STEP.pack),
        numbers.getUint32(at + STEP.offset),
        numbers.getUint32(at + STEP.length),
        level,
      )
      if (index < 0 || index >= countOf(node)) continue
      numbers.setUint16(at + STEP.index, index)
      readChild(node, index, this.#child)
      this.#descend(level - 1)
      return true
    }
    return false
  }

  /** Enters the first leaf, in the cursor's direction, below `#child`, which is of level `from`. */
  #descend(from: number): void {
    const view = this.#view
    const child = this.#child
    for (let level = from; level > 0; level -= 1) {
      const node = view.node(child.pack, child.offsetBytes, child.lengthBytes, level)
      const index = this.#descending ? countOf(node) - 1 : 0
      this.#noteStep(level, child.pack, child.offsetBytes, child.lengthBytes, index)
      readChild(node, index, child)
    }
    const { pack, offsetBytes, lengthBytes } = child
    const frame = pack === 0 ? undefined : view.cache.pin(pack, offsetBytes, lengthBytes, 0)
    const leaf = frame?.block ?? view.node(pack, offsetBytes, lengthBytes, 0)
    this.#enter(leaf, frame)
    this.#index = this.#descending ? Math.max(countOf(leaf) - 1, this.#stop) : Math.min(0, this.#stop)
  }

  #noteStep(level: number, pack: number, offsetBytes: number, lengthBytes: number, index: number): void {
    const { view, start } = this.#block
    const at = start + CURSOR_BYTES + STEP_BYTES * level
    view.setUint32(at + STEP.pack, pack)
    view.setUint32(at + STEP.offset, offsetBytes)
    view.setUint32(at + STEP.length, lengthBytes)
    view.setUint16(at + STEP.index, index)
  }

  #finish(): void {
    this.#release()
    this.#leaf = undefined
    this.#state = 'done'
  }

  #release(): void {
    if (this.#pinned !== undefined) this.#view.cache.unpin(this.#pinned)
    this.#pinned = undefined
  }
}
