// faults/disk/operation.ts: what a disk was told and has not made durable yet. Each says what makes it durable.
//
// 1. Operations are values: never changed once made. Images share them.
// 2. `sequence` orders all operations of a disk, over all files and directories, kills and restores included.

/** A file or directory, as long as it exists under any name. 1 is the root. */
export type Inode = number

/** Bytes put into a file. Durable by a sync of the file that was issued after it. */
export type WriteOperation = Readonly<{
  kind: 'write'
  sequence: number
  inode: Inode
  positionBytes: number
  /** The disk's own copy. */
  bytes: Uint8Array
  sizeBefore: number
  sizeAfter: number
  previous: DataOperation | undefined
}>

/** A file cut or grown. Durable by a sync of the file that was issued after it. */
export type ResizeOperation = Readonly<{
  kind: 'resize'
  sequence: number
  inode: Inode
  sizeBefore: number
  sizeAfter: number
  previous: DataOperation | undefined
}>

export type DataOperation = WriteOperation | ResizeOperation

/** One name given to an inode, or taken away (`inode` undefined). */
export type NameEffect = Readonly<{ directory: Inode; name: string; inode: Inode | undefined }>

/** A change of names. All of its effects survive, or none. Durable by a sync of `directory` after it. */
export type NameOperation = Readonly<{
  kind: 'create' | 'makeDirectory' | 'link' | 'rename' | 'unlink' | 'removeDirectory'
  sequence: number
  directory: Inode
  effects: readonly NameEffect[]
  /** As people read it: `rename /a to /b`. */
  text: string
  /** A failed sync of the directory threw it away: only a later change of the same name can bring it back. */
  dropped: boolean
}>

/** Whether two operations touch one name: the later one cannot survive without the earlier. */
export function shareName(left: NameOperation, right: NameOperation): boolean {
  return left.effects.some((a) => right.effects.some((b) => a.directory === b.directory && a.name === b.name))
}
