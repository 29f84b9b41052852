// faults/disk/image-inspection.ts: questions to an image that change nothing: what a process would read, what is durable.

import { type DiskImage, type DiskNode, ROOT } from './disk-image.ts'
import type { FileNode } from './file-node.ts'
import type { NameOperation } from './operation.ts'
import { PAGE_BYTES, type PageTable } from './page-table.ts'

export type ImageEntry = Readonly<{
  path: string
  kind: 'file' | 'directory'
  sizeBytes: number
  /** Of a symbolic link: its text. */
  target?: string
}>

/** What has a name in the cache, directories before what they hold, names in the order of their code units. */
export function listImage(image: DiskImage): readonly ImageEntry[] {
  const entries: ImageEntry[] = []
  const visit = (path: string, node: DiskNode | undefined): void => {
    if (node?.kind !== 'directory') return
    for (const name of [...node.cache.keys()].toSorted()) {
      const child = image.nodes.get(node.cache.get(name) ?? 0)
      if (child === undefined) continue
      const childPath = `${path}/${name}`
      const sizeBytes = child.kind === 'file' ? child.cache.sizeBytes : 0
      const target = child.kind === 'file' ? child.target : undefined
      entries.push({ path: childPath, kind: child.kind, sizeBytes, ...(target === undefined ? {} : { target }) })
      visit(childPath, child)
    }
  }
  visit('', image.nodes.get(ROOT))
  return entries
}

/** All bytes of a file as a process would read them, or undefined if no file has that name. */
export function readImageFile(image: DiskImage, path: string): Uint8Array | undefined {
  const { node } = follow(image, path)
  return node?.kind === 'file' ? contentOf(node.cache) : undefined
}

/** All bytes of a file that syncs made durable, whatever became of its name; undefined if no file has that name. */
export function readDurableFile(image: DiskImage, path: string): Uint8Array | undefined {
  const { node } = follow(image, path)
  return node?.kind === 'file' ? contentOf(node.durable) : undefined
}

/** What would survive every power loss of the file that now has that name. */
export type DurableExtent = Readonly<{
  /** Its name, and those of all directories above it. */
  name: boolean
  /** Its first bytes: as many as are durable as they are read now. */
  endBytes: number
}>

export function durableExtent(image: DiskImage, path: string): DurableExtent {
  const { node, nameDurable } = follow(image, path)
  return { name: nameDurable, endBytes: node?.kind === 'file' ? durableEnd(node) : 0 }
}

/** Whether the file's name and its first `endBytes` bytes would survive every power loss. */
export function isDurable(image: DiskImage, path: string, endBytes: number): boolean {
  const extent = durableExtent(image, path)
  return extent.name && endBytes <= extent.endBytes
}

function durableEnd(node: FileNode): number {
  let end = Math.min(node.durable.sizeBytes, node.cache.sizeBytes)
  for (let at = node.newest; at !== undefined; at = at.previous) {
    const first = at.kind === 'write' ? at.positionBytes : Math.min(at.sizeBefore, at.sizeAfter)
    end = Math.min(end, first)
  }
  for (const page of node.dropped) {
    const start = page * PAGE_BYTES
    if (start < end) end = Math.min(end, firstDifference(node, start, Math.min(PAGE_BYTES, end - start)))
  }
  for (const page of node.evicted) end = Math.min(end, page * PAGE_BYTES)
  return end
}

function firstDifference(node: FileNode, start: number, lengthBytes: number): number {
  const durable = new Uint8Array(lengthBytes)
  const cached = new Uint8Array(lengthBytes)
  node.durable.read(durable, 0, lengthBytes, start)
  node.cache.read(cached, 0, lengthBytes, start)
  const index = durable.findIndex((byte, at) => byte !== cached[at])
  return index === -1 ? start + lengthBytes : start + index
}

function contentOf(table: PageTable): Uint8Array {
  const bytes = new Uint8Array(table.sizeBytes)
  table.read(bytes, 0, bytes.length, 0)
  return bytes
}

function follow(image: DiskImage, path: string): { node: DiskNode | undefined; nameDurable: boolean } {
  let node: DiskNode | undefined = image.nodes.get(ROOT)
  let nameDurable = true
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (node?.kind !== 'directory') return { node: undefined, nameDurable: false }
    const inode = node.cache.get(name)
    const { inode: directory } = node
    if (node.durable.get(name) !== inode || image.names.some((change) => touches(change, directory, name))) {
      nameDurable = false
    }
    node = inode === undefined ? undefined : image.nodes.get(inode)
  }
  return { node, nameDurable: nameDurable && node !== undefined }
}

function touches(operation: NameOperation, directory: number, name: string): boolean {
  return operation.effects.some((effect) => effect.directory === directory && effect.name === name)
}
