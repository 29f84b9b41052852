// faults/disk/attributes.ts: what a file system keeps of an inode besides its content: mode, owner, times.
//
// 1. Attributes are values; a node without any was made through the engine's port, which has none.
// 2. Those given when an inode is made are as durable as its name. A later change is durable by a sync of the inode; a
//    power loss takes every change that none covered. That one of them survives by luck is not modelled.

export type Attributes = Readonly<{
  /** Permission bits, without the kind. */
  mode: number
  uid: number
  gid: number
  accessedMs: number
  modifiedMs: number
  changedMs: number
  createdMs: number
}>

/** What an inode is made with. */
export type InodeDetails = Readonly<{
  attributes?: Attributes | undefined
  /** A symbolic link's text. It is kept in the inode, so it is as durable as the name. */
  target?: string | undefined
}>
