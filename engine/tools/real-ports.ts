// engine/tools/real-ports.ts: the running system as a database's ports.

import { nodeFileSystem, systemProcesses, systemRandom } from '../adapters/index.ts'
import { createAllocator, systemChunks } from '../memory/index.ts'
import type { Allocator, FileSystem, Processes, RandomSource } from '../ports/index.ts'

export type DatabasePorts = Readonly<{
  fileSystem: FileSystem
  allocator: Allocator
  random: RandomSource
  processes: Processes
}>

/** Each call makes an allocator of its own; the rest is the system's. */
export function realPorts(): DatabasePorts {
  return {
    fileSystem: nodeFileSystem(),
    allocator: createAllocator({ algorithm: 'segregated-fit', memory: systemChunks() }),
    random: systemRandom(),
    processes: systemProcesses(),
  }
}
