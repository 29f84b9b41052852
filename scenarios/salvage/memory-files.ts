// scenarios/salvage/memory-files.ts: files in memory and nothing else: where databases are made that a scenario is then given,
// as if they came from elsewhere. What happens here is part of no run.
//
// Durability is of no interest here: a sync does nothing, and nothing fails but for what is wrong with the names.

import { IoError, type FileHandle, type FileStatus, type FileSystem } from '../../engine/index.ts'

const GROWTH = 4096

type Content = { bytes: Uint8Array; sizeBytes: number }

export class MemoryFiles implements FileSystem {
  readonly #files = new Map<string, Content>()
  readonly #directories: Set<string>

  /** `directory` exists. */
  constructor(directory: string) {
    this.#directories = new Set([directory])
  }

  /** A copy of a file's bytes. */
  bytesOf(path: string): Uint8Array {
    const { bytes, sizeBytes } = this.#file(path, 'read')
    return bytes.slice(0, sizeBytes)
  }

  open(path: string): FileHandle {
    return new MemoryHandle(path, this.#file(path, 'open'))
  }

  create(path: string): FileHandle {
    if (this.#files.has(path)) throw new IoError('EEXIST', 'create', path)
    const content = { bytes: new Uint8Array(GROWTH), sizeBytes: 0 }
    this.#files.set(path, content)
    return new MemoryHandle(path, content)
  }

  list(path: string): readonly string[] {
    const start = `${path}/`
    const names = [...this.#files.keys(), ...this.#directories].filter((name) => name.startsWith(start))
    return [...new Set(names.map((name) => name.slice(start.length).split('/', 1)[0] ?? ''))].toSorted()
  }

  stat(path: string): FileStatus | undefined {
    const file = this.#files.get(path)
    if (file !== undefined) return { kind: 'file', sizeBytes: file.sizeBytes }
    return this.#directories.has(path) ? { kind: 'directory', sizeBytes: 0 } : undefined
  }

  /** Of a file, or of a directory with all that is in it. */
  rename(source: string, target: string): void {
    for (const [path, content] of this.#under(source)) {
      this.#files.delete(path)
      this.#files.set(target + path.slice(source.length), content)
    }
    if (this.#directories.delete(source)) this.#directories.add(target)
  }

  unlink(path: string): void {
    if (!this.#files.delete(path)) throw new IoError('ENOENT', 'unlink', path)
  }

  makeDirectory(path: string): void {
    this.#directories.add(path)
  }

  syncDirectory(): void {}

  #under(path: string): readonly (readonly [string, Content])[] {
    return [...this.#files].filter(([name]) => name === path || name.startsWith(`${path}/`))
  }

  #file(path: string, operation: 'open' | 'read'): Content {
    const content = this.#files.get(path)
    if (content === undefined) throw new IoError('ENOENT', operation, path)
    return content
  }
}

class MemoryHandle implements FileHandle {
  readonly path: string
  readonly #content: Content

  constructor(path: string, content: Content) {
    this.path = path
    this.#content = content
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    const { bytes, sizeBytes } = this.#content
    const count = Math.max(0, Math.min(lengthBytes, sizeBytes - positionBytes))
    target.set(bytes.subarray(positionBytes, positionBytes + count), targetOffset)
    return count
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const content = this.#content
    const needed = content.sizeBytes + lengthBytes
    if (needed > content.bytes.length) {
      const bytes = new Uint8Array(needed + GROWTH)
      bytes.set(content.bytes)
      content.bytes = bytes
    }
    content.bytes.set(source.subarray(sourceOffset, sourceOffset + lengthBytes), content.sizeBytes)
    content.sizeBytes = needed
    return lengthBytes
  }

  sync(): void {}

  async syncLater(): Promise<void> {}

  sizeBytes(): number {
    return this.#content.sizeBytes
  }

  close(): void {}
}
