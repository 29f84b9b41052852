// engine/database/catalog.ts: what a database says of itself: tables, columns and keys, as JSON in an item of its own.
//
// 1. Trees are numbered from 0 in the order of tables and, within a table, primary key first, then keys as declared.
// 2. The same schema gives the same bytes.

import { COLUMN_TYPES, type ColumnType, FormatError, RowCodec } from '../format/index.ts'
import { EngineError } from '../errors.ts'
import type { Schema, TableDefinition } from './schema.ts'

export type CatalogColumn = Readonly<{ id: number; name: string; type: ColumnType; nullable: boolean }>
export type CatalogKey = Readonly<{ name: string; tree: number; columns: readonly string[]; unique: boolean }>
export type CatalogTable = Readonly<{
  name: string
  tree: number
  primaryKey: string
  columns: readonly CatalogColumn[]
  keys: readonly CatalogKey[]
}>
export type Catalog = Readonly<{ catalogVersion: 1; tables: readonly CatalogTable[] }>

export function catalogOf(schema: Schema): Catalog {
  let tree = 0
  const nextTree = (): number => {
    tree += 1
    return tree - 1
  }
  const tables = Object.entries<TableDefinition>(schema).map(([name, definition]) => ({
    name,
    tree: nextTree(),
    primaryKey: definition.primaryKey,
    columns: Object.entries(definition.columns).map(([columnName, { type, isNullable }], id) => ({
      id,
      name: columnName,
      type,
      nullable: isNullable,
    })),
    keys: Object.entries(definition.keys ?? {}).map(([keyName, { columns, unique }]) => ({
      name: keyName,
      tree: nextTree(),
      columns: [...columns],
      unique: unique === true,
    })),
  }))
  return { catalogVersion: 1, tables }
}

export function catalogText(catalog: Catalog): string {
  return JSON.stringify(catalog)
}

/** Reads a catalog's text; nothing of it is believed before it was looked at. Throws FormatError. */
export function parseCatalog(text: string): Catalog {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FormatError(`the catalog is no JSON: ${error instanceof Error ? error.message : String(error)}`, 0)
  }
  if (!isRecord(value) || value['catalogVersion'] !== 1) fail('its version')
  const tables = isRecord(value) ? value['tables'] : undefined
  if (!Array.isArray(tables) || !tables.every(isTable)) return fail('its tables')
  let tree = 0
  for (const table of tables) {
    if (table.tree !== tree) fail(`the tree number of table '${table.name}'`)
    tree += 1
    for (const key of table.keys) {
      if (key.tree !== tree) fail(`the tree number of key '${key.name}'`)
      tree += 1
      if (!key.columns.every((name) => table.columns.some((column) => column.name === name)))
        fail(`the columns of key '${key.name}'`)
    }
    if (!table.columns.some((column) => column.name === table.primaryKey && column.type === 'integer'))
      fail(`the primary key of table '${table.name}'`)
    if (!table.columns.every((column, index) => column.id === index)) fail(`the columns of table '${table.name}'`)
  }
  return { catalogVersion: 1, tables }
}

function fail(what: string): never {
  throw new FormatError(`the catalog is wrong: ${what}`, 0)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTable(value: unknown): value is CatalogTable {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    Number.isInteger(value['tree']) &&
    typeof value['primaryKey'] === 'string' &&
    Array.isArray(value['columns']) &&
    value['columns'].every(isColumn) &&
    Array.isArray(value['keys']) &&
    value['keys'].every(isKey)
  )
}

function isColumn(value: unknown): value is CatalogColumn {
  return (
    isRecord(value) &&
    Number.isInteger(value['id']) &&
    typeof value['name'] === 'string' &&
    COLUMN_TYPES.includes(value['type'] as ColumnType) &&
    typeof value['nullable'] === 'boolean'
  )
}

function isKey(value: unknown): value is CatalogKey {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    Number.isInteger(value['tree']) &&
    Array.isArray(value['columns']) &&
    value['columns'].every((name) => typeof name === 'string') &&
    typeof value['unique'] === 'boolean'
  )
}

/** Refuses a schema that is not the one of the database. E_SCHEMA, naming the first difference. */
export function checkSameSchema(found: Catalog, wanted: Catalog, path: string): void {
  if (catalogText(found) === catalogText(wanted)) return
  const names = (catalog: Catalog): string => catalog.tables.map((table) => table.name).join(', ')
  const different = wanted.tables.find(
    (table) => JSON.stringify(table) !== JSON.stringify(found.tables.find(({ name }) => name === table.name)),
  )
  throw new EngineError(
    'E_SCHEMA',
    different === undefined
      ? `${path} has the tables ${names(found)}, the schema given has ${names(wanted)}`
      : `${path} was made with another schema: table '${different.name}' differs`,
    { path, ...(different === undefined ? {} : { table: different.name }) },
  )
}

/** A key as rows are put into it. */
export type KeyPlan = Readonly<{
  name: string
  tree: number
  unique: boolean
  /** Positions of its columns in a row, and their types. */
  positions: readonly number[]
  types: readonly ColumnType[]
}>

/** A table as rows are put into it. */
export type TablePlan = Readonly<{
  name: string
  tree: number
  codec: RowCodec
  columns: readonly CatalogColumn[]
  /** Position of the primary key's column. */
  primary: number
  keys: readonly KeyPlan[]
}>

export function planTables(catalog: Catalog): ReadonlyMap<string, TablePlan> {
  return new Map(catalog.tables.map((table) => [table.name, planTable(table)]))
}

function planTable(table: CatalogTable): TablePlan {
  const { columns } = table
  const positionOf = (name: string): number => columns.findIndex((column) => column.name === name)
  return {
    name: table.name,
    tree: table.tree,
    codec: new RowCodec(columns.map(({ id, name, type }) => ({ id, name, type }))),
    columns,
    primary: positionOf(table.primaryKey),
    keys: table.keys.map((key) => {
      const positions = key.columns.map(positionOf)
      return {
        name: key.name,
        tree: key.tree,
        unique: key.unique,
        positions,
        types: positions.map((position) => columns[position]?.type ?? 'integer'),
      }
    }),
  }
}

export function treeCount(catalog: Catalog): number {
  return catalog.tables.reduce((count, table) => count + 1 + table.keys.length, 0)
}
