// faults/disk/disk-image.ts: the whole state of a disk at one moment, immutable: durable, pending, dropped and cached.
//
// 1. Nothing reachable from an image changes: a disk made of it copies the nodes that it changes.
// 2. Inode numbers mean nothing outside an image; two images with equal trees are equal whatever their numbers.

import type { Attributes } from './attributes.ts'
import type { FileNode } from './file-node.ts'
import type { PageTable } from './page-table.ts'
import type { Inode, NameOperation } from './operation.ts'

export const ROOT: Inode = 1

export class DirectoryNode {
  readonly kind = 'directory'
  readonly inode: Inode
  readonly owner: number
  durable: Map<string, Inode>
  cache: Map<string, Inode>
  attributes: Attributes | undefined
  durableAttributes: Attributes | undefined

  constructor(inode: Inode, owner: number, durable: Map<string, Inode>, cache: Map<string, Inode>) {
    this.inode = inode
    this.owner = owner
    this.durable = durable
    this.cache = cache
  }

  copyFor(owner: number): DirectoryNode {
    const copy = new DirectoryNode(this.inode, owner, new Map(this.durable), new Map(this.cache))
    copy.attributes = this.attributes
    copy.durableAttributes = this.durableAttributes
    return copy
  }

  /** The directory with `entries` and nothing pending: what a power loss leaves of it. */
  static settled(inode: Inode, entries: Map<string, Inode>, attributes: Attributes | undefined): DirectoryNode {
    const node = new DirectoryNode(inode, 0, entries, entries)
    node.attributes = attributes
    node.durableAttributes = attributes
    return node
  }
}

export type DiskNode = FileNode | DirectoryNode

export type DiskImage = Readonly<{
  nodes: ReadonlyMap<Inode, DiskNode>
  /** Pending changes of names, oldest first. */
  names: readonly NameOperation[]
  /** Contents of files that are gone, newest last: what recycled blocks may hold. */
  deleted: readonly PageTable[]
  /** Of the newest operation ever done. */
  sequence: number
  nextInode: Inode
}>

/** A disk with an empty, durable root directory. */
export function emptyImage(): DiskImage {
  const root = new DirectoryNode(ROOT, 0, new Map(), new Map())
  return { nodes: new Map([[ROOT, root]]), names: [], deleted: [], sequence: 0, nextInode: ROOT + 1 }
}

/** Number of operations that a power loss could take. */
export function pendingOperations(image: DiskImage): number {
  let count = image.names.length
  for (const node of image.nodes.values()) if (node.kind === 'file') count += node.pendingCount
  return count
}
