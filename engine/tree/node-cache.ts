// engine/tree/node-cache.ts: nodes that were read, kept while there is room.
//
// Invariants: (1) the cached bytes exceed the budget only by what is pinned and by the one node asked for last; (2) room
// is made before a node is read, never after a failed allocation, so that a failing operation does not allocate again;
// (3) a node on disk never changes, so a cached one is never stale, until its pack is gone or void (`forgetPack`);
// (4) a block that `node` returned is valid until the next call of `node` or `pin`; a pinned one until `unpin`.
//
// Which node goes is decided by a clock: one bit says that it was used since the hand came by.

import { assert } from '../errors.ts'
import type { Block } from '../ports/index.ts'
import { loadNode, type NodeSource } from './load-node.ts'
import { hintAt, levelOf, loadedOverheadBytes, readChild, slotCapacityFor, type MutableReference } from './node.ts'

/** A cached node. Only `block` is of interest outside. */
export type Frame = {
  readonly block: Block
  readonly pack: number
  readonly offsetBytes: number
  /** From 1, the number of the read; starts again when nothing is left that could name an old one. */
  readonly serial: number
  /** Place on the clock; -1: no longer cached, freed when the last pin goes. */
  place: number
  pins: number
  used: boolean
}

const SERIAL_MAX = 0xffff_ffff

export type NodeCacheOptions = NodeSource & Readonly<{ budgetBytes: number }>

export class NodeCache {
  readonly fanOut: number
  readonly #source: NodeSource
  readonly #budgetBytes: number
  /** Frames by pack and offset. charged: the header of each frame's block; a pack's map lives as long as its frames. */
  readonly #packs = new Map<number, Map<number, Frame>>()
  /** The clock. charged: the header of each frame's block. */
  readonly #clock: Frame[] = []
  #hand = 0
  #usedBytes = 0
  #pins = 0
  #serial = 0
  readonly #child: MutableReference = { pack: 0, offsetBytes: 0, lengthBytes: 0 }
  #recentPack = 0
  #recent: Map<number, Frame> | undefined // charged: with `#packs`, of which it is one

  constructor(options: NodeCacheOptions) {
    this.#source = options
    this.fanOut = options.fanOut
    this.#budgetBytes = options.budgetBytes
  }

  /** Bytes of the blocks that are cached, and how many nodes and pins there are. */
  counters(): Readonly<{ nodes: number; bytes: number; pins: number }> {
    return { nodes: this.#clock.length, bytes: this.#usedBytes, pins: this.#pins }
  }

  /** The node at a position, of the level that its parent says. Throws as `loadNode`; changes nothing then. */
  node(pack: number, offsetBytes: number, lengthBytes: number, level: number): Block {
    return this.#frame(pack, offsetBytes, lengthBytes, level).block
  }

  /**
   * The child of entry `index` of a node that this cache returned, which may be gone afterwards. As `node`, but it mostly
   * finds the child by a hint in the parent: a node never changes, so the frame that its entry led to once is the one.
   */
  child(parent: Block, index: number, level: number): Block {
    const at = hintAt(parent, index)
    const hinted = this.#clock[parent.view.getUint32(at)]
    if (hinted !== undefined && hinted.serial === parent.view.getUint32(at + 4)) {
      hinted.used = true
      return hinted.block
    }
    const child = this.#child
    readChild(parent, index, child)
    const reads = this.#serial
    const frame = this.#frame(child.pack, child.offsetBytes, child.lengthBytes, level)
    // After a read the parent may be gone; then the hint is for the next time.
    if (this.#serial === reads) {
      parent.view.setUint32(at, frame.place)
      parent.view.setUint32(at + 4, frame.serial)
    }
    return frame.block
  }

  /** As `node`; the block stays where it is until `unpin`. */
  pin(pack: number, offsetBytes: number, lengthBytes: number, level: number): Frame {
    const frame = this.#frame(pack, offsetBytes, lengthBytes, level)
    frame.pins += 1
    this.#pins += 1
    return frame
  }

  unpin(frame: Frame): void {
    assert(frame.pins > 0, 'only a pinned node is unpinned')
    frame.pins -= 1
    this.#pins -= 1
    if (frame.pins === 0 && frame.place === -1) this.#source.allocator.free(frame.block)
  }

  /** Drops a node, if it is there: what is at that position is void or will be something else. */
  forget(reference: Readonly<{ pack: number; offsetBytes: number }>): void {
    const frame = this.#packs.get(reference.pack)?.get(reference.offsetBytes)
    if (frame !== undefined) this.#drop(frame)
  }

  /** Drops all nodes of a pack. */
  forgetPack(pack: number): void {
    const frames = this.#packs.get(pack)
    if (frames !== undefined) for (const frame of frames.values()) this.#drop(frame)
  }

  /** Drops all nodes. Those that are pinned are freed when their pins go. Never fails. */
  clear(): void {
    while (this.#clock.length > 0) this.#drop(this.#clock[this.#clock.length - 1] as Frame)
  }

  /** Frees everything; idempotent. InvariantError if a cursor was left open. */
  close(): void {
    this.clear()
    assert(this.#pins === 0, 'all cursors are closed before the cache')
  }

  #frame(pack: number, offsetBytes: number, lengthBytes: number, level: number): Frame {
    const frames = pack === this.#recentPack ? this.#recent : this.#packOf(pack)
    const frame = frames?.get(offsetBytes)
    if (frame === undefined) return this.#load(pack, offsetBytes, lengthBytes, level)
    if (levelOf(frame.block) !== level) {
      const message = `a node of level ${levelOf(frame.block)} is named as one of level ${level}`
      throw this.#source.damage({ pack, offsetBytes, lengthBytes }, message)
    }
    frame.used = true
    return frame
  }

  #packOf(pack: number): Map<number, Frame> | undefined {
    const frames = this.#packs.get(pack)
    if (frames === undefined) return undefined
    this.#recentPack = pack
    this.#recent = frames
    return frames
  }

  #load(pack: number, offsetBytes: number, lengthBytes: number, level: number): Frame {
    this.#makeRoom(loadedOverheadBytes(slotCapacityFor(lengthBytes, this.fanOut), level) + lengthBytes)
    if (this.#serial === SERIAL_MAX) {
      this.clear() // with every hint that names an old serial
      this.#serial = 0
    }
    this.#serial += 1
    const block = loadNode(this.#source, { pack, offsetBytes, lengthBytes }, level)
    const frame: Frame = {
      block,
      pack,
      offsetBytes,
      serial: this.#serial,
      place: this.#clock.length,
      pins: 0,
      used: true,
    }
    let frames = this.#packOf(pack)
    if (frames === undefined) {
      frames = new Map() // charged: as the frames in it
      this.#packs.set(pack, frames)
    }
    frames.set(offsetBytes, frame)
    this.#clock.push(frame)
    this.#usedBytes += block.byteLength
    return frame
  }

  /** Frees nodes until `bytes` more are within the budget, or only pinned ones are left. */
  #makeRoom(bytes: number): void {
    let looks = 2 * this.#clock.length
    while (this.#usedBytes + bytes > this.#budgetBytes && looks > 0) {
      looks -= 1
      if (this.#hand >= this.#clock.length) this.#hand = 0
      const frame = this.#clock[this.#hand]
      if (frame === undefined) return
      if (frame.pins === 0 && !frame.used) {
        this.#drop(frame)
      } else {
        frame.used = false
        this.#hand += 1
      }
    }
  }

  #drop(frame: Frame): void {
    const frames = this.#packs.get(frame.pack)
    frames?.delete(frame.offsetBytes)
    if (frames?.size === 0) {
      this.#packs.delete(frame.pack)
      if (this.#recentPack === frame.pack) {
        this.#recentPack = 0
        this.#recent = undefined
      }
    }
    const last = this.#clock.pop() as Frame
    if (last !== frame) {
      this.#clock[frame.place] = last
      last.place = frame.place
    }
    frame.place = -1
    this.#usedBytes -= frame.block.byteLength
    if (frame.pins === 0) this.#source.allocator.free(frame.block)
  }
}
