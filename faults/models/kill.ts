// faults/models/kill.ts: the process dies and the machine stays: everything pending stays pending.
//
// Variants: dropped pages leave the cache, so that reads see old content; and for a kill within a write, the write cut
// at a byte: 0, 1, half, n − 1 and the sector borders.

import { FileNode, type DiskImage, type WriteOperation } from '../disk/index.ts'

export type KillStates = Readonly<{ count: number; make(index: number): DiskImage; describe(index: number): string }>

const BORDERS_MAX = 32

/** `within`: the kill came while the newest operation, a write, was being done. */
export function killStates(image: DiskImage, sectorBytes: number, within: boolean): KillStates {
  return within ? cutStates(image, sectorBytes) : wholeStates(image)
}

function wholeStates(image: DiskImage): KillStates {
  const hasDropped = [...image.nodes.values()].some((node) => node.kind === 'file' && node.dropped.size > 0)
  return {
    count: hasDropped ? 2 : 1,
    make: (index) => (index === 0 ? image : evicted(image)),
    describe: (index) =>
      index === 0 ? 'killed: all is still in the cache' : 'killed, and the dropped pages left the cache',
  }
}

function evicted(image: DiskImage): DiskImage {
  const nodes = new Map(image.nodes)
  for (const [inode, node] of image.nodes) {
    if (node.kind !== 'file' || node.dropped.size === 0) continue
    const copy = node.copyFor(0)
    copy.evict()
    nodes.set(inode, copy)
  }
  return { ...image, nodes }
}

function cutStates(image: DiskImage, sectorBytes: number): KillStates {
  const found = newestWrite(image)
  if (found === undefined) {
    return {
      count: 0,
      make: () => image,
      describe: () => 'killed',
    }
  }
  const { node, operation } = found
  const lengths = cutLengths(operation, sectorBytes)
  return {
    count: lengths.length,
    make: (index) => {
      const nodes = new Map(image.nodes)
      nodes.set(node.inode, withCut(node, operation, lengths[index] ?? 0))
      return { ...image, nodes }
    },
    describe: (index) => `killed within a write, after ${lengths[index] ?? 0} of ${grownBytes(operation)} bytes`,
  }
}

// Only a write that grew its file can be told from the bytes before it.
function newestWrite(image: DiskImage): { node: FileNode; operation: WriteOperation } | undefined {
  for (const node of image.nodes.values()) {
    if (node.kind !== 'file' || node.newest?.sequence !== image.sequence) continue
    const operation = node.newest
    return operation.kind === 'write' && operation.sizeAfter > operation.sizeBefore ? { node, operation } : undefined
  }
  return undefined
}

function grownBytes({ sizeBefore, sizeAfter }: WriteOperation): number {
  return sizeAfter - sizeBefore
}

function cutLengths(operation: WriteOperation, sectorBytes: number): number[] {
  const total = grownBytes(operation)
  const lengths = new Set([0, 1, total >>> 1, total - 1])
  const first = sectorBytes - (operation.sizeBefore % sectorBytes)
  const borders = Math.ceil((total - first) / sectorBytes)
  const stride = Math.max(1, Math.ceil(borders / BORDERS_MAX))
  for (let at = first; at < total; at += stride * sectorBytes) lengths.add(at)
  return [...lengths].filter((length) => length < total).toSorted((left, right) => left - right)
}

function withCut(node: FileNode, operation: WriteOperation, lengthBytes: number): FileNode {
  const copy = node.copyFor(0)
  const sizeAfter = operation.sizeBefore + lengthBytes
  copy.cache.resize(sizeAfter)
  const bytes = operation.bytes.slice(0, Math.max(0, sizeAfter - operation.positionBytes))
  if (bytes.length === 0) {
    copy.newest = operation.previous
    copy.pendingCount -= 1
  } else copy.newest = { ...operation, bytes, sizeAfter }
  return copy
}
