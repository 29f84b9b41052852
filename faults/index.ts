// The door of faults/. Signatures of what is being written now (the classes arrive with the next commits):
//
//   type StateOptions = { sectorBytes: 512 | 4096; seed: number; families?: readonly CrashFamily[]; within?: boolean; statesMax?: number; fills?: readonly Fill[] }
//   type CrashState = { id: { family: CrashFamily; index: number }; describe(): string; make(): DiskImage }
//   countStates(image, model, options): { total: number; byFamily: Readonly<Record<CrashFamily, number>>; exhaustive: boolean }
//   crashStates(image, model, options): Generator<CrashState>      // lazy; at most statesMax, spread over the families
//   stateAt(image, model, id, options): CrashState                 // same id, same state; RangeError if there is none
//
export {
  CRASH_FAMILIES,
  FILLS,
  PERSISTENCE_MODELS,
  persistenceModel,
  type CrashFamily,
  type Fill,
  type PersistenceModel,
  type PersistenceModelName,
} from './models/index.ts'
export {
  AllocationInjector,
  AllocationMisuseError,
  CountingAllocator,
  FailingFileSystem,
  IO_FAULTS,
  IO_VARIANTS,
  applicableCodes,
  ioFaults,
  outcomeOwed,
  shortLengths,
  type AllocationEvent,
  type AllocationFault,
  type CallDecision,
  type CountingAllocatorOptions,
  type FailingFileSystemOptions,
  type FileSystemCallInfo,
  type FileSystemCallResult,
  type IoFault,
  type IoVariant,
  type LiveBlock,
  type OpenHandle,
  type OutcomeOwed,
} from './wrappers/index.ts'
export { SimulatedClock, SimulatedProcesses, SimulatedScheduler } from './environment.ts'
export { randomSource, stream, type RandomStream } from './random.ts'
export {
  DiskRecorder,
  Hash64,
  SYNC_FAILURES,
  SimulatedDisk,
  durableExtent,
  emptyImage,
  hashBytes,
  imageIdentity,
  isDurable,
  listImage,
  pendingOperations,
  readDurableFile,
  readImageFile,
  type CrashPoint,
  type DiskImage,
  type DurableExtent,
  type FaultSink,
  type ImageEntry,
  type SimulatedDiskOptions,
  type SyncFailure,
} from './disk/index.ts'
