// engine/tree/tree-view.ts: reading one tree, as it was written or as a transaction sees it.
//
// One class for both, so that the hot path has one hidden class: a node in memory is told by pack 0.

import { assert } from '../errors.ts'
import type { Block } from '../ports/index.ts'
import { childIndexOf, entryAt, payloadAt, readChild, searchNode, type MutableReference } from './node.ts'
import type { NodeCache } from './node-cache.ts'
import type { Root } from './root.ts'
import { decodeVaruint, varuintSizeBytes } from '../format/index.ts'

/** Where the nodes are that a transaction has changed. */
export interface NodesInMemory {
  blockOf(number: number): Block
  readonly discarded: boolean
}

/** A value in place: `bytes[start … start + lengthBytes)`. */
export type ValueInPlace = Readonly<{ bytes: Uint8Array; start: number; lengthBytes: number }>

type MutableValue = { bytes: Uint8Array; start: number; lengthBytes: number }

export class TreeView {
  /** Root: reference (pack 0: number of a node in memory), height (0: empty), entries in the tree. */
  pack = 0
  offsetBytes = 0
  lengthBytes = 0
  height = 0
  count = 0
  /** Raised by each change, undone ones included: whoever remembers a place must look again. */
  changes = 0
  readonly cache: NodeCache
  readonly #memory: NodesInMemory | undefined
  readonly #child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
  #value: MutableValue | undefined
  #remembered: Readonly<{ pack: number; offsetBytes: number; lengthBytes: number; height: number; count: number }>

  constructor(cache: NodeCache, root: Root, memory?: NodesInMemory) {
    this.cache = cache
    this.#memory = memory
    this.height = root.height
    this.count = root.count
    if (root.reference !== undefined) {
      this.pack = root.reference.pack
      this.offsetBytes = root.reference.offsetBytes
      this.lengthBytes = root.reference.lengthBytes
    }
    this.#remembered = this.#state()
  }

  get isEditable(): boolean {
    return this.#memory !== undefined
  }

  /** A node of the tree; valid until the next call on the cache, or the next change. Throws as `NodeCache.node`. */
  node(pack: number, offsetBytes: number, lengthBytes: number, level: number): Block {
    if (pack !== 0) return this.cache.node(pack, offsetBytes, lengthBytes, level)
    assert(this.#memory !== undefined && !this.#memory.discarded, 'the tree can still be read')
    return this.#memory.blockOf(offsetBytes)
  }

  /**
   * The value of a key, or undefined. It is in place: valid until the next call on any tree with the same cache, or the
   * next change; the object is the same each time. Throws as `NodeCache.node`.
   */
  get(key: Uint8Array, keyStart: number, keyLength: number): ValueInPlace | undefined {
    if (this.height === 0) return undefined
    const child = this.#child
    let node = this.node(this.pack, this.offsetBytes, this.lengthBytes, this.height - 1)
    let pack = this.pack
    for (let level = this.height - 2; level >= 0; level -= 1) {
      const index = childIndexOf(node, key, keyStart, keyLength)
      if (pack !== 0) {
        node = this.cache.child(node, index, level) // a node on disk has no children in memory
        continue
      }
      readChild(node, index, child)
      pack = child.pack
      node = this.node(pack, child.offsetBytes, child.lengthBytes, level)
    }
    const position = searchNode(node, key, keyStart, keyLength)
    if ((position & 1) === 0) return undefined
    const bytes = node.bytes
    const payload = payloadAt(bytes, entryAt(node, position >> 1))
    const lengthBytes = decodeVaruint(bytes, payload, bytes.length)
    const start = payload + varuintSizeBytes(lengthBytes)
    if (this.#value === undefined) {
      this.#value = { bytes, start, lengthBytes }
    } else {
      this.#value.bytes = bytes
      this.#value.start = start
      this.#value.lengthBytes = lengthBytes
    }
    return this.#value
  }

  /** Remembers the root, for `restore`. */
  remember(): void {
    this.#remembered = this.#state()
  }

  /** The root is again what was remembered. Never fails. */
  restore(): void {
    Object.assign(this, this.#remembered)
    this.changes += 1
  }

  #state() {
    const { pack, offsetBytes, lengthBytes, height, count } = this
    return { pack, offsetBytes, lengthBytes, height, count }
  }
}
