// engine/database/concurrent-transaction.ts: an update transaction that runs beside others, on tables that it has locked.
//
// 1. It reads and changes only tables that it named; what others have written of them before is there, acknowledged or not:
//    it can only be acknowledged after that.
// 2. Its tables are free for others as soon as its mark is written. Its block stays until the outcome is known.
// 3. When a shared sync or an append fails, everything that is not acknowledged is over: what waits has an unknown outcome,
//    what runs says E_ABORT.
// 4. `abort` never allocates and never fails; after `commit` was called it has no effect.

import { EngineError, asEngineError, assert } from '../errors.ts'
import type { CommitWaiter, LogTransaction } from '../pack/index.ts'
import type { ConcurrentTransaction } from './api.ts'
import type { TablePlan } from './catalog.ts'
import type { Schema } from './schema.ts'
import { markRootOf, type Roots } from './store-state.ts'
import type { LockRequest } from './table-locks.ts'
import { TransactionChanges, type TransactionHost } from './transaction.ts'

export class EngineConcurrentTransaction<S extends Schema>
  extends TransactionChanges<S>
  implements ConcurrentTransaction<S>, CommitWaiter
{
  readonly request: LockRequest
  #roots: Roots | undefined
  /** Set from the call of `commit` on. */
  #outcome: Readonly<{ resolve: () => void; reject: (error: unknown) => void }> | undefined

  constructor(host: TransactionHost, logged: LogTransaction, request: LockRequest) {
    super(host, logged)
    this.request = request
  }

  protected override checkUsable(): void {
    if (this.#outcome !== undefined) throw new EngineError('E_CLOSED', 'the transaction is over: it was committed')
    super.checkUsable()
  }

  protected override table(name: string): TablePlan {
    const table = super.table(name)
    if (this.request.modes.has(name)) return table
    throw new EngineError('E_NOT_LOCKED', `table '${name}' is not locked by this transaction`, { table: name })
  }

  protected override checkChangeable({ name }: TablePlan): void {
    if (this.request.modes.get(name) === 'write') return
    throw new EngineError('E_NOT_LOCKED', `table '${name}' is locked for reading only`, { table: name })
  }

  commit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.checkUsable()
      this.#outcome = { resolve, reject }
      this.#tryCommit()
    })
  }

  #tryCommit(): void {
    if (this.isOver) return
    const { log } = this.host.state
    let isAcknowledged = false
    try {
      this.host.checkUsable()
      if (this.mustAbort) throw new EngineError('E_ABORT', 'a call of the transaction failed: it was aborted')
      log.enter(this.logged)
      isAcknowledged = this.hasChanged ? this.#write() : this.#forget()
    } catch (error) {
      if (error instanceof EngineError && error.code === 'E_BUSY') {
        log.afterSync(() => this.#tryCommit())
        return
      }
      this.#fail(asEngineError(error, 'commit'))
      return
    }
    this.endChanges()
    if (isAcknowledged) this.acknowledged()
  }

  /** Returns whether the commit is acknowledged already. */
  #write(): boolean {
    const { state } = this.host
    const { mainRoot, roots, trees } = this.writeTrees()
    const commit = state.log.commitLater(this.logged, markRootOf(mainRoot), this)
    this.#roots = { commitNumber: commit.commitNumber, main: mainRoot, catalog: roots.catalog, trees }
    state.extend(this.#roots)
    return commit === state.log.accepted
  }

  /** Nothing was changed. What was read may wait, and is to be believed only when that is acknowledged. */
  #forget(): boolean {
    const { log } = this.host.state
    log.abort(this.logged)
    if (log.isIdle) return true
    log.awaitTip(this)
    return false
  }

  /** Who waits for the outcome of `commit`: there is one, or nobody asks how it went. */
  get #promise(): Readonly<{ resolve: () => void; reject: (error: unknown) => void }> {
    assert(this.#outcome !== undefined, 'what has an outcome was committed')
    return this.#outcome
  }

  acknowledged(): void {
    if (this.#roots !== undefined) this.host.state.accept(this.#roots)
    this.release()
    this.#promise.resolve()
  }

  failed(error: EngineError): void {
    this.release()
    this.#promise.reject(error)
  }

  override abort(): void {
    if (this.#outcome === undefined) super.abort()
  }

  /** The database closes while it runs: it is aborted; what was about to be written is not. */
  abandon(error: EngineError): void {
    if (this.#outcome === undefined) super.abort()
    else this.#fail(error)
  }

  #fail(error: unknown): void {
    super.abort()
    this.#promise.reject(error)
  }
}
