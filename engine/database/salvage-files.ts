// engine/database/salvage-files.ts: a damaged database's directory as a file system that can only be read.
//
// 1. Nothing can be created, appended, renamed or removed through it: such a call is a bug and throws InvariantError.
// 2. What the device cannot give (EIO from a read, a pack that is gone) is damage of the place, E_CORRUPT; any other
//    failure (no permission, no handles) says nothing about the data and is passed on.

import { corrupt } from '../format/index.ts'
import { EngineError, InvariantError } from '../errors.ts'
import { uninterrupted } from '../pack/index.ts'
import { IoError, type FileHandle, type FileSystem } from '../ports/index.ts'

const refuse = (): never => {
  throw new InvariantError('salvage writes nothing into the directory that it reads')
}

export function readOnlyFiles(fileSystem: FileSystem): FileSystem {
  return {
    open: (path) => readOnlyHandle(opened(fileSystem, path)),
    list: (path) => fileSystem.list(path),
    stat: (path) => fileSystem.stat(path),
    create: refuse,
    rename: refuse,
    unlink: refuse,
    makeDirectory: refuse,
    syncDirectory: refuse,
  }
}

function opened(fileSystem: FileSystem, path: string): FileHandle {
  try {
    return uninterrupted(() => fileSystem.open(path, 'read'))
  } catch (error) {
    if (error instanceof IoError && error.code === 'ENOENT') throw corrupt(path, 0, 'the pack is missing')
    if (error instanceof IoError && error.code === 'EIO') throw unreadable(path, 0, 'the pack cannot be opened: EIO')
    throw error
  }
}

/** Damage that is the device's: what stands there may be whole. Told wherever it is met, even where damage would be passed over. */
function unreadable(path: string, offsetBytes: number, message: string): EngineError {
  return new EngineError('E_CORRUPT', `${path} at ${offsetBytes}: ${message}`, { path, offsetBytes, errno: 'EIO' })
}

function readOnlyHandle(handle: FileHandle): FileHandle {
  return {
    path: handle.path,
    read: (target, targetOffset, lengthBytes, positionBytes) => {
      try {
        return handle.read(target, targetOffset, lengthBytes, positionBytes)
      } catch (error) {
        if (error instanceof IoError && error.code === 'EIO')
          throw unreadable(handle.path, positionBytes, `${lengthBytes} bytes from here cannot be read: EIO`)
        throw error
      }
    },
    append: refuse,
    sync: refuse,
    syncLater: refuse,
    sizeBytes: () => handle.sizeBytes(),
    close: () => handle.close(),
  }
}
