// engine/database/reader.ts: what snapshots, reads and update transactions have in common: get, scan, count.
//
// 1. A reader's cursors are closed with it.
// 2. Every error that leaves is the engine's own.

import { EngineError, asEngineError } from '../errors.ts'
import type { Block } from '../ports/index.ts'
import { TreeView } from '../tree/index.ts'
import type { Cursor, Reader, ScanOptions } from './api.ts'
import type { TablePlan } from './catalog.ts'
import { RowCursor, bytesOf, findValues, primaryKeyBlock, rowOf, type PlainRow, type TreeViews } from './row-access.ts'
import type { RowOf, Schema } from './schema.ts'
import type { Roots, StoreState } from './store-state.ts'

/** What a reader needs of the database that made it. */
export interface ReaderHost {
  readonly state: StoreState
  readonly tables: ReadonlyMap<string, TablePlan>
  /** Throws E_CLOSED, E_REOPEN. */
  checkUsable(): void
  cursorOpened(cursor: RowCursor): void
  cursorClosed(cursor: RowCursor): void
}

/** Views of the trees at one set of roots, made when they are asked for. */
export class CommittedViews implements TreeViews {
  readonly #state: StoreState
  readonly #roots: Roots
  /** One for each tree of the schema: its size does not depend on data. charged: the reader's block. */
  readonly #views: (TreeView | undefined)[] = []

  constructor(state: StoreState, roots: Roots) {
    this.#state = state
    this.#roots = roots
  }

  view(tree: number): TreeView {
    let view = this.#views[tree]
    if (view === undefined) {
      const root = this.#roots.trees[tree]
      if (root === undefined) throw new EngineError('E_USAGE', `there is no tree ${tree}`)
      view = new TreeView(this.#state.cache, root)
      this.#views[tree] = view
    }
    return view
  }
}

export abstract class TableReader<S extends Schema> implements Reader<S> {
  protected readonly host: ReaderHost
  protected abstract readonly views: TreeViews
  /** charged: each holds a block tagged 'cursor' of its own. */
  readonly #cursors = new Set<RowCursor>()
  #isOver = false

  constructor(host: ReaderHost) {
    this.host = host
  }

  protected get isOver(): boolean {
    return this.#isOver
  }

  /** Throws if the reader can't be used (any more). */
  protected checkUsable(): void {
    this.host.checkUsable()
    if (this.#isOver) throw new EngineError('E_CLOSED', 'the transaction or snapshot is over')
  }

  protected table(name: string): TablePlan {
    const table = this.host.tables.get(name)
    if (table === undefined)
      throw new EngineError(
        'E_USAGE',
        `there is no table '${name}'; there is ${[...this.host.tables.keys()].join(', ')}`,
        { table: name },
      )
    return table
  }

  get<T extends keyof S & string>(tableName: T, primaryKey: number): RowOf<S[T]> | undefined {
    this.checkUsable()
    const table = this.table(tableName)
    let key: Block | undefined
    try {
      key = primaryKeyBlock(this.host.state, primaryKey)
      const values = findValues(this.host.state, table, this.views.view(table.tree), bytesOf(key))
      return values === undefined ? undefined : (rowOf(table, values) as RowOf<S[T]>)
    } catch (error) {
      throw asEngineError(error, `get of '${tableName}' ${primaryKey}`)
    } finally {
      if (key !== undefined) this.host.state.allocator.free(key)
    }
  }

  scan<T extends keyof S & string>(tableName: T, options: ScanOptions = {}): Cursor<RowOf<S[T]>> {
    this.checkUsable()
    const table = this.table(tableName)
    try {
      const cursor = new RowCursor(this.host.state, table, this.views, options, (closed) => this.#forget(closed))
      this.#cursors.add(cursor)
      this.host.cursorOpened(cursor)
      return new PublicCursor<RowOf<S[T]>>(cursor, table, () => this.checkUsable())
    } catch (error) {
      throw asEngineError(error, `scan of '${tableName}'`)
    }
  }

  count(tableName: keyof S & string): number {
    this.checkUsable()
    try {
      return this.views.view(this.table(tableName).tree).count
    } catch (error) {
      throw asEngineError(error, `count of '${tableName}'`)
    }
  }

  #forget(cursor: RowCursor): void {
    this.#cursors.delete(cursor)
    this.host.cursorClosed(cursor)
  }

  /** Ends the reader and its cursors; idempotent, never fails. */
  protected end(): void {
    this.#isOver = true
    for (const cursor of this.#cursors) cursor.close()
  }
}

class PublicCursor<Row> implements Cursor<Row> {
  readonly #cursor: RowCursor
  readonly #table: TablePlan
  readonly #checkUsable: () => void

  constructor(cursor: RowCursor, table: TablePlan, checkUsable: () => void) {
    this.#cursor = cursor
    this.#table = table
    this.#checkUsable = checkUsable
  }

  next(): Row | undefined {
    this.#checkUsable()
    try {
      const values = this.#cursor.next()
      return values === undefined ? undefined : (rowOf(this.#table, values) as PlainRow as Row)
    } catch (error) {
      throw asEngineError(error, `scan of '${this.#table.name}'`)
    }
  }

  close(): void {
    this.#cursor.close()
  }

  *[Symbol.iterator](): Iterator<Row> {
    try {
      for (let row = this.next(); row !== undefined; row = this.next()) yield row
    } finally {
      this.close()
    }
  }
}
