// engine/lock/held-lock.ts: a lock from its acquire to its release, and how a process gives up what it cannot write.
//
// Invariants: (1) `release` allocates nothing and throws nothing; (2) after it the process holds nothing, whatever the file
// system said: neither handle nor block, and a new acquire of this process is not kept out by the old lock file.
// The protocol is in acquire-lock.ts.

import { asEngineError, assert, EngineError } from '../errors.ts'
import { IoError, type Allocator, type Block, type FileHandle, type FileSystem } from '../ports/index.ts'
import type { Processes, RandomSource } from '../ports/index.ts'
import { runSteps, type LockFiles, type Steps } from './lock-files.ts'
import { lockName, releasedLine } from './lock-record.ts'

/** How often a release tries to write its line. */
const RELEASE_ATTEMPTS_MAX = 2

/**
 * Tokens of locks and claims that this process holds no longer though their files say so, because the file system refused
 * to write or delete them. Other processes take such a lock for held until this one ends; this one knows better. Kept by
 * the Processes object, for it is what makes a process one; an entry is 32 characters a failed release.
 */
// charged: nothing, because a token goes in only where a release failed, and goes with the process.
const GIVEN_UP = new WeakMap<Processes, Set<string>>()

export type LockOptions = Readonly<{
  fileSystem: FileSystem
  /** The same object for every acquire of a process. */
  processes: Processes
  random: RandomSource
  /** Gives one block, tag 'lock', held until the release. */
  allocator: Allocator
  /** Absolute path of an existing directory. */
  directory: string
}>

/** The ownership of a directory, until `release`. */
export interface Lock {
  /** Of the lock file; larger than that of every earlier owner. */
  readonly number: number
  /**
   * Throws EngineError E_CHANGED if another process took the directory over (or the lock file was deleted by hand), E_IO if
   * the directory could not be listed.
   */
  checkStillOwner(): void
  /**
   * Gives the directory back, always, once; later calls do nothing. Returns the I/O error that it met, if any: then other
   * processes may find the directory locked until this one ends.
   */
  release(): IoError | undefined
  /** `release`, stopping before each file-system call. */
  releaseSteps(): Steps<IoError | undefined>
}

/** A lock file that this process made: highest of its directory, with a whole owner's line. */
export type MadeLock = Readonly<{ number: number; handle: FileHandle; token: string }>

export class HeldLock implements Lock {
  readonly number: number
  readonly #files: LockFiles
  readonly #handle: FileHandle
  readonly #token: string
  readonly #options: LockOptions
  /** Undefined once released. */
  #scratch: Block | undefined

  constructor(options: LockOptions, scratch: Block, files: LockFiles, made: MadeLock) {
    this.number = made.number
    this.#options = options
    this.#scratch = scratch
    this.#files = files
    this.#handle = made.handle
    this.#token = made.token
  }

  checkStillOwner(): void {
    assert(this.#scratch !== undefined, 'a lock is asked for its owner before it is released')
    let locks: readonly number[]
    try {
      locks = runSteps(this.#files.list()).locks
    } catch (error) {
      throw asEngineError(error, `check the lock of ${this.#files.directory}`)
    }
    const highest = locks.at(-1)
    if (highest === this.number) return
    const path = this.#files.pathOf(lockName(this.number))
    throw new EngineError('E_CHANGED', `${path} is no longer the newest lock: that is ${highest ?? 'none'}`, { path })
  }

  release(): IoError | undefined {
    return runSteps(this.releaseSteps())
  }

  *releaseSteps(): Steps<IoError | undefined> {
    const scratch = this.#scratch
    if (scratch === undefined) return undefined
    this.#scratch = undefined
    const refused = yield* giveBack(this.#options.processes, this.#files, this.#handle, this.#token)
    this.#options.allocator.free(scratch)
    return refused
  }
}

/** Appends the released line and closes the handle; the first error met, if any. */
export function* giveBack(
  processes: Processes,
  files: LockFiles,
  handle: FileHandle,
  token: string,
): Steps<IoError | undefined> {
  let refused: IoError | undefined
  let written = false
  for (let tries = 0; tries < RELEASE_ATTEMPTS_MAX && !written; tries += 1) {
    try {
      yield* files.append(handle, releasedLine(token))
      written = true
    } catch (error) {
      if (!(error instanceof IoError)) throw error
      refused ??= error
    }
  }
  if (!written) giveUp(processes, token)
  try {
    yield* files.close(handle)
  } catch (error) {
    if (!(error instanceof IoError)) throw error
    refused ??= error
  }
  return refused
}

/** Remembers that this process holds nothing by that token, though a file may say so. */
export function giveUp(processes: Processes, token: string): void {
  const tokens = GIVEN_UP.get(processes) ?? new Set()
  tokens.add(token)
  GIVEN_UP.set(processes, tokens)
}

/** Whether this process gave up that token. */
export function isGivenUp(processes: Processes, token: string): boolean {
  return GIVEN_UP.get(processes)?.has(token) ?? false
}
