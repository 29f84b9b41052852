export { AppendStream, type StreamStart } from './append-stream.ts'
export {
  CommitLog,
  type AcceptedCommit,
  type CommitDurability,
  type LogStart,
  type LogTransaction,
  type OwnershipCheck,
} from './commit-log.ts'
export type { CommitWaiter } from './commit-queue.ts'
export { closeQuietly, INTERRUPTIONS_MAX, readFully, uninterrupted } from './io.ts'
export { ItemStorage } from './item-storage.ts'
export { listPacks, PackFiles, type PackRange } from './pack-files.ts'
export { PackWindow, WINDOW_SCRATCH_BYTES, type WindowRecord } from './pack-window.ts'
export { recover, recoveryBytesMax, type Recovered } from './recovery.ts'
