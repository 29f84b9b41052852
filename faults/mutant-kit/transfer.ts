// faults/mutant-kit/transfer.ts: whole contents over calls that may do less than asked.

import { IoError, type FileHandle } from '../../engine/ports/index.ts'

/** All of a file's bytes; an end that comes too early is where they end. */
export function contentOf(file: FileHandle): Uint8Array {
  const bytes = new Uint8Array(file.sizeBytes())
  let done = 0
  for (let read = 1; done < bytes.length && read > 0; done += read) {
    read = file.read(bytes, done, bytes.length - done, done)
  }
  return bytes.subarray(0, done)
}

export function appendWhole(file: FileHandle, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const written = file.append(bytes, done, bytes.length - done)
    if (written === 0) throw new IoError('EIO', 'append', file.path)
    done += written
  }
}
