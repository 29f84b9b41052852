// scenarios/engine-store.ts: how a scenario over the engine goes through the contract's door, written once.
//
// 1. The engine's memory is one chunk of CHUNK_BYTES behind the world's allocator. Chunks are used again by later opens
//    of this thread, because a campaign opens a store thousands of times; what a chunk holds never shows in a run.
// 2. The session of an engine scenario survives its database: a step may close and open it, and where an open fails, the
//    session says that it is closed; what is done next with it opens it again.
// 3. Positions are reported as acknowledged only if this session committed: what recovery found is not its promise.

import {
  EngineError,
  IoError,
  createAllocator,
  decodeClaims,
  isPackPath,
  openBytesMax,
  openDatabase,
  singleChunk,
  type AllocatorAlgorithm,
  type Database,
  type DatabaseStatistics,
  type Durability,
  type OpenOptions,
  type PackOptions,
  type Schema,
} from '../engine/index.ts'
import type { Allocator, RandomSource } from '../engine/ports/index.ts'
import type { DurableClaim, ErrorClass, LiveCounts, Parameters, Problem, Scenario, World } from './contract.ts'

/** What an engine scenario gives an engine: this and nothing more. */
export const CHUNK_BYTES = 256 * 1024

/** How a scenario makes its database. */
export type EngineStoreOptions<S extends Schema> = Readonly<{
  name: string
  schema: S
  durability?: Durability
  fanOut?: number
  pack: Partial<PackOptions>
  cacheBytes?: number
  /** Default: segregated-fit. */
  algorithm?: AllocatorAlgorithm
}> &
  Partial<Pick<OpenOptions<S>, 'root' | 'fileSystem' | 'writeBufferBytes' | 'settle' | 'mode'>>

/** The marker interval of the database in a world: what its bytes can't be read without. */
const markerIntervals = new WeakMap<World, number>()

const chunksFree: Uint8Array[] = []

/** Runs `work` with an allocator of its own behind the world's. */
export function withAllocator<R>(world: World, algorithm: AllocatorAlgorithm, work: (allocator: Allocator) => R): R {
  const chunk = chunksFree.pop() ?? new Uint8Array(CHUNK_BYTES)
  try {
    return work(world.wrapAllocator(createAllocator({ algorithm, memory: singleChunk(chunk) })))
  } finally {
    chunksFree.push(chunk)
  }
}

type Counted = Readonly<{ rollOvers: number; markers: number; treeLevels: number }>
const NOTHING_COUNTED: Counted = { rollOvers: 0, markers: 0, treeLevels: 0 }

/** An engine database in a world: what a scenario's steps are given. */
export class EngineSession<S extends Schema> {
  readonly world: World
  readonly #options: EngineStoreOptions<S>
  readonly #random: RandomSource
  #database: Database<S> | undefined
  #chunk: Uint8Array | undefined
  #live: LiveCounts = {}
  #committed = false
  #counted: Counted = NOTHING_COUNTED

  /** Opens the database, which is created if there is none. Throws EngineError and holds nothing then. */
  constructor(world: World, options: EngineStoreOptions<S>) {
    this.world = world
    this.#options = options
    this.#random = world.random('engine')
    if (options.pack.markerIntervalBytes !== undefined) markerIntervals.set(world, options.pack.markerIntervalBytes)
    this.open()
  }

  /** The open database; opens it if an earlier open failed. */
  get database(): Database<S> {
    return this.#database ?? this.open()
  }

  /** Opens the database if it is closed. */
  open(): Database<S> {
    if (this.#database !== undefined) return this.#database
    const { world } = this
    const chunk = chunksFree.pop() ?? new Uint8Array(CHUNK_BYTES)
    this.#chunk = chunk
    const { algorithm = 'segregated-fit', ...options } = this.#options
    const allocator = world.wrapAllocator(createAllocator({ algorithm, memory: singleChunk(chunk) }))
    try {
      this.#database = openDatabase({
        root: world.directory,
        fileSystem: world.fileSystem,
        random: this.#random,
        processes: world.processes,
        scheduler: world.scheduler,
        allocator,
        ...options,
      })
    } catch (error) {
      this.#releaseChunk()
      throw error
    }
    // A tree that was high before is no milestone again; roll-overs and markers the database counts from each open.
    this.#counted = { ...NOTHING_COUNTED, treeLevels: this.#counted.treeLevels }
    this.#committed = false
    return this.#database
  }

  /** Closes the database; it is closed also if this throws. Idempotent. */
  close(): void {
    const database = this.#database
    if (database === undefined) return
    this.#database = undefined
    try {
      database.close()
    } finally {
      this.#live = database.live()
      this.#releaseChunk()
    }
  }

  /** Said by each step that committed: counts what the commit brought about as milestones of the world. */
  committed(): void {
    this.#committed = true
    const { rollOvers, markers, treeLevels } = this.database.statistics()
    for (let i = this.#counted.rollOvers; i < rollOvers; i += 1) this.world.count('rollOver')
    for (let i = this.#counted.markers; i < markers; i += 1) this.world.count('marker')
    for (let i = this.#counted.treeLevels; i < treeLevels; i += 1) this.world.count(`treeLevel${i + 1}`)
    this.#counted = { rollOvers, markers, treeLevels: Math.max(treeLevels, this.#counted.treeLevels) }
  }

  statistics(): DatabaseStatistics {
    return this.database.statistics()
  }

  live(): LiveCounts {
    return this.#database === undefined ? this.#live : { ...this.#database.live() }
  }

  verify(): readonly Problem[] {
    return this.database.verify(this.world.soundFiles)
  }

  acknowledgedPositions(): readonly DurableClaim[] {
    return this.#committed ? [this.database.position()] : []
  }

  #releaseChunk(): void {
    if (this.#chunk !== undefined) chunksFree.push(this.#chunk)
    this.#chunk = undefined
  }
}

/** A code, and then no word, or no word at the end where the reason stands. */
const SAYS_NOTHING = /^\w+:\s*(?:$|:)|:\s*$/

/** What the engine's errors mean to the harness. One that gives no reason is none that the engine promises. */
export function classifyEngineError(error: unknown): ErrorClass {
  if (!(error instanceof EngineError) || SAYS_NOTHING.test(error.message)) return { kind: 'other' }
  const { path, offsetBytes, errno, operation, allocationIndex } = error.context
  const place = { ...(path === undefined ? {} : { path }), ...(offsetBytes === undefined ? {} : { offsetBytes }) }
  switch (error.code) {
    case 'E_NO_MEMORY':
      return { kind: 'out-of-memory', ...(allocationIndex === undefined ? {} : { allocationIndex }) }
    case 'E_IO':
      return { kind: 'io', code: errno ?? 'EIO', ...(operation === undefined ? {} : { operation }), ...place }
    case 'E_OUTCOME_UNKNOWN':
      return { kind: 'outcome-unknown' }
    case 'E_REOPEN':
      return { kind: 'must-reopen' }
    // A directory without packs is a database that has lost all of them.
    case 'E_NO_DATABASE':
    case 'E_CORRUPT':
      return { kind: 'corruption', ...place }
    case 'E_LOCK_TIMEOUT':
      return { kind: 'timed-out' }
    case 'E_LOCKED':
      return { kind: 'in-use' }
    default:
      return { kind: 'other' }
  }
}

/** The same, for a scenario whose steps also call the world's file system themselves. */
export function classifyWithCalls(error: unknown): ErrorClass {
  if (error instanceof IoError) return { kind: 'io', code: error.code, operation: error.operation, path: error.path }
  return classifyEngineError(error)
}

/**
 * Whether a path is that of a pack of the database with that name, and of no other that the scenario makes beside it. What
 * a crashed creation left under its other name is no database yet: the next creation removes it.
 */
export function packsOf(name: string): (path: string) => boolean {
  return (path) => isPackPath(path) && path.includes(`/${name}.rdm/`)
}

/** The part of a scenario that is the same for everything that keeps its data in the engine. */
export type EngineDoor<S extends Schema> = Required<
  Pick<
    Scenario<EngineSession<S>, never>,
    'close' | 'verify' | 'classify' | 'live' | 'acknowledgedPositions' | 'claims' | 'recovery' | 'detectsLostWrites'
  >
>

/** `pack` gives the pack options of a scenario's parameters, for the bound on what recovery reads. */
export function engineDoor<S extends Schema>(pack: (parameters: Parameters) => Partial<PackOptions>): EngineDoor<S> {
  return {
    detectsLostWrites: true,
    close: (session) => session.close(),
    verify: (session) => session.verify(),
    classify: classifyEngineError,
    live: (session) => session.live(),
    acknowledgedPositions: (session) => session.acknowledgedPositions(),
    claims: (world, path, bytes, offsetBytes) => decodeClaims(path, bytes, offsetBytes, markerIntervals.get(world)),
    recovery: {
      // What a crashed creation left under its other name is no database yet: the next creation removes it.
      readOnly: (path) => isPackPath(path) && !path.includes('.rdm.new/'),
      bytesReadMax: (files, parameters) => openBytesMax(files, pack(parameters)),
    },
  }
}

/** A number among the parameters. */
export function numberOf(parameters: Parameters, name: string): number {
  const value = parameters[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`parameter '${name}' must be a whole number from 0, not ${String(value)}`)
  return value
}

/** The pack sizes that every engine scenario has as parameters; `commitAlignBytes` stays the engine's default. */
export function packOf(parameters: Parameters): Partial<PackOptions> {
  return {
    packBytesMax: numberOf(parameters, 'packBytes'),
    markerIntervalBytes: numberOf(parameters, 'markerBytes'),
  }
}
