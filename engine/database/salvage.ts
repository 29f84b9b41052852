// engine/database/salvage.ts: what is still whole of a damaged database, in a new one.
//
//   packs ─▶ newest commit that can be trusted ─▶ rows that it reaches          ─▶ new database ─▶ verified ─▶ named
//                    └─▶ whole records, newest first, for keys that are not reached ─▶
//
// 1. The damaged directory is only read. No lock is taken there: the database must not be in use.
// 2. Damaged data is never taken as good: every row comes out of a record whose checksum is right. Rows that the newest
//    trusted commit does not reach are doubtful, and told by their keys; they can be left out.
// 3. The new database is made by ordinary transactions under another name, closed, opened and verified, and only then
//    gets its name: one that is there is whole.
// 4. Memory does not depend on the size of the database: rows pass through, in transactions of BATCH_BYTES.

import { type ColumnValue } from '../format/index.ts'
import { EngineError, asEngineError, assert } from '../errors.ts'
import { uninterrupted } from '../pack/index.ts'
import type { Allocator, FileSystem, Processes, RandomSource } from '../ports/index.ts'
import type { DamageReport, Database } from './api.ts'
import { catalogOf, planTables, type Catalog, type TablePlan } from './catalog.ts'
import { verifyDatabase } from './inspect-database.ts'
import { KeyRanges, type KeyRange } from './key-ranges.ts'
import { databaseDirectory, openDatabase } from './open-database.ts'
import { rowOf } from './row-access.ts'
import { RowSalvage, type TableSalvage } from './salvage-rows.ts'
import { noteClosing, openForSalvage, type SalvageStore } from './salvage-store.ts'
import { column, type Column, type Schema } from './schema.ts'
import { REPORTS_MAX, verifyStore } from './verify-store.ts'

/** Damage, and ranges of keys, that a report lists; more are counted. */
export const LISTED_MAX = REPORTS_MAX

export type SalvageOptions = Readonly<{
  /** The damaged database: its NAME.rdm folder, absolute. */
  directory: string
  /** Where the new one is made: a document root that exists, and the database's name in it. */
  root: string
  name: string
  fileSystem: FileSystem
  allocator: Allocator
  random: RandomSource
  processes: Processes
  /** For a database whose own catalog is lost. */
  schema?: Schema
  /** Whether rows that may be former states, or deleted since, are put into the new database. Default: 'keep'. */
  doubtful?: 'keep' | 'leave-out'
  /** Told now and then how many rows have been saved. */
  onProgress?: (rows: number) => void
}>

export type TableSalvageReport = Readonly<{
  name: string
  /** Rows in the new database, doubtful ones included. */
  saved: number
  doubtful: number
  /** Keys of doubtful rows, ascending; at most LISTED_MAX ranges. */
  doubtfulKeys: readonly KeyRange[]
  /** Rows that are whole but that the new database refuses: another row has their unique key. */
  refused: number
  /** Rows that the newest trusted commit has and that could not be saved; undefined if no commit tells. */
  missing: number | undefined
  /** Keys of which nothing is known: there may have been rows. At most LISTED_MAX ranges. */
  lostKeys: readonly KeyRange[]
}>

export type SalvageReport = Readonly<{
  directory: string
  /** The new database. */
  database: string
  /** Number of the newest commit that could be trusted; undefined if there is none. */
  commitNumber: number | undefined
  /** Nothing shows that a newer commit was lost. */
  isCurrent: boolean
  tables: readonly TableSalvageReport[]
  damage: readonly DamageReport[]
  damageCount: number
  /** Whole rows that could be of several tables, and were not taken. */
  ambiguous: number
  /** Whole rows in no whole leaf and no whole commit: perhaps aborted, and not taken. */
  uncommitted: number
  /** No damage, nothing lost, nothing doubtful. */
  complete: boolean
}>

const UNFINISHED = 'salvage-unfinished'
const BATCH_ROWS = 256
const BATCH_BYTES = 65_536
const PROGRESS_ROWS = 10_000

/**
 * Brings what is whole into a new database. Throws EngineError: E_USAGE if the new one is there already, E_NO_DATABASE,
 * E_CORRUPT if not even the catalog can be found and no schema was given, E_IO, E_NO_MEMORY. After an error nothing has
 * the new database's name.
 */
export function salvageDatabase(options: SalvageOptions): SalvageReport {
  const { fileSystem, allocator, directory } = options
  const target = databaseDirectory(options.root, options.name)
  const damage = new DamageList()
  try {
    refuseTaken(options, target)
    const given = options.schema === undefined ? undefined : catalogOf(options.schema)
    const store = openForSalvage(fileSystem, allocator, directory, damage.add, given)
    let tables: readonly TableSalvageReport[]
    let figures: Pick<SalvageReport, 'commitNumber' | 'isCurrent' | 'ambiguous' | 'uncommitted'>
    let unclosed: unknown
    try {
      damageOfAll(store, damage)
      const result = saveRows(store, store.catalog ?? given, options, damage)
      tables = result.tables
      figures = {
        commitNumber: store.catalog === undefined ? undefined : store.state.log.accepted.commitNumber,
        isCurrent: store.isCurrent,
        ambiguous: result.ambiguous,
        uncommitted: result.uncommitted,
      }
    } finally {
      unclosed = store.close()
    }
    noteClosing(unclosed, damage.add)
    finish(options, target, tables)
    const isWhole = tables.every((table) => table.doubtful + table.refused === 0 && table.lostKeys.length === 0)
    const complete = isWhole && damage.count === 0 && figures.isCurrent
    const { list, count } = damage
    return { directory, database: target, ...figures, tables, damage: list, damageCount: count, complete }
  } catch (error) {
    throw asEngineError(error, `salvage of ${directory}`)
  }
}

function refuseTaken({ fileSystem, root }: SalvageOptions, target: string): void {
  for (const path of [target, databaseDirectory(root, UNFINISHED)])
    if (uninterrupted(() => fileSystem.stat(path)) !== undefined)
      throw new EngineError('E_USAGE', `${path} is there already: salvage makes a new database`, { path })
}

/** What `verify` says of a database that opens; of another one, what is met on the way is all that is told. */
function damageOfAll(store: SalvageStore, damage: DamageList): void {
  if (!store.opens || store.catalog === undefined) return
  try {
    for (const { path, offsetBytes, message } of verifyStore(store.state, planTables(store.catalog)))
      damage.add(path, offsetBytes, message)
  } catch (error) {
    // A sector that cannot be read ends a walk over bytes; the rest of the damage is met with the rows.
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    damage.add(error.context.path ?? '', error.context.offsetBytes ?? 0, error.message)
  }
}

function saveRows(
  store: SalvageStore,
  catalog: Catalog | undefined,
  options: SalvageOptions,
  damage: DamageList,
): Readonly<{ tables: readonly TableSalvageReport[]; ambiguous: number; uncommitted: number }> {
  if (catalog === undefined)
    throw new EngineError(
      'E_CORRUPT',
      `${options.directory}: no commit with a readable catalog was found: the schema has to be given`,
      { path: options.directory },
    )
  const { allocator } = store.state
  const tables: TableSalvage[] = []
  const writer = new Writer(options, store, catalog)
  try {
    for (const plan of planTables(catalog).values()) tables.push({ plan, undecided: new KeyRanges(allocator) })
    const rows = new RowSalvage(
      store,
      tables,
      (plan, values, doubtful) => writer.take(plan, values, doubtful),
      damage.add,
    )
    try {
      rows.run()
    } finally {
      rows.free()
    }
    writer.commit()
    const { ambiguous, uncommitted } = rows
    return { tables: tables.map((table) => writer.report(table, store)), ambiguous, uncommitted }
  } finally {
    for (const { undecided } of tables) undecided.free()
    writer.close()
  }
}

/** Names the new database once it has been closed, opened and found whole. */
function finish(options: SalvageOptions, target: string, tables: readonly TableSalvageReport[]): void {
  const { root, fileSystem, allocator, random, processes } = options
  const { problems, summary } = verifyDatabase({ root, name: UNFINISHED, fileSystem, allocator, random, processes })
  const [problem] = problems
  if (problem !== undefined)
    throw new EngineError('E_CORRUPT', `the new database is damaged: ${problem.message}`, {
      path: problem.path,
      offsetBytes: problem.offsetBytes,
    })
  for (const { name, saved } of tables) assert(summary.rows[name] === saved, 'the new database holds what was saved')
  uninterrupted(() => fileSystem.rename(databaseDirectory(root, UNFINISHED), target))
  uninterrupted(() => fileSystem.syncDirectory(root))
}

type TableCounts = { saved: number; doubtful: number; refused: number }

/** The new database, filled in batches. */
class Writer {
  readonly #options: SalvageOptions
  readonly #allocator: Allocator
  readonly #database: Database<Schema>
  #transaction: ReturnType<Database<Schema>['begin']> | undefined
  #rowsInBatch = 0
  #bytesInBatch = 0
  #rows = 0
  /** charged: nothing, because its size is the schema's; the ranges hold blocks of their own. */
  readonly #counts = new Map<string, TableCounts & { keys: KeyRanges }>()

  constructor(options: SalvageOptions, store: SalvageStore, catalog: Catalog) {
    const { root, fileSystem, allocator, random, processes } = options
    const { fanOut, ...pack } = store.state.log.limits
    this.#options = options
    this.#allocator = allocator
    this.#database = openDatabase({
      root,
      name: UNFINISHED,
      schema: schemaOf(catalog),
      fileSystem,
      allocator,
      random,
      processes,
      mode: 'create',
      durability: 'lazy',
      fanOut,
      pack,
    })
  }

  take(plan: TablePlan, values: readonly ColumnValue[], doubtful: boolean): void {
    const counts = this.#countsOf(plan.name)
    const primaryKey = values[plan.primary] as number
    if (doubtful && this.#options.doubtful === 'leave-out') {
      counts.doubtful += 1
      counts.keys.add(primaryKey, primaryKey)
      return
    }
    this.#transaction ??= this.#database.begin()
    try {
      this.#transaction.insert(plan.name, rowOf(plan, values) as never)
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'E_CONSTRAINT') throw error
      counts.refused += 1
      return
    }
    counts.saved += 1
    if (doubtful) {
      counts.doubtful += 1
      counts.keys.add(primaryKey, primaryKey)
    }
    this.#rows += 1
    this.#rowsInBatch += 1
    this.#bytesInBatch += plan.codec.rowSizeBytes(values)
    if (this.#rowsInBatch >= BATCH_ROWS || this.#bytesInBatch >= BATCH_BYTES) this.commit()
    if (this.#rows % PROGRESS_ROWS === 0) this.#options.onProgress?.(this.#rows)
  }

  commit(): void {
    this.#transaction?.commit()
    this.#transaction = undefined
    this.#rowsInBatch = 0
    this.#bytesInBatch = 0
  }

  report({ plan, undecided }: TableSalvage, store: SalvageStore): TableSalvageReport {
    const { saved, doubtful, refused, keys } = this.#countsOf(plan.name)
    const expected = store.catalog === undefined ? undefined : store.state.roots.trees[plan.tree]?.count
    return {
      name: plan.name,
      saved,
      doubtful,
      doubtfulKeys: keys.list(LISTED_MAX),
      refused,
      missing: expected === undefined ? undefined : Math.max(0, expected - saved),
      lostKeys: undecided.list(LISTED_MAX),
    }
  }

  close(): void {
    this.#transaction?.abort()
    for (const { keys } of this.#counts.values()) keys.free()
    this.#database.close()
  }

  #countsOf(table: string): TableCounts & { keys: KeyRanges } {
    const known = this.#counts.get(table)
    if (known !== undefined) return known
    const made = { saved: 0, doubtful: 0, refused: 0, keys: new KeyRanges(this.#allocator) }
    this.#counts.set(table, made)
    return made
  }
}

/** The schema that a catalog was made of. */
function schemaOf(catalog: Catalog): Schema {
  return Object.fromEntries(
    catalog.tables.map(({ name, primaryKey, columns, keys }) => [
      name,
      {
        primaryKey,
        columns: Object.fromEntries(
          columns.map(({ name: columnName, type, nullable }): [string, Column] => {
            const made: Column = column[type]()
            return [columnName, nullable ? made.nullable() : made]
          }),
        ),
        keys: Object.fromEntries(
          keys.map(({ name: keyName, columns: of, unique }) => [keyName, { columns: of, unique }]),
        ),
      },
    ]),
  )
}

/** What was found wrong, each thing once. */
class DamageList {
  /** charged: bounded by LISTED_MAX, and handed to the caller. */
  readonly #known = new Set<string>()
  readonly list: DamageReport[] = []
  count = 0

  readonly add = (path: string, offsetBytes: number, text: string): void => {
    // An error says its place also in words.
    const said = `E_CORRUPT: ${path} at ${offsetBytes}: `
    const message = text.startsWith(said) ? text.slice(said.length) : text
    const key = `${path} ${offsetBytes} ${message}`
    if (this.#known.has(key)) return
    this.count += 1
    if (this.list.length >= LISTED_MAX) return
    this.#known.add(key)
    this.list.push({ path, offsetBytes, message })
  }
}
