// The door of faults/. Signatures of what is being written now (the classes arrive with the next commits):
//
//   type StateOptions = { sectorBytes: 512 | 4096; seed: number; families?: readonly CrashFamily[]; within?: boolean; statesMax?: number; fills?: readonly Fill[] }
//   type CrashState = { id: { family: CrashFamily; index: number }; describe(): string; make(): DiskImage }
//   countStates(image, model, options): { total: number; byFamily: Readonly<Record<CrashFamily, number>>; exhaustive: boolean }
//   crashStates(image, model, options): Generator<CrashState>      // lazy; at most statesMax, spread over the families
//   stateAt(image, model, id, options): CrashState                 // same id, same state; RangeError if there is none
//
//   class CountingAllocator implements Allocator {
//     constructor(inner: Allocator, options?: { firstIndex?: number; onEvent?: (event: AllocationEvent) => void; site?: () => string | undefined; injector?: AllocationInjector })
//     liveBlocks(): readonly { index: number; tag: string; byteLength: number; site: string | undefined }[]
//     readonly allocations: number
//   }
//   type AllocationEvent = { kind: 'allocate' | 'free'; index: number; byteLength: number; tag: string; failed: boolean; injected: boolean }
//   type AllocationFault = { mode: 'once' | 'from'; index } | { mode: 'budget'; bytes } | { mode: 'random'; refuses(index, byteLength, tag): boolean }
//   class AllocationInjector { constructor(faults: readonly AllocationFault[]); lift(): void; readonly delivered: number; readonly firstDelivered: number | undefined }
//
//   class FailingFileSystem implements FileSystem {
//     constructor(inner: FileSystem, options: { root: string; firstIndex?: number; sink?: FaultSink; site?; decide?: (call: FileSystemCallInfo) => CallDecision | undefined;
//       onEvent?: (call: FileSystemCallInfo, result: FileSystemCallResult, bytes?: Uint8Array) => void; onCall?: (call) => void })   // onCall: before the call is made
//     openHandles(): readonly { handle: number; path: string; site: string | undefined }[];  readonly calls: number; readonly delivered: number; lift(): void
//   }
//
//   stream(seed: number, label: string): RandomStream   // alea; next(): [0,1), integer(n): [0,n), chance(p)
//   randomSource(stream): RandomSource; class SimulatedClock, SimulatedScheduler, SimulatedProcesses
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
  IO_FAULTS,
  IO_VARIANTS,
  applicableCodes,
  ioFaults,
  outcomeOwed,
  shortLengths,
  type CallDecision,
  type FileSystemCallInfo,
  type FileSystemCallResult,
  type IoFault,
  type IoVariant,
  type OutcomeOwed,
} from './wrappers/index.ts'
export {
  DiskRecorder,
  SYNC_FAILURES,
  SimulatedDisk,
  durableExtent,
  emptyImage,
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
