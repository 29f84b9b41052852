// engine/database/engine-database.ts: an open database.
//
// 1. One update transaction that runs alone, or any number side by side on tables that do not conflict; snapshots without
//    number. Everything that is open, or waits, holds a block of its own.
// 2. `close` ends what is open, releases everything whatever happens, allocates nothing, and reports at most one error.
// 3. After a failed sync or append the next safe transaction settles first: it writes again what may not be durable. If
//    a record does not check then, the database must be opened again: recovery decides what is there.

import { chunkBytesMax } from '../format/index.ts'
import { EngineError, assert, asEngineError } from '../errors.ts'
import type { Allocator, Block, Scheduler } from '../ports/index.ts'
import type { Lock } from '../lock/index.ts'
import {
  DURABILITIES,
  type BeginLaterOptions,
  type ConcurrentTransaction,
  type Database,
  type DatabaseStatistics,
  type DamageReport,
  type Durability,
  type LiveResources,
  type Reader,
  type Snapshot,
  type SoundFiles,
  type UpdateTransaction,
} from './api.ts'
import type { TablePlan } from './catalog.ts'
import { EngineConcurrentTransaction } from './concurrent-transaction.ts'
import { LockWaits } from './lock-waits.ts'
import { CommittedViews, TableReader } from './reader.ts'
import type { RowCursor, TreeViews } from './row-access.ts'
import type { Schema } from './schema.ts'
import type { StoreState } from './store-state.ts'
import { TableLocks, type LockMode, type LockRequest } from './table-locks.ts'
import { EngineTransaction, type TransactionChanges, type TransactionHost } from './transaction.ts'
import type { Root } from '../tree/index.ts'
import { verifyStore } from './verify-store.ts'

const SNAPSHOT_BYTES = 64
const KEY_BYTES_MAX = 1024
const IDLE_WAIT_BYTES = 64
/** How long a begin waits for its tables if nothing else is said. */
const LOCK_TIMEOUT_MS = 10_000

export type DatabaseParts = Readonly<{
  state: StoreState
  lock: Lock
  tables: ReadonlyMap<string, TablePlan>
  durability: Durability
  openedClean: boolean
  recoveryBytesRead: number
  scheduler: Scheduler | undefined
}>

/** Throws E_USAGE for what is no durability. */
export function checkDurability(durability: Durability): void {
  if (DURABILITIES.includes(durability)) return
  throw new EngineError('E_USAGE', `'${String(durability)}' is no durability; valid are ${DURABILITIES.join(', ')}`)
}

class EngineSnapshot<S extends Schema> extends TableReader<S> implements Snapshot<S> {
  protected readonly views: TreeViews
  readonly #block: Block
  readonly #allocator: Allocator
  readonly #onClose: (snapshot: EngineSnapshot<S>) => void

  constructor(host: TransactionHost, onClose: (snapshot: EngineSnapshot<S>) => void) {
    super(host)
    this.#allocator = host.state.allocator
    this.#block = this.#allocator.allocate(SNAPSHOT_BYTES, 'snapshot')
    this.views = new CommittedViews(host.state, host.state.roots)
    this.#onClose = onClose
  }

  close(): void {
    if (this.isOver) return
    this.end()
    this.#allocator.free(this.#block)
    this.#onClose(this)
  }
}

export class EngineDatabase<S extends Schema> implements Database<S>, TransactionHost {
  readonly state: StoreState
  readonly tables: ReadonlyMap<string, TablePlan>
  readonly keyBytesMax: number
  readonly #parts: DatabaseParts
  readonly #primaryTrees: ReadonlySet<number>
  /** charged: each holds a block tagged 'snapshot' of its own. */
  readonly #snapshots = new Set<EngineSnapshot<S>>()
  #transaction: EngineTransaction<S> | undefined
  readonly #locks: TableLocks
  readonly #lockWaits: LockWaits | undefined
  /** charged: each holds a block tagged 'transaction' of its own. */
  readonly #concurrent = new Set<EngineConcurrentTransaction<S>>()
  /** Calls of `whenIdle`. charged: each holds a block tagged 'idle-wait' of its own. */
  readonly #idleWaits = new Set<() => void>()
  #cursors = 0
  #mustReopen: unknown
  #isClosed = false
  #closeError: unknown

  constructor(parts: DatabaseParts) {
    this.#parts = parts
    this.state = parts.state
    this.tables = parts.tables
    this.keyBytesMax = Math.min(KEY_BYTES_MAX, chunkBytesMax(parts.state.log.limits.packBytesMax) >> 2)
    const { scheduler, state } = parts
    this.#locks = new TableLocks(scheduler)
    if (scheduler !== undefined) this.#lockWaits = new LockWaits(this.#locks, state.allocator, scheduler)
    // charged: nothing, because its size is the schema's.
    this.#primaryTrees = new Set([...parts.tables.values()].map((table) => table.tree))
  }

  checkUsable(): void {
    if (this.#isClosed) throw new EngineError('E_CLOSED', 'the database was closed')
    if (this.#mustReopen !== undefined)
      throw new EngineError(
        'E_REOPEN',
        'after a failed sync some data does not check: open the database again',
        {},
        this.#mustReopen,
      )
  }

  cursorOpened(): void {
    this.#cursors += 1
  }

  cursorClosed(_cursor: RowCursor): void {
    this.#cursors -= 1
  }

  transactionEnded(transaction: TransactionChanges<Schema>): void {
    if (transaction instanceof EngineConcurrentTransaction) {
      this.#concurrent.delete(transaction)
      this.#locks.release(transaction.request)
    } else {
      this.#transaction = undefined
      this.#locks.releaseAll()
    }
  }

  begin(options: Readonly<{ durability?: Durability }> = {}): UpdateTransaction<S> {
    this.checkUsable()
    if (this.#transaction !== undefined)
      throw new EngineError('E_USAGE', 'an update transaction is running: commit or abort it first')
    const durability = options.durability ?? this.#parts.durability
    checkDurability(durability)
    this.#refuseConcurrent()
    assert(this.#locks.takeAll(), 'nothing is locked while no transaction runs')
    const { log } = this.state
    try {
      if (durability !== 'unsafe' && log.needsSettling) this.settle()
      const transaction = new EngineTransaction<S>(this, log.begin(durability === 'group' ? 'sync' : durability))
      this.#transaction = transaction
      return transaction
    } catch (error) {
      this.#locks.releaseAll()
      throw asEngineError(error, 'begin of a transaction')
    }
  }

  /** What runs alone does not begin while others run or wait. */
  #refuseConcurrent(): void {
    const { log } = this.state
    if (this.#concurrent.size === 0 && log.isIdle) return
    const what =
      this.#concurrent.size === 0 ? 'commits wait for a shared sync' : `${this.#concurrent.size} transactions run`
    throw new EngineError('E_BUSY', `${what}: this call runs alone`)
  }

  beginLater(options: BeginLaterOptions<S> = {}): Promise<ConcurrentTransaction<S>> {
    return new Promise((resolve, reject) => {
      try {
        this.checkUsable()
        const waits = this.#waitsOf('beginLater')
        const durability = options.durability ?? this.#parts.durability
        checkDurability(durability)
        if (durability === 'unsafe') throw new EngineError('E_USAGE', "an 'unsafe' transaction runs alone: use begin")
        const timeoutMs = options.timeoutMs ?? LOCK_TIMEOUT_MS
        if (!(timeoutMs >= 0))
          throw new EngineError('E_USAGE', `timeoutMs is ${timeoutMs}; valid is a number from 0, or Infinity`)
        waits.ask(this.#modesOf(options), timeoutMs, {
          granted: (request) => {
            try {
              resolve(this.#beginShared(request, durability === 'lazy' ? 'lazy' : 'group'))
            } catch (error) {
              this.#locks.release(request)
              reject(asEngineError(error, 'begin of a transaction'))
            }
          },
          failed: reject,
        })
      } catch (error) {
        reject(asEngineError(error, 'begin of a transaction'))
      }
    })
  }

  #waitsOf(call: string): LockWaits {
    if (this.#lockWaits !== undefined) return this.#lockWaits
    throw new EngineError('E_USAGE', `${call} continues later: give a scheduler when the database is opened`)
  }

  /** The tables that a transaction names. E_USAGE for one that is not there, or that is named for both. */
  #modesOf({ tables = [...this.tables.keys()], reads = [] }: BeginLaterOptions<S>): ReadonlyMap<string, LockMode> {
    const modes = new Map<string, LockMode>()
    for (const [mode, names] of [
      ['write', tables],
      ['read', reads],
    ] as const)
      for (const name of names) {
        if (!this.tables.has(name))
          throw new EngineError(
            'E_USAGE',
            `there is no table '${name}'; there is ${[...this.tables.keys()].join(', ')}`,
            { table: name },
          )
        if (modes.get(name) !== 'write') modes.set(name, mode)
      }
    return modes
  }

  #beginShared(request: LockRequest, durability: 'group' | 'lazy'): EngineConcurrentTransaction<S> {
    const { log } = this.state
    this.checkUsable()
    if (log.needsSettling) this.settle()
    const logged = log.begin(durability, true)
    try {
      const transaction = new EngineConcurrentTransaction<S>(this, logged, request)
      this.#concurrent.add(transaction)
      return transaction
    } catch (error) {
      log.abort(logged)
      throw error
    }
  }

  async updateLater<R>(
    work: (transaction: ConcurrentTransaction<S>) => R | Promise<R>,
    options?: BeginLaterOptions<S>,
  ): Promise<R> {
    const transaction = await this.beginLater(options)
    try {
      const result = await work(transaction)
      await transaction.commit()
      return result
    } catch (error) {
      transaction.abort()
      throw error
    }
  }

  whenIdle(): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        this.checkUsable()
        this.#waitsOf('whenIdle')
        const { log, allocator } = this.state
        if (log.isIdle) {
          resolve()
          return
        }
        const block = allocator.allocate(IDLE_WAIT_BYTES, 'idle-wait')
        const end = (): void => {
          this.#idleWaits.delete(end)
          allocator.free(block)
          resolve()
        }
        const look = (): void => {
          if (!this.#idleWaits.has(end)) return
          if (log.isIdle) end()
          else log.afterSync(look)
        }
        this.#idleWaits.add(end)
        log.afterSync(look)
      } catch (error) {
        reject(asEngineError(error, 'whenIdle'))
      }
    })
  }

  /** Commits what is provisional: see `settle` of the options of open. */
  settle(): void {
    try {
      this.state.settle(this.#primaryTrees)
    } catch (error) {
      const isDamage = error instanceof EngineError && error.code === 'E_CORRUPT'
      // Only a failure of this process, after which the log begins another of its lives, lets it see what a later one need not.
      if (!isDamage || this.state.log.epoch === 1) throw error
      this.#mustReopen = error
      this.checkUsable()
    }
  }

  update<R>(work: (transaction: UpdateTransaction<S>) => R, options?: Readonly<{ durability?: Durability }>): R {
    const transaction = this.begin(options)
    try {
      const result = work(transaction)
      transaction.commit()
      return result
    } catch (error) {
      transaction.abort()
      throw error
    }
  }

  snapshot(): Snapshot<S> {
    this.checkUsable()
    try {
      const snapshot = new EngineSnapshot<S>(this, (closed) => this.#snapshots.delete(closed))
      this.#snapshots.add(snapshot)
      return snapshot
    } catch (error) {
      throw asEngineError(error, 'snapshot')
    }
  }

  read<R>(work: (reader: Reader<S>) => R): R {
    const snapshot = this.snapshot()
    try {
      return work(snapshot)
    } finally {
      snapshot.close()
    }
  }

  sync(): void {
    this.checkUsable()
    if (this.#transaction !== undefined) throw new EngineError('E_USAGE', 'an update transaction is running')
    this.#refuseConcurrent()
    const { log } = this.state
    if (log.unsyncedBytes === 0 && !log.needsSettling) return
    try {
      if (log.needsSettling) this.settle()
      else log.sync()
    } catch (error) {
      log.abort()
      throw asEngineError(error, 'sync')
    }
  }

  verify(known?: SoundFiles): readonly DamageReport[] {
    this.checkUsable()
    if (this.#transaction !== undefined) throw new EngineError('E_USAGE', 'an update transaction is running')
    this.#refuseConcurrent()
    try {
      return verifyStore(this.state, this.tables, known)
    } catch (error) {
      throw asEngineError(error, 'verify')
    }
  }

  statistics(): DatabaseStatistics {
    this.checkUsable()
    const { log, files, roots } = this.state
    const rows: Record<string, number> = {}
    for (const table of this.tables.values()) rows[table.name] = (roots.trees[table.tree] as Root).count
    return {
      packs: files.newest - files.lowest + 1,
      newestPack: files.newest,
      commits: log.accepted.commitNumber,
      durableCommits: log.durableCommitNumber,
      ...log.counters,
      treeLevels: Math.max(...roots.trees.map((root) => root.height)),
      openedClean: this.#parts.openedClean,
      recoveryBytesRead: this.#parts.recoveryBytesRead,
      rows,
    }
  }

  sizeBytes(): number {
    this.checkUsable()
    const { files } = this.state
    try {
      let bytes = 0
      for (let pack = files.lowest; pack <= files.newest; pack += 1) bytes += files.sizeBytes(pack)
      return bytes
    } catch (error) {
      throw asEngineError(error, 'size of the database')
    }
  }

  live(): LiveResources {
    const { log, files, allocator } = this.state
    return {
      snapshots: this.#snapshots.size,
      cursors: this.#cursors,
      transactions: this.#concurrent.size + (this.#transaction === undefined ? 0 : 1),
      waiting: this.#locks.waiting + log.waiting + this.#idleWaits.size,
      handles: this.#isClosed ? 0 : files.openReaders + log.openHandles,
      locks: this.#isClosed ? 0 : 1,
      blocks: allocator.counters().liveBlocks,
      temporaryFiles: 0,
      unsyncedBytes: this.#isClosed ? 0 : log.unsyncedBytes,
    }
  }

  position(): Readonly<{ path: string; endBytes: number }> {
    const { log } = this.state
    return { path: log.acceptedPath, endBytes: log.accepted.endBytes }
  }

  close(): void {
    if (this.#isClosed) return
    this.#transaction?.abort()
    const closed = new EngineError('E_CLOSED', 'the database was closed')
    this.#lockWaits?.giveUpAll(closed)
    for (const transaction of this.#concurrent) transaction.abandon(closed)
    for (const end of this.#idleWaits) end()
    for (const snapshot of this.#snapshots) snapshot.close()
    this.#isClosed = true
    const { state, lock } = this.#parts
    let first = state.log.close()
    state.close()
    const filesError = state.files.close()
    const lockError = lock.release()
    first ??= filesError ?? lockError
    this.#closeError = first
    assert(this.#snapshots.size === 0, 'no snapshot is open in a closed database')
    assert(this.#concurrent.size === 0, 'no transaction runs beside others in a closed database')
    assert(this.#transaction === undefined, 'no transaction runs in a closed database')
    if (first !== undefined) throw asEngineError(this.#closeError, 'close')
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
