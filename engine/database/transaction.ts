// engine/database/transaction.ts: an update transaction: changes in an overlay, rows appended as they come, one mark.
//
// 1. Each call either does all of its work or throws and leaves the transaction as it was; after a failed append (the
//    pack may hold a part of it) every later call says E_ABORT.
// 2. `abort` never allocates and never fails. A `commit` that throws has aborted.
// 3. The order of a commit: rows (already appended), nodes that refer to them, parents, the main tree, the mark.
// 4. It begins from the newest roots written and commits on the newest main tree, whatever was written between: what it
//    changes nobody else may.

import { type ColumnValue, comparePositions, encodeReference, NOWHERE, type Reference } from '../format/index.ts'
import { EngineError, asEngineError } from '../errors.ts'
import type { LogTransaction } from '../pack/index.ts'
import type { Block } from '../ports/index.ts'
import { Overlay, type Bytes, type Root, type TreeEditor, type TreeView } from '../tree/index.ts'
import type { UpdateTransaction } from './api.ts'
import type { KeyPlan, TablePlan } from './catalog.ts'
import { TableReader, type ReaderHost } from './reader.ts'
import {
  bytesOf,
  checkColumnNames,
  entryValues,
  findValues,
  keyBlock,
  primaryKeyBlock,
  valuesOf,
  type TreeViews,
} from './row-access.ts'
import type { NewRowOf, RowOf, Schema } from './schema.ts'
import { markRootOf, type Roots } from './store-state.ts'

export interface TransactionHost extends ReaderHost {
  readonly keyBytesMax: number
  transactionEnded(transaction: TransactionChanges<Schema>): void
}

/** Size of the block that a transaction is charged with; its scratch for references is in it. */
const TRANSACTION_BYTES = 96

/** What is common to transactions that run alone and side by side: everything but the end. */
export abstract class TransactionChanges<S extends Schema> extends TableReader<S> {
  protected readonly views: TreeViews
  protected readonly logged: LogTransaction
  readonly #host: TransactionHost
  readonly #block: Block
  readonly #overlay: Overlay
  /** One for each tree that the transaction touches: bounded by the schema. charged: by the overlay. */
  readonly #editors: (TreeEditor | undefined)[] = []
  #mustAbort = false
  #hasChanged = false

  /** The log has begun the transaction; if this throws, the caller aborts it there. */
  constructor(host: TransactionHost, logged: LogTransaction) {
    super(host)
    this.#host = host
    this.logged = logged
    const { allocator, cache, log } = host.state
    this.#block = allocator.allocate(TRANSACTION_BYTES, 'transaction')
    try {
      const shape = { fanOut: log.limits.fanOut, keyBytesMax: host.keyBytesMax }
      this.#overlay = new Overlay({ allocator, cache, shape })
    } catch (error) {
      allocator.free(this.#block)
      throw error
    }
    this.views = { view: (tree: number): TreeView => this.#editor(tree).view }
  }

  #editor(tree: number): TreeEditor {
    let editor = this.#editors[tree]
    if (editor === undefined) {
      editor = this.#overlay.editor(this.#host.state.tip.trees[tree] as Root)
      this.#editors[tree] = editor
    }
    return editor
  }

  insert<T extends keyof S & string>(tableName: T, row: NewRowOf<S[T]>): void {
    const table = this.#changeable(tableName)
    const values = valuesOf(table, row as Readonly<Record<string, unknown>>)
    const primaryKey = values[table.primary] as number
    this.#openEditors(table)
    this.#statement(`insert into '${tableName}'`, () => {
      const key = primaryKeyBlock(this.#host.state, primaryKey)
      try {
        this.#refuseTaken(table, bytesOf(key), primaryKey)
        const reference = this.#appendRow(table, values)
        this.#editor(table.tree).put(bytesOf(key), this.#referenceBytes(reference))
        for (const plan of table.keys) this.#putEntry(table, plan, values, bytesOf(key))
      } finally {
        this.#host.state.allocator.free(key)
      }
    })
  }

  update<T extends keyof S & string>(tableName: T, primaryKey: number, changes: Partial<RowOf<S[T]>>): boolean {
    const table = this.#changeable(tableName)
    const given = changes as Readonly<Record<string, unknown>>
    checkColumnNames(table, given)
    this.#openEditors(table)
    return this.#statement(`update of '${tableName}' ${primaryKey}`, () => {
      const { state } = this.#host
      const key = primaryKeyBlock(state, primaryKey)
      try {
        const before = findValues(state, table, this.#editor(table.tree).view, bytesOf(key))
        if (before === undefined) return false
        const after = this.#changed(table, before, given)
        const reference = this.#appendRow(table, after)
        this.#editor(table.tree).put(bytesOf(key), this.#referenceBytes(reference))
        for (const plan of table.keys) {
          if (plan.positions.every((position) => sameValue(before[position], after[position]))) continue
          this.#deleteEntry(table, plan, before)
          this.#putEntry(table, plan, after, bytesOf(key))
        }
        return true
      } finally {
        state.allocator.free(key)
      }
    })
  }

  #changed(table: TablePlan, before: readonly ColumnValue[], given: Readonly<Record<string, unknown>>): ColumnValue[] {
    const row: Record<string, unknown> = {}
    for (const [position, { name }] of table.columns.entries())
      row[name] = given[name] === undefined ? before[position] : given[name]
    const after = valuesOf(table, row)
    if (after[table.primary] !== before[table.primary])
      throw new EngineError('E_USAGE', `the primary key of table '${table.name}' can't be changed`, {
        table: table.name,
      })
    return after
  }

  delete(tableName: keyof S & string, primaryKey: number): boolean {
    const table = this.#changeable(tableName)
    this.#openEditors(table)
    return this.#statement(`delete of '${tableName}' ${primaryKey}`, () => {
      const { state } = this.#host
      const key = primaryKeyBlock(state, primaryKey)
      try {
        const before = findValues(state, table, this.#editor(table.tree).view, bytesOf(key))
        if (before === undefined) return false
        this.#editor(table.tree).delete(bytesOf(key))
        for (const plan of table.keys) this.#deleteEntry(table, plan, before)
        return true
      } finally {
        state.allocator.free(key)
      }
    })
  }

  // --- one statement -------------------------------------------------------------------------------------------------

  #changeable(tableName: string): TablePlan {
    this.checkUsable()
    if (this.#mustAbort) throw new EngineError('E_ABORT', 'a call of the transaction failed: abort it')
    const table = this.table(tableName)
    this.checkChangeable(table)
    this.#host.state.log.enter(this.logged)
    return table
  }

  /** Throws if the transaction may not change the table. */
  protected checkChangeable(_table: TablePlan): void {}

  #openEditors(table: TablePlan): void {
    try {
      this.#editor(table.tree)
      for (const plan of table.keys) this.#editor(plan.tree)
    } catch (error) {
      throw asEngineError(error, `use of table '${table.name}'`)
    }
  }

  #statement<R>(doing: string, work: () => R): R {
    this.#overlay.beginStatement()
    let result: R
    try {
      result = work()
    } catch (error) {
      this.#overlay.undoStatement()
      throw asEngineError(error, doing)
    }
    this.#overlay.keepStatement()
    this.#hasChanged = true
    return result
  }

  #refuseTaken(table: TablePlan, key: Bytes, primaryKey: number): void {
    if (this.#editor(table.tree).get(key.bytes, key.start, key.lengthBytes) === undefined) return
    throw new EngineError('E_CONSTRAINT', `table '${table.name}' has a row with primary key ${primaryKey} already`, {
      table: table.name,
    })
  }

  #appendRow(table: TablePlan, values: readonly ColumnValue[]): Reference {
    const { allocator, items } = this.#host.state
    const sizeBytes = table.codec.rowSizeBytes(values)
    const block = allocator.allocate(sizeBytes, 'row')
    try {
      table.codec.encodeRow(values, block.bytes, block.start)
      return items.appendItem(block.bytes, block.start, sizeBytes)
    } catch (error) {
      this.#mustAbort = !(error instanceof EngineError && error.code === 'E_BUSY')
      throw error
    } finally {
      allocator.free(block)
    }
  }

  #referenceBytes(reference: Reference): Bytes {
    const { bytes, start } = this.#block
    return { bytes, start, lengthBytes: encodeReference(reference, bytes, start) - start }
  }

  #putEntry(table: TablePlan, plan: KeyPlan, values: readonly ColumnValue[], primaryKey: Bytes): void {
    const { state } = this.#host
    const entry = entryValues(table, plan, values)
    const key = keyBlock(state, entry.types, entry.values)
    try {
      const taken = this.#editor(plan.tree).put(bytesOf(key), primaryKey)
      if (taken && entry.isUnique)
        throw new EngineError(
          'E_CONSTRAINT',
          `key '${plan.name}' of table '${table.name}' has a row with these values already`,
          {
            table: table.name,
          },
        )
    } finally {
      state.allocator.free(key)
    }
  }

  #deleteEntry(table: TablePlan, plan: KeyPlan, values: readonly ColumnValue[]): void {
    const { state } = this.#host
    const entry = entryValues(table, plan, values)
    const key = keyBlock(state, entry.types, entry.values)
    try {
      const existed = this.#editor(plan.tree).delete(bytesOf(key))
      if (!existed)
        throw state.damage(
          state.log.accepted.mark,
          `key '${plan.name}' of table '${table.name}' lacks an entry of a row`,
        )
    } finally {
      state.allocator.free(key)
    }
  }

  // --- the end -------------------------------------------------------------------------------------------------------

  protected get hasChanged(): boolean {
    return this.#hasChanged
  }

  protected get mustAbort(): boolean {
    return this.#mustAbort
  }

  /** Writes what has changed, up to the main tree; gives its root and those of all trees. */
  protected writeTrees(): Readonly<{ mainRoot: Root; roots: Roots; trees: readonly Root[] }> {
    const { items, tip: roots } = this.#host.state
    const main = this.#overlay.editor(roots.main)
    const trees = [...roots.trees]
    this.#overlay.beginStatement()
    try {
      this.#writeChanged(roots, trees, main)
    } catch (error) {
      this.#overlay.undoStatement()
      throw error
    }
    this.#overlay.keepStatement()
    return { mainRoot: main.write(items), roots, trees }
  }

  #writeChanged(roots: Roots, trees: Root[], main: TreeEditor): void {
    const { state } = this.#host
    for (const [tree, editor] of this.#editors.entries()) {
      if (editor === undefined) continue
      const root = editor.write(state.items)
      if (sameRoot(root, roots.trees[tree] as Root)) continue
      trees[tree] = root
      main.put(state.mainKey(1 + tree), state.rootValue(root))
    }
  }

  /** Never fails, never allocates; idempotent. */
  abort(): void {
    if (this.isOver) return
    this.#host.state.log.abort(this.logged)
    this.endChanges()
    this.release()
  }

  /** Nothing more is read or changed. Never fails. */
  protected endChanges(): void {
    this.end()
    this.#overlay.discard()
    this.#host.transactionEnded(this)
  }

  /** Nothing is held any more. Never fails. */
  protected release(): void {
    this.#host.state.allocator.free(this.#block)
  }
}

/** A transaction that runs alone. */
export class EngineTransaction<S extends Schema> extends TransactionChanges<S> implements UpdateTransaction<S> {
  commit(): void {
    this.checkUsable()
    try {
      if (this.mustAbort) throw new EngineError('E_ABORT', 'a call of the transaction failed: it was aborted')
      if (this.hasChanged) this.#write()
    } catch (error) {
      this.abort()
      throw asEngineError(error, 'commit')
    }
    this.endChanges()
    this.release()
  }

  #write(): void {
    const { state } = this.host
    const { log } = state
    log.enter(this.logged)
    const { mainRoot, roots, trees } = this.writeTrees()
    const { commitNumber } = log.commit(markRootOf(mainRoot))
    state.accept({ commitNumber, main: mainRoot, catalog: roots.catalog, trees })
  }
}

/** What was written once never changes: a root at the same place is the same root. */
function sameRoot(a: Root, b: Root): boolean {
  return comparePositions(a.reference ?? NOWHERE, b.reference ?? NOWHERE) === 0
}

function sameValue(a: ColumnValue | undefined, b: ColumnValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, index) => byte === b[index])
  return Object.is(a, b)
}
