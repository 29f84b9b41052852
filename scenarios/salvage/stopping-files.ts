// scenarios/salvage/stopping-files.ts: a file system for who does not want a salvage to go on over a device that fails now.
//
// Salvage takes EIO for damage of that place, and goes on. Here the first one ends it, and is what the caller is told.

import { IoError, type FileHandle, type FileSystem } from '../../engine/index.ts'

/** What salvage is told instead of EIO: nothing that says something of the data. */
const STOP_CODE = 'ENODEV'

export class StoppingFiles implements FileSystem {
  readonly #inner: FileSystem
  #met: IoError | undefined

  constructor(inner: FileSystem) {
    this.#inner = inner
  }

  /** Runs `work`; throws the error of the device that ended it, if one did. */
  guard<R>(work: () => R): R {
    try {
      return work()
    } catch (error) {
      throw this.#met ?? error
    }
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    return this.#handle(this.#pass(() => this.#inner.open(path, mode)))
  }

  create(path: string): FileHandle {
    return this.#handle(this.#pass(() => this.#inner.create(path)))
  }

  list(path: string): readonly string[] {
    return this.#pass(() => this.#inner.list(path))
  }

  stat(path: string): ReturnType<FileSystem['stat']> {
    return this.#pass(() => this.#inner.stat(path))
  }

  rename(source: string, target: string): void {
    this.#pass(() => this.#inner.rename(source, target))
  }

  unlink(path: string): void {
    this.#pass(() => this.#inner.unlink(path))
  }

  makeDirectory(path: string): void {
    this.#pass(() => this.#inner.makeDirectory(path))
  }

  syncDirectory(path: string): void {
    this.#pass(() => this.#inner.syncDirectory(path))
  }

  #handle(inner: FileHandle): FileHandle {
    return {
      path: inner.path,
      read: (target, targetOffset, lengthBytes, positionBytes) =>
        this.#pass(() => inner.read(target, targetOffset, lengthBytes, positionBytes)),
      append: (source, sourceOffset, lengthBytes) => this.#pass(() => inner.append(source, sourceOffset, lengthBytes)),
      sync: () => this.#pass(() => inner.sync()),
      syncLater: () => inner.syncLater(),
      sizeBytes: () => this.#pass(() => inner.sizeBytes()),
      close: () => this.#pass(() => inner.close()),
    }
  }

  #pass<R>(call: () => R): R {
    try {
      return call()
    } catch (error) {
      if (!(error instanceof IoError) || error.code !== 'EIO') throw error
      this.#met ??= error
      throw new IoError(STOP_CODE, error.operation, error.path, error.offsetBytes, error)
    }
  }
}
