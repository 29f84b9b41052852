export type { Attributes, InodeDetails } from './attributes.ts'
export { DiskHandle, type DiskOpenMode } from './disk-handle.ts'
export { DirectoryNode, emptyImage, pendingOperations, ROOT, type DiskImage, type DiskNode } from './disk-image.ts'
export { DiskRecorder, type CrashPoint } from './disk-recorder.ts'
export { coveredNames } from './disk-state.ts'
export { SYNC_FAILURES, type FaultSink, type SyncFailure } from './fault-sink.ts'
export { applyOperation, FileNode } from './file-node.ts'
export { Hash64, hashBytes } from './hash.ts'
export { imageIdentity, imageIsSettled } from './image-identity.ts'
export {
  durableExtent,
  isDurable,
  listImage,
  readDurableFile,
  readImageFile,
  type DurableExtent,
  type ImageEntry,
} from './image-inspection.ts'
export {
  shareName,
  type DataOperation,
  type Inode,
  type NameEffect,
  type NameOperation,
  type ResizeOperation,
  type WriteOperation,
} from './operation.ts'
export { compareNames } from './namespace.ts'
export { PAGE_BYTES, PageTable } from './page-table.ts'
export { answerOf, Answers, ReadSet, type DiskQuestion } from './read-set.ts'
export { SimulatedDisk, type SimulatedDiskOptions } from './simulated-disk.ts'
