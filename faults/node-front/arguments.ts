// faults/node-front/arguments.ts: the arguments of `node:fs` calls, read as Node reads them.
//
// 1. What is wrong throws at once, as an argument error; nothing has been done then.

import { constants } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { argumentError } from './errors.ts'

/** A callback as Node's functions take them. */
export type Callback = (...results: unknown[]) => void

const FLAGS: Readonly<Record<string, number>> = flagTable()

function flagTable(): Record<string, number> {
  const { O_RDONLY, O_RDWR, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_SYNC, O_TRUNC } = constants
  const bases: Record<string, number> = {
    r: O_RDONLY,
    rs: O_RDONLY | O_SYNC,
    'r+': O_RDWR,
    'rs+': O_RDWR | O_SYNC,
    w: O_TRUNC | O_CREAT | O_WRONLY,
    wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    'w+': O_TRUNC | O_CREAT | O_RDWR,
    'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    a: O_APPEND | O_CREAT | O_WRONLY,
    ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
    'a+': O_APPEND | O_CREAT | O_RDWR,
    'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  }
  const turned = Object.entries(bases).flatMap(([word, value]): [string, number][] =>
    /^[rwa][sx]/.test(word) ? [[`${word[1] ?? ''}${word[0] ?? ''}${word.slice(2)}`, value]] : [],
  )
  return { ...bases, ...Object.fromEntries(turned) }
}

export function flagsOf(value: unknown, standard = 'r'): number {
  const flags = value ?? standard
  if (typeof flags === 'number') return flags
  const known = typeof flags === 'string' && Object.hasOwn(FLAGS, flags) ? FLAGS[flags] : undefined
  if (known !== undefined) return known
  throw argumentError('ERR_INVALID_ARG_VALUE', `The argument 'flags' is invalid. Received ${shown(value)}`)
}

/** A path as text, or undefined for what is none. */
export function pathText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (value instanceof URL) return value.protocol === 'file:' ? fileURLToPath(value) : undefined
  return undefined
}

export function pathOf(value: unknown, name = 'path'): string {
  const path = pathText(value)
  if (path === undefined)
    throw argumentError(
      'ERR_INVALID_ARG_TYPE',
      `The "${name}" argument must be of type string or an instance of Buffer or URL. Received ${shown(value)}`,
    )
  if (path.includes('\0'))
    throw argumentError(
      'ERR_INVALID_ARG_VALUE',
      `The argument '${name}' must be a string, Uint8Array, or URL without null bytes. Received ${shown(value)}`,
    )
  return path
}

export function modeOf(value: unknown, standard: number): number {
  const mode = value ?? standard
  if (typeof mode === 'string' && /^[0-7]+$/.test(mode)) return Number.parseInt(mode, 8)
  if (typeof mode === 'number' && Number.isInteger(mode) && mode >= 0) return mode
  throw argumentError('ERR_INVALID_ARG_VALUE', `The argument 'mode' is invalid. Received ${shown(value)}`)
}

export function integerOf(value: unknown, name: string, standard?: number, least = 0): number {
  const number = typeof value === 'bigint' ? Number(value) : (value ?? standard)
  if (typeof number !== 'number')
    throw argumentError(
      'ERR_INVALID_ARG_TYPE',
      `The "${name}" argument must be of type number. Received ${shown(value)}`,
    )
  if (!Number.isInteger(number) || number < least)
    throw argumentError(
      'ERR_OUT_OF_RANGE',
      `The value of "${name}" is out of range. It must be an integer >= ${least}. Received ${shown(value)}`,
    )
  return number
}

/** Options as an object; a string is an encoding. */
export function optionsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') return { encoding: value }
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Undefined: bytes are wanted. */
export function encodingOf(value: unknown): BufferEncoding | undefined {
  if (value === undefined || value === null || value === 'buffer') return undefined
  if (typeof value === 'string' && Buffer.isEncoding(value)) return value
  throw argumentError('ERR_INVALID_ARG_VALUE', `The argument 'encoding' is invalid encoding. Received ${shown(value)}`)
}

/** A name or path as the options ask for it: text, or a Buffer. */
export function encodedName(name: string, options: Readonly<Record<string, unknown>>): string | Buffer {
  const { encoding } = options
  if (encoding === undefined || encoding === null || encoding === 'utf8' || encoding === 'utf-8') return name
  const bytes = Buffer.from(name)
  return encoding === 'buffer' ? bytes : bytes.toString(encodingOf(encoding))
}

/** Milliseconds of a time given in seconds, as a Date or as text. */
export function timeOf(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds * 1000
  throw argumentError('ERR_INVALID_ARG_TYPE', `The "time" argument must be an instance of Date or a number`)
}

/** The bytes of a view, without copying. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
}

export function viewOf(value: unknown, name = 'buffer'): Uint8Array {
  const bytes = bytesOf(value)
  if (bytes !== undefined) return bytes
  throw argumentError(
    'ERR_INVALID_ARG_TYPE',
    `The "${name}" argument must be an instance of Buffer, TypedArray, or DataView. Received ${shown(value)}`,
  )
}

/** What is written: text in an encoding, or bytes. */
export function dataOf(value: unknown, encoding: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, encodingOf(encoding) ?? 'utf8')
  const bytes = bytesOf(value)
  if (bytes !== undefined) return bytes
  throw argumentError(
    'ERR_INVALID_ARG_TYPE',
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${shown(value)}`,
  )
}

export function isCallback(value: unknown): value is Callback {
  return typeof value === 'function'
}

export function callbackOf(value: unknown): Callback {
  if (isCallback(value)) return value
  throw argumentError('ERR_INVALID_ARG_TYPE', `The "cb" argument must be of type function. Received ${shown(value)}`)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`
  return String(value)
}
