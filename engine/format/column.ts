// engine/format/column.ts: the column types, and which JavaScript values they hold.

import { EngineError } from '../errors.ts'
import { utf8SizeBytes } from './utf8.ts'

export const COLUMN_TYPES = ['integer', 'double', 'string', 'binary', 'boolean'] as const

/** integer: a safe integer; double: any number; string: whole code points; binary: bytes; boolean. */
export type ColumnType = (typeof COLUMN_TYPES)[number]

/** A column's value; null is NULL. */
export type ColumnValue = number | string | boolean | Uint8Array | null

/** Says why a value cannot be in a column of this type (null never can't), or undefined. */
export function valueProblem(type: ColumnType, value: ColumnValue): string | undefined {
  if (value === null) return undefined
  switch (type) {
    case 'integer':
      if (typeof value !== 'number') return `an integer column cannot hold a ${kindOf(value)}`
      return Number.isSafeInteger(value) ? undefined : `${value} is not an integer between -(2^53-1) and 2^53-1`
    case 'double':
      return typeof value === 'number' ? undefined : `a double column cannot hold a ${kindOf(value)}`
    case 'string':
      if (typeof value !== 'string') return `a string column cannot hold a ${kindOf(value)}`
      return utf8SizeBytes(value) >= 0 ? undefined : 'the string holds half of a surrogate pair'
    case 'binary':
      return value instanceof Uint8Array ? undefined : `a binary column cannot hold a ${kindOf(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `a boolean column cannot hold a ${kindOf(value)}`
    default:
      return type satisfies never
  }
}

/** The E_CONSTRAINT for a value that `valueProblem` complains of. */
export function valueError(type: ColumnType, value: ColumnValue, column: string | undefined): EngineError {
  const problem = valueProblem(type, value) ?? 'the value does not fit the column'
  return column === undefined
    ? new EngineError('E_CONSTRAINT', problem)
    : new EngineError('E_CONSTRAINT', `column '${column}': ${problem}`, { column })
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'value that is undefined'
  if (typeof value === 'object') return 'binary value or object'
  return typeof value
}
