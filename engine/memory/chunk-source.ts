// engine/memory/chunk-source.ts: where an allocator's memory comes from: one chunk of the caller's, or the system.

import { EngineError } from '../errors.ts'

/** Size of the chunks taken from the system unless the caller says otherwise. */
export const SYSTEM_CHUNK_BYTES = 1024 * 1024

export type ChunkSource =
  | Readonly<{ kind: 'single'; bytes: Uint8Array }>
  | Readonly<{ kind: 'system'; chunkBytes: number; limitBytes: number }>

/** This chunk and nothing more. It belongs to the allocator from now on, bookkeeping included; its content is lost. */
export function singleChunk(bytes: Uint8Array): ChunkSource {
  return { kind: 'single', bytes }
}

export type SystemChunksOptions = Readonly<{
  /** Size of a chunk; a bigger request gets a chunk of its own. Default 1 MiB. */
  chunkBytes?: number
  /** Bound on the bytes of all chunks together. Default: none. */
  limitBytes?: number
}>

/** Chunks from the system as they are needed. Empty ones are kept for re-use. Throws E_USAGE for sizes below 1. */
export function systemChunks(options: SystemChunksOptions = {}): ChunkSource {
  const { chunkBytes = SYSTEM_CHUNK_BYTES, limitBytes = Infinity } = options
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1) {
    throw new EngineError('E_USAGE', `chunkBytes is a whole number from 1, not ${chunkBytes}`)
  }
  if (!(limitBytes >= 1)) throw new EngineError('E_USAGE', `limitBytes is a number from 1, not ${limitBytes}`)
  return { kind: 'system', chunkBytes, limitBytes }
}
