// engine/database/api.ts: the engine as a program sees it.

import type { Allocator, FileSystem, Processes, RandomSource, Scheduler } from '../ports/index.ts'
import type { NewRowOf, RowOf, Schema, TableDefinition, Value } from './schema.ts'

export const DURABILITIES = ['sync', 'group', 'lazy', 'unsafe'] as const
/**
 * What a commit promises when it is acknowledged. `sync`: it survives everything. `group`: the same, and commits of
 * `beginLater` share one sync; a commit that runs alone has nobody to share with, and syncs. `lazy`: a power loss may take it with
 * all later ones, never one in the middle. `unsafe`: it survives the process; after a power loss damage is detected.
 */
export type Durability = (typeof DURABILITIES)[number]

/** Sizes that a database is made with; they stand in every pack header. Fixed when the database is created. */
export type PackOptions = Readonly<{
  /** Largest pack. 4 KiB … 2 GiB − 64 KiB (default). */
  packBytesMax: number
  /** Distance of recovery markers. 512 … 1 MiB; default 64 KiB. */
  markerIntervalBytes: number
  /** Bytes not known durable never exceed this. Default 8 MiB. */
  syncEveryBytes: number
  /** Bytes not known durable that a commit mark may cover. Default 128 KiB. */
  tailLimitBytes: number
  /** The same for lazy commits. Default 128 KiB. */
  lazyLimitBytes: number
  /**
   * For devices that may lose a whole sector when the power goes while they write it again: the size of their sectors.
   * Whatever a sync makes durable then ends on such a border, and nothing is written into those sectors again; a synced
   * commit takes at least one. 0 (default): a sector that is written again is the old one or the new one after a power
   * loss, and commits are packed. packBytesMax and syncEveryBytes hold at least four sectors, tailLimitBytes one.
   */
  commitAlignBytes: 0 | 512 | 4096
}>

export type OpenOptions<S extends Schema> = Readonly<{
  /** Document root: an existing directory, absolute. The database is the directory `NAME.rdm` in it. */
  root: string
  /** [A-Za-z0-9_-], 1 to 64 characters. */
  name: string
  schema: S
  fileSystem: FileSystem
  allocator: Allocator
  random: RandomSource
  processes: Processes
  /** What continues later goes through it. Needed for `beginLater`, `updateLater` and `whenIdle`, by nothing else. */
  scheduler?: Scheduler
  /** Default: open it if it is there, create it otherwise. */
  mode?: 'open' | 'create' | 'open-or-create'
  /** Default of `update`. Default: 'sync'. */
  durability?: Durability
  /** Entries in a tree node, 4 … 512. Default 32. Fixed when the database is created. */
  fanOut?: number
  pack?: Partial<PackOptions>
  /** Most bytes of tree nodes kept for re-use. Default 256 KiB, or a quarter of the allocator's limit if that is less. */
  cacheBytes?: number
  /** Bytes that appends are gathered in. Default 16 KiB. */
  writeBufferBytes?: number
  /** Commit at once after an unclean open, so that nothing that readers see is provisional. Default false. */
  settle?: boolean
}>

/** Bounds of a range by primary key (an integer) or by the columns of a key (an array of values, may be a prefix). */
export type ScanOptions = Readonly<{
  /** Name of a key; primary key if absent. */
  by?: string
  /** First value, inclusive unless `fromExclusive`. */
  from?: number | readonly Value[]
  fromExclusive?: boolean
  /** Last value, exclusive unless `toInclusive`. */
  to?: number | readonly Value[]
  toInclusive?: boolean
  reverse?: boolean
}>

/** Rows in key order. Holds memory until closed; also closed by reaching the end of a `for … of`. */
export interface Cursor<Row> extends Iterable<Row> {
  next(): Row | undefined
  close(): void
}

/** Reading: of a snapshot, a read transaction or an update transaction (which sees its own changes). */
export interface Reader<S extends Schema> {
  get<T extends keyof S & string>(table: T, primaryKey: number): RowOf<S[T]> | undefined
  scan<T extends keyof S & string>(table: T, options?: ScanOptions): Cursor<RowOf<S[T]>>
  /** Number of rows, without reading them. */
  count(table: keyof S & string): number
}

/** A root reference: blocks nobody, never changes. */
export interface Snapshot<S extends Schema> extends Reader<S> {
  /** Idempotent. Never fails. */
  close(): void
}

/** What an update transaction can change. */
export interface Changes<S extends Schema> extends Reader<S> {
  /** E_CONSTRAINT if the primary key or a unique key is taken. */
  insert<T extends keyof S & string>(table: T, row: NewRowOf<S[T]>): void
  /** Changes the named columns; false if there is no such row. The primary key can't be changed. */
  update<T extends keyof S & string>(table: T, primaryKey: number, changes: Partial<RowOf<S[T]>>): boolean
  /** False if there is no such row. */
  delete(table: keyof S & string, primaryKey: number): boolean
}

/** A transaction that runs alone. */
export interface UpdateTransaction<S extends Schema> extends Changes<S> {
  /** Returns = acknowledged. After an error the transaction is over: nothing of it stays, or E_OUTCOME_UNKNOWN. */
  commit(): void
  /** Never fails, never allocates; idempotent, also after commit. */
  abort(): void
}

/**
 * A transaction that runs beside others, on the tables that it named. A call on any other table is E_NOT_LOCKED. Any call
 * may say E_BUSY when a pack is full while a shared sync is in flight: it was undone; await `whenIdle` and call again.
 * After a failure of what it shares with others every call says E_ABORT.
 */
export interface ConcurrentTransaction<S extends Schema> extends Changes<S> {
  /**
   * Fulfilled = acknowledged. The tables are free for others before that, as soon as the commit is written; who takes them
   * builds on it. Rejected: nothing of it stays, or E_OUTCOME_UNKNOWN. The order of acknowledgements is that of the calls.
   */
  commit(): Promise<void>
  /** Never fails, never allocates; idempotent; without effect after `commit` was called. */
  abort(): void
}

export type BeginLaterOptions<S extends Schema> = Readonly<{
  /** Tables to change, locked against everyone else. Default: all. */
  tables?: readonly (keyof S & string)[]
  /** Tables to read, locked against who changes them. Default: none. */
  reads?: readonly (keyof S & string)[]
  /** How long to wait for the tables, on the scheduler's clock: 0 (not at all) … Infinity. Default 10,000. */
  timeoutMs?: number
  /** Default: that of open. `sync` is the same as `group` here; `unsafe` is refused, it runs alone. */
  durability?: Durability
}>

/** What the engine holds now. All but `nodesCached` are zero after `close`. */
export type LiveResources = Readonly<{
  snapshots: number
  cursors: number
  transactions: number
  /** Begins that wait for tables, commits that wait for a shared sync, calls of `whenIdle`. */
  waiting: number
  handles: number
  locks: number
  blocks: number
  temporaryFiles: number
  /** Bytes appended and not known durable. */
  unsyncedBytes: number
}>

export type DatabaseStatistics = Readonly<{
  packs: number
  newestPack: number
  /** Number of the newest commit, from 1; and of the newest one known durable. */
  commits: number
  durableCommits: number
  /** Since this open. */
  rollOvers: number
  markers: number
  syncs: number
  appendedBytes: number
  /** Levels of the highest tree. */
  treeLevels: number
  openedClean: boolean
  recoveryBytesRead: number
  rows: Readonly<Record<string, number>>
}>

/**
 * Files that an earlier `verify` found sound, kept by a caller that can tell whether a file has changed since: what holds
 * of a file's bytes then holds now.
 */
export interface SoundFiles {
  /** What was noted of the file at `path`, if it holds the very bytes that it held then; undefined otherwise. */
  recall(path: string): unknown
  /** The file at `path`, as it is now, is sound; `finding` is the engine's own, and the caller's to keep. */
  note(path: string, finding: unknown): void
}

export type DamageReport = Readonly<{ path: string; offsetBytes: number; message: string }>

/** An open database. One per document root and process. */
export interface Database<S extends Schema> {
  /**
   * Starts an update transaction that runs alone; E_USAGE if one is running, E_BUSY if transactions of `beginLater` run or
   * their commits wait.
   */
  begin(options?: Readonly<{ durability?: Durability }>): UpdateTransaction<S>
  /** Runs `work` in an update transaction: commits, or aborts if it throws. */
  update<R>(work: (transaction: UpdateTransaction<S>) => R, options?: Readonly<{ durability?: Durability }>): R
  /**
   * Starts an update transaction beside others when its tables are free. First come, first served: who asks for a table
   * gets it before those that ask later. E_LOCK_TIMEOUT, E_USAGE.
   */
  beginLater(options?: BeginLaterOptions<S>): Promise<ConcurrentTransaction<S>>
  /** Runs `work` in such a transaction: commits, or aborts if it throws or its promise is rejected. */
  updateLater<R>(
    work: (transaction: ConcurrentTransaction<S>) => R | Promise<R>,
    options?: BeginLaterOptions<S>,
  ): Promise<R>
  /** Fulfilled when no commit waits and no shared sync is in flight, whatever became of them; or when the database closes. */
  whenIdle(): Promise<void>
  /** The newest acknowledged state. */
  snapshot(): Snapshot<S>
  /** Runs `work` on a snapshot that is closed after it. */
  read<R>(work: (reader: Reader<S>) => R): R
  /** Makes every acknowledged commit durable. E_BUSY while commits wait or transactions of `beginLater` run. */
  sync(): void
  /**
   * Walks everything in every pack, reachable or not. An empty list: sound. E_BUSY as `sync`. Packs before the newest that
   * `known` recalls are not read again, but for what the trees reach in them; without `known` nothing is left out.
   */
  verify(known?: SoundFiles): readonly DamageReport[]
  /** Figures that are known without looking at the files. */
  statistics(): DatabaseStatistics
  /** Bytes of all packs, void ones included; asks the file system. E_IO. */
  sizeBytes(): number
  live(): LiveResources
  /** End of the newest acknowledged commit: what must be durable if it was a `sync` commit. */
  position(): Readonly<{ path: string; endBytes: number }>
  /**
   * Always releases everything; never allocates. May throw one E_IO after that. Idempotent. Does not wait: running
   * transactions are aborted, begins that wait fail with E_CLOSED, commits that wait with E_OUTCOME_UNKNOWN (they are
   * written, and there at the next open unless the power goes first). `await whenIdle()` first to close in order.
   */
  close(): void
}

export type TableOf<S extends Schema> = S[keyof S] & TableDefinition
