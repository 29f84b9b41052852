// harness/campaign/result-sink.ts: where records go: into the result folder, the totals, and the decision to stop.
//
// 1. A record is in the file before it is counted.
// 2. Plan-order numbers and unit numbers are made unique over the scenarios of a campaign by an offset each, so that a
//    campaign that goes on knows its own.

import { CampaignTotals, RecordWriter, type UnitInput } from '../../reports/index.ts'
import type { RunRecord } from '../plan/index.ts'
import type { Journal } from './campaign-host.ts'
import { NO_TRACE } from './supervise.ts'

export class ResultSink {
  readonly totals = new CampaignTotals()
  readonly #writer: RecordWriter | undefined
  readonly #journal: Journal | undefined
  readonly #done = new Set<number>()
  readonly #lost = new Set<number>()
  readonly #units = new Map<number, UnitInput>()
  #merged = 0
  #openViolationRuns = 0
  readonly #known: ReadonlySet<string>

  /** Without a folder, nothing is kept but the totals. `known`: fingerprints of anomalies that are expected. */
  constructor(
    folder?: Readonly<{ directory: string; journal: Journal; resume: boolean }>,
    known: ReadonlySet<string> = new Set(),
  ) {
    this.#known = known
    this.#journal = folder?.journal
    if (folder === undefined) return
    if (!folder.resume) {
      this.#writer = RecordWriter.create(folder.directory)
      return
    }
    this.#writer = RecordWriter.resume(folder.directory, (record) => {
      this.#done.add(record.order)
      if (record.traceHash === NO_TRACE) this.#lost.add(record.order)
      this.#total(record)
    })
    for (const { unit, input } of folder.journal.units) {
      this.#units.set(unit, input)
      this.#count(input)
    }
  }

  /** Runs that are done, merged or left out on purpose: what progress counts. */
  get settled(): number {
    return this.totals.runs + this.#merged
  }

  /** Runs in which an oracle complained of something that is not expected. */
  get openViolationRuns(): number {
    return this.#openViolationRuns
  }

  hasUnit(unit: number): boolean {
    return this.#units.has(unit)
  }

  /** What became of a unit that has ended. */
  resultOf(unit: number): Readonly<{ result?: UnitInput }> {
    const result = this.#units.get(unit)
    return result === undefined ? {} : { result }
  }

  /** Those of [from, from + count) that have their record, less `from`. */
  doneBetween(from: number, count: number): ReadonlySet<number> {
    return between(this.#done, from, count)
  }

  /** Those of them whose runs left no verdict. */
  lostBetween(from: number, count: number): ReadonlySet<number> {
    return between(this.#lost, from, count)
  }

  add(records: readonly RunRecord[]): void {
    for (const record of records) this.#writer?.append(record)
    this.#writer?.flush()
    for (const record of records) this.#total(record)
  }

  addUnit(unit: number, input: UnitInput): void {
    this.#journal?.add({ unit, input })
    this.#units.set(unit, input)
    this.#count(input)
  }

  close(): void {
    this.#writer?.close()
  }

  #total(record: Parameters<CampaignTotals['add']>[0]): void {
    this.totals.add(record)
    if (record.outcome === 'violation' && !this.#known.has(record.fingerprint ?? '')) this.#openViolationRuns += 1
  }

  #count(input: UnitInput): void {
    this.totals.addUnit(input)
    this.#merged += input.merged + input.skipped
  }
}

function between(orders: ReadonlySet<number>, from: number, count: number): ReadonlySet<number> {
  const found = new Set<number>()
  if (orders.size === 0) return found
  for (let order = from; order < from + count; order += 1) if (orders.has(order)) found.add(order)
  return found
}
