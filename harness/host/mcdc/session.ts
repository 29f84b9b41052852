// harness/host/mcdc/session.ts: what a measured command and every process below it know of the measurement.
//
// It travels in the environment, as NODE_OPTIONS does, so a process that is started with an environment of its own is not
// measured. The session's folder:
//
//   texts/KEY.json      what was found in a text, and where its parts are in the source
//   texts/KEY.code      the text with its counting
//   problems/…          texts that can't be measured
//   began/ID            a process or thread that loaded something that is measured
//   counts/ID.json      what it counted

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { pathTest } from '../../coverage/index.ts'

export const SESSION_VARIABLE = 'POWERCUT_MCDC'

export type Session = Readonly<{
  /** Absolute. */
  directory: string
  /** What paths are relative to. Absolute. */
  root: string
  /** Empty: everything that is loaded from below the root. */
  include: readonly string[]
  exclude: readonly string[]
}>

/** Never measured. */
export const EXCLUDED_ALWAYS: readonly string[] = ['**/node_modules', 'node_modules']

export const FOLDERS = ['texts', 'problems', 'began', 'counts'] as const

export function createSession(session: Session): Session {
  for (const folder of FOLDERS) mkdirSync(join(session.directory, folder), { recursive: true })
  return session
}

/** The session that this process is part of; undefined outside of one, or when its folder is gone. */
export function currentSession(): Session | undefined {
  const text = process.env[SESSION_VARIABLE]
  if (text === undefined || text === '') return undefined
  const value: unknown = JSON.parse(text)
  if (!isSession(value) || !existsSync(join(value.directory, 'texts'))) return undefined
  return value
}

function isSession(value: unknown): value is Session {
  return (
    typeof value === 'object' &&
    value !== null &&
    'directory' in value &&
    'root' in value &&
    'include' in value &&
    'exclude' in value &&
    typeof value.directory === 'string' &&
    typeof value.root === 'string' &&
    Array.isArray(value.include) &&
    Array.isArray(value.exclude)
  )
}

/** Which sources a session measures. */
export class Selection {
  readonly #root: string
  readonly #included: (path: string) => boolean
  readonly #excluded: (path: string) => boolean

  constructor({ root, include, exclude }: Session) {
    this.#root = root
    this.#included = include.length === 0 ? () => true : pathTest(include)
    this.#excluded = pathTest([...EXCLUDED_ALWAYS, ...exclude])
  }

  /** The path from the root, with slashes; undefined if the file is not measured. */
  pathOf(file: string): string | undefined {
    const path = this.inside(file)
    return path === undefined || !this.#included(path) || this.#excluded(path) ? undefined : path
  }

  /** Whether it, or what it was compiled from, may be measured. */
  mayHold(file: string): boolean {
    const path = this.inside(file)
    return path !== undefined && !pathTest(EXCLUDED_ALWAYS)(path)
  }

  inside(file: string): string | undefined {
    const path = relative(this.#root, resolve(file))
    return path === '' || path.startsWith('..') || isAbsolute(path) ? undefined : path.split(sep).join('/')
  }
}

/** Writes a file of the session in one step: other processes may write the same at the same time. */
export function writeShared(path: string, text: string): void {
  const temporary = `${path}.${process.pid}-${randomId()}`
  write(temporary, text)
  rename(temporary, path)
}

export function randomId(): string {
  return random().toString(36).slice(2)
}

// Kept from before the program starts: it may put something else in their places.
const random = Math.random
const write = writeFileSync
const rename = renameSync
