// engine/database/lock-waits.ts: requests for tables that wait, each with its time-out.
//
// 1. Who waits holds a block tagged 'lock-wait', freed when the wait ends, whichever way.
// 2. A wait ends once: granted, timed out, or given up because the database closes.

import { EngineError } from '../errors.ts'
import type { Allocator, Block, Scheduler } from '../ports/index.ts'
import { TableLocks, type LockMode, type LockRequest } from './table-locks.ts'

const WAIT_BYTES = 64

/** What is done with a request when its wait is over. */
export type LockOutcome = Readonly<{
  /** The tables are the request's; must not throw. */
  granted: (request: LockRequest) => void
  failed: (error: EngineError) => void
}>

type Wait = Readonly<{ block: Block; cancel: () => void; outcome: LockOutcome }>

export class LockWaits {
  readonly locks: TableLocks
  readonly #allocator: Allocator
  readonly #scheduler: Scheduler
  /** charged: each holds a block of its own. */
  readonly #waits = new Map<LockRequest, Wait>()

  constructor(locks: TableLocks, allocator: Allocator, scheduler: Scheduler) {
    this.locks = locks
    this.#allocator = allocator
    this.#scheduler = scheduler
  }

  /** Asks for tables. Throws OutOfMemoryError, E_LOCK_TIMEOUT if it may not wait; nothing is held or waits then. */
  ask(modes: ReadonlyMap<string, LockMode>, timeoutMs: number, outcome: LockOutcome): void {
    const request: LockRequest = { modes, granted: () => this.#granted(request) }
    if (this.locks.take(request)) {
      outcome.granted(request)
      return
    }
    if (timeoutMs === 0) throw this.#timeout(request, timeoutMs)
    const block = this.#allocator.allocate(WAIT_BYTES, 'lock-wait')
    const cancel =
      timeoutMs === Infinity ? (): void => {} : this.#scheduler.after(timeoutMs, () => this.#late(request, timeoutMs))
    this.#waits.set(request, { block, cancel, outcome })
    this.locks.wait(request)
  }

  /** Everyone who waits fails. Never allocates from the allocator. */
  giveUpAll(error: EngineError): void {
    for (const request of this.#waits.keys()) {
      this.locks.giveUp(request)
      this.#end(request)?.failed(error)
    }
  }

  #granted(request: LockRequest): void {
    this.#end(request)?.granted(request)
  }

  #late(request: LockRequest, timeoutMs: number): void {
    const error = this.#timeout(request, timeoutMs)
    this.locks.giveUp(request)
    this.#end(request)?.failed(error)
  }

  #end(request: LockRequest): LockOutcome | undefined {
    const wait = this.#waits.get(request)
    if (wait === undefined) return undefined
    this.#waits.delete(request)
    this.#allocator.free(wait.block)
    wait.cancel()
    return wait.outcome
  }

  #timeout(request: LockRequest, timeoutMs: number): EngineError {
    const table = this.locks.conflictOf(request)
    return new EngineError(
      'E_LOCK_TIMEOUT',
      `another transaction holds table '${table ?? ''}' for longer than ${timeoutMs} ms`,
      { timeoutMs, ...(table === undefined ? {} : { table }) },
    )
  }
}
