// faults/disk/fault-sink.ts: what a disk can be told to do badly. A wrapper decides when and throws; the disk does.

import type { FileHandle } from '../../engine/ports/index.ts'

/** What a failed sync leaves: pages clean and not durable; the same and no longer cached; or everything still pending. */
export const SYNC_FAILURES = ['pages-dropped', 'pages-evicted', 'pages-kept'] as const
export type SyncFailure = (typeof SYNC_FAILURES)[number]

export interface FaultSink {
  /** The sync that `file` is about to make fails. The caller tells `file`; other handles hear at their next sync. */
  failSync(file: FileHandle, failure: SyncFailure): void
  /** The device acknowledges the sync that `file` is about to make, and drops what it was given. */
  loseSync(file: FileHandle): void
  /** A sync of the names in a directory fails. Kept: they stay pending. Otherwise no later sync covers them. */
  failDirectorySync(path: string, failure: SyncFailure): void
  /** Write-back in the background fails: every handle open now hears it at its next sync, later ones never. */
  failWriteBack(path: string, failure: SyncFailure): void
  /** The same for an open file; false, and nothing is done, if nothing is pending in it. */
  failWriteBackOf(file: FileHandle, failure: SyncFailure): boolean
  /** Bytes that files hold now: those with a name, and those that are still open. */
  usedBytes(): number
}
