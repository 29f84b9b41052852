// engine/tree/tree-editor.ts: one tree within a transaction: look up, put, delete, and write what has changed.
//
// A change makes the path from the root to the leaf nodes in memory (a committed node is copied the first time), then
// changes the leaf; splits and merges go up that path. Nothing here puts back what it did when it fails: the statement
// is undone as a whole (`Overlay.undoStatement`).
//
// Invariants: (1) a node in memory is the child of a node in memory; (2) after each call every node but the root has at
// least a third of the fan-out, or a good share of the bytes that a node may have, or is on the right edge, where keys
// that only rise fill nodes to the brim; (3) `write` appends children before their parents, a node once, an unchanged
// one never, and changes nothing that a reader of the editor sees; (4) loops go over the height or one node's entries.

import { assert, EngineError } from '../errors.ts'
import type { Block } from '../ports/index.ts'
import type { ItemStore } from './item-store.ts'
import {
  childIndexOf,
  countOf,
  entryAt,
  entryBytesOf,
  HEIGHT_MAX,
  keyLengthAt,
  keyStartAt,
  NODE_BYTES_SPLIT,
  readChild,
  searchNode,
  slotOf,
  VALUE_BYTES_LIMIT,
  type MutableReference,
} from './node.ts'
import {
  appendEntries,
  appendWithSeparator,
  CHILD_IN_MEMORY_BYTES_MAX,
  childEntryBytes,
  emptyFirstKey,
  insertChildEntry,
  insertLeafEntry,
  leafEntryBytes,
  removeEntry,
  replaceChild,
  replaceValue,
  separatorLength,
  truncateEntries,
  type Bytes,
} from './node-edit.ts'
import type { Overlay } from './overlay.ts'
import type { Root } from './root.ts'
import { TreeView, type ValueInPlace } from './tree-view.ts'
import { writeTree } from './write-tree.ts'

const FEW_BYTES = NODE_BYTES_SPLIT >> 3 // a node with more is not too empty, however few its entries
const MERGED_BYTES_MAX = 65_000 // what a block of a node can hold, less a little

export class TreeEditor {
  /** The tree as this transaction sees it; cursors go over it. */
  readonly view: TreeView
  readonly #overlay: Overlay
  readonly #fanOut: number
  readonly #keyBytesMax: number
  // The path to a leaf, by level.
  readonly #numbers: number[] = Array(HEIGHT_MAX).fill(0) // charged: the editor's block, because its size is fixed
  readonly #indexes: number[] = Array(HEIGHT_MAX).fill(0) // charged: the editor's block, because its size is fixed
  readonly #child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }

  constructor(overlay: Overlay, root: Root) {
    this.#overlay = overlay
    this.#fanOut = overlay.shape.fanOut
    this.#keyBytesMax = overlay.shape.keyBytesMax
    this.view = new TreeView(overlay.cache, root, overlay)
  }

  get count(): number {
    return this.view.count
  }

  /** As `TreeView.get`. */
  get(key: Uint8Array, keyStart: number, keyLength: number): ValueInPlace | undefined {
    return this.view.get(key, keyStart, keyLength)
  }

  /**
   * Puts a value; returns whether it replaced one. Key and value are copied; they must not be in blocks of the tree.
   * Throws E_CONSTRAINT for a key or value that is too long, changing nothing. Throws OutOfMemoryError and what reading
   * throws: then the statement must be undone.
   */
  put(key: Bytes, value: Bytes): boolean {
    const { view } = this
    const overlay = this.#overlay
    if (key.lengthBytes > this.#keyBytesMax) {
      throw new EngineError('E_CONSTRAINT', `a key of ${key.lengthBytes} bytes is longer than ${this.#keyBytesMax}`)
    }
    if (value.lengthBytes > VALUE_BYTES_LIMIT) {
      throw new EngineError('E_CONSTRAINT', `a value of ${value.lengthBytes} bytes is longer than ${VALUE_BYTES_LIMIT}`)
    }
    assert(overlay.inStatement, 'a tree changes within a statement')
    view.changes += 1
    if (view.height === 0) {
      this.#setRoot(overlay.create(0, 1, leafEntryBytes(key.lengthBytes, value.lengthBytes)), 1)
    }
    const leaf = this.#ownPath(key)
    let block = overlay.blockOf(leaf)
    const position = searchNode(block, key.bytes, key.start, key.lengthBytes)
    const index = position >> 1
    const count = countOf(block)
    const entryBytes = entryBytesOf(block) + leafEntryBytes(key.lengthBytes, value.lengthBytes)
    if ((position & 1) === 1) {
      const before = slotOf(block, index + 1) - slotOf(block, index)
      replaceValue(overlay.writable(leaf, count, entryBytes - before), index, value)
    } else {
      block = overlay.writable(leaf, count + 1, entryBytes)
      insertLeafEntry(block, index, key, value)
      view.count += 1
    }
    this.#splitUp(index === count && this.#isOnRightEdge())
    return (position & 1) === 1
  }

  /** Takes a key out; returns whether it was there. Throws as `put`. */
  delete(key: Bytes): boolean {
    const { view } = this
    const overlay = this.#overlay
    assert(overlay.inStatement, 'a tree changes within a statement')
    if (view.get(key.bytes, key.start, key.lengthBytes) === undefined) return false
    view.changes += 1
    const leaf = this.#ownPath(key)
    const found = overlay.blockOf(leaf)
    const index = searchNode(found, key.bytes, key.start, key.lengthBytes) >> 1
    removeEntry(overlay.writable(leaf, countOf(found), entryBytesOf(found)), index)
    view.count -= 1
    for (let level = 0; level + 1 < view.height; level += 1) {
      if (!this.#isTooEmpty(level)) break
      this.#mergeWithSibling(level)
    }
    this.#lowerRoot()
    return true
  }

  /**
   * Appends all changed nodes to the store, children first, and returns the new root; an unchanged tree writes nothing.
   * Throws OutOfMemoryError and what the store throws; the editor is then as it was.
   */
  write(store: Pick<ItemStore, 'appendNode'>): Root {
    const { height, count, pack, offsetBytes, lengthBytes } = this.view
    if (height === 0) return { reference: undefined, height: 0, count: 0 }
    const reference =
      pack === 0 ? writeTree(this.#overlay, store, offsetBytes, height) : { pack, offsetBytes, lengthBytes }
    return { reference, height, count }
  }

  #setRoot(number: number, height: number): void {
    this.view.pack = 0
    this.view.offsetBytes = number
    this.view.lengthBytes = 0
    this.view.height = height
  }

  /** Makes the path to the leaf of a key nodes in memory, fills `#numbers` and `#indexes`; returns the leaf's number. */
  #ownPath(key: Bytes): number {
    const { view } = this
    const overlay = this.#overlay
    if (view.pack !== 0) {
      const root = view.node(view.pack, view.offsetBytes, view.lengthBytes, view.height - 1)
      this.#setRoot(overlay.adopt(root), view.height)
    }
    let number = view.offsetBytes
    for (let level = view.height - 1; level > 0; level -= 1) {
      const index = childIndexOf(overlay.blockOf(number), key.bytes, key.start, key.lengthBytes)
      this.#numbers[level] = number
      this.#indexes[level] = index
      number = this.#ownChild(number, index, level - 1)
    }
    this.#numbers[0] = number
    return number
  }

  /** Makes the child at `index` of a node in memory one as well; returns its number. */
  #ownChild(parent: number, index: number, level: number): number {
    const overlay = this.#overlay
    const child = this.#child
    readChild(overlay.blockOf(parent), index, child)
    if (child.pack === 0) return child.offsetBytes
    const number = overlay.adopt(this.view.node(child.pack, child.offsetBytes, child.lengthBytes, level))
    const block = overlay.blockOf(parent)
    const room = entryBytesOf(block) + CHILD_IN_MEMORY_BYTES_MAX
    replaceChild(overlay.writable(parent, countOf(block), room), index, number)
    return number
  }

  #isOnRightEdge(): boolean {
    for (let level = 1; level < this.view.height; level += 1) {
      if (this.#indexes[level] !== countOf(this.#blockAt(level)) - 1) return false
    }
    return true
  }

  #blockAt(level: number): Block {
    return this.#overlay.blockOf(this.#numbers[level] as number)
  }

  /** Splits the nodes of the path that are too full, from the leaf up. */
  #splitUp(appending: boolean): void {
    const levels = this.view.height
    for (let level = 0; level < levels; level += 1) {
      const block = this.#blockAt(level)
      if (countOf(block) <= this.#fanOut && entryBytesOf(block) <= NODE_BYTES_SPLIT) return
      this.#split(level, appending ? edgeSplit(block, level) : evenSplit(block, level))
    }
  }

  /** Moves the entries from `at` on to a new node to the right, and tells the parent. */
  #split(level: number, at: number): void {
    const overlay = this.#overlay
    const { view } = this
    const left = this.#numbers[level] as number
    const source = overlay.blockOf(left)
    const right = overlay.create(level, countOf(source) - at, entryBytesOf(source) - slotOf(source, at))
    const block = overlay.blockOf(right)
    appendEntries(block, source, at)
    // The node is of this statement (it was changed by it), so that cutting it needs no copy.
    truncateEntries(overlay.writable(left, 0, 0), at)
    const first = entryAt(block, 0)
    const keyStart = keyStartAt(block.bytes, first)
    const keyLength = level === 0 ? separatorLength(overlay.blockOf(left), block) : keyLengthAt(block.bytes, first)
    if (level + 1 === view.height) {
      if (view.height === HEIGHT_MAX) throw new EngineError('E_CONSTRAINT', `a tree of ${HEIGHT_MAX} levels is full`)
      const root = overlay.create(level + 1, 2, 2 * CHILD_IN_MEMORY_BYTES_MAX + keyLength + 4)
      insertChildEntry(overlay.blockOf(root), 0, block.bytes, keyStart, 0, left)
      insertChildEntry(overlay.blockOf(root), 1, block.bytes, keyStart, keyLength, right)
      this.#setRoot(root, view.height + 1)
      this.#numbers[level + 1] = root
    } else {
      const parent = this.#numbers[level + 1] as number
      const node = overlay.blockOf(parent)
      const room = entryBytesOf(node) + childEntryBytes(keyLength, right)
      const target = overlay.writable(parent, countOf(node) + 1, room)
      insertChildEntry(target, (this.#indexes[level + 1] as number) + 1, block.bytes, keyStart, keyLength, right)
    }
    if (level > 0) emptyFirstKey(block)
  }

  #isTooEmpty(level: number): boolean {
    const block = this.#blockAt(level)
    const least = Math.max(level === 0 ? 1 : 2, Math.floor(this.#fanOut / 3))
    const count = countOf(block)
    if (count < (level === 0 ? 1 : 2)) return true
    return count < least && entryBytesOf(block) < FEW_BYTES
  }

  /** Puts a node of the path and a neighbour together, and splits them evenly if that is too much for one. */
  #mergeWithSibling(level: number): void {
    const overlay = this.#overlay
    const parent = this.#numbers[level + 1] as number
    const own = this.#indexes[level + 1] as number
    const leftIndex = own > 0 ? own - 1 : own
    const left = this.#ownChild(parent, leftIndex, level)
    const right = this.#ownChild(parent, leftIndex + 1, level)
    const node = overlay.blockOf(parent)
    const separator = entryAt(node, leftIndex + 1)
    const keyStart = keyStartAt(node.bytes, separator)
    const keyLength = level === 0 ? 0 : keyLengthAt(node.bytes, separator)
    const source = overlay.blockOf(right)
    const leftBlock = overlay.blockOf(left)
    const bytes = entryBytesOf(leftBlock) + entryBytesOf(source) + keyLength + 1
    if (bytes > MERGED_BYTES_MAX) return
    const merged = overlay.writable(left, countOf(leftBlock) + countOf(source), bytes)
    if (level === 0) appendEntries(merged, source, 0)
    else appendWithSeparator(merged, source, node.bytes, keyStart, keyLength)
    removeEntry(overlay.writable(parent, countOf(node), entryBytesOf(node)), leftIndex + 1)
    overlay.remove(right)
    this.#numbers[level] = left
    this.#indexes[level + 1] = leftIndex
    if (countOf(merged) > this.#fanOut || entryBytesOf(merged) > NODE_BYTES_SPLIT) {
      this.#split(level, evenSplit(merged, level))
    }
  }

  /** Takes roots away that have nothing to decide. */
  #lowerRoot(): void {
    const { view } = this
    const overlay = this.#overlay
    while (view.height > 0 && view.pack === 0) {
      const root = overlay.blockOf(view.offsetBytes)
      if (countOf(root) > (view.height > 1 ? 1 : 0)) return
      const number = view.offsetBytes
      const child = this.#child
      child.pack = 0
      child.offsetBytes = 0
      child.lengthBytes = 0
      if (view.height > 1) readChild(root, 0, child)
      overlay.remove(number)
      view.pack = child.pack
      view.offsetBytes = child.offsetBytes
      view.lengthBytes = child.lengthBytes
      view.height -= 1
    }
  }
}

/** Where to split a node whose keys only rise: the left one stays full. */
function edgeSplit(block: Block, level: number): number {
  return Math.max(countOf(block) - (level === 0 ? 1 : 2), 1)
}

/** Where to split so that both halves have the same number of entries, or of bytes if it is bytes that are too many. */
function evenSplit(block: Block, level: number): number {
  const count = countOf(block)
  const least = level === 0 ? 1 : 2
  let at = count >> 1
  const bytes = entryBytesOf(block)
  if (bytes > NODE_BYTES_SPLIT) {
    at = 0
    while (slotOf(block, at) < bytes >> 1) at += 1
  }
  return Math.min(Math.max(at, least), count - least)
}
