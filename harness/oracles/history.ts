// harness/oracles/history.ts: what the clients of a run did, transaction by transaction, as they told the world.
//
// 1. Events are the run's own numbers: a transaction that ended before another began was before it in real time.
// 2. A transaction that never ended is one whose outcome is unknown.

import type { ListOperation, TransactionNote } from '../../scenarios/index.ts'

export type TransactionOutcome = 'committed' | 'aborted' | 'unknown'

export type RecordedTransaction = Readonly<{
  client: string
  /** Events of the run at its begin and at its end; no end: it never ended. */
  beginEvent: number
  endEvent: number | undefined
  outcome: TransactionOutcome
  operations: readonly ListOperation[]
}>

/** Collects a run's transactions. */
export class TransactionHistory {
  private readonly open: RecordedTransaction[] = []
  private readonly eventNow: () => number

  constructor(eventNow: () => number) {
    this.eventNow = eventNow
  }

  begin(client: string): TransactionNote {
    const place = this.open.length
    const beginEvent = this.eventNow()
    this.open.push({ client, beginEvent, endEvent: undefined, outcome: 'unknown', operations: [] })
    const end = (outcome: TransactionOutcome, operations: readonly ListOperation[]): void => {
      this.open[place] = { client, beginEvent, endEvent: this.eventNow(), outcome, operations }
    }
    return {
      committed: (operations) => end('committed', operations),
      aborted: (operations) => end('aborted', operations),
      unknown: (operations) => end('unknown', operations),
    }
  }

  get transactions(): readonly RecordedTransaction[] {
    return this.open
  }
}
