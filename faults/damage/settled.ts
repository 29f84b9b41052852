// faults/damage/settled.ts: images with nothing pending, and changes to one file of them that no process made.
//
// 1. A settled image holds what its processes saw: everything reached the disk.
// 2. A change makes a new image; what it does not touch is shared, and nothing in it is pending.

import type { DiskImage, DiskNode } from '../disk/index.ts'
import { FileNode, type PageTable, ROOT } from '../disk/index.ts'

/** The image when everything in its cache has reached the disk. */
export function settledImage(image: DiskImage): DiskImage {
  const nodes = new Map<number, DiskNode>()
  for (const [inode, node] of image.nodes) {
    const settled = node.kind === 'file' ? FileNode.settled(node, node.cache.share()) : node.copyFor(0)
    if (settled.kind === 'directory') settled.durable = new Map(settled.cache)
    settled.attributes = node.attributes
    settled.durableAttributes = node.attributes
    nodes.set(inode, settled)
  }
  return { ...image, nodes, names: [] }
}

/** The file's bytes; RangeError if no file has that name. */
export function contentOf(image: DiskImage, path: string): PageTable {
  return fileAt(image, path).cache
}

/** The settled image with another content of one file. */
export function withContent(image: DiskImage, path: string, content: PageTable): DiskImage {
  const file = fileAt(image, path)
  return { ...image, nodes: new Map(image.nodes).set(file.inode, FileNode.settled(file, content)) }
}

/** The settled image without one file. */
export function withoutFile(image: DiskImage, path: string): DiskImage {
  const directory = followed(image, path.slice(0, path.lastIndexOf('/')))
  const file = fileAt(image, path)
  if (directory?.kind !== 'directory') throw new RangeError(`there is no directory of '${path}'`)
  const names = new Map(directory.cache)
  names.delete(path.slice(path.lastIndexOf('/') + 1))
  const nodes = new Map(image.nodes)
  nodes.delete(file.inode)
  const changed = directory.copyFor(0)
  changed.cache = names
  changed.durable = new Map(names)
  nodes.set(directory.inode, changed)
  return { ...image, nodes }
}

function fileAt(image: DiskImage, path: string): FileNode {
  const node = followed(image, path)
  if (node?.kind !== 'file') throw new RangeError(`there is no file '${path}'`)
  return node
}

function followed(image: DiskImage, path: string): DiskNode | undefined {
  let node = image.nodes.get(ROOT)
  for (const name of path.split('/')) {
    if (name === '') continue
    if (node?.kind !== 'directory') return undefined
    node = image.nodes.get(node.cache.get(name) ?? 0)
  }
  return node
}
