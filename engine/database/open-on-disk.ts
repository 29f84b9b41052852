// engine/database/open-on-disk.ts: the convenience opener: the one place that picks real ports.

import { nodeFileSystem, systemProcesses, systemRandom, systemScheduler } from '../adapters/index.ts'
import { createAllocator, systemChunks } from '../memory/index.ts'
import type { Database, OpenOptions } from './api.ts'
import { openDatabase } from './open-database.ts'
import type { Schema } from './schema.ts'

/** As `openDatabase`, on the operating system; any port can still be given. */
export function openOnDisk<S extends Schema>(
  options: Omit<OpenOptions<S>, 'fileSystem' | 'allocator' | 'random' | 'processes'> &
    Partial<Pick<OpenOptions<S>, 'fileSystem' | 'allocator' | 'random' | 'processes'>>,
): Database<S> {
  return openDatabase<S>({
    ...options,
    fileSystem: options.fileSystem ?? nodeFileSystem(),
    allocator: options.allocator ?? createAllocator({ algorithm: 'segregated-fit', memory: systemChunks() }),
    random: options.random ?? systemRandom(),
    processes: options.processes ?? systemProcesses(),
    scheduler: options.scheduler ?? systemScheduler(),
  })
}
