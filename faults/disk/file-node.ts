// faults/disk/file-node.ts: one file: what is durable, what the running process reads, and the operations between.
//
// 1. cache = durable + all pending operations, except in dropped pages, which only the cache still has.
// 2. A page in `dropped` is clean and not durable: no sync covers it until a write makes it dirty again, whole.
// 3. The size is metadata: dropping pages leaves it pending, and the next good sync makes it durable.

import type { Attributes, InodeDetails } from './attributes.ts'
import { PAGE_BYTES, PageTable } from './page-table.ts'
import type { DataOperation, Inode, ResizeOperation, WriteOperation } from './operation.ts'

const NO_PAGES: ReadonlySet<number> = new Set()

export class FileNode {
  readonly kind = 'file'
  readonly inode: Inode
  /** Which disk may change this node in place; images and other disks copy it first. */
  readonly owner: number
  durable = new PageTable()
  cache = new PageTable()
  newest: DataOperation | undefined = undefined
  pendingCount = 0
  dropped: ReadonlySet<number> = NO_PAGES
  /** Pages whose dropped content is not even cached any more. */
  evicted: ReadonlySet<number> = NO_PAGES
  /** Sequence up to which a sync succeeded; 0 if there was none. */
  syncedSequence = 0
  /** Of a symbolic link, where it leads; undefined for a file. */
  readonly target: string | undefined
  attributes: Attributes | undefined
  durableAttributes: Attributes | undefined

  constructor(inode: Inode, owner: number, details: InodeDetails = {}) {
    this.inode = inode
    this.owner = owner
    this.target = details.target
    this.attributes = details.attributes
    this.durableAttributes = details.attributes
  }

  /** A node with the same content for another owner. */
  copyFor(owner: number): FileNode {
    const copy = new FileNode(this.inode, owner, this)
    copy.durableAttributes = this.durableAttributes
    copy.durable = this.durable.share()
    copy.cache = this.cache.share()
    copy.newest = this.newest
    copy.pendingCount = this.pendingCount
    copy.dropped = this.dropped
    copy.evicted = this.evicted
    copy.syncedSequence = this.syncedSequence
    return copy
  }

  /** The file with `content` and nothing pending: what a power loss leaves of it. */
  static settled(file: FileNode, content: PageTable): FileNode {
    const node = new FileNode(file.inode, 0, { target: file.target, attributes: file.durableAttributes })
    node.durable = content
    node.cache = content.share()
    return node
  }

  /** Pending operations, oldest first. */
  operations(): DataOperation[] {
    const operations: DataOperation[] = []
    for (let at = this.newest; at !== undefined; at = at.previous) operations.push(at)
    return operations.toReversed()
  }

  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number, sequence: number): void {
    if (lengthBytes === 0) return
    const sizeBefore = this.cache.sizeBytes
    this.cache.write(source, sourceOffset, lengthBytes, positionBytes)
    const plain = this.dropped.size === 0
    const range = plain ? undefined : this.takeBackDropped(positionBytes, lengthBytes)
    this.append({
      kind: 'write',
      sequence,
      inode: this.inode,
      positionBytes: range?.start ?? positionBytes,
      bytes:
        range === undefined
          ? source.slice(sourceOffset, sourceOffset + lengthBytes)
          : this.cached(range.start, range.end),
      sizeBefore,
      sizeAfter: this.cache.sizeBytes,
      previous: this.newest,
    })
  }

  resize(sizeBytes: number, sequence: number): void {
    const sizeBefore = this.cache.sizeBytes
    if (sizeBefore === sizeBytes) return
    this.cache.resize(sizeBytes)
    if (this.dropped.size > 0) {
      this.dropped = new Set([...this.dropped].filter((page) => page * PAGE_BYTES < sizeBytes))
    }
    this.append({
      kind: 'resize',
      sequence,
      inode: this.inode,
      sizeBefore,
      sizeAfter: sizeBytes,
      previous: this.newest,
    })
  }

  /** Makes durable what was written up to `sequence`. */
  sync(sequence: number): void {
    this.syncedSequence = Math.max(this.syncedSequence, sequence)
    this.durableAttributes = this.attributes
    if (this.newest === undefined) return
    if (this.newest.sequence <= sequence && this.dropped.size === 0) {
      this.durable = this.cache.share()
      this.newest = undefined
      this.pendingCount = 0
      return
    }
    const operations = this.operations()
    for (const operation of operations) if (operation.sequence <= sequence) applyOperation(this.durable, operation)
    this.relink(operations.filter((operation) => operation.sequence > sequence))
  }

  /** A failed or lying sync: pages written up to `sequence` become clean without being durable, or leave the cache. */
  drop(sequence: number, evict: boolean): void {
    const operations = this.operations()
    const gone = operations.filter((operation) => operation.sequence <= sequence)
    const last = gone.at(-1)
    if (last === undefined) return
    const rest = operations.filter((operation) => operation.sequence > sequence)
    const pages = new Set(this.dropped)
    for (const operation of gone) {
      if (operation.kind === 'resize') continue
      const lastPage = Math.floor((operation.positionBytes + operation.bytes.length - 1) / PAGE_BYTES)
      for (let page = Math.floor(operation.positionBytes / PAGE_BYTES); page <= lastPage; page += 1) pages.add(page)
    }
    const sizeAfter = last.sizeAfter
    for (const page of pages) if (page * PAGE_BYTES >= this.cache.sizeBytes) pages.delete(page)
    this.dropped = pages
    const kept: DataOperation[] = rest.map((operation) => this.withDroppedPages(operation))
    const sizeBefore = this.durable.sizeBytes
    if (sizeAfter !== sizeBefore) {
      const { sequence: at, inode } = last
      kept.unshift({ kind: 'resize', sequence: at, inode, sizeBefore, sizeAfter, previous: undefined })
    }
    this.relink(kept)
    if (evict) this.evict()
  }

  /** Forgets the cached content of dropped pages: reads see what is durable there. */
  evict(): void {
    for (const page of this.dropped) this.cache.takePage(this.durable, page * PAGE_BYTES)
    this.evicted = new Set([...this.evicted, ...this.dropped])
    this.dropped = NO_PAGES
  }

  private append(operation: DataOperation): void {
    this.newest = operation
    this.pendingCount += 1
  }

  private relink(operations: readonly DataOperation[]): void {
    this.newest = undefined
    for (const operation of operations) this.newest = withPrevious(operation, this.newest)
    this.pendingCount = operations.length
  }

  private cached(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start)
    this.cache.read(bytes, 0, bytes.length, start)
    return bytes
  }

  // A page is written whole: a write to a dropped page makes all of it pending again.
  private takeBackDropped(positionBytes: number, lengthBytes: number): { start: number; end: number } | undefined {
    let start = positionBytes
    let end = positionBytes + lengthBytes
    const firstPage = Math.floor(start / PAGE_BYTES)
    const lastPage = Math.floor((end - 1) / PAGE_BYTES)
    const dropped = new Set(this.dropped)
    if (dropped.has(firstPage)) start = firstPage * PAGE_BYTES
    if (dropped.has(lastPage)) end = Math.max(end, Math.min(this.cache.sizeBytes, (lastPage + 1) * PAGE_BYTES))
    for (let page = firstPage; page <= lastPage; page += 1) dropped.delete(page)
    if (dropped.size === this.dropped.size) return undefined
    this.dropped = dropped
    return { start, end }
  }

  private withDroppedPages(operation: DataOperation): DataOperation {
    if (operation.kind === 'resize') return operation
    const range = this.takeBackDropped(operation.positionBytes, operation.bytes.length)
    if (range === undefined) return operation
    return { ...operation, positionBytes: range.start, bytes: this.cached(range.start, range.end) }
  }
}

function withPrevious(operation: DataOperation, previous: DataOperation | undefined): DataOperation {
  if (operation.previous === previous) return operation
  return operation.kind === 'write'
    ? ({ ...operation, previous } satisfies WriteOperation)
    : ({ ...operation, previous } satisfies ResizeOperation)
}

/** Does to `table` what the operation did to the cache. */
export function applyOperation(table: PageTable, operation: DataOperation): void {
  if (operation.kind === 'resize') table.resize(operation.sizeAfter)
  else table.write(operation.bytes, 0, operation.bytes.length, operation.positionBytes)
}
