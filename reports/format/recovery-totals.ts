// reports/format/recovery-totals.ts: what recovery cost over a campaign: bytes, time and steps lost, as distributions and
// against the size of the database.
//
// 1. Memory is bounded by the sketches, not by the number of recoveries.
// 2. Sizes fall into cells, 8 to each power of two; a cell has sketches of its own, coarser ones.
// 3. The order in which records are added makes no difference.

import type { Recovery } from './campaign.ts'
import type { RunRecord } from './run-record.ts'
import { ValueSketch } from './value-sketch.ts'

const CELLS_PER_OCTAVE = 8
const CELL_VALUES_MAX = 256

type SizeCell = { count: number; readonly bytes: ValueSketch; readonly timeUs: ValueSketch; lostMaximum: number }

export class RecoveryTotals {
  readonly #bytes = new ValueSketch()
  readonly #timeUs = new ValueSketch()
  readonly #acknowledgedLost = new ValueSketch()
  readonly #unacknowledgedLost = new ValueSketch()
  /** By the lowest size of the cell. */
  readonly #bySize = new Map<number, SizeCell>()

  /** Takes what the record says of its recovery, if it had one. */
  add(record: RunRecord): void {
    const { recoveryBytes, recoveryMs, databaseBytes, acknowledgedLost, unacknowledgedLost } = record
    if (recoveryBytes === undefined) return
    this.#bytes.add(recoveryBytes)
    const timeUs = recoveryMs === undefined ? undefined : Math.round(recoveryMs * 1000)
    if (timeUs !== undefined) this.#timeUs.add(timeUs)
    if (acknowledgedLost !== undefined) this.#acknowledgedLost.add(acknowledgedLost)
    if (unacknowledgedLost !== undefined) this.#unacknowledgedLost.add(unacknowledgedLost)
    if (databaseBytes === undefined) return
    const cell = this.#cell(lowestOf(databaseBytes))
    cell.count += 1
    cell.bytes.add(recoveryBytes)
    cell.timeUs.add(timeUs ?? 0)
    cell.lostMaximum = Math.max(cell.lostMaximum, (acknowledgedLost ?? 0) + (unacknowledgedLost ?? 0))
  }

  /** Adds all that another one holds. */
  merge(other: RecoveryTotals): void {
    this.#bytes.merge(other.#bytes)
    this.#timeUs.merge(other.#timeUs)
    this.#acknowledgedLost.merge(other.#acknowledgedLost)
    this.#unacknowledgedLost.merge(other.#unacknowledgedLost)
    for (const [from, more] of other.#bySize) {
      const cell = this.#cell(from)
      cell.count += more.count
      cell.bytes.merge(more.bytes)
      cell.timeUs.merge(more.timeUs)
      cell.lostMaximum = Math.max(cell.lostMaximum, more.lostMaximum)
    }
  }

  result(): Omit<Recovery, 'statesRun' | 'distinct' | 'boundBytes'> {
    return {
      bytesRead: this.#bytes.result(),
      timeUs: this.#timeUs.result(),
      acknowledgedLost: this.#acknowledgedLost.result(),
      unacknowledgedLost: this.#unacknowledgedLost.result(),
      bySize: [...this.#bySize]
        .toSorted(([a], [b]) => a - b)
        .map(([from, { count, bytes, timeUs, lostMaximum }]) => {
          const [read, took] = [bytes.result(), timeUs.result()]
          return {
            from,
            to: from + widthAt(from) - 1,
            count,
            bytesMedian: read.median,
            bytesMaximum: read.maximum,
            timeUsMedian: took.median,
            timeUsMaximum: took.maximum,
            lostMaximum,
          }
        }),
    }
  }

  #cell(from: number): SizeCell {
    const known = this.#bySize.get(from)
    if (known !== undefined) return known
    const made = {
      count: 0,
      bytes: new ValueSketch(CELL_VALUES_MAX),
      timeUs: new ValueSketch(CELL_VALUES_MAX),
      lostMaximum: 0,
    }
    this.#bySize.set(from, made)
    return made
  }
}

/** Bytes in the cell that `size` lies in. */
function widthAt(size: number): number {
  return size < CELLS_PER_OCTAVE ? 1 : 2 ** (Math.floor(Math.log2(size)) - Math.log2(CELLS_PER_OCTAVE))
}

function lowestOf(size: number): number {
  const width = widthAt(size)
  return Math.floor(size / width) * width
}
