// The door of faults/. Signatures of what is being written now (the classes arrive with the next commits):
//
//   class SimulatedDisk {
//     constructor(options?: { directories?: readonly string[]; sectorBytes?: 512 | 4096; scheduler?: Scheduler })
//     static from(image: DiskImage, options?: { scheduler?: Scheduler }): SimulatedDisk
//     readonly fileSystem: FileSystem            // the port's face
//     readonly version: number                   // changes whenever the state changes
//     checkpoint(): DiskImage                    // same object while `version` is the same
//     kill(): void                               // handles vanish, pending stays pending
//     completeSyncs(count?: number): number      // finishes syncLater calls when no scheduler was given
//     isDurable(path: string, endBytes: number): boolean
//     readonly sink: FaultSink                   // for FailingFileSystem
//   }
//   imageIdentity(image): string                 // 16 hex digits
//   listImage(image): readonly { path, kind, sizeBytes }[];  readImageFile(image, path): Uint8Array | undefined
//   pendingOperations(image): number
//   class DiskRecorder { constructor(disk); record(event: number): void; points(): readonly CrashPoint[]; at(event, when): CrashPoint }
//   type CrashPoint = { event: number; when: 'before' | 'after' | 'within'; image: DiskImage }
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
  type SyncFailure,
} from './wrappers/index.ts'
