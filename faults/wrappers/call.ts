// faults/wrappers/call.ts: a file-system call as the trace and the fault plan see it. Plain numbers and strings only.

import type { FileSystemCall } from '../../engine/ports/index.ts'
import type { WriteBackVariant } from './io-conditions.ts'
import type { IoVariant } from './io-faults.ts'

/** A call about to be made. Fields that a kind does not have are undefined, never missing: one hidden class. */
export type FileSystemCallInfo = Readonly<{
  /** Number of the call, from 1 unless the wrapper was told otherwise. */
  index: number
  kind: FileSystemCall
  /** Relative to the wrapper's root, without a leading '/'; '' is the root itself. */
  path: string
  /** Rename: the new name. Open: the mode. */
  argument: string | undefined
  /** Number of the handle, from 1, of calls on one. */
  handle: number | undefined
  /** Position of a read; the end of the file for an append. */
  offsetBytes: number | undefined
  lengthBytes: number | undefined
}>

/** What became of a call. */
export type FileSystemCallResult = Readonly<{
  /** Bytes transferred, a size, a new handle's number, a listing's length; undefined where a call gives nothing. */
  value: number | undefined
  /** Errno code, if it failed. */
  code: string | undefined
  /** Whether a fault was delivered here. */
  injected: boolean
}>

/** What is to happen at a call instead of what would. */
export type CallDecision =
  | Readonly<{ kind: 'error'; code: string; variant?: IoVariant | undefined }>
  | Readonly<{ kind: 'short'; bytes: number }>
  /** The call takes so long, and does what it should. */
  | Readonly<{ kind: 'slow'; ms: number }>
  /** Before the call, writing back what is pending in its file fails. Of calls on a handle. */
  | Readonly<{ kind: 'write-back'; variant: WriteBackVariant }>
  /** Writes only: from the first such decision on, files may grow by no more than `freeBytes` in all. */
  | Readonly<{ kind: 'full'; freeBytes: number }>
  /** Sync only: acknowledged and not done. */
  | Readonly<{ kind: 'lie' }>
