// engine/ports/port-errors.ts: the two failures that a port may throw. The engine's own errors build on them.

/** Errno codes that file systems give. The list is what the harness can inject; an adapter may pass on any other. */
export const IO_ERROR_CODES = [
  'EACCES',
  'EAGAIN',
  'EBADF',
  'EDQUOT',
  'EEXIST',
  'EINTR',
  'EIO',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'ENOTEMPTY',
  'EROFS',
] as const

export type IoErrorCode = (typeof IO_ERROR_CODES)[number] | (string & {})

/** The kinds of call that cross the file-system port; the names under which faults and traces know them. */
export const PORT_CALLS = [
  'open',
  'create',
  'read',
  'append',
  'sync',
  'syncDirectory',
  'rename',
  'unlink',
  'list',
  'stat',
  'makeDirectory',
  'size',
  'close',
] as const

/** Those of the port, and those that programs make of a disk which use it through another face: this port can't say them. */
export const FILE_SYSTEM_CALLS = [
  ...PORT_CALLS,
  'write',
  'truncate',
  'link',
  'symlink',
  'readLink',
  'removeDirectory',
  'setAttributes',
] as const

export type FileSystemCall = (typeof FILE_SYSTEM_CALLS)[number]

/** A file-system call was refused. */
export class IoError extends Error {
  override readonly name = 'IoError'
  readonly code: IoErrorCode
  readonly operation: FileSystemCall
  readonly path: string
  /** Position in the file, where the call has one. */
  readonly offsetBytes: number | undefined

  constructor(code: IoErrorCode, operation: FileSystemCall, path: string, offsetBytes?: number, cause?: unknown) {
    super(
      `${code}: ${operation} of ${path}${offsetBytes === undefined ? '' : ` at ${offsetBytes}`} failed`,
      cause === undefined ? {} : { cause },
    )
    this.code = code
    this.operation = operation
    this.path = path
    this.offsetBytes = offsetBytes
  }
}

/** An allocation was refused. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError'
  readonly code = 'ENOMEM'
  readonly requestedBytes: number
  readonly tag: string
  /** Number of the allocation, from 1, since the allocator was made; 0 if the allocator does not count. */
  readonly allocationIndex: number

  constructor(requestedBytes: number, tag: string, allocationIndex = 0) {
    super(`out of memory: ${requestedBytes} bytes for '${tag}' (allocation ${allocationIndex})`)
    this.requestedBytes = requestedBytes
    this.tag = tag
    this.allocationIndex = allocationIndex
  }
}
