// faults/disk/namespace.ts: paths, and the POSIX rules for giving and taking names. Works on what the process sees.
//
// Error codes: ENOENT, ENOTDIR, EEXIST, EISDIR, ENOTEMPTY, EINVAL (a directory moved into itself), EBUSY (the root).

import { IoError, type FileSystemCall } from '../../engine/ports/index.ts'
import type { InodeDetails } from './attributes.ts'
import { type DirectoryNode, type DiskNode, ROOT } from './disk-image.ts'
import type { DiskState } from './disk-state.ts'
import type { Inode, NameEffect } from './operation.ts'

/** Where a path leads. `parent` is undefined for the root alone. */
export type Place = Readonly<{ parent: DirectoryNode | undefined; name: string; node: DiskNode | undefined }>

/** Follows a path; gives the code of the error if a directory on the way is missing or is a file. */
export function find(state: DiskState, path: string): Place | 'ENOENT' | 'ENOTDIR' {
  const trail: { directory: DirectoryNode; name: string }[] = []
  let parent: DirectoryNode | undefined
  let node: DiskNode | undefined = state.node(ROOT)
  let name = ''
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (node === undefined) return 'ENOENT'
    if (node.kind === 'file') return 'ENOTDIR'
    if (part === '..') {
      node = trail.pop()?.directory ?? node
      parent = trail.at(-1)?.directory
      name = trail.at(-1)?.name ?? ''
      continue
    }
    trail.push({ directory: node, name: part })
    parent = node
    name = part
    const inode = node.cache.get(part)
    node = inode === undefined ? undefined : state.node(inode)
  }
  return { parent, name, node }
}

/** As `find`; throws the error. */
export function resolve(state: DiskState, path: string, operation: FileSystemCall): Place {
  const place = find(state, path)
  if (typeof place === 'string') throw new IoError(place, operation, path)
  return place
}

/** The node that a path names; ENOENT if there is none. */
export function existing(state: DiskState, path: string, operation: FileSystemCall): DiskNode {
  const { node } = resolve(state, path, operation)
  if (node === undefined) throw new IoError('ENOENT', operation, path)
  return node
}

export function existingDirectory(state: DiskState, path: string, operation: FileSystemCall): DirectoryNode {
  const node = existing(state, path, operation)
  if (node.kind === 'file') throw new IoError('ENOTDIR', operation, path)
  return node
}

export function existingFile(state: DiskState, path: string, operation: FileSystemCall): Inode {
  const node = existing(state, path, operation)
  if (node.kind === 'directory') throw new IoError('EISDIR', operation, path)
  return node.inode
}

/** Makes an empty file, a symbolic link or an empty directory under a free name. */
export function addName(state: DiskState, path: string, kind: 'file' | 'directory', details: InodeDetails = {}): Inode {
  const operation = kind === 'file' ? 'create' : 'makeDirectory'
  const { parent, name, node } = resolve(state, path, operation)
  if (parent === undefined || node !== undefined) throw new IoError('EEXIST', operation, path)
  const inode = state.addNode(kind, details)
  state.changeNames(operation, parent.inode, [{ directory: parent.inode, name, inode }], `${operation} ${path}`)
  return inode
}

/** Gives a file another name. */
export function addLink(state: DiskState, path: string, target: string): void {
  const node = existing(state, path, 'link')
  const { parent, name, node: taken } = resolve(state, target, 'link')
  if (parent === undefined || taken !== undefined) throw new IoError('EEXIST', 'link', path)
  if (node.kind === 'directory') throw new IoError('EPERM', 'link', path)
  const effects = [{ directory: parent.inode, name, inode: node.inode }]
  state.changeNames('link', parent.inode, effects, `link ${path} to ${target}`)
}

export function removeFileName(state: DiskState, path: string): void {
  const { parent, name, node } = resolve(state, path, 'unlink')
  if (node === undefined) throw new IoError('ENOENT', 'unlink', path)
  if (parent === undefined || node.kind === 'directory') throw new IoError('EISDIR', 'unlink', path)
  const effects = [{ directory: parent.inode, name, inode: undefined }]
  state.changeNames('unlink', parent.inode, effects, `unlink ${path}`)
}

export function removeDirectoryName(state: DiskState, path: string): void {
  const { parent, name, node } = resolve(state, path, 'removeDirectory')
  if (node === undefined) throw new IoError('ENOENT', 'removeDirectory', path)
  if (node.kind === 'file') throw new IoError('ENOTDIR', 'removeDirectory', path)
  if (parent === undefined) throw new IoError('EBUSY', 'removeDirectory', path)
  if (node.cache.size > 0) throw new IoError('ENOTEMPTY', 'removeDirectory', path)
  const effects = [{ directory: parent.inode, name, inode: undefined }]
  state.changeNames('removeDirectory', parent.inode, effects, `remove directory ${path}`)
}

/** Moves a name, replacing a file by a file and an empty directory by a directory. The order of checks is Linux's. */
export function moveName(state: DiskState, source: string, target: string): void {
  const from = resolve(state, source, 'rename')
  const to = resolve(state, target, 'rename')
  if (from.parent === undefined || to.parent === undefined) throw new IoError('EBUSY', 'rename', source)
  const refusal = refusalOf(state, from.node, from.parent, to.node, to.parent)
  if (refusal !== undefined) throw new IoError(refusal, 'rename', source)
  if (from.node === undefined || from.node === to.node) return
  const effects: NameEffect[] = [
    { directory: from.parent.inode, name: from.name, inode: undefined },
    { directory: to.parent.inode, name: to.name, inode: from.node.inode },
  ]
  state.changeNames('rename', to.parent.inode, effects, `rename ${source} to ${target}`)
}

function refusalOf(
  state: DiskState,
  moved: DiskNode | undefined,
  parent: DirectoryNode,
  replaced: DiskNode | undefined,
  targetParent: DirectoryNode,
): string | undefined {
  if (moved === undefined) return 'ENOENT'
  if (moved.kind === 'directory' && holds(state, moved, targetParent)) return 'EINVAL'
  if (replaced === undefined || replaced === moved) return undefined
  if (replaced.kind === 'directory' && holds(state, replaced, parent)) return 'ENOTEMPTY'
  if (moved.kind === 'directory' && replaced.kind === 'file') return 'ENOTDIR'
  if (moved.kind === 'file' && replaced.kind === 'directory') return 'EISDIR'
  return replaced.kind === 'directory' && replaced.cache.size > 0 ? 'ENOTEMPTY' : undefined
}

function holds(state: DiskState, directory: DirectoryNode, sought: DirectoryNode): boolean {
  if (directory === sought) return true
  for (const inode of directory.cache.values()) {
    const node = state.node(inode)
    if (node?.kind === 'directory' && holds(state, node, sought)) return true
  }
  return false
}

/** Orders names by code point, as UTF-8 bytes would be. */
export function compareNames(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

// A surrogate stands for a code point above every other unit.
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}
