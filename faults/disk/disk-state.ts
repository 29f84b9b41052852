// faults/disk/disk-state.ts: the changing half of a disk: nodes, copied before the first change after an image was taken,
// and the name operations. Knows inodes, not handles or processes.
//
// 1. `image()` costs the number of nodes; until the next change it gives the same object again.
// 2. A node is dropped only when no name (durable, cached or in a pending operation) and no holder refers to it.

import type { Attributes, InodeDetails } from './attributes.ts'
import { type DiskImage, DirectoryNode, type DiskNode } from './disk-image.ts'
import { FileNode } from './file-node.ts'
import { type Inode, type NameEffect, type NameOperation, shareName } from './operation.ts'
import type { PageTable } from './page-table.ts'

const DELETED_KEPT_MAX = 8

let lastOwner = 0

export class DiskState {
  private nodes: Map<Inode, DiskNode>
  private nameOperations: readonly NameOperation[]
  private deleted: readonly PageTable[]
  private sequence: number
  private nextInode: Inode
  private owner = (lastOwner += 1)
  private taken: DiskImage | undefined
  private mayHoldUnreferenced = true

  constructor(image: DiskImage) {
    this.nodes = new Map(image.nodes)
    this.nameOperations = image.names
    this.deleted = image.deleted
    this.sequence = image.sequence
    this.nextInode = image.nextInode
    this.taken = image
  }

  image(): DiskImage {
    if (this.taken !== undefined) return this.taken
    const image: DiskImage = {
      nodes: new Map(this.nodes),
      names: this.nameOperations,
      deleted: this.deleted,
      sequence: this.sequence,
      nextInode: this.nextInode,
    }
    this.taken = image
    this.owner = lastOwner += 1
    return image
  }

  /** Sequence of the newest operation: what a sync issued now covers. */
  get newestSequence(): number {
    return this.sequence
  }

  nextSequence(): number {
    this.taken = undefined
    this.sequence += 1
    return this.sequence
  }

  node(inode: Inode): DiskNode | undefined {
    return this.nodes.get(inode)
  }

  file(inode: Inode): FileNode {
    const node = this.nodes.get(inode)
    if (node?.kind !== 'file') throw new TypeError(`inode ${inode} is no file`)
    return node
  }

  fileToChange(inode: Inode): FileNode {
    const node = this.file(inode)
    this.taken = undefined
    if (node.owner === this.owner) return node
    const copy = node.copyFor(this.owner)
    this.nodes.set(inode, copy)
    return copy
  }

  /** Adds an inode that has no name yet. */
  addNode(kind: 'file' | 'directory', details: InodeDetails = {}): Inode {
    const inode = this.nextInode
    this.nextInode += 1
    this.taken = undefined
    if (kind === 'file') this.nodes.set(inode, new FileNode(inode, this.owner, details))
    else {
      const directory = new DirectoryNode(inode, this.owner, new Map(), new Map())
      directory.attributes = details.attributes
      directory.durableAttributes = details.attributes
      this.nodes.set(inode, directory)
    }
    return inode
  }

  setAttributes(inode: Inode, attributes: Attributes): void {
    const node = this.nodes.get(inode)?.kind === 'directory' ? this.directoryToChange(inode) : this.fileToChange(inode)
    this.taken = undefined
    node.attributes = attributes
  }

  /** Names in directories that lead to the inode now. */
  linksTo(inode: Inode): number {
    let count = 0
    for (const node of this.nodes.values()) {
      if (node.kind === 'file') continue
      for (const named of node.cache.values()) if (named === inode) count += 1
    }
    return count
  }

  /** Bytes of all files that have a name or are held. */
  usedBytes(isHeld: (inode: Inode) => boolean): number {
    const named = new Set<Inode>()
    for (const node of this.nodes.values())
      if (node.kind === 'directory') for (const inode of node.cache.values()) named.add(inode)
    let bytes = 0
    for (const node of this.nodes.values())
      if (node.kind === 'file' && (named.has(node.inode) || isHeld(node.inode))) bytes += node.cache.sizeBytes
    return bytes
  }

  /** Changes names in the cache and keeps the change as pending until `directory` is synced. */
  changeNames(kind: NameOperation['kind'], directory: Inode, effects: readonly NameEffect[], text: string): void {
    const sequence = this.nextSequence()
    for (const { directory: at, name, inode } of effects) {
      const { cache } = this.directoryToChange(at)
      if (inode === undefined) cache.delete(name)
      else cache.set(name, inode)
    }
    this.nameOperations = [...this.nameOperations, { kind, sequence, directory, effects, text, dropped: false }]
    if (kind !== 'create' && kind !== 'makeDirectory') this.mayHoldUnreferenced = true
  }

  /** Makes the pending changes of that directory durable, with the earlier ones of the same names. */
  syncNames(directory: Inode): void {
    const node = this.nodes.get(directory)
    if (node?.kind === 'directory' && node.attributes !== node.durableAttributes) {
      this.taken = undefined
      this.directoryToChange(directory).durableAttributes = node.attributes
    }
    const operations = this.nameOperations
    const covered = coveredNames(operations, (operation) => operation.directory === directory && !operation.dropped)
    if (covered.size === 0) return
    this.taken = undefined
    for (const operation of operations) {
      if (!covered.has(operation)) continue
      for (const { directory: at, name, inode } of operation.effects) {
        const { durable } = this.directoryToChange(at)
        if (inode === undefined) durable.delete(name)
        else durable.set(name, inode)
      }
    }
    this.nameOperations = operations.filter((operation) => !covered.has(operation))
  }

  /** A failed directory sync that threw its entries away: no later sync covers them. */
  dropNames(directory: Inode): void {
    this.taken = undefined
    this.nameOperations = this.nameOperations.map((operation) =>
      operation.directory === directory ? { ...operation, dropped: true } : operation,
    )
  }

  /** Forgets nodes that nothing refers to any more. */
  collect(held: (inode: Inode) => boolean): void {
    if (!this.mayHoldUnreferenced) return
    const live = new Set<Inode>()
    for (const node of this.nodes.values()) {
      if (node.kind === 'file') continue
      live.add(node.inode)
      for (const inode of node.durable.values()) live.add(inode)
      for (const inode of node.cache.values()) live.add(inode)
    }
    for (const { effects } of this.nameOperations) {
      for (const { inode } of effects) if (inode !== undefined) live.add(inode)
    }
    let waiting = false
    for (const node of this.nodes.values()) {
      if (node.kind === 'directory' || live.has(node.inode)) continue
      if (held(node.inode)) {
        waiting = true
        continue
      }
      this.taken = undefined
      this.nodes.delete(node.inode)
      if (node.durable.sizeBytes > 0) this.deleted = [...this.deleted, node.durable].slice(-DELETED_KEPT_MAX)
    }
    this.mayHoldUnreferenced = waiting || this.nameOperations.some(({ kind }) => kind !== 'create')
  }

  private directoryToChange(inode: Inode): DirectoryNode {
    const node = this.nodes.get(inode)
    if (node?.kind !== 'directory') throw new TypeError(`inode ${inode} is no directory`)
    if (node.owner === this.owner) return node
    const copy = node.copyFor(this.owner)
    this.nodes.set(inode, copy)
    return copy
  }
}

/** The operations chosen, and every earlier one that shares a name with one of them. */
export function coveredNames(
  operations: readonly NameOperation[],
  chosen: (operation: NameOperation) => boolean,
): Set<NameOperation> {
  const covered = new Set<NameOperation>()
  for (let index = operations.length - 1; index >= 0; index -= 1) {
    const operation = operations[index]
    if (operation === undefined) continue
    if (chosen(operation) || [...covered].some((later) => shareName(operation, later))) covered.add(operation)
  }
  return covered
}
