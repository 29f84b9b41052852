// engine/database/schema.ts: tables as a typed TypeScript value, and the row types that follow from it.
//
//   const schema = defineSchema({
//     account: {
//       columns: { id: column.integer(), owner: column.string(), balance: column.integer(), note: column.string().nullable() },
//       primaryKey: 'id',
//       keys: { byOwner: { columns: ['owner', 'balance'], unique: false } },
//     },
//   })
//
// 1. Column ids are given by position, from 0, and never change; they are what rows on disk carry.
// 2. A primary key is one integer column; it is never NULL.

import { type ColumnType, type ColumnValue } from '../format/index.ts'
import { EngineError } from '../errors.ts'

/** What a column of each type holds in JavaScript. Integers are safe integers. */
type ValueByType = { integer: number; double: number; string: string; binary: Uint8Array; boolean: boolean }

export type Value = ColumnValue

export type Column<Type extends ColumnType = ColumnType, Nullable extends boolean = boolean> = Readonly<{
  type: Type
  isNullable: Nullable
  /** The same column, NULL allowed. */
  nullable(): Column<Type, true>
}>

function makeColumn<Type extends ColumnType>(type: Type): Column<Type, false> {
  return { type, isNullable: false, nullable: () => ({ type, isNullable: true, nullable: makeNullable(type) }) }
}

function makeNullable<Type extends ColumnType>(type: Type): () => Column<Type, true> {
  return () => ({ type, isNullable: true, nullable: makeNullable(type) })
}

/** Column types. Strings are UTF-8 on disk; lone surrogates are refused. */
export const column = {
  integer: (): Column<'integer', false> => makeColumn('integer'),
  double: (): Column<'double', false> => makeColumn('double'),
  string: (): Column<'string', false> => makeColumn('string'),
  binary: (): Column<'binary', false> => makeColumn('binary'),
  boolean: (): Column<'boolean', false> => makeColumn('boolean'),
} as const

export type Columns = Readonly<Record<string, Column>>

export type KeyDefinition<Name extends string = string> = Readonly<{ columns: readonly Name[]; unique?: boolean }>

export type TableDefinition<C extends Columns = Columns> = Readonly<{
  columns: C
  /** An integer column that is not nullable. */
  primaryKey: keyof C & string
  keys?: Readonly<Record<string, KeyDefinition<keyof C & string>>>
}>

export type Schema = Readonly<Record<string, TableDefinition>>

/** A row of a table: NULL is `null`. */
export type RowOf<T extends TableDefinition> = {
  [Name in keyof T['columns']]: T['columns'][Name] extends Column<infer Type, infer Nullable>
    ? ValueByType[Type] | (Nullable extends true ? null : never)
    : never
}

/** A row as it may be given: nullable columns can be left out. */
export type NewRowOf<T extends TableDefinition> = {
  [Name in keyof T['columns'] as T['columns'][Name] extends Column<ColumnType, true> ? never : Name]: RowOf<T>[Name]
} & {
  [Name in keyof T['columns'] as T['columns'][Name] extends Column<ColumnType, true> ? Name : never]?: RowOf<T>[Name]
}

/** Checks a schema and returns it, typed. Throws E_USAGE. */
export function defineSchema<const S extends { [Table in keyof S]: TableDefinition }>(schema: S): S {
  const tables = Object.entries<TableDefinition>(schema)
  if (tables.length === 0) throw new EngineError('E_USAGE', 'a schema needs at least one table')
  for (const [table, definition] of tables) checkTable(table, definition)
  return schema
}

function checkTable(table: string, definition: TableDefinition): void {
  const wrong = (message: string): never => {
    throw new EngineError('E_USAGE', `table '${table}': ${message}`, { table })
  }
  const names = Object.keys(definition.columns)
  if (table === '') wrong('a table needs a name')
  if (names.length === 0) wrong('at least one column is needed')
  const primary = definition.columns[definition.primaryKey]
  if (primary === undefined) wrong(`the primary key names no column: '${definition.primaryKey}'`)
  else if (primary.type !== 'integer' || primary.isNullable)
    wrong('the primary key must be an integer that is not nullable')
  for (const [key, { columns }] of Object.entries(definition.keys ?? {})) {
    if (columns.length === 0) wrong(`key '${key}' has no columns`)
    for (const name of columns)
      if (definition.columns[name] === undefined) wrong(`key '${key}' names no column: '${name}'`)
    if (new Set(columns).size !== columns.length) wrong(`key '${key}' names a column twice`)
  }
}
