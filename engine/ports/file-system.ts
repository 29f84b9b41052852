// engine/ports/file-system.ts: the engine's only door to a disk.
//
// Synchronous, so that a commit is one uninterrupted call and one seed gives one order of I/O; the promise form of
// sync exists for commits that share one. Deliberately weak: a call may transfer less than asked, and any call may be
// refused, because disks do. What the door cannot say (overwrite, truncate) the engine cannot do.
//
// Paths are absolute and use '/'. Every method may throw IoError with an errno code (io-error.ts).

/** What a directory entry is. */
export type EntryKind = 'file' | 'directory'

/** Size and kind of an existing path. */
export type FileStatus = Readonly<{ kind: EntryKind; sizeBytes: number }>

/** Opens and names files. */
export interface FileSystem {
  /** Opens an existing file. ENOENT if there is none. `append` allows `append`, `sync` and `read`; `read` only `read`. */
  open(path: string, mode: 'read' | 'append'): FileHandle
  /** Creates a file, exclusively: EEXIST if the name is taken. The handle is open for append and read. */
  create(path: string): FileHandle
  /** Names in a directory, without their path, in code-point order. ENOENT if there is no such directory. */
  list(path: string): readonly string[]
  /** Status of a path, or undefined if nothing has that name. */
  stat(path: string): FileStatus | undefined
  /** Atomic, replaces an existing file. Survives a power loss only after `syncDirectory` of the target's parent. */
  rename(source: string, target: string): void
  /** Removes a file's name. ENOENT if there is none. */
  unlink(path: string): void
  /** Creates a directory whose parent exists. EEXIST if the name is taken. */
  makeDirectory(path: string): void
  /** Makes the names in a directory durable: every create, rename and unlink in it that was done before the call. */
  syncDirectory(path: string): void
}

/** One open file. Any call but `close` after `close` is a caller's bug. */
export interface FileHandle {
  readonly path: string
  /**
   * Reads up to `lengthBytes` bytes from `positionBytes` of the file into `target` at `targetOffset`.
   * Returns the bytes read: maybe fewer than asked, 0 only at or past the end of the file.
   */
  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number
  /**
   * Appends up to `lengthBytes` bytes of `source` from `sourceOffset` at the end of the file. Returns the bytes written:
   * maybe fewer than asked. Neither durable nor atomic before `sync`. `source` may be changed after the call.
   */
  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number
  /** Makes everything durable that was appended before the call, with what is needed to read it (size); not the name. */
  sync(): void
  /** As `sync`, finishing later. Covers what was appended before the call, nothing after it. */
  syncLater(): Promise<void>
  /** The file's size now. */
  sizeBytes(): number
  /** Releases the handle, always; idempotent. Does not sync. May throw IoError (a late write-back error), once. */
  close(): void
}
