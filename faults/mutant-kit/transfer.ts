// faults/mutant-kit/transfer.ts: whole contents over calls that may do less than asked.

import { IoError, type FileHandle } from '../../engine/ports/index.ts'

/** Appends in a row that do nothing before the file is given up. */
const IDLE_MAX = 100

/** All of a file's bytes; an end that comes too early is where they end. */
export function contentOf(file: Pick<FileHandle, 'read' | 'sizeBytes'>): Uint8Array {
  const bytes = new Uint8Array(file.sizeBytes())
  let done = 0
  for (let read = 1; done < bytes.length && read > 0; done += read) {
    read = file.read(bytes, done, bytes.length - done, done)
  }
  return bytes.subarray(0, done)
}

/** Appends all, as the caller would have who asks again after an interruption and after a short append. */
export function appendWhole(file: Pick<FileHandle, 'append' | 'path'>, bytes: Uint8Array): void {
  putWhole(bytes, file.path, (done) => file.append(bytes, done, bytes.length - done))
}

/** The same with `put`, which is told how many bytes are there already and gives how many it added. */
export function putWhole(bytes: Uint8Array, path: string, put: (done: number) => number): void {
  let idle = 0
  for (let done = 0; done < bytes.length;) {
    let written = 0
    try {
      written = put(done)
    } catch (error) {
      if (!isInterruption(error) || idle >= IDLE_MAX) throw error
    }
    if (written === 0 && idle >= IDLE_MAX) throw new IoError('EIO', 'append', path)
    idle = written === 0 ? idle + 1 : 0
    done += written
  }
}

/** Makes a call again as long as it is interrupted, up to a bound. */
export function again<T>(make: () => T): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return make()
    } catch (error) {
      if (!isInterruption(error) || tries > IDLE_MAX) throw error
    }
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
}
