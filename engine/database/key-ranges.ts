// engine/database/key-ranges.ts: a set of primary keys as ranges of integers, in one block that grows.
//
// 1. Ranges are inclusive, ascending, and neither overlap nor touch.
// 2. A change that throws (no memory) has changed nothing.

import type { Allocator, Block } from '../ports/index.ts'

export const KEY_MIN = Number.MIN_SAFE_INTEGER
export const KEY_MAX = Number.MAX_SAFE_INTEGER

export type KeyRange = Readonly<{ from: number; to: number }>

const RANGE_BYTES = 16
const RANGES_AT_FIRST = 16

export class KeyRanges {
  readonly #allocator: Allocator
  #block: Block
  #count = 0

  /** Empty. Throws OutOfMemoryError. */
  constructor(allocator: Allocator) {
    this.#allocator = allocator
    this.#block = allocator.allocate(RANGES_AT_FIRST * RANGE_BYTES, 'key-ranges')
  }

  free(): void {
    this.#allocator.free(this.#block)
  }

  /** Number of ranges. */
  get count(): number {
    return this.#count
  }

  get(index: number): KeyRange {
    return { from: this.#from(index), to: this.#to(index) }
  }

  /** The first `most` ranges. */
  list(most: number): readonly KeyRange[] {
    return Array.from({ length: Math.min(most, this.#count) }, (_, index) => this.get(index))
  }

  meets(from: number, to: number): boolean {
    const index = this.#firstNotBefore(from)
    return index < this.#count && this.#from(index) <= to
  }

  add(from: number, to: number): void {
    if (from > to) return
    let low = from
    let high = to
    // A range that ends just before `from` touches, and becomes one with the new one.
    const first = this.#firstNotBefore(from - 1)
    let end = first
    for (; end < this.#count && this.#from(end) <= to + 1; end += 1) {
      low = Math.min(low, this.#from(end))
      high = Math.max(high, this.#to(end))
    }
    this.#replace(first, end, 1)
    this.#set(first, low, high)
  }

  remove(from: number, to: number): void {
    const first = this.#firstNotBefore(from)
    let end = first
    while (end < this.#count && this.#from(end) <= to) end += 1
    if (end === first || from > to) return
    const head = { from: this.#from(first), to: from - 1 }
    const tail = { from: to + 1, to: this.#to(end - 1) }
    const kept = [head, tail].filter((range) => range.from <= range.to)
    this.#replace(first, end, kept.length)
    for (const [index, range] of kept.entries()) this.#set(first + index, range.from, range.to)
  }

  #from(index: number): number {
    return this.#block.view.getFloat64(this.#block.start + index * RANGE_BYTES)
  }

  #to(index: number): number {
    return this.#block.view.getFloat64(this.#block.start + index * RANGE_BYTES + 8)
  }

  #set(index: number, from: number, to: number): void {
    this.#block.view.setFloat64(this.#block.start + index * RANGE_BYTES, from)
    this.#block.view.setFloat64(this.#block.start + index * RANGE_BYTES + 8, to)
  }

  /** Index of the first range that does not end before `key`. */
  #firstNotBefore(key: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#to(middle) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Makes room for `wanted` ranges in place of those of [first, end). */
  #replace(first: number, end: number, wanted: number): void {
    const count = this.#count - (end - first) + wanted
    if (count * RANGE_BYTES > this.#block.byteLength) this.#grow(count)
    const { bytes, start } = this.#block
    bytes.copyWithin(
      start + (first + wanted) * RANGE_BYTES,
      start + end * RANGE_BYTES,
      start + this.#count * RANGE_BYTES,
    )
    this.#count = count
  }

  #grow(count: number): void {
    const old = this.#block
    const block = this.#allocator.allocate(Math.max(count * RANGE_BYTES, old.byteLength * 2), 'key-ranges')
    block.bytes.set(old.bytes.subarray(old.start, old.start + this.#count * RANGE_BYTES), block.start)
    this.#block = block
    this.#allocator.free(old)
  }
}
