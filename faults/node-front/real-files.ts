// faults/node-front/real-files.ts: system calls that open a file, or work on an open one, on a real directory.
//
// 1. As in file-calls.ts, an open that cuts the file is two calls, and so is a write through a descriptor that was opened
//    for synchronous writing: `O_TRUNC`, `O_SYNC` and `O_DSYNC` are carried out as calls of their own.
// 2. The position of a descriptor, and where an appending one writes, are the operating system's.

import fs from 'node:fs'
import { NotModelledError, systemError } from './errors.ts'
import { trimmed } from './name-calls.ts'
import { attributesIn, type RealEntry, type RealKernel } from './real-kernel.ts'
import type { AttributeChange, FileSystemCalls } from './system-calls.ts'

// Taken before the front replaces them.
const { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, ftruncateSync, futimesSync } = fs
const { lstatSync, openSync, readSync, readvSync, statSync, truncateSync, writeSync, writevSync } = fs

const { O_APPEND, O_CREAT, O_DIRECT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } =
  fs.constants
const ACCESS_MODE = O_RDONLY | O_WRONLY | O_RDWR

export class RealFiles implements FileSystemCalls {
  private readonly kernel: RealKernel

  constructor(kernel: RealKernel) {
    this.kernel = kernel
  }

  open(path: string, flags: number, mode: number): number {
    if ((flags & O_DIRECT) !== 0) throw new NotModelledError('fs.open with O_DIRECT')
    return this.kernel.system('open', () => this.openOnce(path, flags, mode), path)
  }

  close(fd: number): void {
    const { kernel } = this
    const { descriptor, handle, path } = kernel.release(fd)
    kernel.system('close', () => {
      kernel.files.closed(handle)
      kernel.call('close', path, () => closeSync(descriptor), { handle })
    })
  }

  read(fd: number, target: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number {
    return this.readWith(fd, lengthBytes, positionBytes, (descriptor) =>
      readSync(descriptor, target, offset, lengthBytes, positionBytes ?? null),
    )
  }

  readVector(fd: number, targets: readonly Uint8Array[], positionBytes?: number): number {
    return this.readWith(fd, lengthOf(targets), positionBytes, (descriptor) =>
      readvSync(descriptor, targets, positionBytes),
    )
  }

  write(fd: number, source: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number {
    return this.writeWith(fd, lengthBytes, positionBytes, (descriptor) =>
      writeSync(descriptor, source, offset, lengthBytes, positionBytes ?? null),
    )
  }

  writeVector(fd: number, sources: readonly Uint8Array[], positionBytes?: number): number {
    return this.writeWith(fd, lengthOf(sources), positionBytes, (descriptor) =>
      writevSync(descriptor, sources, positionBytes),
    )
  }

  sync(fd: number, syscall: 'fsync' | 'fdatasync'): void {
    const entry = this.kernel.entry(fd, syscall)
    this.kernel.system(syscall, () => this.syncOnce(entry))
  }

  truncate(fd: number, sizeBytes: number): void {
    const { kernel } = this
    const entry = kernel.entry(fd, 'ftruncate')
    if (entry.kind === 'directory' || !entry.writes) throw systemError('EINVAL', 'ftruncate')
    const { descriptor, handle, path } = entry
    kernel.system('ftruncate', () =>
      kernel.call('truncate', path, () => ftruncateSync(descriptor, sizeBytes), { handle, offsetBytes: sizeBytes }),
    )
    this.changed(entry)
  }

  stat(fd: number, big: boolean): object {
    const { kernel } = this
    const { descriptor, handle, path } = kernel.entry(fd, 'fstat')
    return kernel.system('fstat', () =>
      kernel.call(
        'stat',
        path,
        () => kernel.shown(big ? fstatSync(descriptor, { bigint: true }) : fstatSync(descriptor)),
        { handle },
      ),
    )
  }

  setAttributes(fd: number, syscall: string, change: AttributeChange): void {
    const { kernel } = this
    const { descriptor, handle, path } = kernel.entry(fd, syscall)
    kernel.system(syscall, () =>
      kernel.call(
        'setAttributes',
        path,
        () => {
          const stats = kernel.shown(fstatSync(descriptor))
          const after = change(attributesIn(stats))
          if (syscall === 'fchmod' || syscall === 'copyfile') fchmodSync(descriptor, after.mode)
          else if (syscall === 'fchown') fchownSync(descriptor, after.uid, after.gid)
          else futimesSync(descriptor, after.accessedMs / 1000, after.modifiedMs / 1000)
          kernel.stamp(stats.ino, after)
        },
        { handle },
      ),
    )
    kernel.tell('change', path)
  }

  modeOf(fd: number): number {
    return fstatSync(this.kernel.entry(fd, 'fstat').descriptor).mode & 0o7777
  }

  isDirectory(fd: number, syscall: string): boolean {
    return this.kernel.entry(fd, syscall).kind === 'directory'
  }

  isSame(left: number, right: number): boolean {
    const [one, other] = [left, right].map((fd) => fstatSync(this.kernel.entry(fd, 'fstat').descriptor))
    return one?.ino === other?.ino && one?.dev === other?.dev
  }

  private readWith(
    fd: number,
    lengthBytes: number,
    positionBytes: number | undefined,
    make: (descriptor: number) => number,
  ): number {
    const { kernel } = this
    const entry = kernel.entry(fd, 'read')
    const { kind, descriptor, handle, path } = entry
    if (kind === 'directory')
      return kernel.system('read', () => kernel.call('read', path, () => make(descriptor), { handle }))
    if (!entry.reads) throw systemError('EBADF', 'read')
    const offsetBytes = positionBytes ?? entry.positionBytes
    const bytes = kernel.system('read', () =>
      kernel.call(
        'read',
        path,
        () => make(descriptor),
        { handle, offsetBytes, lengthBytes },
        (value) => value,
      ),
    )
    if (positionBytes === undefined) entry.positionBytes += bytes
    return bytes
  }

  private writeWith(
    fd: number,
    lengthBytes: number,
    positionBytes: number | undefined,
    make: (descriptor: number) => number,
  ): number {
    const { kernel } = this
    const entry = kernel.entry(fd, 'write')
    if (entry.kind === 'directory' || !entry.writes) throw systemError('EBADF', 'write')
    if (lengthBytes === 0) return 0
    const { descriptor, handle, path } = entry
    const kind = entry.appends ? 'append' : 'write'
    const bytes = kernel.system('write', () => {
      const offsetBytes = entry.appends ? fstatSync(descriptor).size : (positionBytes ?? entry.positionBytes)
      return kernel.call(
        kind,
        path,
        () => make(descriptor),
        { handle, offsetBytes, lengthBytes },
        (value) => value,
      )
    })
    if (entry.appends) entry.positionBytes = fstatSync(descriptor).size
    else if (positionBytes === undefined) entry.positionBytes += bytes
    if (entry.syncs) kernel.system('write', () => this.syncOnce(entry))
    this.changed(entry)
    return bytes
  }

  private syncOnce({ kind, descriptor, handle, path }: RealEntry): void {
    if (kind === 'directory') this.kernel.call('syncDirectory', path, () => fsyncSync(descriptor))
    else this.kernel.call('sync', path, () => fsyncSync(descriptor), { handle })
  }

  private openOnce(path: string, flags: number, mode: number): number {
    const { kernel } = this
    const creates = (flags & O_CREAT) !== 0
    const exclusive = creates && (flags & O_EXCL) !== 0
    const follow = !exclusive && (flags & O_NOFOLLOW) === 0
    const at = kernel.real(path)
    const known = look(at, follow)
    const access = flags & ACCESS_MODE
    const isDirectory = known?.isDirectory() === true
    // Which of the port's calls it is hangs on what is there; what comes of it the operating system says.
    const kind = creates && (known === undefined || exclusive || isDirectory) ? 'create' : 'open'
    const argument = kind === 'create' ? undefined : isDirectory ? 'directory' : access === O_RDONLY ? 'read' : 'write'
    // What ends in '/' can only be a directory, and none is made by an open.
    const named =
      creates && path.endsWith('/') ? kernel.canonical(trimmed(path), false) : kernel.canonical(path, follow)
    const call = kernel.files.begin(kind, named, argument)
    const opened = kernel.files.opened(
      call,
      named,
      () => kernel.run(kind, named, () => openSync(at, flags & ~(O_TRUNC | O_SYNC | O_DSYNC), mode)),
      (descriptor, handle) => ({ descriptor, handle }),
    )
    const { descriptor, handle } = opened
    const entry: RealEntry = {
      kind: isDirectory ? 'directory' : 'file',
      descriptor,
      handle,
      path: named,
      reads: access !== O_WRONLY,
      writes: access !== O_RDONLY,
      appends: (flags & O_APPEND) !== 0,
      syncs: (flags & (O_SYNC | O_DSYNC)) !== 0,
      positionBytes: 0,
    }
    if (known === undefined) {
      kernel.created(kernel.real(named))
      kernel.touch(kernel.real(named.slice(0, named.lastIndexOf('/'))))
      kernel.tell('rename', named)
    } else if ((flags & O_TRUNC) !== 0 && known.isFile() && known.size > 0) this.cut(entry)
    return kernel.register(entry)
  }

  /** The cut of an open with `O_TRUNC`: a call of its own. */
  private cut(entry: RealEntry): void {
    const { kernel } = this
    const { descriptor, handle, path } = entry
    const details = { handle, offsetBytes: 0 }
    // A descriptor for reading can't cut, and the open that it belongs to can.
    const make = (): void => (entry.writes ? ftruncateSync(descriptor, 0) : truncateSync(kernel.real(path), 0))
    try {
      kernel.call('truncate', path, make, details)
    } catch (error) {
      kernel.files.closed(handle)
      kernel.call('close', path, () => closeSync(descriptor), { handle })
      throw error
    }
    this.changed(entry)
  }

  private changed({ path }: RealEntry): void {
    this.kernel.touch(this.kernel.real(path))
    this.kernel.tell('change', path)
  }
}

function look(path: string, follow: boolean): fs.Stats | undefined {
  try {
    return follow ? statSync(path) : lstatSync(path)
  } catch {
    return undefined
  }
}

function lengthOf(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.length, 0)
}
