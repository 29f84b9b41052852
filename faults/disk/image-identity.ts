// faults/disk/image-identity.ts: 64 bits that tell apart any two images after which something different can happen.
//
// 1. Covers names and contents of the cache, of what is durable, pending operations with their order, dropped pages.
// 2. Does not depend on inode numbers, on sharing of pages, or on how the image came about.
//
// Content hashes are kept with the pages, so an image costs its changed pages (2 µs each) and its names.

import type { Attributes } from './attributes.ts'
import { type DiskImage, type DiskNode, ROOT } from './disk-image.ts'
import type { FileNode } from './file-node.ts'
import { Hash64, hashBytes } from './hash.ts'
import type { DataOperation, Inode } from './operation.ts'

/** 16 hexadecimal digits. */
export function imageIdentity(image: DiskImage): string {
  const hash = new Hash64()
  const numbers = new Map<Inode, number>()
  walk(image, ROOT, 'cache', hash, numbers)
  if (!imageIsSettled(image)) {
    hash.add(1)
    walk(image, ROOT, 'durable', hash, numbers)
    addNames(image, hash, numbers)
    for (const [inode, number] of numbers) addPending(image.nodes.get(inode), number, hash)
  }
  return hash.digits()
}

/** Whether a power loss would leave the image as it is. */
export function imageIsSettled(image: DiskImage): boolean {
  if (image.names.length > 0) return false
  for (const node of image.nodes.values()) {
    if (node.attributes !== node.durableAttributes) return false
    if (node.kind === 'file' && (node.newest !== undefined || node.dropped.size > 0)) return false
  }
  return true
}

// Inodes get numbers in the order in which the walks meet them: equal trees, equal numbers.
function walk(
  image: DiskImage,
  inode: Inode,
  side: 'cache' | 'durable',
  hash: Hash64,
  numbers: Map<Inode, number>,
): void {
  const node = image.nodes.get(inode)
  if (node?.kind !== 'directory') return
  const names = [...node[side].keys()].toSorted()
  hash.add(names.length)
  for (const name of names) {
    const child = node[side].get(name) ?? 0
    hash.addText(name)
    const met = numbers.get(child)
    const childNode = image.nodes.get(child)
    hash.add(childNode?.kind === 'directory' ? 2 : 3)
    if (met === undefined) numbers.set(child, numbers.size)
    hash.add(met ?? numbers.size - 1)
    if (met === undefined) {
      if (childNode?.kind === 'file') {
        if (childNode.target !== undefined) hash.addText(childNode.target)
        hash.addHash(childNode.cache.hash())
      }
      addAttributes(hash, childNode?.attributes)
    }
    walk(image, child, side, hash, numbers)
  }
}

// A node without attributes adds nothing: images made through the port alone have the identities that they always had.
function addAttributes(hash: Hash64, attributes: Attributes | undefined): void {
  if (attributes === undefined) return
  const { mode, uid, gid, accessedMs, modifiedMs, changedMs, createdMs } = attributes
  for (const value of [mode, uid, gid]) hash.add(value)
  for (const timeMs of [accessedMs, modifiedMs, changedMs, createdMs]) hash.addNumber(timeMs)
}

function addNames(image: DiskImage, hash: Hash64, numbers: Map<Inode, number>): void {
  for (const { kind, effects, dropped, sequence } of image.names) {
    hash.addText(kind)
    const node = image.nodes.get(effects[0]?.inode ?? 0)
    // Some file systems let a file's sync cover its creation.
    const isSynced = node?.kind === 'file' && node.syncedSequence > sequence
    hash.add((dropped ? 1 : 0) + (isSynced ? 2 : 0))
    for (const { directory, name, inode } of effects) {
      if (!numbers.has(directory)) numbers.set(directory, numbers.size)
      if (inode !== undefined && !numbers.has(inode)) numbers.set(inode, numbers.size)
      hash.add(numbers.get(directory) ?? -1)
      hash.addText(name)
      hash.add(inode === undefined ? -1 : (numbers.get(inode) ?? -1))
    }
  }
}

function addPending(node: DiskNode | undefined, number: number, hash: Hash64): void {
  if (node !== undefined && node.attributes !== node.durableAttributes) {
    hash.add(number)
    addAttributes(hash, node.durableAttributes)
  }
  if (node?.kind !== 'file' || isSettled(node)) return
  hash.add(number)
  hash.addHash(node.cache.hash())
  hash.addHash(node.durable.hash())
  for (let at = node.newest; at !== undefined; at = at.previous) addOperation(at, hash)
  for (const page of [...node.dropped].toSorted((left, right) => left - right)) hash.add(page)
}

function isSettled(node: FileNode): boolean {
  return node.newest === undefined && node.dropped.size === 0
}

function addOperation(operation: DataOperation, hash: Hash64): void {
  hash.addNumber(operation.sizeBefore)
  hash.addNumber(operation.sizeAfter)
  if (operation.kind === 'resize') return
  hash.addNumber(operation.positionBytes)
  hash.addHash(hashBytes(operation.bytes))
}
