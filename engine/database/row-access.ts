// engine/database/row-access.ts: rows between JavaScript and packed bytes, and look-ups by key.

import {
  type ColumnType,
  type ColumnValue,
  encodeKey,
  FormatError,
  keySizeBytes,
  prefixToUpperBound,
  type Reference,
} from '../format/index.ts'
import { EngineError } from '../errors.ts'
import type { Block } from '../ports/index.ts'
import { Cursor, type Bound, type Bytes, type CursorRange, type TreeView } from '../tree/index.ts'
import type { ScanOptions } from './api.ts'
import type { KeyPlan, TablePlan } from './catalog.ts'
import type { StoreState } from './store-state.ts'

export type PlainRow = Record<string, ColumnValue>

const INTEGER_KEY: readonly ColumnType[] = ['integer']

/** The values of a row that the caller gave, by position. E_USAGE for unknown columns, E_CONSTRAINT for missing ones. */
export function valuesOf(table: TablePlan, row: Readonly<Record<string, unknown>>): ColumnValue[] {
  checkColumnNames(table, row)
  return table.columns.map(({ name, nullable }) => {
    const value = (row[name] ?? null) as ColumnValue
    if (value === null && !nullable)
      throw new EngineError('E_CONSTRAINT', `column '${name}' of table '${table.name}' can't be NULL`, {
        table: table.name,
        column: name,
      })
    return value
  })
}

export function checkColumnNames(table: TablePlan, row: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(row)) {
    if (table.columns.some((column) => column.name === name)) continue
    throw new EngineError(
      'E_USAGE',
      `table '${table.name}' has no column '${name}'; it has ${table.columns.map((column) => column.name).join(', ')}`,
      { table: table.name, column: name },
    )
  }
}

/** The key of these values, in a new block tagged 'key', which the caller frees. */
export function keyBlock(state: StoreState, types: readonly ColumnType[], values: readonly ColumnValue[]): Block {
  const block = state.allocator.allocate(Math.max(1, keySizeBytes(types, values)), 'key')
  encodeKey(types, values, block.bytes, block.start)
  return block
}

export function primaryKeyBlock(state: StoreState, primaryKey: number): Block {
  return keyBlock(state, INTEGER_KEY, [primaryKey])
}

export function bytesOf(block: Block): Bytes {
  return { bytes: block.bytes, start: block.start, lengthBytes: block.byteLength }
}

/**
 * The entry of a row in one of its table's keys. Unique keys hold the columns alone, so that a second row with the same
 * values meets the first; where a column is NULL, and in keys that are not unique, the primary key follows.
 */
export function entryValues(
  table: TablePlan,
  key: KeyPlan,
  values: readonly ColumnValue[],
): Readonly<{ types: readonly ColumnType[]; values: readonly ColumnValue[]; isUnique: boolean }> {
  const columns = key.positions.map((position) => values[position] ?? null)
  if (key.unique && !columns.includes(null)) return { types: key.types, values: columns, isUnique: true }
  return {
    types: [...key.types, 'integer'],
    values: [...columns, values[table.primary] ?? null],
    isUnique: false,
  }
}

/** Reads the row that a reference names, by position. */
export function readValues(state: StoreState, table: TablePlan, reference: Reference): ColumnValue[] {
  const block = state.items.readItem(reference, 'row')
  try {
    return table.codec.decodeRow(block.bytes, block.start, block.start + reference.lengthBytes)
  } catch (error) {
    if (error instanceof FormatError) throw state.damage(reference, `a row of table '${table.name}': ${error.message}`)
    throw error
  } finally {
    state.allocator.free(block)
  }
}

export function rowOf(table: TablePlan, values: readonly ColumnValue[]): PlainRow {
  const row: PlainRow = {}
  for (let position = 0; position < table.columns.length; position += 1) {
    const column = table.columns[position]
    if (column !== undefined) row[column.name] = values[position] ?? null
  }
  return row
}

/** The row with a primary key, by position, or undefined. */
export function findValues(
  state: StoreState,
  table: TablePlan,
  view: TreeView,
  primaryKey: Bytes,
): ColumnValue[] | undefined {
  const value = view.get(primaryKey.bytes, primaryKey.start, primaryKey.lengthBytes)
  return value === undefined ? undefined : readValues(state, table, state.readReference(value))
}

/** Where the trees of a reader are. */
export interface TreeViews {
  view(tree: number): TreeView
}

/** Rows of a range. Throws what reading throws; a `next` that threw can be called again. */
export class RowCursor {
  readonly #state: StoreState
  readonly #table: TablePlan
  readonly #views: TreeViews
  readonly #cursor: Cursor
  readonly #isPrimary: boolean
  readonly #onClose: (cursor: RowCursor) => void
  #isClosed = false

  constructor(
    state: StoreState,
    table: TablePlan,
    views: TreeViews,
    options: ScanOptions,
    onClose: (cursor: RowCursor) => void,
  ) {
    const key = options.by === undefined ? undefined : table.keys.find(({ name }) => name === options.by)
    if (options.by !== undefined && key === undefined)
      throw new EngineError(
        'E_USAGE',
        `table '${table.name}' has no key '${options.by}'; it has ${table.keys.map(({ name }) => name).join(', ') || 'none'}`,
        { table: table.name },
      )
    this.#state = state
    this.#table = table
    this.#views = views
    this.#isPrimary = key === undefined
    this.#onClose = onClose
    this.#cursor = openCursor(state, views.view(key?.tree ?? table.tree), key?.types ?? INTEGER_KEY, options)
  }

  next(): ColumnValue[] | undefined {
    if (this.#isClosed) throw new EngineError('E_CLOSED', 'the cursor was closed')
    const cursor = this.#cursor
    if (!cursor.next()) return undefined
    const value = { bytes: cursor.bytes, start: cursor.valueStart, lengthBytes: cursor.valueLength }
    if (this.#isPrimary) return readValues(this.#state, this.#table, this.#state.readReference(value))
    const values = findValues(this.#state, this.#table, this.#views.view(this.#table.tree), value)
    if (values === undefined)
      throw this.#state.damage(
        this.#state.log.accepted.mark,
        `a key of table '${this.#table.name}' names a row that is not there`,
      )
    return values
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cursor.close()
    this.#onClose(this)
  }
}

function openCursor(state: StoreState, view: TreeView, types: readonly ColumnType[], options: ScanOptions): Cursor {
  const lower = boundBlock(state, types, options.from)
  try {
    const upper = boundBlock(state, types, options.to)
    try {
      const from = boundOf(lower, options.fromExclusive === true)
      const to = boundOf(upper, options.toInclusive === true)
      const range: CursorRange = {
        descending: options.reverse === true,
        ...(from === undefined ? {} : { from: { ...from, inclusive: true } }),
        ...(to === undefined ? {} : { to: { ...to, inclusive: false } }),
      }
      return new Cursor(view, state.allocator, range)
    } finally {
      if (upper !== undefined) state.allocator.free(upper)
    }
  } finally {
    if (lower !== undefined) state.allocator.free(lower)
  }
}

function boundBlock(state: StoreState, types: readonly ColumnType[], bound: ScanOptions['from']): Block | undefined {
  if (bound === undefined) return undefined
  const values: readonly ColumnValue[] = typeof bound === 'number' ? [bound] : bound
  if (values.length === 0) return undefined
  if (values.length > types.length)
    throw new EngineError('E_USAGE', `a bound of ${values.length} values for a key of ${types.length} columns`)
  return keyBlock(state, types, values)
}

/** `isBehind`: the bound lies behind all keys that begin with it. An open bound is undefined. */
function boundOf(block: Block | undefined, isBehind: boolean): Omit<Bound, 'inclusive'> | undefined {
  if (block === undefined) return undefined
  if (!isBehind) return bytesOf(block)
  const lengthBytes = prefixToUpperBound(block.bytes, block.start, block.byteLength)
  return lengthBytes === 0 ? undefined : { bytes: block.bytes, start: block.start, lengthBytes }
}
