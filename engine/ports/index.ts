export type { EntryKind, FileHandle, FileStatus, FileSystem } from './file-system.ts'
export type { Allocator, AllocatorCounters, Block } from './allocator.ts'
export type { Clock, ProcessIdentity, Processes, RandomSource, Scheduler } from './environment.ts'
export {
  FILE_SYSTEM_CALLS,
  IO_ERROR_CODES,
  IoError,
  OutOfMemoryError,
  PORT_CALLS,
  type FileSystemCall,
  type IoErrorCode,
} from './port-errors.ts'
