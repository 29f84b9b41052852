// test/conformance/memfs-file-system.ts: the FileSystem port over memfs: a third opinion on names and contents, written by
// people who know neither the simulated disk nor our adapter. memfs knows nothing of durability, so its syncs do nothing.

import { Volume } from 'memfs'
import { IoError, type FileHandle, type FileSystem, type FileSystemCall } from '../../engine/ports/index.ts'

export function memfsFileSystem(): FileSystem {
  const volume = new Volume()
  return {
    open(path, mode) {
      const descriptor = attempt('open', path, () => volume.openSync(path, mode === 'read' ? 'r' : 'r+'))
      return handle(volume, path, descriptor, mode)
    },
    create(path) {
      const descriptor = attempt('create', path, () => volume.openSync(path, 'wx+'))
      return handle(volume, path, descriptor, 'append')
    },
    list(path) {
      return attempt('list', path, () => volume.readdirSync(path))
        .map(String)
        .toSorted(byCodePoint)
    },
    stat(path) {
      const status = attempt('stat', path, () => volume.statSync(path, { throwIfNoEntry: false }))
      if (status === undefined) return undefined
      return status.isDirectory()
        ? { kind: 'directory', sizeBytes: 0 }
        : { kind: 'file', sizeBytes: Number(status.size) }
    },
    rename(source, target) {
      attempt('rename', source, () => volume.renameSync(source, target))
    },
    unlink(path) {
      attempt('unlink', path, () => volume.unlinkSync(path))
    },
    makeDirectory(path) {
      attempt('makeDirectory', path, () => volume.mkdirSync(path))
    },
    syncDirectory(path) {
      attempt('syncDirectory', path, () => volume.readdirSync(path))
    },
  }
}

function handle(volume: Volume, path: string, descriptor: number, mode: 'read' | 'append'): FileHandle {
  let isOpen = true
  const checked = (operation: FileSystemCall, writes: boolean): void => {
    if (!isOpen || (writes && mode === 'read')) throw new IoError('EBADF', operation, path)
  }
  const size = (): number => Number(volume.fstatSync(descriptor).size)
  return {
    path,
    read(target, targetOffset, lengthBytes, positionBytes) {
      checked('read', false)
      return attempt('read', path, () => volume.readSync(descriptor, target, targetOffset, lengthBytes, positionBytes))
    },
    append(source, sourceOffset, lengthBytes) {
      checked('append', true)
      return attempt('append', path, () => volume.writeSync(descriptor, source, sourceOffset, lengthBytes, size()))
    },
    sync() {
      checked('sync', true)
    },
    async syncLater() {
      checked('sync', true)
    },
    sizeBytes() {
      checked('size', false)
      return size()
    },
    close() {
      if (!isOpen) return
      isOpen = false
      volume.closeSync(descriptor)
    },
  }
}

function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function attempt<T>(operation: FileSystemCall, path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new IoError(error.code, operation, path, undefined, error)
    }
    throw error
  }
}
