export { AllocationInjector, type AllocationFault } from './allocation-injector.ts'
export type { CallDecision, FileSystemCallInfo, FileSystemCallResult } from './call.ts'
export {
  AllocationMisuseError,
  CountingAllocator,
  type AllocationEvent,
  type CountingAllocatorOptions,
  type LiveBlock,
} from './counting-allocator.ts'
export {
  FailingDirectoryHandle,
  FailingDisk,
  FailingDiskHandle,
  type DiskCalls,
  type DiskDirectory,
  type DiskFile,
} from './failing-disk.ts'
export { FailingFileSystem, type FailingFileSystemOptions, type OpenHandle } from './failing-file-system.ts'
export {
  IO_CONDITION_MODES,
  ioConditions,
  type ConditionOptions,
  type IoCondition,
  type WriteBackVariant,
} from './io-conditions.ts'
export {
  IO_FAULTS,
  IO_VARIANTS,
  applicableCodes,
  ioFaults,
  isTransfer,
  isWrite,
  outcomeOwed,
  shortLengths,
  type IoFault,
  type IoVariant,
  type OutcomeOwed,
} from './io-faults.ts'
