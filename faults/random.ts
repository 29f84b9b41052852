// faults/random.ts: named streams of random numbers, forked from one seed by label.
//
// 1. A stream depends on seed and label alone: a new use, or one that draws more, shifts no other stream.
// 2. The generator is seedrandom's alea; its numbers are the same on every platform.

import seedrandom from 'seedrandom'
import type { RandomSource } from '../engine/ports/index.ts'

/** One stream. Draws change it; nothing else does. */
export interface RandomStream {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, bound). */
  integer(bound: number): number
  /** True with that probability. */
  chance(probability: number): boolean
  /** 32 bits, signed. */
  word(): number
}

/** The stream of that label. */
export function stream(seed: number, label: string): RandomStream {
  const generator = seedrandom.alea(`${seed}/${label}`)
  return {
    next: () => generator(),
    integer: (bound) => Math.floor(generator() * bound),
    chance: (probability) => generator() < probability,
    word: () => generator.int32(),
  }
}

/** The stream of that label as a source of bytes for the engine. */
export function randomSource(seed: number, label: string): RandomSource {
  const { word } = stream(seed, label)
  return {
    fill(target: Uint8Array, offset: number, length: number): void {
      for (let index = 0; index < length; index += 1) target[offset + index] = word() & 0xff
    },
  }
}
