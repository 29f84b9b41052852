// engine/database/engine-database.ts: an open database.
//
// 1. One update transaction at a time; snapshots without number. Everything that is open holds a block of its own.
// 2. `close` ends what is open, releases everything whatever happens, allocates nothing, and reports at most one error.
// 3. After a failed sync or append the next safe transaction settles first: it writes again what may not be durable. If
//    a record does not check then, the database must be opened again: recovery decides what is there.

import { chunkBytesMax } from '../format/index.ts'
import { EngineError, assert, asEngineError } from '../errors.ts'
import type { Allocator, Block } from '../ports/index.ts'
import type { Lock } from '../lock/index.ts'
import {
  DURABILITIES,
  type Database,
  type DatabaseStatistics,
  type DamageReport,
  type Durability,
  type LiveResources,
  type Reader,
  type Snapshot,
  type UpdateTransaction,
} from './api.ts'
import type { TablePlan } from './catalog.ts'
import { CommittedViews, TableReader } from './reader.ts'
import type { RowCursor, TreeViews } from './row-access.ts'
import type { Schema } from './schema.ts'
import type { StoreState } from './store-state.ts'
import { EngineTransaction, type TransactionHost } from './transaction.ts'
import { verifyStore } from './verify-store.ts'

const SNAPSHOT_BYTES = 64
const KEY_BYTES_MAX = 1024

export type DatabaseParts = Readonly<{
  state: StoreState
  lock: Lock
  tables: ReadonlyMap<string, TablePlan>
  durability: Durability
  openedClean: boolean
  recoveryBytesRead: number
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
  #cursors = 0
  #mustReopen: unknown
  #hadFailure = false
  #isClosed = false
  #closeError: unknown

  constructor(parts: DatabaseParts) {
    this.#parts = parts
    this.state = parts.state
    this.tables = parts.tables
    this.keyBytesMax = Math.min(KEY_BYTES_MAX, chunkBytesMax(parts.state.log.limits.packBytesMax) >> 2)
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

  transactionEnded(): void {
    this.#transaction = undefined
    if (this.state.log.needsSettling) this.#hadFailure = true
  }

  begin(options: Readonly<{ durability?: Durability }> = {}): UpdateTransaction<S> {
    this.checkUsable()
    if (this.#transaction !== undefined)
      throw new EngineError('E_USAGE', 'an update transaction is running: commit or abort it first')
    const durability = options.durability ?? this.#parts.durability
    checkDurability(durability)
    const { log } = this.state
    try {
      if (durability !== 'unsafe' && log.needsSettling) this.settle()
      log.begin(durability)
      const transaction = new EngineTransaction<S>(this)
      this.#transaction = transaction
      return transaction
    } catch (error) {
      throw asEngineError(error, 'begin of a transaction')
    }
  }

  /** Commits what is provisional: see `settle` of the options of open. */
  settle(): void {
    try {
      this.state.settle(this.#primaryTrees)
    } catch (error) {
      const isDamage = error instanceof EngineError && error.code === 'E_CORRUPT'
      if (!isDamage || !this.#hadFailure) throw error
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
    const { log } = this.state
    if (log.unsyncedBytes === 0 && !log.needsSettling) return
    try {
      if (log.needsSettling) this.settle()
      else log.sync()
    } catch (error) {
      log.abort()
      this.#hadFailure ||= log.needsSettling
      throw asEngineError(error, 'sync')
    }
  }

  verify(): readonly DamageReport[] {
    this.checkUsable()
    if (this.#transaction !== undefined) throw new EngineError('E_USAGE', 'an update transaction is running')
    try {
      return verifyStore(this.state, this.tables)
    } catch (error) {
      throw asEngineError(error, 'verify')
    }
  }

  statistics(): DatabaseStatistics {
    this.checkUsable()
    const { log, files, roots } = this.state
    const rows: Record<string, number> = {}
    for (const table of this.tables.values()) rows[table.name] = roots.trees[table.tree]?.count ?? 0
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
      transactions: this.#transaction === undefined ? 0 : 1,
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
    for (const snapshot of this.#snapshots) snapshot.close()
    this.#isClosed = true
    const { state, lock } = this.#parts
    let first = state.log.close()
    state.close()
    const filesError = state.files.close()
    const lockError = lock.release()
    first ??= filesError ?? lockError
    this.#closeError = first
    assert(this.#snapshots.size === 0 && this.#transaction === undefined, 'nothing is open in a closed database')
    if (first !== undefined) throw asEngineError(this.#closeError, 'close')
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
