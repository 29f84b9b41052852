// engine/pack/io.ts: the file-system port with its two everyday imperfections taken away: short calls and interruptions.
//
// 1. EINTR and EAGAIN are tried again, INTERRUPTIONS_MAX times in a row; then the error is passed on.
// 2. A short transfer is continued; no progress INTERRUPTIONS_MAX times in a row is an error.

import { IoError, type FileHandle } from '../ports/index.ts'

/** How often in a row a call may be interrupted, or make no progress, before its error counts. */
export const INTERRUPTIONS_MAX = 16

function isInterruption(error: unknown): boolean {
  return error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
}

/** Runs a call, again if it was interrupted. */
export function uninterrupted<R>(call: () => R): R {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return call()
    } catch (error) {
      if (!isInterruption(error) || attempt >= INTERRUPTIONS_MAX) throw error
    }
  }
}

/** Reads `lengthBytes` bytes; returns how many there were before the end of the file. */
export function readFully(
  handle: FileHandle,
  target: Uint8Array,
  targetOffset: number,
  lengthBytes: number,
  positionBytes: number,
): number {
  let done = 0
  let interruptions = 0
  while (done < lengthBytes) {
    let read = 0
    try {
      read = handle.read(target, targetOffset + done, lengthBytes - done, positionBytes + done)
    } catch (error) {
      interruptions += 1
      if (!isInterruption(error) || interruptions >= INTERRUPTIONS_MAX) throw error
      continue
    }
    if (read === 0) return done
    interruptions = 0
    done += read
  }
  return done
}

/** Appends all of `lengthBytes` bytes. After an error the file may have grown by a part of them. */
export function appendFully(handle: FileHandle, source: Uint8Array, sourceOffset: number, lengthBytes: number): void {
  let done = 0
  let idle = 0
  while (done < lengthBytes) {
    let written = 0
    try {
      written = handle.append(source, sourceOffset + done, lengthBytes - done)
    } catch (error) {
      idle += 1
      if (!isInterruption(error) || idle >= INTERRUPTIONS_MAX) throw error
      continue
    }
    done += written
    idle = written > 0 ? 0 : idle + 1
    if (idle >= INTERRUPTIONS_MAX) throw new IoError('EIO', 'append', handle.path, undefined)
  }
}

/** Syncs; only EINTR is tried again, after it everything is still pending. */
export function syncFully(handle: FileHandle): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      handle.sync()
      return
    } catch (error) {
      const again = error instanceof IoError && error.code === 'EINTR' && attempt < INTERRUPTIONS_MAX
      if (!again) throw error
    }
  }
}

/** Closes a handle whose content is not at stake; gives the error, if any, instead of throwing it. */
export function closeQuietly(handle: FileHandle): unknown {
  try {
    handle.close()
    return undefined
  } catch (error) {
    return error
  }
}
