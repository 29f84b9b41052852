// faults/node-front/errors.ts: errors as Node makes them, and the one for what the front does not model.
//
// 1. Code, errno, message, `syscall`, `path` and `dest` are those of the real `node:fs`: programs read them.

import { getSystemErrorMap } from 'node:util'
import { IoError } from '../../engine/ports/index.ts'

/** The program asked for something that the simulated disk has no model of. Never silent: a run that meets it fails. */
export class NotModelledError extends Error {
  override readonly name = 'NotModelledError'
  readonly code = 'E_NOT_MODELLED'
  /** As the program wrote it: `fs.statfs`. */
  readonly call: string

  constructor(call: string, what = 'has no model') {
    super(`${call} ${what} on the simulated disk: leave it out, or run that part of the program on a real one`)
    this.call = call
  }
}

/** The front cannot be put in force. */
export class FrontInstallError extends Error {
  override readonly name = 'FrontInstallError'
  readonly code = 'E_FRONT_INSTALL'
}

const ERRNO = new Map<string, Readonly<{ errno: number; message: string }>>()
for (const [errno, [code, message]] of getSystemErrorMap()) ERRNO.set(code, { errno, message })

/** A refused system call. */
export function systemError(code: string, syscall: string, path?: string, dest?: string): NodeJS.ErrnoException {
  const { errno, message } = ERRNO.get(code) ?? { errno: -1, message: 'unknown error' }
  const of = path === undefined ? '' : ` '${path}'`
  const to = dest === undefined ? '' : ` -> '${dest}'`
  const error: NodeJS.ErrnoException = new Error(`${code}: ${message}, ${syscall}${of}${to}`)
  return Object.assign(
    error,
    { errno, code, syscall },
    path === undefined ? {} : { path },
    dest === undefined ? {} : { dest },
  )
}

/** What the disk threw, as Node says it; anything else as it is. */
export function asSystemError(error: unknown, syscall: string, path?: string, dest?: string): unknown {
  return error instanceof IoError ? systemError(error.code, syscall, path, dest) : error
}

/** An argument that Node refuses before it makes a call. */
export function argumentError(
  code: 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE' | 'ERR_OUT_OF_RANGE' | 'ERR_INVALID_URL_SCHEME',
  message: string,
): Error {
  const error = code === 'ERR_OUT_OF_RANGE' ? new RangeError(message) : new TypeError(message)
  return Object.assign(error, { code })
}

/** In the words that Node has for these. */
const CAUSES: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  ENOTDIR: 'not a directory',
}

/** A refusal of one of Node's own operations (`rm`, `cp`), which have codes of their own. */
export function operationError(code: string, message: string, syscall: string, path: string, cause: string): Error {
  const errno = -(ERRNO.get(cause)?.errno ?? 1)
  const error = new Error(`${message}: ${syscall} returned ${cause} (${CAUSES[cause] ?? cause}) ${path}`)
  error.name = 'SystemError'
  return Object.assign(error, { code, errno, syscall, path })
}
