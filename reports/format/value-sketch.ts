// reports/format/value-sketch.ts: the distribution of a whole number over a campaign, in bounded memory.
//
// 1. Count and maximum are always exact.
// 2. Up to EXACT_VALUES_MAX different values every one is kept, and median and histogram are exact. Above that, values
//    fall into log-linear cells (128 to each power of two): right to within 1 part in 128.
// 3. The order in which values are added makes no difference.

import type { BytesRead } from './campaign.ts'

export const EXACT_VALUES_MAX = 8192
const CELLS_PER_OCTAVE = 128
const BARS_MAX = 24

/** Adds up values; gives median, maximum and a histogram. */
export class ValueSketch {
  /** Lowest value of the cell → how many. Exact cells hold one value each. */
  #cells = new Map<number, number>()
  #exact = true
  #count = 0
  #maximum = 0
  readonly #exactMax: number

  /** Keeps up to `exactMax` different values as they are. */
  constructor(exactMax = EXACT_VALUES_MAX) {
    this.#exactMax = exactMax
  }

  /** `value` is a whole number from 0; `times` how often it was seen. */
  add(value: number, times = 1): void {
    this.#count += times
    this.#maximum = Math.max(this.#maximum, value)
    const cell = this.#exact ? value : cellOf(value)
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + times)
    if (this.#exact && this.#cells.size > this.#exactMax) this.#coarsen()
  }

  /** Adds all that another one holds. */
  merge(other: ValueSketch): void {
    if (!other.#exact && this.#exact) this.#coarsen()
    const maximum = Math.max(this.#maximum, other.#maximum)
    for (const [cell, times] of other.#cells) this.add(cell, times)
    this.#maximum = maximum
  }

  /** Number of values added. */
  get count(): number {
    return this.#count
  }

  result(): BytesRead {
    const cells = [...this.#cells].toSorted(([a], [b]) => a - b)
    return {
      count: this.#count,
      median: medianOf(cells, this.#count),
      maximum: this.#maximum,
      exact: this.#exact,
      histogram: barsOf(cells, this.#maximum),
    }
  }

  #coarsen(): void {
    this.#exact = false
    const fine = this.#cells
    this.#cells = new Map()
    for (const [value, times] of fine) {
      const cell = cellOf(value)
      this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + times)
    }
  }
}

/** Lowest value of the cell that `value` lies in; idempotent. */
function cellOf(value: number): number {
  if (value < CELLS_PER_OCTAVE) return value
  const width = 2 ** (Math.floor(Math.log2(value)) - Math.log2(CELLS_PER_OCTAVE))
  return Math.floor(value / width) * width
}

/** The lower median, so that it is a value that was seen. */
function medianOf(cells: readonly (readonly [number, number])[], count: number): number {
  let left = Math.ceil(count / 2)
  for (const [value, times] of cells) {
    left -= times
    if (left <= 0) return value
  }
  return 0
}

/** Bars of equal, round width from 0 to the maximum. */
function barsOf(cells: readonly (readonly [number, number])[], maximum: number): BytesRead['histogram'] {
  if (cells.length === 0) return []
  const width = roundWidth((maximum + 1) / BARS_MAX)
  const bars = Array.from({ length: Math.floor(maximum / width) + 1 }, (_, index) => ({
    from: index * width,
    to: (index + 1) * width - 1,
    count: 0,
  }))
  for (const [value, times] of cells) {
    const bar = bars[Math.floor(value / width)]
    if (bar !== undefined) bar.count += times
  }
  return bars
}

/** The least power of two, or three quarters of one, that is no smaller: sizes in bytes come in those. */
function roundWidth(least: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(1, least)))
  return power >= 4 && power * 0.75 >= least ? power * 0.75 : power
}
