// engine/errors.ts: every failure that a caller of the engine can see, and the one thing the caller can do about it.

import { IoError, OutOfMemoryError } from './ports/index.ts'

export const REMEDY_BY_CODE = {
  E_USAGE: 'fix the call',
  E_SCHEMA: 'fix the schema: the database was made with another one',
  E_CONSTRAINT: 'fix the data: it breaks a constraint of the schema',
  E_NOT_FOUND: 'fix the path: there is no such database',
  E_NO_DATABASE: 'fix the path: the directory is not a database',
  E_VERSION: 'use a version of the engine that knows this format',
  E_CLOSED: 'open it again: the handle was closed',
  E_LOCKED: 'try again when the owner has closed it',
  E_LOCK_TIMEOUT: 'try again: another transaction holds a table that this one asked for',
  E_NOT_LOCKED: 'name the table when the transaction begins',
  E_BUSY: 'wait for what is under way (`whenIdle`), then call again: nothing was changed',
  E_NO_MEMORY: 'try again with more memory: the operation was undone',
  E_IO: 'try again: the operation was undone, the data is as it was',
  E_OUTCOME_UNKNOWN: 'read the data: the commit may be there after a crash, until a later one is acknowledged',
  E_ABORT: 'abort the transaction: a call in it failed and could not be undone alone',
  E_REOPEN: 'close the database and open it again',
  E_CORRUPT: 'restore a copy, or salvage what is whole',
  E_CHANGED: 'find the other program that writes to this database, then reopen it',
} as const satisfies Record<`E_${string}`, string>

export type EngineErrorCode = keyof typeof REMEDY_BY_CODE

export type EngineErrorContext = Readonly<{
  path?: string
  offsetBytes?: number
  requestedBytes?: number
  tag?: string
  allocationIndex?: number
  table?: string
  column?: string
  errno?: string
  timeoutMs?: number
  operation?: string
}>

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly context: EngineErrorContext
  readonly remedy: string

  constructor(code: EngineErrorCode, message: string, context: EngineErrorContext = {}, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? {} : { cause })
    this.code = code
    this.context = context
    this.remedy = REMEDY_BY_CODE[code]
  }
}

/** A bug of the engine or of its caller's port. Never caught inside the engine. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Assertions stay on in production; one condition each. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(invariant)
}

/** Turns what a port threw into the engine's own error; engine errors pass unchanged, bugs too. */
export function asEngineError(error: unknown, doing: string): unknown {
  if (error instanceof OutOfMemoryError) {
    const { requestedBytes, tag, allocationIndex } = error
    return new EngineError(
      'E_NO_MEMORY',
      `${doing}: no memory for ${requestedBytes} bytes of '${tag}'`,
      { requestedBytes, tag, allocationIndex },
      error,
    )
  }
  if (error instanceof IoError) {
    const { path, offsetBytes, code, operation } = error
    return new EngineError(
      'E_IO',
      `${doing}: ${operation} of ${path} failed with ${code}`,
      { path, errno: code, operation, ...(offsetBytes === undefined ? {} : { offsetBytes }) },
      error,
    )
  }
  return error
}
