// engine/database/api.ts: the engine as a program sees it.

import type { Allocator, FileSystem, Processes, RandomSource } from '../ports/index.ts'
import type { NewRowOf, RowOf, Schema, TableDefinition, Value } from './schema.ts'

export const DURABILITIES = ['sync', 'lazy', 'unsafe'] as const
/**
 * What a commit promises when it is acknowledged. `sync`: it survives everything. `lazy`: a power loss may take it with
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
  /** Each synced commit starts on such a border; 0 (default): commits are packed. */
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
  /** Default: open it if it is there, create it otherwise. */
  mode?: 'open' | 'create' | 'open-or-create'
  /** Default of `update`. Default: 'sync'. */
  durability?: Durability
  /** Entries in a tree node, 4 … 512. Default 32. Fixed when the database is created. */
  fanOut?: number
  pack?: Partial<PackOptions>
  /** Most bytes of tree nodes kept for re-use. Default 256 KiB. */
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

export interface UpdateTransaction<S extends Schema> extends Reader<S> {
  /** E_CONSTRAINT if the primary key or a unique key is taken. */
  insert<T extends keyof S & string>(table: T, row: NewRowOf<S[T]>): void
  /** Changes the named columns; false if there is no such row. The primary key can't be changed. */
  update<T extends keyof S & string>(table: T, primaryKey: number, changes: Partial<RowOf<S[T]>>): boolean
  /** False if there is no such row. */
  delete(table: keyof S & string, primaryKey: number): boolean
  /** Returns = acknowledged. After an error the transaction is over: nothing of it stays, or E_OUTCOME_UNKNOWN. */
  commit(): void
  /** Never fails, never allocates; idempotent, also after commit. */
  abort(): void
}

/** What the engine holds now. All but `nodesCached` are zero after `close`. */
export type LiveResources = Readonly<{
  snapshots: number
  cursors: number
  transactions: number
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

export type DamageReport = Readonly<{ path: string; offsetBytes: number; message: string }>

/** An open database. One per document root and process. */
export interface Database<S extends Schema> {
  /** Starts an update transaction; E_USAGE if one is running. */
  begin(options?: Readonly<{ durability?: Durability }>): UpdateTransaction<S>
  /** Runs `work` in an update transaction: commits, or aborts if it throws. */
  update<R>(work: (transaction: UpdateTransaction<S>) => R, options?: Readonly<{ durability?: Durability }>): R
  snapshot(): Snapshot<S>
  /** Runs `work` on a snapshot that is closed after it. */
  read<R>(work: (reader: Reader<S>) => R): R
  /** Makes every acknowledged commit durable. */
  sync(): void
  /** Walks everything in every pack, reachable or not. An empty list: sound. */
  verify(): readonly DamageReport[]
  /** Figures that are known without looking at the files. */
  statistics(): DatabaseStatistics
  /** Bytes of all packs, void ones included; asks the file system. E_IO. */
  sizeBytes(): number
  live(): LiveResources
  /** End of the newest acknowledged commit: what must be durable if it was a `sync` commit. */
  position(): Readonly<{ path: string; endBytes: number }>
  /** Always releases everything; never allocates. May throw one E_IO after that. Idempotent. */
  close(): void
}

export type TableOf<S extends Schema> = S[keyof S] & TableDefinition
