// faults/node-front/kernel.ts: what the system calls of one process share: the disk, the open files, the clock, who watches.
//
// 1. A call that is interrupted, or told to try again, is made again, as libuv does, up to a bound: programs over
//    `node:fs` never see either.
// 2. Descriptors of the front are far from those of the real process: one that strays is told from the other kind at once.

import { IoError } from '../../engine/ports/index.ts'
import type { Attributes, DiskNode, SimulatedDisk } from '../disk/index.ts'
import type { DiskCalls, DiskDirectory, DiskFile } from '../wrappers/index.ts'
import { asSystemError, systemError } from './errors.ts'
import { locate, type Located } from './paths.ts'
import { attributesOf } from './stats.ts'
import type { Change, ProcessKernel } from './system-calls.ts'

/** The first descriptor that the front gives. */
export const FIRST_DESCRIPTOR = 1_000_000
const UMASK = 0o022
const RETRIES_MAX = 100

export type OpenFile = {
  readonly kind: 'file'
  readonly handle: DiskFile
  readonly reads: boolean
  readonly writes: boolean
  readonly appends: boolean
  /** Every write is followed by a sync (`O_SYNC`, `O_DSYNC`). */
  readonly syncs: boolean
  positionBytes: number
}
export type OpenDirectory = { readonly kind: 'directory'; readonly handle: DiskDirectory }
export type OpenEntry = OpenFile | OpenDirectory

export class Kernel implements ProcessKernel {
  readonly calls: DiskCalls
  readonly disk: SimulatedDisk
  readonly nowMs: () => number
  readonly watchers = new Set<Change>()
  readonly pollers = new Set<object>()
  private readonly open = new Map<number, OpenEntry>()

  constructor(calls: DiskCalls, nowMs: () => number) {
    this.calls = calls
    this.disk = calls.disk
    this.nowMs = nowMs
  }

  system<T>(syscall: string, make: () => T, path?: string, dest?: string): T {
    const arrive = (): T => {
      this.calls.arriving(syscall)
      return make()
    }
    return systemCall(syscall, arrive, path, dest)
  }

  watched(path: string): Readonly<{ path: string; isDirectory: boolean }> | string {
    const found = this.locate(path)
    if (typeof found === 'string') return found
    return found.node === undefined ? 'ENOENT' : { path: found.path, isDirectory: found.node.kind === 'directory' }
  }

  locate(path: string, followLast = true): Located | string {
    return locate(this.disk, path, followLast)
  }

  /** The lowest free descriptor, as POSIX demands. */
  register(entry: OpenEntry): number {
    let fd = FIRST_DESCRIPTOR
    while (this.open.has(fd)) fd += 1
    this.open.set(fd, entry)
    return fd
  }

  entry(fd: number, syscall: string): OpenEntry {
    const entry = this.open.get(fd)
    if (entry === undefined) throw systemError('EBADF', syscall)
    return entry
  }

  file(fd: number, syscall: string): OpenFile {
    const entry = this.entry(fd, syscall)
    if (entry.kind === 'directory') throw systemError('EISDIR', syscall)
    return entry
  }

  /** Takes a descriptor out of the table: whatever the close says, it is gone. */
  release(fd: number): OpenEntry {
    const entry = this.entry(fd, 'close')
    this.open.delete(fd)
    return entry
  }

  /** Attributes of something that is made now. */
  newAttributes(mode: number): Attributes {
    const timeMs = this.nowMs()
    return {
      mode: mode & 0o7777 & ~UMASK,
      uid: 0,
      gid: 0,
      accessedMs: timeMs,
      modifiedMs: timeMs,
      changedMs: timeMs,
      createdMs: timeMs,
    }
  }

  /** The content changed: no call of its own. */
  touch(node: DiskNode | undefined): void {
    if (node === undefined) return
    const timeMs = this.nowMs()
    const attributes = attributesOf(node)
    if (node.attributes !== undefined && attributes.modifiedMs === timeMs && attributes.changedMs === timeMs) return
    this.disk.setAttributes(node.inode, { ...attributes, modifiedMs: timeMs, changedMs: timeMs })
  }

  /** The names in a directory changed. One that the port made keeps no times. */
  touchDirectory(node: DiskNode): void {
    if (node.attributes !== undefined) this.touch(this.disk.nodeAt(node.inode))
  }

  tell(event: 'rename' | 'change', path: string): void {
    for (const watcher of this.watchers) watcher(event, path)
  }
}

/** Makes a system call, again while it is interrupted; what is refused comes out as Node's error. */
export function systemCall<T>(syscall: string, make: () => T, path?: string, dest?: string): T {
  for (let tries = 0; ; tries += 1) {
    try {
      return make()
    } catch (error) {
      const again = error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
      if (!again || tries >= RETRIES_MAX) throw asSystemError(error, syscall, path, dest)
    }
  }
}
