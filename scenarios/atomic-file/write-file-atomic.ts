// scenarios/atomic-file/write-file-atomic.ts: replaces a file's content, so that after any crash it is the old or the new.
//
//   write beside ─▶ sync ─▶ close ─▶ rename over ─▶ sync the directory
//
// 1. What is acknowledged survives: the bytes are durable before the name, and the name before the return.
// 2. A call that throws has left the old content, and no file beside it that the next call would stumble over. Only if the
//    directory's sync fails is the new content there, and nobody knows whether it stays: OutcomeUnknownError.
// 3. An interrupted call is made again; a transfer that does less than asked goes on where it ended.

import type { FileHandle, FileSystem } from '../../engine/ports/index.ts'

const INTERRUPTIONS_MAX = 100

/** The new content is there, and a power loss may still take it. Whoever looks has to sync the directory first. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError'
  readonly code = 'E_OUTCOME_UNKNOWN'
}

/** Throws IoError, OutcomeUnknownError. */
export function writeFileAtomic(fileSystem: FileSystem, directory: string, name: string, content: Uint8Array): void {
  const target = `${directory}/${name}`
  const beside = `${target}.new`
  replace(fileSystem, beside, target, content)
  try {
    again(() => fileSystem.syncDirectory(directory))
  } catch (cause) {
    throw new OutcomeUnknownError(`the name ${target} may not be durable`, { cause })
  }
}

/** The whole content, or undefined if there is no such file. Throws IoError; an end before the size is EIO. */
export function readFileWhole(fileSystem: FileSystem, path: string): Uint8Array | undefined {
  const status = again(() => fileSystem.stat(path))
  if (status === undefined) return undefined
  const file = again(() => fileSystem.open(path, 'read'))
  try {
    const content = new Uint8Array(again(() => file.sizeBytes()))
    for (let done = 0; done < content.length;) {
      const read = again(() => file.read(content, done, content.length - done, done))
      if (read === 0) throw shortFile(path)
      done += read
    }
    return content
  } finally {
    file.close()
  }
}

function replace(fileSystem: FileSystem, beside: string, target: string, content: Uint8Array): void {
  if (again(() => fileSystem.stat(beside)) !== undefined) again(() => fileSystem.unlink(beside))
  const file = again(() => fileSystem.create(beside))
  try {
    try {
      appendWhole(file, content)
      again(() => file.sync())
    } finally {
      file.close()
    }
    again(() => fileSystem.rename(beside, target))
  } catch (error) {
    quietly(() => fileSystem.unlink(beside))
    throw error
  }
}

function appendWhole(file: FileHandle, content: Uint8Array): void {
  let idle = 0
  for (let done = 0; done < content.length;) {
    const written = again(() => file.append(content, done, content.length - done))
    done += written
    idle = written === 0 ? idle + 1 : 0
    if (idle > INTERRUPTIONS_MAX) throw shortFile(file.path)
  }
}

/** Makes a call that was interrupted again. */
export function again<T>(call: () => T): T {
  for (let interruptions = 1; ; interruptions += 1) {
    try {
      return call()
    } catch (error) {
      if (!isInterruption(error) || interruptions >= INTERRUPTIONS_MAX) throw error
    }
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EINTR' || error.code === 'EAGAIN')
}

function quietly(call: () => void): void {
  try {
    call()
  } catch {
    // The failure that led here is the one that is told.
  }
}

function shortFile(path: string): Error {
  return Object.assign(new Error(`EIO: ${path} ends too early`), { code: 'EIO', path })
}
