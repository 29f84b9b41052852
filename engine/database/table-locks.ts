// engine/database/table-locks.ts: which transactions hold which tables, and who waits for them.
//
// 1. A request names all its tables at once and gets all of them or none: nobody waits while holding, so that a deadlock
//    can't be.
// 2. First come, first served: a request never overtakes an earlier one that it conflicts with. Two requests conflict if
//    one writes a table that the other names.
// 3. A release never allocates, never fails and grants nothing itself: who waits is looked at in a later turn, one grant a
//    turn.
// 4. A request that runs alone (the synchronous form) does not wait: it gets everything at once or nothing.

import { assert } from '../errors.ts'
import type { Scheduler } from '../ports/index.ts'

export type LockMode = 'read' | 'write'

export type LockRequest = Readonly<{
  /** By table. */
  modes: ReadonlyMap<string, LockMode>
  /** Called once, in a turn of its own, if the request had to wait. */
  granted: () => void
}>

export class TableLocks {
  readonly #scheduler: Scheduler | undefined
  /** charged: each by the block of its transaction. */
  readonly #held = new Set<LockRequest>()
  /** In the order of asking. charged: each by a block tagged 'lock-wait'. */
  readonly #waiting: LockRequest[] = []
  #isTaken = false
  #isRequested = false

  constructor(scheduler: Scheduler | undefined) {
    this.#scheduler = scheduler
  }

  /** Requests that were granted and not released, those that run alone included. */
  get held(): number {
    return this.#held.size + (this.#isTaken ? 1 : 0)
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Everything at once, or false. */
  takeAll(): boolean {
    if (this.#isTaken || this.#held.size > 0) return false
    this.#isTaken = true
    return true
  }

  releaseAll(): void {
    assert(this.#isTaken, 'what is released was taken')
    this.#isTaken = false
    this.#request()
  }

  /** True if the request is granted on the spot. */
  take(request: LockRequest): boolean {
    if (!this.#isFree(request, this.#waiting.length)) return false
    this.#held.add(request)
    return true
  }

  /** Waits for what `take` refused. */
  wait(request: LockRequest): void {
    this.#waiting.push(request)
  }

  /** The request waits no longer; false if it did not. */
  giveUp(request: LockRequest): boolean {
    const index = this.#waiting.indexOf(request)
    if (index === -1) return false
    this.#waiting.splice(index, 1)
    this.#request()
    return true
  }

  release(request: LockRequest): void {
    if (this.#held.delete(request)) this.#request()
  }

  /** A table that stands between a request and its grant. */
  conflictOf(request: LockRequest): string | undefined {
    for (const other of [...this.#held, ...this.#waiting])
      if (other !== request) {
        const table = conflict(request, other)
        if (table !== undefined) return table
      }
    return undefined
  }

  /** Whether nothing held and none of the first `before` that wait conflicts with it. */
  #isFree(request: LockRequest, before: number): boolean {
    if (this.#isTaken) return false
    for (const other of this.#held) if (conflict(request, other) !== undefined) return false
    for (let index = 0; index < before; index += 1) {
      const other = this.#waiting[index]
      if (other !== undefined && conflict(request, other) !== undefined) return false
    }
    return true
  }

  #request(): void {
    if (this.#isRequested || this.#waiting.length === 0) return
    assert(this.#scheduler !== undefined, 'who waits has a scheduler')
    this.#isRequested = true
    this.#scheduler.soon(() => {
      this.#isRequested = false
      this.#grantOne()
    })
  }

  #grantOne(): void {
    const index = this.#waiting.findIndex((request, at) => this.#isFree(request, at))
    const [request] = index === -1 ? [] : this.#waiting.splice(index, 1)
    if (request === undefined) return
    this.#held.add(request)
    this.#request()
    request.granted()
  }
}

/** A table that both name and one of them writes. */
function conflict(one: LockRequest, other: LockRequest): string | undefined {
  for (const [table, mode] of one.modes) {
    const theirs = other.modes.get(table)
    if (theirs !== undefined && (mode === 'write' || theirs === 'write')) return table
  }
  return undefined
}
