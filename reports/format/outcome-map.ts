// reports/format/outcome-map.ts: where along the fault points each call site went wrong: a row of cells a site, each the
// worst outcome of the points in it.
//
// 1. Memory is CELLS bytes a site, however many points and runs there are: a cell covers 1, 2, 4, … points, as many as are
//    needed for the last point to be in a row.
// 2. All rows of a map have cells of one width, so that they can be read one under the other.
// 3. The order in which runs are added makes no difference.

import type { RunOutcome } from './run-record.ts'

const CELLS = 128
/** From harmless to worst; the place in it is what a cell holds, 0 for none. */
const LETTERS = '.pnhsv'
const WEIGHTS: Readonly<Record<RunOutcome, number>> = {
  passed: 1,
  'not-reached': 2,
  'harness-failure': 3,
  'scenario-failure': 4,
  violation: 5,
}

export class OutcomeMap {
  readonly #rows = new Map<string, Uint8Array>()
  #pointsEach = 1
  #last = 0

  /** Points in a cell. */
  get pointsEach(): number {
    return this.#pointsEach
  }

  /** `point` counts from 1; 0 is taken for 1. */
  add(site: string, point: number, outcome: RunOutcome): void {
    const index = Math.max(0, point - 1)
    while (index >= CELLS * this.#pointsEach) this.#widen()
    const row = this.#rows.get(site) ?? new Uint8Array(CELLS)
    this.#rows.set(site, row)
    const cell = Math.floor(index / this.#pointsEach)
    row[cell] = Math.max(row[cell] ?? 0, WEIGHTS[outcome])
    this.#last = Math.max(this.#last, index)
  }

  /** The site's row as letters, up to the last point of any site; undefined for a site that is not in it. */
  cellsOf(site: string): string | undefined {
    const row = this.#rows.get(site)
    if (row === undefined) return undefined
    const cells = row.subarray(0, Math.floor(this.#last / this.#pointsEach) + 1)
    return Array.from(cells, (weight) => LETTERS[weight] ?? '.').join('')
  }

  #widen(): void {
    this.#pointsEach *= 2
    for (const row of this.#rows.values()) {
      for (let cell = 0; cell < CELLS; cell += 1)
        row[cell] = cell < CELLS / 2 ? Math.max(row[2 * cell] ?? 0, row[2 * cell + 1] ?? 0) : 0
    }
  }
}
