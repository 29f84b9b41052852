// faults/mutant-kit/transfer.ts: whole contents over calls that may do less than asked.

import { IoError, type FileHandle } from '../../engine/ports/index.ts'

/** Appends in a row that do nothing before the file is given up. */
const IDLE_MAX = 100

/** All of a file's bytes; an end that comes too early is where they end. */
export function contentOf(file: FileHandle): Uint8Array {
  const bytes = new Uint8Array(file.sizeBytes())
  let done = 0
  for (let read = 1; done < bytes.length && read > 0; done += read) {
    read = file.read(bytes, done, bytes.length - done, done)
  }
  return bytes.subarray(0, done)
}

/** Appends all, as the caller would have who asks again after an interruption and after a short append. */
export function appendWhole(file: FileHandle, bytes: Uint8Array): void {
  let idle = 0
  for (let done = 0; done < bytes.length;) {
    let written = 0
    try {
      written = file.append(bytes, done, bytes.length - done)
    } catch (error) {
      const interrupted = error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
      if (!interrupted || idle >= IDLE_MAX) throw error
    }
    if (written === 0 && idle >= IDLE_MAX) throw new IoError('EIO', 'append', file.path)
    idle = written === 0 ? idle + 1 : 0
    done += written
  }
}
