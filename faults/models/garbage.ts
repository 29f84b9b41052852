// faults/models/garbage.ts: what a disk block holds that was never written for the file that it now belongs to.
// Pure: the same seed, position and deleted files give the same bytes.

import type { PageTable } from '../disk/index.ts'
import type { Fill } from './persistence-model.ts'

/** 32 bits from two numbers, well mixed. */
export function mix(left: number, right: number): number {
  let word = Math.imul(left ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(right + 0x7f4a7c15, 0xc2b2ae35)
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d)
  word = Math.imul(word ^ (word >>> 12), 0x297a2d39)
  return word ^ (word >>> 15)
}

/** `lengthBytes` bytes of that kind for a position in a file. */
export function fillBytes(
  kind: Fill,
  positionBytes: number,
  lengthBytes: number,
  seed: number,
  deleted: readonly PageTable[],
): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  if (kind === 'random') {
    for (let index = 0; index < lengthBytes; index += 1) bytes[index] = mix(seed, positionBytes + index)
  }
  if (kind === 'deleted') {
    const source = deleted.findLast((table) => table.sizeBytes > positionBytes)
    source?.read(bytes, 0, lengthBytes, positionBytes)
  }
  return bytes
}
