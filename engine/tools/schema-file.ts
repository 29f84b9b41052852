// engine/tools/schema-file.ts: a schema as a JSON file, for databases whose own catalog is lost.
//
//   { "account": { "columns": { "id": "integer", "note": "string?" }, "primaryKey": "id",
//                  "keys": { "byNote": { "columns": ["note"], "unique": false } } } }
//
// A question mark behind a type allows NULL. Tables, columns and keys must stand in the order of the database's schema.

import { column, defineSchema, type Allocator, type Column, type FileSystem, type Schema } from '../index.ts'
import { UsageError } from './command.ts'

const FORM = 'valid is {"TABLE": {"columns": {"COLUMN": "TYPE"}, "primaryKey": "COLUMN", "keys": {…}}}'
const BYTES_MAX = 1_048_576

type FilePorts = Readonly<{ fileSystem: FileSystem; allocator: Allocator }>

/** Throws UsageError, IoError, and E_USAGE for a schema that is none. */
export function readSchemaFile(ports: FilePorts, path: string): Schema {
  let value: unknown
  try {
    value = JSON.parse(readText(ports, path))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`${path} is no JSON: ${error.message}`)
  }
  const schema = entriesOf(value, path).map(([name, table]) => [name, tableOf(table, `${path}: table '${name}'`)])
  return defineSchema(Object.fromEntries(schema) as Schema)
}

function readText({ fileSystem, allocator }: FilePorts, path: string): string {
  const handle = fileSystem.open(path, 'read')
  try {
    const block = allocator.allocate(Math.max(1, Math.min(handle.sizeBytes(), BYTES_MAX)), 'schema')
    try {
      let done = 0
      for (let read = 1; read > 0 && done < block.byteLength; done += read)
        read = handle.read(block.bytes, block.start + done, block.byteLength - done, done)
      return new TextDecoder().decode(block.bytes.subarray(block.start, block.start + done))
    } finally {
      allocator.free(block)
    }
  } finally {
    handle.close()
  }
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw new UsageError(`${where} is no object; ${FORM}`)
}

function tableOf(value: unknown, where: string): Schema[string] {
  const { columns, primaryKey, keys = {} } = Object.fromEntries(entriesOf(value, where))
  if (typeof primaryKey !== 'string') throw new UsageError(`${where} names no primaryKey; ${FORM}`)
  return {
    columns: Object.fromEntries(entriesOf(columns, where).map(([name, type]) => [name, columnOf(type, where)])),
    primaryKey,
    keys: Object.fromEntries(entriesOf(keys, where).map(([name, key]) => [name, keyOf(key, where)])),
  }
}

function columnOf(type: unknown, where: string): Column {
  const text = String(type)
  const isNullable = text.endsWith('?')
  const name = isNullable ? text.slice(0, -1) : text
  const make = (column as Readonly<Record<string, () => Column>>)[name]
  if (make === undefined || !Object.hasOwn(column, name))
    throw new UsageError(`${where} has a column of type '${text}'; valid are ${Object.keys(column).join(', ')}, with ?`)
  return isNullable ? make().nullable() : make()
}

function keyOf(value: unknown, where: string): Readonly<{ columns: readonly string[]; unique: boolean }> {
  const { columns, unique = false } = Object.fromEntries(entriesOf(value, where))
  if (!Array.isArray(columns) || typeof unique !== 'boolean')
    throw new UsageError(`${where} has a key that is not {"columns": ["COLUMN"], "unique": false}`)
  return { columns: columns.map(String), unique }
}
