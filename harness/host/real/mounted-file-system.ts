// harness/host/real/mounted-file-system.ts: a file system whose directory is known under another name.

import type { FileHandle, FileStatus, FileSystem } from '../../../engine/ports/index.ts'

export class MountedFileSystem implements FileSystem {
  private readonly inner: FileSystem
  private readonly mount: string
  private readonly root: string

  /** What is below `mount` here is below `root` inside. */
  constructor(inner: FileSystem, mount: string, root: string) {
    this.inner = inner
    this.mount = mount
    this.root = root
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    return named(this.inner.open(this.at(path), mode), path)
  }

  create(path: string): FileHandle {
    return named(this.inner.create(this.at(path)), path)
  }

  list(path: string): readonly string[] {
    return this.inner.list(this.at(path))
  }

  stat(path: string): FileStatus | undefined {
    return this.inner.stat(this.at(path))
  }

  rename(source: string, target: string): void {
    this.inner.rename(this.at(source), this.at(target))
  }

  unlink(path: string): void {
    this.inner.unlink(this.at(path))
  }

  makeDirectory(path: string): void {
    this.inner.makeDirectory(this.at(path))
  }

  syncDirectory(path: string): void {
    this.inner.syncDirectory(this.at(path))
  }

  private at(path: string): string {
    return path === this.mount || path.startsWith(`${this.mount}/`) ? this.root + path.slice(this.mount.length) : path
  }
}

function named(file: FileHandle, path: string): FileHandle {
  return {
    path,
    read: (target, offset, lengthBytes, positionBytes) => file.read(target, offset, lengthBytes, positionBytes),
    append: (source, offset, lengthBytes) => file.append(source, offset, lengthBytes),
    sync: () => file.sync(),
    syncLater: () => file.syncLater(),
    sizeBytes: () => file.sizeBytes(),
    close: () => file.close(),
  }
}
