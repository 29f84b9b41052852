// faults/node-front/real-kernel.ts: the kernel of a process whose mount is a real directory: the same numbered calls as on the
// simulated disk, each carried out by the operating system.
//
// 1. Every call is made whole and synchronously, at the moment at which the simulated one would be: which asynchronous call
//    comes next is the scheduler's to say, so that a call has the same number on both.
// 2. What a call does, and whether it is refused, the operating system says. Here it is only numbered, told of, and its path
//    moved from the mount to the directory and back.
// 3. Times that programs see are the world's: what changes now is stamped with its clock. Access, change and birth times
//    cannot be set so; what this process stamped it remembers, and for the rest they are the modification time.
//
// Permissions are enforced for a process that is not privileged, which the simulation does not do.

import fs from 'node:fs'
import { resolve } from 'node:path'
import { IoError, type FileSystemCall } from '../../engine/ports/index.ts'
import type { Attributes } from '../disk/index.ts'
import type { FailingFileSystem } from '../wrappers/index.ts'
import { systemError } from './errors.ts'
import { FIRST_DESCRIPTOR, systemCall } from './kernel.ts'
import type { Change, ProcessKernel } from './system-calls.ts'

// Taken before the front replaces them.
const { lstatSync, lutimesSync, readlinkSync, realpathSync, statSync } = fs
const followNatively = realpathSync.native

const LINKS_MAX = 40

/** A directory of this machine, under whose name the front's mount is found. */
export class RealDirectory {
  /** Absolute, and without symbolic links. */
  readonly path: string

  constructor(path: string) {
    this.path = followNatively(path)
  }
}

export type RealEntry = {
  readonly kind: 'file' | 'directory'
  /** Of the operating system. */
  readonly descriptor: number
  /** Of the handle, in events. */
  readonly handle: number
  /** As the world names it. */
  readonly path: string
  readonly reads: boolean
  readonly writes: boolean
  readonly appends: boolean
  readonly syncs: boolean
  /** Where the operating system is expected to be; only told, never used. */
  positionBytes: number
}

export type CallDetails = Readonly<{
  argument?: string | undefined
  handle?: number
  offsetBytes?: number | undefined
  lengthBytes?: number
}>

type Stamps = Pick<Attributes, 'accessedMs' | 'changedMs' | 'createdMs'>

export class RealKernel implements ProcessKernel {
  readonly files: FailingFileSystem
  readonly nowMs: () => number
  readonly watchers = new Set<Change>()
  readonly pollers = new Set<object>()
  private readonly mount: string
  private readonly root: string
  private readonly open = new Map<number, RealEntry>()
  /** By inode. */
  private readonly stamps = new Map<number, Stamps>()

  constructor(files: FailingFileSystem, mount: string, directory: RealDirectory, nowMs: () => number) {
    this.files = files
    this.mount = mount
    this.root = directory.path
    this.nowMs = nowMs
  }

  /** Makes one numbered call. What the operating system refuses is told, and thrown, as an IoError. */
  call<T>(
    kind: FileSystemCall,
    path: string,
    make: () => T,
    { argument, handle, offsetBytes, lengthBytes }: CallDetails = {},
    valueOf?: (result: T) => number | undefined,
  ): T {
    const call = this.files.begin(kind, path, argument, handle, offsetBytes, lengthBytes)
    return this.files.run(call, path, () => this.run(kind, path, make), valueOf)
  }

  /** What the operating system refuses, as an IoError. */
  run<T>(kind: FileSystemCall, path: string, make: () => T): T {
    return asPort(kind, path, make)
  }

  system<T>(syscall: string, make: () => T, path?: string, dest?: string): T {
    return systemCall(syscall, make, path, dest)
  }

  /** Where the operating system finds what the world calls `path`. */
  real(path: string): string {
    const whole = path.startsWith('/') ? path : resolve(path)
    return whole === this.mount || whole.startsWith(`${this.mount}/`)
      ? this.root + whole.slice(this.mount.length)
      : whole
  }

  /** The world's name for a path of the operating system. */
  named(path: string): string {
    return path === this.root || path.startsWith(`${this.root}/`) ? this.mount + path.slice(this.root.length) : path
  }

  /** The world's name of what a path leads to, whether it exists or not; the path as it is if it leads nowhere. A look. */
  canonical(path: string, follow: boolean): string {
    // What ends in '/' is asked for as a directory, and a link to one is followed.
    return this.named(whereTo(this.real(path), follow || path.endsWith('/')) ?? this.real(path))
  }

  watched(path: string): Readonly<{ path: string; isDirectory: boolean }> | string {
    try {
      const stats = statSync(this.real(path))
      return { path: this.canonical(path, true), isDirectory: stats.isDirectory() }
    } catch (error) {
      return codeOf(error) ?? 'EIO'
    }
  }

  /** The lowest free descriptor, as POSIX demands. */
  register(entry: RealEntry): number {
    let fd = FIRST_DESCRIPTOR
    while (this.open.has(fd)) fd += 1
    this.open.set(fd, entry)
    return fd
  }

  entry(fd: number, syscall: string): RealEntry {
    const entry = this.open.get(fd)
    if (entry === undefined) throw systemError('EBADF', syscall)
    return entry
  }

  release(fd: number): RealEntry {
    const entry = this.entry(fd, 'close')
    this.open.delete(fd)
    return entry
  }

  /** The content of a file, or the names in a directory, changed now. */
  touch(realPath: string): void {
    try {
      const { ino, birthtimeMs } = lstatSync(realPath)
      const now = this.nowMs()
      const accessedMs = this.stamps.get(ino)?.accessedMs ?? now
      lutimesSync(realPath, accessedMs / 1000, now / 1000)
      this.stamps.set(ino, {
        accessedMs,
        changedMs: now,
        createdMs: this.stamps.get(ino)?.createdMs ?? Math.min(birthtimeMs, now),
      })
    } catch {
      // Its name is gone: nobody will ask for its times by it.
    }
  }

  /** Something was made now. */
  created(realPath: string): void {
    const now = this.nowMs()
    try {
      this.stamps.set(lstatSync(realPath).ino, { accessedMs: now, changedMs: now, createdMs: now })
    } catch {
      return
    }
    this.touch(realPath)
  }

  stamp(inode: number, stamps: Stamps): void {
    this.stamps.set(inode, stamps)
  }

  /** Stats as the program is to see them: of the operating system, with the world's times. */
  shown<T extends fs.Stats | fs.BigIntStats>(stats: T): T {
    const modified = Number(stats.mtimeMs)
    const { accessedMs, changedMs, createdMs } = this.stamps.get(Number(stats.ino)) ?? {
      accessedMs: modified,
      changedMs: modified,
      createdMs: modified,
    }
    const times = { atime: accessedMs, ctime: changedMs, birthtime: createdMs }
    const big = typeof stats.mtimeMs === 'bigint'
    for (const [name, ms] of Object.entries(times)) {
      define(stats, `${name}Ms`, big ? BigInt(Math.floor(ms)) : ms)
      if (big) define(stats, `${name}Ns`, BigInt(Math.floor(ms * 1e6)))
      define(stats, name, new Date(ms))
    }
    return stats
  }

  tell(event: 'rename' | 'change', path: string): void {
    for (const watcher of this.watchers) watcher(event, path)
  }
}

/** Attributes of real stats. */
export function attributesIn(stats: fs.Stats): Attributes {
  const { mode, uid, gid, atimeMs, mtimeMs, ctimeMs, birthtimeMs } = stats
  return {
    mode: mode & 0o7777,
    uid,
    gid,
    accessedMs: atimeMs,
    modifiedMs: mtimeMs,
    changedMs: ctimeMs,
    createdMs: birthtimeMs,
  }
}

/** The directory that holds a path's last name. */
export function above(path: string): string {
  const plain = path.replace(/(?!^)\/+$/, '')
  return plain.slice(0, plain.lastIndexOf('/')) || '/'
}

function whereTo(path: string, follow: boolean, links = 0): string | undefined {
  const plain = path.replace(/(?!^)\/+$/, '')
  const name = plain.slice(plain.lastIndexOf('/') + 1)
  try {
    if (name === '.' || name === '..' || name === '') return followNatively(plain)
    const directory = followNatively(above(plain))
    const whole = directory === '/' ? `/${name}` : `${directory}/${name}`
    const stats = follow ? lstatSync(whole, { throwIfNoEntry: false }) : undefined
    if (stats?.isSymbolicLink() !== true) return whole
    if (links >= LINKS_MAX) return undefined
    return whereTo(resolve(directory, readlinkSync(whole)), true, links + 1)
  } catch {
    return undefined
  }
}

function asPort<T>(kind: FileSystemCall, path: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    const code = codeOf(error)
    // A code of Node's own (ERR_…) is no answer of the file system.
    throw code === undefined || code.startsWith('ERR_') ? error : new IoError(code, kind, path, undefined, error)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}
