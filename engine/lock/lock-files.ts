// engine/lock/lock-files.ts: the few file-system calls that a lock is made of, one step each.
//
// A step generator yields before each call and makes it when it is resumed; nothing happens in between. So whoever drives
// it decides what other processes do between two calls, and a test can try every order.
// Invariants: (1) a call refused with EINTR or EAGAIN is made again, RETRIES_MAX times at most; (2) every handle opened
// here is closed here or is the result.

import { IoError, type Block, type FileHandle, type FileSystem } from '../ports/index.ts'
import { LOCK_TEXT_BYTES_MAX, parseLockNames, type LockNames } from './lock-record.ts'

/** A computation that stops before each file-system call. */
export type Steps<T> = Generator<void, T, void>

/** How often a call that was interrupted is made again. */
export const RETRIES_MAX = 16

export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof IoError && codes.includes(error.code)
}

/** Runs all steps at once. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const result = steps.next()
    if (result.done === true) return result.value
  }
}

function* attempt<T>(call: () => T): Steps<T> {
  for (let retries = 0; ; retries += 1) {
    yield
    try {
      return call()
    } catch (error) {
      if (retries === RETRIES_MAX || !isRefusal(error, 'EINTR', 'EAGAIN')) throw error
    }
  }
}

/** The lock files of one directory. Text passes through `scratch`, a block of LOCK_TEXT_BYTES_MAX bytes. */
export class LockFiles {
  readonly directory: string
  readonly #fileSystem: FileSystem
  readonly #scratch: Block

  constructor(fileSystem: FileSystem, directory: string, scratch: Block) {
    this.#fileSystem = fileSystem
    this.directory = directory
    this.#scratch = scratch
  }

  pathOf(name: string): string {
    return `${this.directory}/${name}`
  }

  *list(): Steps<LockNames> {
    return parseLockNames(yield* attempt(() => this.#fileSystem.list(this.directory)))
  }

  /** A new file, open; undefined if the name is taken. */
  *create(name: string): Steps<FileHandle | undefined> {
    try {
      return yield* attempt(() => this.#fileSystem.create(this.pathOf(name)))
    } catch (error) {
      if (isRefusal(error, 'EEXIST')) return undefined
      throw error
    }
  }

  /** The text of a file, up to LOCK_TEXT_BYTES_MAX bytes; undefined if there is no such file. */
  *read(name: string): Steps<string | undefined> {
    let handle: FileHandle
    try {
      handle = yield* attempt(() => this.#fileSystem.open(this.pathOf(name), 'read'))
    } catch (error) {
      if (isRefusal(error, 'ENOENT')) return undefined
      throw error
    }
    return yield* this.#closing(handle, this.#readAll(handle))
  }

  /** The size of a file, as far as `read` gives it; 0 if there is no such file. */
  *textBytes(name: string): Steps<number> {
    const status = yield* attempt(() => this.#fileSystem.stat(this.pathOf(name)))
    return Math.min(status?.sizeBytes ?? 0, LOCK_TEXT_BYTES_MAX)
  }

  /** Appends a text of ASCII characters, whole or with an error. */
  *append(handle: FileHandle, text: string): Steps<void> {
    const { bytes, start } = this.#scratch
    for (let index = 0; index < text.length; index += 1) bytes[start + index] = text.charCodeAt(index)
    let done = 0
    let idle = 0
    while (done < text.length) {
      const from = done
      const written = yield* attempt(() => handle.append(bytes, start + from, text.length - from))
      done += written
      idle = written === 0 ? idle + 1 : 0
      if (idle > RETRIES_MAX) throw new IoError('EIO', 'append', handle.path)
    }
  }

  /** Removes a name; it is no error if there is none. */
  *unlink(name: string): Steps<void> {
    try {
      yield* attempt(() => this.#fileSystem.unlink(this.pathOf(name)))
    } catch (error) {
      if (!isRefusal(error, 'ENOENT')) throw error
    }
  }

  /** Removes a name in one attempt: an interrupted one may have done it. */
  *unlinkOnce(name: string): Steps<void> {
    yield
    this.#fileSystem.unlink(this.pathOf(name))
  }

  /** Closes a handle. A close is never repeated: whatever it says, the handle is gone. */
  *close(handle: FileHandle): Steps<void> {
    yield
    handle.close()
  }

  *#readAll(handle: FileHandle): Steps<string> {
    const { bytes, start } = this.#scratch
    let text = ''
    while (text.length < LOCK_TEXT_BYTES_MAX) {
      const done = text.length
      const count = yield* attempt(() => handle.read(bytes, start + done, LOCK_TEXT_BYTES_MAX - done, done))
      if (count === 0) break
      for (let index = 0; index < count; index += 1) text += String.fromCharCode(bytes[start + done + index] ?? 0)
    }
    return text
  }

  /** The result of `steps`, after closing the handle; the first error of the two if there is one. */
  *#closing<T>(handle: FileHandle, steps: Steps<T>): Steps<T> {
    let result: T
    try {
      result = yield* steps
    } catch (error) {
      yield* this.tryStep(this.close(handle))
      throw error
    }
    yield* this.close(handle)
    return result
  }

  /** The I/O error that ended the steps, if one did. For unwinding, where the next steps run in any case. */
  *tryStep(steps: Steps<void>): Steps<IoError | undefined> {
    try {
      yield* steps
      return undefined
    } catch (error) {
      if (error instanceof IoError) return error
      throw error
    }
  }
}
