// faults/node-front/paths.ts: where a path leads on the simulated disk, symbolic links followed as POSIX says.
//
// 1. Looking up is no call of its own: it belongs to the call that was made with the path.
// 2. What it gives is canonical: no link, no '.', no '..' is left in it.

import { ROOT, type DirectoryNode, type DiskNode, type SimulatedDisk } from '../disk/index.ts'

const LINKS_MAX = 40
const NAME_BYTES_MAX = 255

export type Located = Readonly<{
  /** Canonical. */
  path: string
  parent: DirectoryNode
  /** What has the name; undefined if it is free. */
  node: DiskNode | undefined
  /** The path ended in '/': only a directory will do. */
  wantsDirectory: boolean
}>

type Level = Readonly<{ node: DirectoryNode; path: string }>

/** Follows a path; a code instead of a place says why it leads nowhere. */
export function locate(disk: SimulatedDisk, path: string, followLast: boolean): Located | string {
  const root = disk.nodeAt(ROOT)
  if (root?.kind !== 'directory') return 'EIO'
  if (path === '') return 'ENOENT'
  const levels: Level[] = [{ node: root, path: '' }]
  const parts = path.split('/')
  const wantsDirectory = /\/\.{0,2}$/.test(path)
  let links = 0
  let last: Located = { path: '/', parent: root, node: root, wantsDirectory }
  while (parts.length > 0) {
    const part = parts.shift() ?? ''
    const at = levels[levels.length - 1] ?? { node: root, path: '' }
    if (last.node !== at.node && part !== '') {
      if (last.node === undefined) return 'ENOENT'
      if (last.node.kind === 'file') return 'ENOTDIR'
    }
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (levels.length > 1) levels.pop()
      const above = levels[levels.length - 1] ?? { node: root, path: '' }
      last = { path: above.path || '/', parent: above.node, node: above.node, wantsDirectory }
      continue
    }
    if (Buffer.byteLength(part) > NAME_BYTES_MAX) return 'ENAMETOOLONG'
    const inode = at.node.cache.get(part)
    const node = inode === undefined ? undefined : disk.nodeAt(inode)
    const isLast = parts.every((rest) => rest === '')
    if (node?.kind === 'file' && node.target !== undefined && (!isLast || followLast || wantsDirectory)) {
      links += 1
      if (links > LINKS_MAX) return 'ELOOP'
      if (node.target.startsWith('/')) levels.length = 1
      const from = levels[levels.length - 1] ?? { node: root, path: '' }
      last = { path: from.path || '/', parent: from.node, node: from.node, wantsDirectory }
      parts.unshift(...node.target.split('/'))
      continue
    }
    last = { path: `${at.path}/${part}`, parent: at.node, node, wantsDirectory }
    if (node?.kind === 'directory') levels.push({ node, path: last.path })
  }
  if (wantsDirectory && last.node?.kind === 'file') return 'ENOTDIR'
  return last
}
