// faults/node-front/name-calls.ts: system calls on paths: names, links, directories, attributes.
//
// 1. Each is one call on the disk, failed look-ups too: that the name is not there is an answer, and can fail otherwise.

import { constants } from 'node:fs'
import { IoError } from '../../engine/ports/index.ts'
import { compareNames, type DiskNode } from '../disk/index.ts'
import type { Kernel } from './kernel.ts'
import type { Located } from './paths.ts'
import { attributesOf, kindOf, makeStats } from './stats.ts'
import type { AttributeChange, Entry, NameSystemCalls } from './system-calls.ts'

export class NameCalls implements NameSystemCalls {
  private readonly kernel: Kernel

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  /** Undefined if nothing has the name and `mayMiss`. */
  stat(path: string, options: Readonly<{ follow: boolean; big: boolean; mayMiss?: boolean }>): object | undefined {
    const { kernel } = this
    const { follow, big, mayMiss = false } = options
    const syscall = follow ? 'stat' : 'lstat'
    try {
      return kernel.system(
        syscall,
        () => {
          const { node, path: at } = this.existing('stat', path, follow)
          return kernel.calls.stat(at, () => makeStats(node, kernel.disk.linksTo(node.inode), big))
        },
        path,
      )
    } catch (error) {
      if (mayMiss && isMissing(error)) return undefined
      throw error
    }
  }

  access(path: string, mode: number): void {
    const { kernel } = this
    kernel.system(
      'access',
      () => {
        const { node, path: at } = this.existing('stat', path, true)
        kernel.calls.stat(at, () => {
          // A privileged process may read and write everything, and execute what anyone may.
          const refused =
            (mode & constants.X_OK) !== 0 && node.kind === 'file' && (attributesOf(node).mode & 0o111) === 0
          if (refused) throw new IoError('EACCES', 'stat', at)
        })
      },
      path,
    )
  }

  canonical(path: string, syscall: 'lstat' | 'realpath'): string {
    const { kernel } = this
    return kernel.system(
      syscall,
      () => {
        const { path: at } = this.existing('stat', path, true)
        return kernel.calls.stat(at, () => at)
      },
      path,
    )
  }

  list(path: string, syscall: 'scandir' | 'opendir'): readonly Entry[] {
    const { kernel } = this
    return kernel.system(
      syscall,
      () => {
        const { node, path: at } = this.existing('list', path, true)
        if (node.kind === 'file') return kernel.calls.refuse('list', at, 'ENOTDIR')
        return kernel.calls.list(at, () => this.entriesOf(node))
      },
      path,
    )
  }

  readLink(path: string): string {
    const { kernel } = this
    return kernel.system(
      'readlink',
      () => {
        const { node, path: at } = this.existing('readLink', path, false)
        if (node.kind === 'directory' || node.target === undefined) return kernel.calls.refuse('readLink', at, 'EINVAL')
        const { target } = node
        return kernel.calls.readLink(at, () => target)
      },
      path,
    )
  }

  makeDirectory(path: string, mode: number): void {
    const { kernel } = this
    kernel.system(
      'mkdir',
      () => {
        const found = this.place('makeDirectory', trimmed(path), false)
        if (found.node !== undefined) return kernel.calls.refuse('makeDirectory', found.path, 'EEXIST')
        kernel.calls.makeDirectory(found.path, kernel.newAttributes(mode))
        this.changed(found)
      },
      path,
    )
  }

  removeDirectory(path: string): void {
    const { kernel } = this
    kernel.system(
      'rmdir',
      () => {
        const found = this.place('removeDirectory', trimmed(path), false)
        if (/(^|\/)\.\/*$/.test(path)) return kernel.calls.refuse('removeDirectory', found.path, 'EINVAL')
        if (/(^|\/)\.\.\/*$/.test(path)) return kernel.calls.refuse('removeDirectory', found.path, 'ENOTEMPTY')
        kernel.calls.removeDirectory(found.path)
        this.changed(found)
      },
      path,
    )
  }

  unlink(path: string): void {
    const { kernel } = this
    kernel.system(
      'unlink',
      () => {
        const found = this.place('unlink', trimmed(path), false)
        if (path.endsWith('/') && found.node?.kind === 'file')
          return kernel.calls.refuse('unlink', found.path, 'ENOTDIR')
        kernel.calls.unlink(found.path)
        this.changed(found)
        kernel.disk.collect()
      },
      path,
    )
  }

  rename(source: string, target: string): void {
    const { kernel } = this
    kernel.system(
      'rename',
      () => {
        const from = this.place('rename', trimmed(source), false)
        const to = this.target('rename', from.path, target)
        if (isDots(source) || isDots(target)) return kernel.calls.refuse('rename', from.path, 'EBUSY')
        if (from.node === undefined) return kernel.calls.refuse('rename', from.path, 'ENOENT')
        const wantsDirectory = source.endsWith('/') || target.endsWith('/')
        if (wantsDirectory && from.node.kind === 'file') return kernel.calls.refuse('rename', from.path, 'ENOTDIR')
        kernel.calls.rename(from.path, to.path)
        this.changed(from)
        this.changed(to)
      },
      source,
      target,
    )
  }

  link(path: string, target: string): void {
    const { kernel } = this
    kernel.system(
      'link',
      () => {
        const { path: at } = this.existing('link', path, false)
        const to = this.target('link', at, target)
        if (target.endsWith('/') && to.node === undefined) return kernel.calls.refuse('link', at, 'ENOENT')
        kernel.calls.link(at, to.path)
        this.changed(to)
      },
      path,
      target,
    )
  }

  symlink(target: string, path: string): void {
    const { kernel } = this
    kernel.system(
      'symlink',
      () => {
        if (target === '') return kernel.calls.refuse('symlink', path, 'ENOENT')
        const found = this.place('symlink', trimmed(path), false)
        if (found.node !== undefined) return kernel.calls.refuse('symlink', found.path, 'EEXIST')
        if (path.endsWith('/')) return kernel.calls.refuse('symlink', found.path, 'ENOENT')
        kernel.calls.symlink(target, found.path, { attributes: { ...kernel.newAttributes(0o777), mode: 0o777 } })
        this.changed(found)
      },
      target,
      path,
    )
  }

  setAttributes(path: string, syscall: string, follow: boolean, change: AttributeChange): void {
    const { kernel } = this
    kernel.system(
      syscall,
      () => {
        const { node, path: at } = this.existing('setAttributes', path, follow)
        kernel.calls.setAttributes(at, node.inode, change(attributesOf(node)))
        kernel.tell('change', at)
      },
      path,
    )
  }

  isLink(path: string, follow: boolean): boolean {
    const found = this.kernel.locate(path, follow)
    return typeof found === 'object' && found.node?.kind === 'file' && found.node.target !== undefined
  }

  private entriesOf(directory: DiskNode): Entry[] {
    if (directory.kind === 'file') return []
    const entries: Entry[] = []
    for (const [name, inode] of directory.cache) {
      const node = this.kernel.disk.nodeAt(inode)
      if (node !== undefined) entries.push({ name, kind: kindOf(node) })
    }
    return entries.toSorted((left, right) => compareNames(left.name, right.name))
  }

  private changed({ path, parent }: Located): void {
    this.kernel.touchDirectory(parent)
    this.kernel.tell('rename', path)
  }

  private place(kind: Parameters<Kernel['calls']['refuse']>[0], path: string, follow: boolean): Located {
    const found = this.kernel.locate(path, follow)
    return typeof found === 'string' ? this.kernel.calls.refuse(kind, path, found) : found
  }

  /** The second name of a call, which is the first one's if it is refused. */
  private target(kind: 'rename' | 'link', path: string, target: string): Located {
    const found = this.kernel.locate(trimmed(target), false)
    return typeof found === 'string' ? this.kernel.calls.refuse(kind, path, found) : found
  }

  private existing(
    kind: Parameters<Kernel['calls']['refuse']>[0],
    path: string,
    follow: boolean,
  ): Readonly<{ node: DiskNode; path: string }> {
    const { node, path: at } = this.place(kind, path, follow)
    return node === undefined ? this.kernel.calls.refuse(kind, at, 'ENOENT') : { node, path: at }
  }
}

/** A path without the '/' at its end, which says no more than that a directory is meant. */
export function trimmed(path: string): string {
  return path.replace(/(?!^)\/+$/, '')
}

/** Whether a path ends in '.' or '..', which name no entry that could be moved. */
function isDots(path: string): boolean {
  return /(^|\/)\.{1,2}\/*$/.test(path)
}

export function isMissing(error: unknown): boolean {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}
