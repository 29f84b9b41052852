export { POISON_BYTE } from './arena.ts'
export {
  singleChunk,
  systemChunks,
  SYSTEM_CHUNK_BYTES,
  type ChunkSource,
  type SystemChunksOptions,
} from './chunk-source.ts'
export {
  ALLOCATOR_ALGORITHMS,
  createAllocator,
  type AllocatorAlgorithm,
  type AllocatorOptions,
} from './create-allocator.ts'
