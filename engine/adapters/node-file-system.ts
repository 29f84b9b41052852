// engine/adapters/node-file-system.ts: the FileSystem port on the operating system, through node:fs.
//
// Invariants:
//   1. Whatever node:fs refuses is thrown as IoError with the errno code, the port's name of the call, the path and, where
//      the call has one, the position; the system's own error is its cause.
//   2. Nothing is retried, and nothing is made whole: a short call stays short, EINTR stays EINTR.
//   3. A handle owns one descriptor from open to close and gives it up once, also when closing fails.
// Opened with O_APPEND: the system puts each append at the end of the file, whatever else was done with the descriptor.

import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { InvariantError } from '../errors.ts'
import { IoError, type FileHandle, type FileStatus, type FileSystem, type FileSystemCall } from '../ports/index.ts'

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR } = constants
const FILE_MODE = 0o666
const CLOSED = -1

function ioError(error: unknown, operation: FileSystemCall, path: string, offsetBytes?: number): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  // Codes of Node's own (ERR_…) say that the caller broke the port's contract.
  if (error.code.startsWith('ERR_')) return new InvariantError(`${operation} of ${path}: ${error.message}`)
  return new IoError(error.code, operation, path, offsetBytes, error)
}

function codePointOrder(left: string, right: string): number {
  const rightPoints = right[Symbol.iterator]()
  for (const point of left) {
    const other = rightPoints.next()
    if (other.done === true) return 1
    const difference = (point.codePointAt(0) ?? 0) - (other.value.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return rightPoints.next().done === true ? 0 : -1
}

class NodeFileHandle implements FileHandle {
  readonly path: string
  #descriptor: number
  /** Syncs in flight: the descriptor is given up only after the last, so that its number is not another file's. */
  #syncsInFlight = 0
  #closing = false

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    const descriptor = this.#open('read')
    try {
      return readSync(descriptor, target, targetOffset, lengthBytes, positionBytes)
    } catch (error) {
      throw ioError(error, 'read', this.path, positionBytes)
    }
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const descriptor = this.#open('append')
    try {
      return writeSync(descriptor, source, sourceOffset, lengthBytes, null)
    } catch (error) {
      throw ioError(error, 'append', this.path)
    }
  }

  sync(): void {
    const descriptor = this.#open('sync')
    try {
      fdatasyncSync(descriptor)
    } catch (error) {
      throw ioError(error, 'sync', this.path)
    }
  }

  syncLater(): Promise<void> {
    const descriptor = this.#open('sync')
    this.#syncsInFlight += 1
    return new Promise((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        this.#syncsInFlight -= 1
        if (this.#closing && this.#syncsInFlight === 0) close(descriptor, () => {})
        if (error === null) resolve()
        else reject(ioError(error, 'sync', this.path))
      })
    })
  }

  sizeBytes(): number {
    const descriptor = this.#open('size')
    try {
      return fstatSync(descriptor).size
    } catch (error) {
      throw ioError(error, 'size', this.path)
    }
  }

  close(): void {
    const descriptor = this.#descriptor
    if (descriptor === CLOSED) return
    this.#descriptor = CLOSED
    if (this.#syncsInFlight > 0) {
      this.#closing = true
      return
    }
    try {
      closeSync(descriptor)
    } catch (error) {
      throw ioError(error, 'close', this.path)
    }
  }

  #open(operation: FileSystemCall): number {
    if (this.#descriptor === CLOSED) throw new InvariantError(`${operation} of ${this.path} after close`)
    return this.#descriptor
  }
}

function attempt<T>(operation: FileSystemCall, path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw ioError(error, operation, path)
  }
}

const NODE_FILE_SYSTEM: FileSystem = {
  open(path, mode) {
    const flags = mode === 'append' ? O_RDWR | O_APPEND : O_RDONLY
    return new NodeFileHandle(
      path,
      attempt('open', path, () => openSync(path, flags)),
    )
  },

  create(path) {
    const flags = O_CREAT | O_EXCL | O_RDWR | O_APPEND
    return new NodeFileHandle(
      path,
      attempt('create', path, () => openSync(path, flags, FILE_MODE)),
    )
  },

  list(path) {
    return attempt('list', path, () => readdirSync(path)).toSorted(codePointOrder)
  },

  stat(path): FileStatus | undefined {
    // Not `throwIfNoEntry: false`: since Node 24 that answers "nothing there" for a path below a file, too.
    let status: Stats
    try {
      status = statSync(path)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw ioError(error, 'stat', path)
    }
    return { kind: status.isDirectory() ? 'directory' : 'file', sizeBytes: status.size }
  },

  rename(source, target) {
    attempt('rename', source, () => renameSync(source, target))
  },

  unlink(path) {
    attempt('unlink', path, () => unlinkSync(path))
  },

  makeDirectory(path) {
    attempt('makeDirectory', path, () => mkdirSync(path))
  },

  syncDirectory(path) {
    const descriptor = attempt('syncDirectory', path, () => openSync(path, O_RDONLY | O_DIRECTORY))
    try {
      attempt('syncDirectory', path, () => fsyncSync(descriptor))
    } finally {
      closeQuietly(descriptor)
    }
  },
}

/** Nothing was written through the descriptor, so nothing can be lost with it. */
function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    // The directory's sync has already said what there is to say.
  }
}

/** The operating system's files. Paths are the system's own; symbolic links are followed. */
export function nodeFileSystem(): FileSystem {
  return NODE_FILE_SYSTEM
}
