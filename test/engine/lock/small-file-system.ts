// test/engine/lock/small-file-system.ts: a file system of one directory in memory, written apart from everything under test.
// It does what the port promises and nothing else; a hook sees each call and may refuse it before or after it is done.

import {
  IoError,
  type FileHandle,
  type FileStatus,
  type FileSystem,
  type FileSystemCall,
} from '../../../engine/ports/index.ts'

type Node = { bytes: number[] }

/** Runs a call; may throw before or after `perform`. `describe` makes the result comparable. */
export type CallHook = <T>(operation: FileSystemCall, name: string, perform: () => T) => T

/** The disk: survives the processes that use it. */
export class SmallDisk {
  readonly files = new Map<string, Node>()
  /** Off, a create replaces what is there: a canary for tests that must fail then. */
  exclusive = true
  /** Most bytes that a read or an append moves. */
  transferMax = Infinity

  dump(): string {
    return [...this.files]
      .map(([name, { bytes }]) => `${name}=${String.fromCharCode(...bytes)}`)
      .toSorted()
      .join('|')
  }

  /** The disk as one process sees it. */
  view(hook: CallHook): SmallView {
    return new SmallView(this, hook)
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

export class SmallView implements FileSystem {
  /** Handles that this process was given and has not closed. */
  openHandles = 0
  readonly #disk: SmallDisk
  readonly #hook: CallHook

  constructor(disk: SmallDisk, hook: CallHook) {
    this.#disk = disk
    this.#hook = hook
  }

  open(path: string): FileHandle {
    const node = this.#hook('open', nameOf(path), () => {
      const found = this.#disk.files.get(nameOf(path))
      if (found === undefined) throw new IoError('ENOENT', 'open', path)
      return found
    })
    return this.#handle(path, node)
  }

  create(path: string): FileHandle {
    const node = this.#hook('create', nameOf(path), () => {
      if (this.#disk.exclusive && this.#disk.files.has(nameOf(path))) throw new IoError('EEXIST', 'create', path)
      const made: Node = { bytes: [] }
      this.#disk.files.set(nameOf(path), made)
      return made
    })
    return this.#handle(path, node)
  }

  list(path: string): readonly string[] {
    return this.#hook('list', nameOf(path), () => [...this.#disk.files.keys()].toSorted())
  }

  unlink(path: string): void {
    this.#hook('unlink', nameOf(path), () => {
      if (!this.#disk.files.delete(nameOf(path))) throw new IoError('ENOENT', 'unlink', path)
    })
  }

  stat(path: string): FileStatus | undefined {
    return this.#hook('stat', nameOf(path), () => {
      const node = this.#disk.files.get(nameOf(path))
      return node === undefined ? undefined : { kind: 'file', sizeBytes: node.bytes.length }
    })
  }

  rename(source: string): never {
    throw new IoError('ENOSYS', 'rename', source)
  }

  makeDirectory(path: string): never {
    throw new IoError('ENOSYS', 'makeDirectory', path)
  }

  syncDirectory(path: string): never {
    throw new IoError('ENOSYS', 'syncDirectory', path)
  }

  #handle(path: string, node: Node): FileHandle {
    const disk = this.#disk
    const hook = this.#hook
    const name = nameOf(path)
    const closed = () => {
      this.openHandles -= 1
    }
    let open = true
    this.openHandles += 1
    return {
      path,
      read(target, targetOffset, lengthBytes, positionBytes) {
        return hook('read', name, () => {
          const end = positionBytes + Math.min(lengthBytes, disk.transferMax)
          const bytes = node.bytes.slice(positionBytes, end)
          target.set(bytes, targetOffset)
          return bytes.length
        })
      },
      append(source, sourceOffset, lengthBytes) {
        return hook('append', name, () => {
          const count = Math.min(lengthBytes, disk.transferMax)
          node.bytes.push(...source.subarray(sourceOffset, sourceOffset + count))
          return count
        })
      },
      sync() {
        throw new IoError('ENOSYS', 'sync', path)
      },
      syncLater: () => Promise.reject(new IoError('ENOSYS', 'sync', path)),
      sizeBytes: () => node.bytes.length,
      close() {
        if (!open) return
        open = false
        closed()
        hook('close', name, () => undefined)
      },
    }
  }
}
