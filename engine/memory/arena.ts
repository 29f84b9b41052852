// engine/memory/arena.ts: what an algorithm over one chunk offers, and the pattern that fills memory nobody owns.
//
// Invariants of every arena, with poison on:
//   1. A byte that was once handed out and is free now holds POISON_BYTE, unless the free list itself is stored there.
//   2. What the free list stores is redundant (every link is held by both of its ends), so a write to it shows as well.
//   3. The first bytes behind a live block, where the rounding left any, hold POISON_BYTE: a write past the end shows
//      when the block is freed.
// Memory that was never handed out is not filled: an engine that uses little of a large chunk touches little of it.

import { InvariantError } from '../errors.ts'

export const POISON_BYTE = 0xdb
const POISON_WORD = 0xdbdbdbdb | 0
const POISON_DOUBLE = new Float64Array(new Int32Array([POISON_WORD, POISON_WORD]).buffer)[0] ?? 0

/** Below this many words a plain loop beats the call into `fill`. */
const LOOP_WORDS_MAX = 48

/** From this many words on, the system's comparison of bytes beats a loop; it looks at PATTERN's length at a time. */
const COMPARE_WORDS_MIN = 192
const PATTERN = new Uint8Array(4096).fill(POISON_BYTE)
const compareBytes = Buffer.prototype.compare

/** How many bytes behind a block are guarded at most (invariant 3). */
const GUARD_BYTES_MAX = 8

/** One algorithm over one chunk. Offsets are those of `bytes`. */
export interface Arena {
  readonly bytes: Uint8Array
  readonly view: DataView
  /**
   * Start of a free piece of at least `byteLength` bytes, now taken; -1 if there is none, and then nothing changed.
   * Throws InvariantError if the piece was written to after it was freed.
   */
  take(byteLength: number, tag: string): number
  /** Gives back what `take` gave for that length. Throws InvariantError if it is not taken or was written past its end. */
  give(start: number, byteLength: number, tag: string): void
}

/** Makes arenas of one algorithm. */
export interface ArenaKind {
  make(bytes: Uint8Array, poison: boolean): Arena
  /** Size of a fresh chunk (aligned to 8 bytes) in which a block of `byteLength` bytes surely fits. */
  chunkBytesFor(byteLength: number): number
}

/** The part of a chunk that starts and ends on a multiple of 8 bytes of its buffer, as words and as doubles. */
export type AlignedChunk = Readonly<{
  /** Bytes of the chunk before the first word. */
  skipBytes: number
  words: Int32Array
  doubles: Float64Array
  /** The same, as bytes. */
  bytes: Uint8Array
}>

export function alignChunk(bytes: Uint8Array): AlignedChunk {
  const skipBytes = Math.min((8 - (bytes.byteOffset & 7)) & 7, bytes.length)
  const doubles = Math.floor((bytes.length - skipBytes) / 8)
  const offset = doubles === 0 ? 0 : bytes.byteOffset + skipBytes
  return {
    skipBytes,
    words: new Int32Array(bytes.buffer, offset, doubles * 2),
    doubles: new Float64Array(bytes.buffer, offset, doubles),
    bytes: new Uint8Array(bytes.buffer, offset, doubles * 8),
  }
}

/** Fills words `[from, to)` with the pattern. */
export function poisonWords(words: Int32Array, from: number, to: number): void {
  if (to - from > LOOP_WORDS_MAX) {
    words.fill(POISON_WORD, from, to)
    return
  }
  for (let index = from; index < to; index += 1) words[index] = POISON_WORD
}

/** First word in `[from, to)` that does not hold the pattern, or -1. */
export function findUnpoisoned(chunk: AlignedChunk, from: number, to: number): number {
  const { words, doubles } = chunk
  let index = to - from < COMPARE_WORDS_MIN ? from : skipPattern(chunk, from, to)
  if ((index & 1) === 1 && index < to) {
    if (words[index] !== POISON_WORD) return index
    index += 1
  }
  // Eight bytes a comparison: the pattern is an ordinary double, which equals nothing but its own bits. Four of them a
  // round, twice as fast as one; the last few and the place of a difference are found one by one.
  const pattern = POISON_DOUBLE
  const doubleEnd = to >> 1
  let at = index >> 1
  for (; at + 4 <= doubleEnd; at += 4) {
    if (
      doubles[at] !== pattern ||
      doubles[at + 1] !== pattern ||
      doubles[at + 2] !== pattern ||
      doubles[at + 3] !== pattern
    ) {
      break
    }
  }
  for (; at < doubleEnd; at += 1) {
    if (doubles[at] !== pattern) return words[at * 2] === POISON_WORD ? at * 2 + 1 : at * 2
  }
  index = Math.max(index, doubleEnd * 2)
  return index < to && words[index] !== POISON_WORD ? index : -1
}

/** Where to go on after steps of PATTERN's length that hold the pattern. */
function skipPattern({ bytes }: AlignedChunk, from: number, to: number): number {
  let start = from * 4
  while (start < to * 4) {
    const length = Math.min(PATTERN.length, to * 4 - start)
    if (compareBytes.call(bytes, PATTERN, 0, length, start, start + length) !== 0) break
    start += length
  }
  return start / 4
}

/** Writes the guard behind a block whose bytes end at `end` and whose piece ends at `pieceEnd`. */
export function writeGuard(bytes: Uint8Array, end: number, pieceEnd: number): void {
  const guardEnd = pieceEnd - end > GUARD_BYTES_MAX ? end + GUARD_BYTES_MAX : pieceEnd
  for (let index = end; index < guardEnd; index += 1) bytes[index] = POISON_BYTE
}

/** Throws InvariantError if the guard is not as it was written. */
export function checkGuard(bytes: Uint8Array, end: number, pieceEnd: number, tag: string): void {
  const guardEnd = pieceEnd - end > GUARD_BYTES_MAX ? end + GUARD_BYTES_MAX : pieceEnd
  for (let index = end; index < guardEnd; index += 1) {
    if (bytes[index] !== POISON_BYTE) {
      throw new InvariantError(`a block of '${tag}' was written past its end, at offset ${index} of its chunk`)
    }
  }
}

/** The complaint about a write to free memory. */
export function writeAfterFree(offset: number, tag: string): InvariantError {
  return new InvariantError(
    `free memory was written to, at offset ${offset} of its chunk (found when '${tag}' was about to use it)`,
  )
}
