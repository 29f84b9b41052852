// engine/tree/overlay.ts: the nodes that a transaction has changed, and the way back.
//
// A changed node has a number that stays the same, and a block that is replaced: the first change of a node within a
// statement goes to a copy, and the block before it is kept until the statement ends. So a statement can be undone by
// putting blocks back, whatever it did and wherever it failed, and parents need not change when their child does.
//
// Invariants: (1) `undoStatement`, `keepStatement` and `discard` never allocate from the allocator and never fail;
// (2) a node's number is given out again only after the statement in which it was removed has ended; (3) within a
// statement a number is in the log at most once: with the block that it had before, or without if it is new;
// (4) the committed tree below is only read.

import { assert, EngineError } from '../errors.ts'
import type { Allocator, Block } from '../ports/index.ts'
import {
  countOf,
  entryBytesOf,
  entryCapacityOf,
  FAN_OUT_MAX,
  FAN_OUT_MIN,
  IMAGE_HEADER_BYTES_MAX,
  initializeNode,
  KEY_BYTES_LIMIT,
  levelOf,
  nodeOverheadBytes,
  slotCapacityOf,
} from './node.ts'
import { appendEntries } from './node-edit.ts'
import type { NodeCache } from './node-cache.ts'
import type { Root } from './root.ts'
import { TreeEditor } from './tree-editor.ts'

/** How trees are built. */
export type TreeShape = Readonly<{
  /** Entries in a node at most, 4 … 512. May differ from one open to the next. */
  fanOut: number
  /** A longer key is refused with E_CONSTRAINT. At most 4096. */
  keyBytesMax: number
}>

export type OverlayOptions = Readonly<{ allocator: Allocator; cache: NodeCache; shape: TreeShape }>

const TABLE_ENTRY_BYTES = 24 // block, statement and free-list entry of one node number
const TABLE_ENTRIES_MIN = 16
const EDITOR_BYTES = 128 // a TreeEditor with its fixed-size path
const ENTRY_BYTES_LIMIT = 0xffff // slots are 16 bits

export class Overlay {
  readonly cache: NodeCache
  readonly shape: TreeShape
  readonly #allocator: Allocator
  /** By node number; undefined: not in use. charged: `#table`. */
  readonly #blocks: (Block | undefined)[] = []
  /** By node number: the statement in which the block was made. charged: `#table`. */
  readonly #statements: number[] = []
  /** Numbers to give out again. charged: `#table`. */
  readonly #freeNumbers: number[] = []
  /** Nodes changed by this statement and the blocks they had. charged: the header of the old or the new block. */
  readonly #logNumbers: number[] = []
  readonly #logBlocks: (Block | undefined)[] = []
  /** One for each tree that the transaction touches. charged: `#editorBlocks`, one block each. */
  readonly #editors: TreeEditor[] = []
  readonly #editorBlocks: Block[] = []
  #table: Block
  #statement = 0
  #inStatement = false
  #discarded = false

  /** Throws OutOfMemoryError; E_USAGE for a shape that cannot be. */
  constructor(options: OverlayOptions) {
    const { fanOut, keyBytesMax } = options.shape
    if (!Number.isInteger(fanOut) || fanOut < FAN_OUT_MIN || fanOut > FAN_OUT_MAX) {
      throw new EngineError('E_USAGE', `the fan-out is ${fanOut}, not ${FAN_OUT_MIN} to ${FAN_OUT_MAX}`)
    }
    if (!Number.isInteger(keyBytesMax) || keyBytesMax < 1 || keyBytesMax > KEY_BYTES_LIMIT) {
      throw new EngineError('E_USAGE', `keys of at most ${keyBytesMax} bytes, not 1 to ${KEY_BYTES_LIMIT}`)
    }
    this.cache = options.cache
    this.shape = options.shape
    this.#allocator = options.allocator
    this.#table = this.#allocator.allocate(TABLE_ENTRIES_MIN * TABLE_ENTRY_BYTES, 'overlay')
  }

  /** An editor of a tree; lives as long as the overlay. Throws OutOfMemoryError. */
  editor(root: Root): TreeEditor {
    assert(!this.#discarded, 'the overlay is not discarded')
    const block = this.#allocator.allocate(EDITOR_BYTES, 'overlay')
    const editor = new TreeEditor(this, root)
    this.#editorBlocks.push(block)
    this.#editors.push(editor)
    return editor
  }

  /** From here on changes can be undone together. */
  beginStatement(): void {
    assert(!this.#discarded, 'the overlay is not discarded')
    assert(!this.#inStatement, 'statements do not nest')
    this.#inStatement = true
    this.#statement += 1
    for (const editor of this.#editors) editor.view.remember()
  }

  /** Ends the statement; its changes stay. Never fails. */
  keepStatement(): void {
    assert(this.#inStatement, 'a statement has begun')
    for (let index = 0; index < this.#logNumbers.length; index += 1) {
      const number = this.#logNumbers[index] as number
      const before = this.#logBlocks[index]
      if (before !== undefined) this.#allocator.free(before)
      if (this.#blocks[number] === undefined) this.#freeNumbers.push(number)
    }
    this.#endStatement()
  }

  /** Ends the statement; everything is as it was when it began. Never fails. */
  undoStatement(): void {
    assert(this.#inStatement, 'a statement has begun')
    for (let index = 0; index < this.#logNumbers.length; index += 1) {
      const number = this.#logNumbers[index] as number
      const before = this.#logBlocks[index]
      const now = this.#blocks[number]
      if (now !== undefined) this.#allocator.free(now)
      this.#blocks[number] = before
      this.#statements[number] = 0
      if (before === undefined) this.#freeNumbers.push(number)
    }
    for (const editor of this.#editors) editor.view.restore()
    this.#endStatement()
  }

  /** Frees everything, in a statement or not; idempotent, never fails. The editors can no longer be used. */
  discard(): void {
    if (this.#discarded) return
    this.#discarded = true
    this.#inStatement = false
    for (const block of this.#blocks) if (block !== undefined) this.#allocator.free(block)
    for (const block of this.#logBlocks) if (block !== undefined) this.#allocator.free(block)
    for (const block of this.#editorBlocks) this.#allocator.free(block)
    this.#allocator.free(this.#table)
    for (const list of [this.#blocks, this.#logBlocks, this.#editorBlocks, this.#editors]) list.length = 0
    for (const list of [this.#statements, this.#freeNumbers, this.#logNumbers]) list.length = 0
  }

  get discarded(): boolean {
    return this.#discarded
  }

  get inStatement(): boolean {
    return this.#inStatement
  }

  /** The block of a node in memory. */
  blockOf(number: number): Block {
    const block = this.#blocks[number]
    assert(block !== undefined, 'a node in memory has a block')
    return block
  }

  /** A new, empty node with room for so much. Throws OutOfMemoryError; changes nothing then. */
  create(level: number, entries: number, entryBytes: number): number {
    assert(this.#inStatement, 'nodes change within a statement')
    if (this.#freeNumbers.length === 0 && (this.#blocks.length + 1) * TABLE_ENTRY_BYTES > this.#table.byteLength) {
      const table = this.#allocator.allocate(2 * this.#table.byteLength, 'overlay')
      this.#allocator.free(this.#table)
      this.#table = table
    }
    const block = this.#newBlock(level, grown(entries, 4), grown(entryBytes, 64))
    const number = this.#freeNumbers.pop() ?? this.#blocks.length
    this.#blocks[number] = block
    this.#statements[number] = this.#statement
    this.#log(number, undefined)
    return number
  }

  /** A new node with the entries of a committed one. Throws OutOfMemoryError; changes nothing then. */
  adopt(node: Block): number {
    const number = this.create(levelOf(node), countOf(node), entryBytesOf(node))
    appendEntries(this.blockOf(number), node, 0)
    return number
  }

  /**
   * The block of a node, for changing it, with room for so many entries and bytes in all. It may be another block than
   * before. Throws OutOfMemoryError; changes nothing then.
   */
  writable(number: number, entries: number, entryBytes: number): Block {
    assert(this.#inStatement, 'nodes change within a statement')
    const block = this.blockOf(number)
    const slots = slotCapacityOf(block)
    const capacity = entryCapacityOf(block)
    const own = this.#statements[number] === this.#statement
    if (own && entries <= slots && entryBytes <= capacity) return block
    const copy = this.#newBlock(
      levelOf(block),
      entries <= slots ? slots : grown(entries, 4),
      entryBytes <= capacity ? capacity : grown(entryBytes, 64),
    )
    appendEntries(copy, block, 0)
    this.#blocks[number] = copy
    if (own) {
      this.#allocator.free(block)
    } else {
      this.#statements[number] = this.#statement
      this.#log(number, block)
    }
    return copy
  }

  /** Takes a node out; its number is free when the statement is kept. Never fails. */
  remove(number: number): void {
    assert(this.#inStatement, 'nodes change within a statement')
    const block = this.blockOf(number)
    this.#blocks[number] = undefined
    if (this.#statements[number] === this.#statement) this.#allocator.free(block)
    else this.#log(number, block)
  }

  /** Memory for the length of one call. Throws OutOfMemoryError. */
  borrow(bytes: number): Block {
    return this.#allocator.allocate(bytes, 'overlay')
  }

  giveBack(block: Block): void {
    this.#allocator.free(block)
  }

  #log(number: number, before: Block | undefined): void {
    this.#logNumbers.push(number)
    this.#logBlocks.push(before)
  }

  #endStatement(): void {
    this.#logNumbers.length = 0
    this.#logBlocks.length = 0
    this.#inStatement = false
  }

  #newBlock(level: number, slots: number, capacity: number): Block {
    assert(capacity <= ENTRY_BYTES_LIMIT, 'a node has at most 65535 bytes of entries')
    const entriesOffset = nodeOverheadBytes(slots) + IMAGE_HEADER_BYTES_MAX
    const block = this.#allocator.allocate(entriesOffset + capacity, 'overlay')
    initializeNode(block, level, slots, entriesOffset, capacity)
    return block
  }
}

/** Room for a quarter more. */
function grown(needed: number, least: number): number {
  return Math.max(needed, Math.min(needed + (needed >> 2) + least, ENTRY_BYTES_LIMIT))
}
