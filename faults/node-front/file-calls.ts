// faults/node-front/file-calls.ts: system calls that open a file, or work on an open one.
//
// 1. Each is one call on the disk, but an open that cuts the file (`O_TRUNC`), which is two: open, then truncate; and a
//    write through a descriptor that was opened for synchronous writing: write, then sync.
// 2. A descriptor has a position, moved by calls that name none. Writes of an appending one go to the end, always.

import { constants } from 'node:fs'
import { IoError } from '../../engine/ports/index.ts'
import { argumentError, NotModelledError, systemError } from './errors.ts'
import type { Kernel, OpenFile } from './kernel.ts'
import type { Located } from './paths.ts'
import { attributesOf, makeStats } from './stats.ts'
import type { AttributeChange, FileSystemCalls } from './system-calls.ts'

const { O_ACCMODE, O_APPEND, O_CREAT, O_DIRECT, O_DIRECTORY, O_EXCL, O_NOFOLLOW } = withAccessMode()
const { O_RDONLY, O_SYNC, O_DSYNC, O_TRUNC, O_WRONLY } = constants
/** How often a file may take nothing before it is full. */
const EMPTY_WRITES_MAX = 100

function withAccessMode() {
  return { ...constants, O_ACCMODE: constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR }
}

export class FileCalls implements FileSystemCalls {
  private readonly kernel: Kernel
  private readonly emptyWrites = new WeakMap<OpenFile, number>()

  constructor(kernel: Kernel) {
    this.kernel = kernel
  }

  open(path: string, flags: number, mode: number): number {
    if ((flags & O_DIRECT) !== 0) throw new NotModelledError('fs.open with O_DIRECT')
    return this.kernel.system('open', () => this.openOnce(path, flags, mode), path)
  }

  close(fd: number): void {
    const { handle } = this.kernel.release(fd)
    this.kernel.system('close', () => handle.close())
  }

  /** Reads at a position, or at the descriptor's own (`undefined`). Returns the bytes read. */
  read(fd: number, target: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number {
    const entry = this.kernel.entry(fd, 'read')
    if (entry.kind === 'directory')
      return this.kernel.system('read', () =>
        entry.handle.about('read', () => {
          throw new IoError('EISDIR', 'read', entry.handle.path)
        }),
      )
    if (!entry.reads) throw systemError('EBADF', 'read')
    const position = positionBytes ?? entry.positionBytes
    const bytes = this.kernel.system('read', () => entry.handle.read(target, offset, lengthBytes, position))
    if (positionBytes === undefined) entry.positionBytes += bytes
    return bytes
  }

  /** As `read`, into several views one after the other: one call on the disk. */
  readVector(fd: number, targets: readonly Uint8Array[], positionBytes?: number): number {
    const whole = new Uint8Array(targets.reduce((sum, target) => sum + target.length, 0))
    const bytes = this.read(fd, whole, 0, whole.length, positionBytes)
    let done = 0
    for (const target of targets) {
      const part = Math.min(target.length, bytes - done)
      if (part <= 0) break
      target.set(whole.subarray(done, done + part))
      done += part
    }
    return bytes
  }

  /** Writes at a position, or at the descriptor's own. Returns the bytes written, maybe fewer than asked. */
  write(fd: number, source: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number {
    const { kernel } = this
    const file = kernel.entry(fd, 'write')
    if (file.kind === 'directory' || !file.writes) throw systemError('EBADF', 'write')
    if (lengthBytes === 0) return 0
    const { handle } = file
    const bytes = kernel.system('write', () => {
      if (file.appends) return handle.append(source, offset, lengthBytes)
      return handle.write(source, offset, lengthBytes, positionBytes ?? file.positionBytes)
    })
    this.noteEmpty(file, bytes)
    const node = kernel.disk.nodeAt(handle.inode)
    if (file.appends) file.positionBytes = node?.kind === 'file' ? node.cache.sizeBytes : 0
    else if (positionBytes === undefined) file.positionBytes += bytes
    kernel.touch(node)
    if (file.syncs) kernel.system('write', () => handle.sync())
    kernel.tell('change', handle.path)
    return bytes
  }

  writeVector(fd: number, sources: readonly Uint8Array[], positionBytes?: number): number {
    const whole = Buffer.concat(sources)
    return this.write(fd, whole, 0, whole.length, positionBytes)
  }

  sync(fd: number, syscall: 'fsync' | 'fdatasync'): void {
    const { handle } = this.kernel.entry(fd, syscall)
    this.kernel.system(syscall, () => handle.sync())
  }

  truncate(fd: number, sizeBytes: number): void {
    const { kernel } = this
    const entry = kernel.entry(fd, 'ftruncate')
    if (entry.kind === 'directory' || !entry.writes) throw systemError('EINVAL', 'ftruncate')
    kernel.system('ftruncate', () => entry.handle.truncate(sizeBytes))
    kernel.touch(kernel.disk.nodeAt(entry.handle.inode))
    kernel.tell('change', entry.handle.path)
  }

  stat(fd: number, big: boolean): object {
    const { kernel } = this
    const { handle } = kernel.entry(fd, 'fstat')
    return kernel.system('fstat', () => handle.about('stat', () => this.statsOf(handle.inode, big)))
  }

  setAttributes(fd: number, syscall: string, change: AttributeChange): void {
    const { kernel } = this
    const { handle } = kernel.entry(fd, syscall)
    kernel.system(syscall, () =>
      handle.about('setAttributes', () => {
        const node = kernel.disk.nodeAt(handle.inode)
        if (node !== undefined) kernel.disk.setAttributes(node.inode, change(attributesOf(node)))
      }),
    )
    kernel.tell('change', handle.path)
  }

  modeOf(fd: number): number {
    const node = this.kernel.disk.nodeAt(this.kernel.entry(fd, 'fstat').handle.inode)
    return node === undefined ? 0o666 : attributesOf(node).mode
  }

  isDirectory(fd: number, syscall: string): boolean {
    return this.kernel.entry(fd, syscall).kind === 'directory'
  }

  isSame(left: number, right: number): boolean {
    return this.kernel.entry(left, 'fstat').handle.inode === this.kernel.entry(right, 'fstat').handle.inode
  }

  private statsOf(inode: number, big: boolean): object {
    const node = this.kernel.disk.nodeAt(inode)
    if (node === undefined) throw systemError('EIO', 'fstat')
    return makeStats(node, this.kernel.disk.linksTo(inode), big)
  }

  private openOnce(path: string, flags: number, mode: number): number {
    const { kernel } = this
    const { calls } = kernel
    const creates = (flags & O_CREAT) !== 0
    const exclusive = creates && (flags & O_EXCL) !== 0
    const kind = creates ? 'create' : 'open'
    // What ends in '/' can only be a directory, and none is made by an open.
    if (creates && path.endsWith('/')) {
      const above = kernel.locate(path.replace(/\/+$/, '') || '/', false)
      return typeof above === 'string'
        ? calls.refuse('create', path, above)
        : calls.refuse('create', above.path, 'EISDIR')
    }
    const found = kernel.locate(path, !exclusive && (flags & O_NOFOLLOW) === 0)
    if (typeof found === 'string') return calls.refuse(kind, path, found)
    if (found.node === undefined)
      return creates ? this.create(found, flags, mode) : calls.refuse('open', found.path, 'ENOENT')
    if (exclusive) return calls.refuse('create', found.path, 'EEXIST')
    const { node } = found
    const access = flags & O_ACCMODE
    if (node.kind === 'directory') {
      if (access !== O_RDONLY || creates) return calls.refuse(kind, found.path, 'EISDIR')
      return kernel.register({ kind: 'directory', handle: calls.openDirectory(found.path, node.inode) })
    }
    if ((flags & O_DIRECTORY) !== 0) return calls.refuse('open', found.path, 'ENOTDIR')
    if (node.target !== undefined) return calls.refuse('open', found.path, 'ELOOP')
    const handle = calls.openFile(found.path, node.inode, access === O_RDONLY ? 'read' : 'write')
    if ((flags & O_TRUNC) !== 0 && node.cache.sizeBytes > 0) {
      try {
        handle.truncate(0)
      } catch (error) {
        handle.close()
        throw error
      }
      kernel.touch(kernel.disk.nodeAt(node.inode))
      kernel.tell('change', found.path)
    }
    return kernel.register(opened(handle, flags))
  }

  private create({ path, parent }: Located, flags: number, mode: number): number {
    const { kernel } = this
    const handle = kernel.calls.createFile(path, kernel.newAttributes(mode))
    kernel.touchDirectory(parent)
    kernel.tell('rename', path)
    return kernel.register(opened(handle, flags))
  }

  /** Node tries again as long as a file takes nothing; a kernel would say that there is no room. */
  private noteEmpty(file: OpenFile, bytes: number): void {
    const count = bytes > 0 ? 0 : (this.emptyWrites.get(file) ?? 0) + 1
    this.emptyWrites.set(file, count)
    if (count > EMPTY_WRITES_MAX) throw systemError('ENOSPC', 'write')
  }
}

function opened(handle: OpenFile['handle'], flags: number): OpenFile {
  const access = flags & O_ACCMODE
  return {
    kind: 'file',
    handle,
    reads: access !== O_WRONLY,
    writes: access !== O_RDONLY,
    appends: (flags & O_APPEND) !== 0,
    syncs: (flags & (O_SYNC | O_DSYNC)) !== 0,
    positionBytes: 0,
  }
}

/** A transfer's borders within a view. */
export function checkRange(offset: number, lengthBytes: number, byteLength: number): void {
  if (offset > byteLength || lengthBytes > byteLength - offset)
    throw argumentError(
      'ERR_OUT_OF_RANGE',
      `The value of "length" is out of range. It must be <= ${byteLength - offset}. Received ${lengthBytes}`,
    )
}
