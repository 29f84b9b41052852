// engine/database/open-database.ts: from options to an open database: lock, recovery, catalog; or a new one.
//
// 1. Bad options are refused before anything is touched.
// 2. A new database is made under another name (`NAME.rdm.new`), synced whole, renamed, and the document root synced: a
//    crash leaves none or a whole one (protocol rule 7). What an earlier crash left under that name is removed first.
// 3. An open that fails holds nothing: no lock, no handle, no block.

import { crc32, DATABASE_ID_BYTES, DEFAULT_LIMITS, NOWHERE, type PackLimits, wrongLimits } from '../format/index.ts'
import { EngineError, asEngineError } from '../errors.ts'
import { acquireLock, type Lock } from '../lock/index.ts'
import type { Allocator, Block, FileSystem, Processes, RandomSource, Scheduler } from '../ports/index.ts'
import {
  CommitLog,
  PackFiles,
  listPacks,
  recover,
  uninterrupted,
  type LogStart,
  type Recovered,
} from '../pack/index.ts'
import { EMPTY_ROOT, Overlay } from '../tree/index.ts'
import type { Database, OpenOptions } from './api.ts'
import {
  catalogOf,
  catalogText,
  checkSameSchema,
  planTables,
  treeCount,
  type Catalog,
  type TablePlan,
} from './catalog.ts'
import { EngineDatabase, checkDurability } from './engine-database.ts'
import { defineSchema, type Schema } from './schema.ts'
import { StoreState, markRootOf } from './store-state.ts'

const MODES = ['open', 'create', 'open-or-create'] as const
const NAME = /^[A-Za-z0-9_-]{1,64}$/
const CACHE_BYTES = 262_144
/** What the cache may take at most of bounded memory: the rest is for transactions. */
const CACHE_PART = 1 / 4
const WRITE_BUFFER_BYTES = 16_384
const WRITE_BUFFER_BYTES_MIN = 512
const MAIN_KEY_BYTES_MAX = 16

/** The directory of a database in its document root. */
export function databaseDirectory(root: string, name: string): string {
  return `${root === '/' ? '' : root}/${name}.rdm`
}

/** What opening needs, with a schema or without (for tools). */
export type OpenBase = Readonly<{
  root: string
  name: string
  fileSystem: FileSystem
  allocator: Allocator
  random: RandomSource
  processes: Processes
  scheduler?: Scheduler
  cacheBytes?: number
  writeBufferBytes?: number
}>

/** What follows from a schema alone, worked out once for each schema value. */
type Wanted = Readonly<{ catalog: Catalog; text: string; tables: ReadonlyMap<string, TablePlan> }>

/** charged: nothing, because an entry is as large as the caller's schema and goes with it. */
const WANTED = new WeakMap<Schema, Wanted>()

function wantedOf(schema: Schema): Wanted {
  const known = WANTED.get(schema)
  if (known !== undefined) return known
  const catalog = catalogOf(defineSchema(schema))
  const wanted = { catalog, text: catalogText(catalog), tables: planTables(catalog) }
  WANTED.set(schema, wanted)
  return wanted
}

/** Opens a database, or creates it. Throws EngineError; then nothing is held and, but for a creation, nothing changed. */
export function openDatabase<S extends Schema>(options: OpenOptions<S>): Database<S> {
  checkOptions(options)
  const wanted = wantedOf(options.schema)
  const mode = options.mode ?? 'open-or-create'
  return withLock(options, (lock) => {
    const directory = databaseDirectory(options.root, options.name)
    const exists = uninterrupted(() => options.fileSystem.stat(directory)) !== undefined
    if (!exists && mode === 'open')
      throw new EngineError('E_NOT_FOUND', `there is no database ${directory}`, { path: directory })
    if (exists && mode === 'create')
      throw new EngineError('E_USAGE', `there is a database ${directory} already`, { path: directory })
    if (!exists) createDatabase(options, lock, wanted.catalog)
    const database = openLocked<S>(options, lock, wanted)
    if (options.settle === true) settleAtOnce(database)
    return database
  })
}

/** Opens a database whatever its schema is. E_NOT_FOUND if there is none. */
export function openExisting(options: OpenBase): EngineDatabase<Schema> {
  checkBase(options)
  return withLock(options, (lock) => {
    const directory = databaseDirectory(options.root, options.name)
    if (uninterrupted(() => options.fileSystem.stat(directory)) === undefined)
      throw new EngineError('E_NOT_FOUND', `there is no database ${directory}`, { path: directory })
    return openLocked<Schema>(options, lock, undefined)
  })
}

function settleAtOnce<S extends Schema>(database: EngineDatabase<S>): void {
  try {
    if (database.state.log.needsSettling) database.settle()
  } catch (error) {
    try {
      database.close()
    } catch {
      // the first error is the one to tell
    }
    throw error
  }
}

function checkBase(options: OpenBase): void {
  const { root, name } = options
  if (!root.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(root))
    throw new EngineError('E_USAGE', `the document root must be an absolute path: '${root}'`, { path: root })
  if (!NAME.test(name))
    throw new EngineError('E_USAGE', `'${name}' is no database name; valid are 1 to 64 of A-Z a-z 0-9 _ -`)
  const writeBuffer = options.writeBufferBytes ?? WRITE_BUFFER_BYTES
  if (!Number.isInteger(writeBuffer) || writeBuffer < WRITE_BUFFER_BYTES_MIN)
    throw new EngineError(
      'E_USAGE',
      `writeBufferBytes is ${writeBuffer}; valid is a whole number from ${WRITE_BUFFER_BYTES_MIN}`,
    )
  const cache = cacheBytesOf(options)
  if (!Number.isInteger(cache) || cache < 0)
    throw new EngineError('E_USAGE', `cacheBytes is ${cache}; valid is a whole number from 0`)
}

function cacheBytesOf({ cacheBytes, allocator }: OpenBase): number {
  return cacheBytes ?? Math.min(CACHE_BYTES, Math.floor((allocator.limitBytes ?? Infinity) * CACHE_PART))
}

function checkOptions<S extends Schema>(options: OpenOptions<S>): void {
  checkBase(options)
  const wrong = wrongLimits(limitsOf(options))
  if (wrong !== undefined) throw new EngineError('E_USAGE', wrong)
  checkDurability(options.durability ?? 'sync')
  const { mode = 'open-or-create' } = options
  if (!MODES.includes(mode))
    throw new EngineError('E_USAGE', `'${String(mode)}' is no mode; valid are ${MODES.join(', ')}`)
}

function limitsOf<S extends Schema>(options: OpenOptions<S>): PackLimits {
  const limits = { ...DEFAULT_LIMITS, ...options.pack, fanOut: options.fanOut ?? DEFAULT_LIMITS.fanOut }
  // Limits that were not given follow from those that were, where the defaults would not fit.
  const syncEveryBytes = options.pack?.syncEveryBytes ?? limits.syncEveryBytes
  return {
    ...limits,
    tailLimitBytes: options.pack?.tailLimitBytes ?? Math.min(limits.tailLimitBytes, syncEveryBytes),
    lazyLimitBytes: options.pack?.lazyLimitBytes ?? Math.min(limits.lazyLimitBytes, syncEveryBytes),
  }
}

function withLock<R>(options: OpenBase, work: (lock: Lock) => R): R {
  const { root, fileSystem, processes, random, allocator } = options
  let lock: Lock | undefined
  try {
    const status = uninterrupted(() => fileSystem.stat(root))
    if (status === undefined || status.kind !== 'directory')
      throw new EngineError('E_NOT_FOUND', `the document root ${root} is no directory`, { path: root })
    lock = acquireLock({ fileSystem, processes, random, allocator, directory: root })
    return work(lock)
  } catch (error) {
    lock?.release()
    throw asEngineError(error, `open of ${databaseDirectory(root, options.name)}`)
  }
}

/** Opens an existing directory; `wanted` is compared with the catalog in it. Releases what it made, not the lock. */
function openLocked<S extends Schema>(options: OpenBase, lock: Lock, wanted: Wanted | undefined): EngineDatabase<S> {
  const { fileSystem, allocator } = options
  const directory = databaseDirectory(options.root, options.name)
  const files = new PackFiles(fileSystem, allocator, directory, listPacks(fileSystem, directory), options.root)
  let log: CommitLog | undefined
  let state: StoreState | undefined
  try {
    const opened = recoverLog(options, files, lock)
    log = opened.log
    state = new StoreState(files, log, allocator, cacheBytesOf(options))
    const catalog = state.load(wanted)
    if (wanted !== undefined && catalog !== wanted.catalog) checkSameSchema(catalog, wanted.catalog, directory)
    return new EngineDatabase<S>({
      state,
      lock,
      tables: wanted !== undefined && catalog === wanted.catalog ? wanted.tables : planTables(catalog),
      durability: ('durability' in options ? (options.durability as never) : undefined) ?? 'sync',
      openedClean: opened.recovered.clean !== undefined,
      recoveryBytesRead: opened.recovered.bytesRead,
      scheduler: options.scheduler,
    })
  } catch (error) {
    log?.close()
    state?.close()
    files.close()
    throw error
  }
}

function recoverLog(options: OpenBase, files: PackFiles, lock: Lock): { log: CommitLog; recovered: Recovered } {
  const { allocator } = options
  const id = allocator.allocate(DATABASE_ID_BYTES, 'database-id')
  try {
    const recovered = recover(files, allocator, id)
    const buffer = options.writeBufferBytes ?? WRITE_BUFFER_BYTES
    const log = new CommitLog(files, allocator, lock, recovered, id, buffer, options.scheduler)
    log.noteDurableCommit(recovered.durableCommitNumber)
    return { log, recovered }
  } finally {
    allocator.free(id)
  }
}

// --- a new database ----------------------------------------------------------------------------------------------------

function createDatabase<S extends Schema>(options: OpenOptions<S>, lock: Lock, catalog: Catalog): void {
  const { root, name, fileSystem, allocator } = options
  const final = databaseDirectory(root, name)
  const making = `${final}.new`
  uninterrupted(() => fileSystem.syncDirectory(root))
  if (uninterrupted(() => fileSystem.stat(making)) === undefined) {
    uninterrupted(() => fileSystem.makeDirectory(making))
    uninterrupted(() => fileSystem.syncDirectory(root))
  } else {
    removeLeftovers(fileSystem, making)
  }
  const id = allocator.allocate(DATABASE_ID_BYTES, 'database-id')
  try {
    options.random.fill(id.bytes, id.start, DATABASE_ID_BYTES)
    firstCommit(options, lock, catalog, making, id)
  } finally {
    allocator.free(id)
  }
  uninterrupted(() => fileSystem.rename(making, final))
  uninterrupted(() => fileSystem.syncDirectory(root))
}

function removeLeftovers(fileSystem: FileSystem, making: string): void {
  uninterrupted(() => fileSystem.syncDirectory(making))
  for (const file of uninterrupted(() => fileSystem.list(making))) {
    uninterrupted(() => fileSystem.unlink(`${making}/${file}`))
    uninterrupted(() => fileSystem.syncDirectory(making))
  }
}

function firstCommit<S extends Schema>(
  options: OpenOptions<S>,
  lock: Lock,
  catalog: Catalog,
  directory: string,
  id: Block,
): void {
  const { fileSystem, allocator } = options
  const files = new PackFiles(fileSystem, allocator, directory, { lowest: 1, newest: 0 }, '')
  const start: LogStart = {
    limits: limitsOf(options),
    idCrc: crc32(id.bytes, id.start, DATABASE_ID_BYTES),
    accepted: { mark: NOWHERE, endBytes: 0, commitNumber: 0, root: markRootOf(EMPTY_ROOT) },
    proven: NOWHERE,
    provenMark: NOWHERE,
    clean: undefined,
  }
  const log = new CommitLog(files, allocator, lock, start, id, options.writeBufferBytes ?? WRITE_BUFFER_BYTES)
  let state: StoreState | undefined
  let failure: unknown
  try {
    state = new StoreState(files, log, allocator, 0)
    log.beginSettling()
    writeFirstCommit(state, catalog)
  } catch (error) {
    log.abort()
    failure = error
  }
  // Closing writes the close record; a creation whose end can't be written failed.
  const closeError = log.close()
  state?.close()
  files.close()
  failure ??= closeError
  if (failure !== undefined) throw failure
}

function writeFirstCommit(state: StoreState, catalog: Catalog): void {
  const { log, items, allocator, cache } = state
  const reference = state.appendCatalog(catalogText(catalog))
  const overlay = new Overlay({
    allocator,
    cache,
    shape: { fanOut: log.limits.fanOut, keyBytesMax: MAIN_KEY_BYTES_MAX },
  })
  try {
    const main = overlay.editor(EMPTY_ROOT)
    overlay.beginStatement()
    main.put(state.mainKey(0), state.referenceValue(reference))
    for (let tree = 0; tree < treeCount(catalog); tree += 1)
      main.put(state.mainKey(1 + tree), state.rootValue(EMPTY_ROOT))
    overlay.keepStatement()
    log.commit(markRootOf(main.write(items)))
  } finally {
    overlay.discard()
  }
}
