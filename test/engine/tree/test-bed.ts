// test/engine/tree/test-bed.ts: what trees stand on in these tests: a store in plain memory that stays an
// independent witness of what was written, and an allocator that counts and fails on demand over the engine's own.

import { EngineError } from '../../../engine/errors.ts'
import type { Reference } from '../../../engine/format/index.ts'
import { createAllocator, systemChunks } from '../../../engine/memory/index.ts'
import { IoError, OutOfMemoryError, type Allocator, type Block } from '../../../engine/ports/index.ts'
import {
  Cursor,
  NodeCache,
  Overlay,
  TreeView,
  type Bytes,
  type CursorRange,
  type ItemStore,
  type NodeSource,
  type Root,
} from '../../../engine/tree/index.ts'

/** Fails the allocation of a number, once or from there on; notes what was asked for after that. */
export class FailingAllocator implements Allocator {
  readonly inner = createAllocator({ algorithm: 'segregated-fit', memory: systemChunks() })
  allocations = 0
  failAt = 0
  failuresDelivered = 0
  askedAfterFailure = 0

  allocate(byteLength: number, tag: string): Block {
    this.allocations += 1
    if (this.failuresDelivered > 0) this.askedAfterFailure += 1
    if (this.allocations === this.failAt) {
      this.failuresDelivered += 1
      throw new OutOfMemoryError(byteLength, tag, this.allocations)
    }
    return this.inner.allocate(byteLength, tag)
  }

  free(block: Block): void {
    this.inner.free(block)
  }

  counters() {
    return this.inner.counters()
  }

  /** The allocation after so many more fails; 0: none. */
  arm(inHowMany: number): void {
    this.failAt = inHowMany === 0 ? 0 : this.allocations + inHowMany
    this.failuresDelivered = 0
    this.askedAfterFailure = 0
  }

  get live(): number {
    return this.inner.counters().liveBlocks
  }
}

/** Nodes as plain arrays, by pack and offset. */
export class WitnessStore implements ItemStore {
  readonly items = new Map<string, Uint8Array>()
  readonly order: Reference[] = []
  readonly allocator: Allocator
  pack = 1
  size = 64
  reads = 0
  appendsUntilFailure = Infinity
  readsUntilFailure = Infinity

  constructor(allocator: Allocator) {
    this.allocator = allocator
  }

  readNode(reference: Reference, extraBytes: number): Block {
    this.reads += 1
    if ((this.readsUntilFailure -= 1) < 0) throw new IoError('EIO', 'read', '/witness')
    const item = this.items.get(`${reference.pack}:${reference.offsetBytes}`)
    if (item === undefined || item.length !== reference.lengthBytes) {
      throw new EngineError('E_CORRUPT', `nothing of ${reference.lengthBytes} bytes at ${reference.offsetBytes}`)
    }
    const block = this.allocator.allocate(extraBytes + item.length, 'node')
    block.bytes.set(item, block.start + extraBytes)
    return block
  }

  appendNode(bytes: Uint8Array, start: number, lengthBytes: number): Reference {
    if ((this.appendsUntilFailure -= 1) < 0) throw new IoError('ENOSPC', 'append', '/witness')
    const reference: Reference = { pack: this.pack, offsetBytes: this.size, lengthBytes }
    this.items.set(`${this.pack}:${this.size}`, bytes.slice(start, start + lengthBytes))
    this.order.push(reference)
    this.size += lengthBytes + 9
    return reference
  }
}

export type Bed = Readonly<{
  allocator: FailingAllocator
  store: WitnessStore
  cache: NodeCache
  source: NodeSource
  fanOut: number
}>

export function makeBed(fanOut: number, budgetBytes = 20_000): Bed {
  const allocator = new FailingAllocator()
  const store = new WitnessStore(allocator)
  const source: NodeSource = {
    store,
    allocator,
    fanOut,
    damage: (reference, message) => new EngineError('E_CORRUPT', message, { offsetBytes: reference.offsetBytes }),
  }
  return { allocator, store, source, fanOut, cache: new NodeCache({ ...source, budgetBytes }) }
}

export function makeOverlay(bed: Bed, fanOut = bed.fanOut, keyBytesMax = 1000): Overlay {
  return new Overlay({ allocator: bed.allocator, cache: bed.cache, shape: { fanOut, keyBytesMax } })
}

/** Bytes with something before and behind, so that offsets matter. */
export function run(bytes: Uint8Array): Bytes {
  const padded = Uint8Array.of(0x55, ...bytes, 0x55)
  return { bytes: padded, start: 1, lengthBytes: bytes.length }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** A tree as plain data: keys and values in hex. */
export type Model = ReadonlyMap<string, string>

export function sorted(model: Model): [string, string][] {
  return [...model].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

export function drain(cursor: Cursor): [string, string][] {
  const entries: [string, string][] = []
  while (cursor.next()) entries.push(entryOf(cursor))
  cursor.close()
  return entries
}

export function entryOf(cursor: Cursor): [string, string] {
  const { bytes, keyStart, keyLength, valueStart, valueLength } = cursor
  return [
    hex(bytes.subarray(keyStart, keyStart + keyLength)),
    hex(bytes.subarray(valueStart, valueStart + valueLength)),
  ]
}

export function contents(bed: Bed, view: TreeView, range: CursorRange = {}): [string, string][] {
  return drain(new Cursor(view, bed.allocator, range))
}

export function contentsOfRoot(bed: Bed, root: Root): [string, string][] {
  return contents(bed, new TreeView(bed.cache, root))
}

/** Puts all entries into a new tree, a statement each, and writes it. */
export function buildTree(bed: Bed, entries: Iterable<readonly [string, string]>): Root {
  const overlay = makeOverlay(bed)
  const editor = overlay.editor({ reference: undefined, height: 0, count: 0 })
  for (const [key, value] of entries) {
    overlay.beginStatement()
    editor.put(run(unhex(key)), run(unhex(value)))
    overlay.keepStatement()
  }
  const root = editor.write(bed.store)
  overlay.discard()
  return root
}
