// faults/disk/page-table.ts: the bytes of one file, in copy-on-write pages that any number of images share.
//
//   PageTable ──▶ root: leaf, leaf, …        a leaf names 64 pages = 256 KiB
//                        │
//                        └──▶ page, page, …  a page is 4 KiB; a missing one is zeroes
//
// 1. Only the table whose `stamp` a page or leaf carries writes to it; every other table copies it first.
// 2. Bytes of a page past the end of the file are zero, so that growing shows zeroes and equal files have equal pages.
// 3. The hash depends on size and bytes alone, never on which pages are missing or shared.
//
// Measured: sharing a 64 MiB table 2 µs, writing 512 bytes to a shared table 2 µs.

import { Hash64, hashWords } from './hash.ts'

export const PAGE_BYTES = 4096
const LEAF_PAGES = 64
const LEAF_BYTES = PAGE_BYTES * LEAF_PAGES

type Page = { bytes: Uint8Array; stamp: number; hash: Hash64 | undefined }
type Leaf = { pages: (Page | undefined)[]; stamp: number; hash: Hash64 | undefined }

const ZERO_PAGE = new Uint8Array(PAGE_BYTES)
const ZERO_PAGE_HASH = hashWords(ZERO_PAGE)
const ZERO_LEAF_HASH = leafHash([])

let lastStamp = 0

/** One file's bytes and size. */
export class PageTable {
  sizeBytes = 0
  private root: (Leaf | undefined)[] = []
  private ownsRoot = true
  private stamp = (lastStamp += 1)
  private cachedHash: Hash64 | undefined

  /** A table with the same content. Costs a constant; both copy what they then write. */
  share(): PageTable {
    const copy = new PageTable()
    copy.sizeBytes = this.sizeBytes
    copy.root = this.root
    copy.ownsRoot = false
    copy.cachedHash = this.cachedHash
    this.ownsRoot = false
    this.stamp = lastStamp += 1
    return copy
  }

  /** Copies up to `lengthBytes` bytes from `positionBytes` to `target`; returns how many there were. */
  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    const count = Math.max(0, Math.min(lengthBytes, this.sizeBytes - positionBytes))
    for (let done = 0; done < count;) {
      const position = positionBytes + done
      const inPage = position % PAGE_BYTES
      const length = Math.min(PAGE_BYTES - inPage, count - done)
      const page = this.pageAt(position)
      const at = targetOffset + done
      if (page === undefined) target.fill(0, at, at + length)
      else if (length < SMALL_COPY_BYTES) copySmall(page.bytes, inPage, target, at, length)
      else target.set(page.bytes.subarray(inPage, inPage + length), at)
      done += length
    }
    return count
  }

  /** Writes at `positionBytes`, growing the file to hold it. */
  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): void {
    for (let done = 0; done < lengthBytes;) {
      const position = positionBytes + done
      const inPage = position % PAGE_BYTES
      const length = Math.min(PAGE_BYTES - inPage, lengthBytes - done)
      const bytes = this.writablePage(position)
      const from = sourceOffset + done
      if (length < SMALL_COPY_BYTES) copySmall(source, from, bytes, inPage, length)
      else bytes.set(source.subarray(from, from + length), inPage)
      done += length
    }
    if (positionBytes + lengthBytes > this.sizeBytes && lengthBytes > 0) this.sizeBytes = positionBytes + lengthBytes
    this.cachedHash = undefined
  }

  /** Cuts or grows the file; what is grown reads as zeroes. */
  resize(sizeBytes: number): void {
    if (sizeBytes === this.sizeBytes) return
    this.cachedHash = undefined
    if (sizeBytes < this.sizeBytes) {
      const inPage = sizeBytes % PAGE_BYTES
      if (inPage !== 0 && this.pageAt(sizeBytes) !== undefined) this.writablePage(sizeBytes).fill(0, inPage)
      this.dropPagesFrom(Math.ceil(sizeBytes / PAGE_BYTES))
    }
    this.sizeBytes = sizeBytes
  }

  /** Replaces the page that holds `positionBytes` by `other`'s, sharing it. Sizes do not change. */
  takePage(other: PageTable, positionBytes: number): void {
    const page = other.pageAt(positionBytes)
    if (page === undefined && this.pageAt(positionBytes) === undefined) return
    this.cachedHash = undefined
    const leaf = this.writableLeaf(positionBytes)
    const index = Math.floor(positionBytes / PAGE_BYTES) % LEAF_PAGES
    if (page === undefined) leaf.pages[index] = undefined
    else {
      page.stamp = 0
      leaf.pages[index] = page
      if (positionBytes - (positionBytes % PAGE_BYTES) + PAGE_BYTES > this.sizeBytes) this.zeroTail(positionBytes)
    }
  }

  /** Hash of size and content; kept until the next change, and by page and leaf below. */
  hash(): Hash64 {
    if (this.cachedHash !== undefined) return this.cachedHash
    const hash = new Hash64()
    hash.addNumber(this.sizeBytes)
    const leafCount = Math.ceil(this.sizeBytes / LEAF_BYTES)
    for (let index = 0; index < leafCount; index += 1) {
      const leaf = this.root[index]
      if (leaf === undefined) hash.addHash(ZERO_LEAF_HASH)
      else hash.addHash((leaf.hash ??= leafHash(leaf.pages)))
    }
    this.cachedHash = hash
    return hash
  }

  /** Hash of the bytes in [from, to), multiples of 4, as far as there are any, and of their number. */
  hashRange(from: number, to: number): Hash64 {
    const end = Math.min(to, this.sizeBytes)
    const hash = new Hash64()
    hash.addNumber(Math.max(0, end - from))
    for (let position = from; position < end;) {
      const inPage = position % PAGE_BYTES
      // Behind the end of the file a page is zero, so a piece may go on to the page's end or to the next piece's start.
      const stop = Math.min(PAGE_BYTES, inPage + ((end - position + 3) & ~3))
      const page = this.pageAt(position)
      if (inPage === 0 && stop === PAGE_BYTES)
        hash.addHash(page === undefined ? ZERO_PAGE_HASH : (page.hash ??= hashWords(page.bytes)))
      else hash.addHash(hashWords((page?.bytes ?? ZERO_PAGE).subarray(inPage, stop)))
      position += stop - inPage
    }
    return hash
  }

  private zeroTail(positionBytes: number): void {
    const pageStart = positionBytes - (positionBytes % PAGE_BYTES)
    const keep = Math.max(0, this.sizeBytes - pageStart)
    this.writablePage(positionBytes).fill(0, keep)
  }

  private pageAt(positionBytes: number): Page | undefined {
    const leaf = this.root[Math.floor(positionBytes / LEAF_BYTES)]
    return leaf?.pages[Math.floor(positionBytes / PAGE_BYTES) % LEAF_PAGES]
  }

  private writableLeaf(positionBytes: number): Leaf {
    if (!this.ownsRoot) {
      this.root = this.root.slice()
      this.ownsRoot = true
    }
    const index = Math.floor(positionBytes / LEAF_BYTES)
    let leaf = this.root[index]
    if (leaf === undefined || leaf.stamp !== this.stamp) {
      leaf = { pages: leaf === undefined ? [] : leaf.pages.slice(), stamp: this.stamp, hash: undefined }
      while (this.root.length < index) this.root.push(undefined)
      this.root[index] = leaf
    }
    leaf.hash = undefined
    return leaf
  }

  private writablePage(positionBytes: number): Uint8Array {
    const leaf = this.writableLeaf(positionBytes)
    const index = Math.floor(positionBytes / PAGE_BYTES) % LEAF_PAGES
    let page = leaf.pages[index]
    if (page === undefined || page.stamp !== this.stamp) {
      page = {
        bytes: page === undefined ? new Uint8Array(PAGE_BYTES) : page.bytes.slice(),
        stamp: this.stamp,
        hash: undefined,
      }
      while (leaf.pages.length < index) leaf.pages.push(undefined)
      leaf.pages[index] = page
    }
    page.hash = undefined
    return page.bytes
  }

  private dropPagesFrom(firstPage: number): void {
    const firstLeaf = Math.floor(firstPage / LEAF_PAGES)
    const inLeaf = firstPage % LEAF_PAGES
    if (this.root.length <= firstLeaf) return
    if (inLeaf !== 0 && this.root[firstLeaf] !== undefined) {
      const leaf = this.writableLeaf(firstPage * PAGE_BYTES)
      if (leaf.pages.length > inLeaf) leaf.pages.length = inLeaf
    }
    if (!this.ownsRoot) {
      this.root = this.root.slice()
      this.ownsRoot = true
    }
    this.root.length = Math.min(this.root.length, inLeaf === 0 ? firstLeaf : firstLeaf + 1)
  }
}

const SMALL_COPY_BYTES = 64

// A loop beats subarray + set for a few bytes: 20 ns against 90.
function copySmall(source: Uint8Array, from: number, target: Uint8Array, at: number, lengthBytes: number): void {
  for (let index = 0; index < lengthBytes; index += 1) target[at + index] = source[from + index] ?? 0
}

function leafHash(pages: readonly (Page | undefined)[]): Hash64 {
  const hash = new Hash64()
  for (let index = 0; index < LEAF_PAGES; index += 1) {
    const page = pages[index]
    if (page === undefined) hash.addHash(ZERO_PAGE_HASH)
    else hash.addHash((page.hash ??= hashWords(page.bytes)))
  }
  return hash
}
