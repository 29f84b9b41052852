// faults/wrappers/failing-disk.ts: the calls of a disk that the engine's port has not: positional writes, cuts, links, attributes.
//
// 1. They are numbered, told of and failed by the same FailingFileSystem as the port's calls: one order, one injector.
// 2. Paths are canonical: whoever follows symbolic links does it before, without a call.
// 3. Who uses a disk sees `DiskCalls`, so that something can stand between.

import { IoError, type FileSystemCall } from '../../engine/ports/index.ts'
import type { Attributes, DiskHandle, InodeDetails, SimulatedDisk } from '../disk/index.ts'
import { FailingHandle, type FailingFileSystem } from './failing-file-system.ts'

export type Inode = DiskHandle['inode']

/** A file that was opened. Every method throws IoError. */
export interface DiskFile {
  readonly path: string
  readonly inode: Inode
  /** Returns the bytes read, maybe fewer than asked; 0 at the end. */
  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number
  /** Returns the bytes written, maybe fewer than asked; so does `write`, at a position, over what is there. */
  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number
  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): number
  truncate(sizeBytes: number): void
  sync(): void
  sizeBytes(): number
  /** A call that asks or tells something about the open file. */
  about<T>(kind: 'stat' | 'setAttributes', make: () => T): T
  /** Once: a close that fails has closed. */
  close(): void
}

/** A directory that was opened: something that can be synced and must be closed. */
export interface DiskDirectory {
  readonly path: string
  readonly inode: Inode
  sync(): void
  about<T>(kind: 'stat' | 'setAttributes' | 'read', make: () => T): T
  close(): void
}

/** Every call that a process makes on a disk. All throw IoError; paths are canonical. */
export interface DiskCalls {
  readonly disk: SimulatedDisk
  /** A system call of this name is about to look at the disk; it may be told of twice. */
  arriving(syscall: string): void
  openFile(path: string, inode: Inode, mode: 'read' | 'write'): DiskFile
  createFile(path: string, attributes: Attributes): DiskFile
  openDirectory(path: string, inode: Inode): DiskDirectory
  list<Entry>(path: string, make: () => readonly Entry[]): readonly Entry[]
  /** Asks something of a path that is there. */
  stat<T>(path: string, make: () => T): T
  readLink(path: string, make: () => string): string
  rename(source: string, target: string): void
  unlink(path: string): void
  makeDirectory(path: string, attributes: Attributes): void
  removeDirectory(path: string): void
  symlink(target: string, path: string, details: InodeDetails): void
  link(path: string, target: string): void
  setAttributes(path: string, inode: Inode, attributes: Attributes): void
  syncDirectory(path: string, inode: Inode): void
  /** A call that fails by itself: what it was asked for is not there, or is something else. It is a call all the same. */
  refuse(kind: FileSystemCall, path: string, code: string): never
}

/** An open file that can be rewritten and cut. */
export class FailingDiskHandle extends FailingHandle implements DiskFile {
  private readonly file: DiskHandle

  constructor(files: FailingFileSystem, file: DiskHandle, handle: number) {
    super(files, file, handle)
    this.file = file
  }

  get inode(): Inode {
    return this.file.inode
  }

  /** Writes at a position, over what is there. Returns the bytes written, maybe fewer than asked. */
  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): number {
    const call = this.files.begin('write', this.path, undefined, this.number, positionBytes, lengthBytes)
    return this.put(call, source, sourceOffset, lengthBytes, (bytes) =>
      this.file.write(source, sourceOffset, bytes, positionBytes),
    )
  }

  truncate(sizeBytes: number): void {
    const call = this.files.begin('truncate', this.path, undefined, this.number, sizeBytes)
    this.files.run(call, this.path, () => this.file.truncate(sizeBytes))
  }

  about<T>(kind: 'stat' | 'setAttributes', make: () => T): T {
    return this.files.run(this.files.begin(kind, this.path, undefined, this.number), this.path, make)
  }
}

export class FailingDirectoryHandle implements DiskDirectory {
  readonly path: string
  readonly inode: Inode
  private readonly disk: FailingDisk
  private readonly number: number

  constructor(disk: FailingDisk, path: string, inode: Inode, handle: number) {
    this.disk = disk
    this.path = path
    this.inode = inode
    this.number = handle
  }

  sync(): void {
    this.disk.syncDirectory(this.path, this.inode)
  }

  about<T>(kind: 'stat' | 'setAttributes' | 'read', make: () => T): T {
    const { files } = this.disk
    return files.run(files.begin(kind, this.path, undefined, this.number), this.path, make)
  }

  close(): void {
    const { files } = this.disk
    const call = files.begin('close', this.path, undefined, this.number)
    files.closed(this.number)
    files.run(call, this.path, () => {})
  }
}

export class FailingDisk implements DiskCalls {
  readonly files: FailingFileSystem
  readonly disk: SimulatedDisk

  constructor(files: FailingFileSystem, disk: SimulatedDisk) {
    this.files = files
    this.disk = disk
  }

  arriving(): void {}

  /** Opens a file for everything; what the opener may do with it is for the face to say. */
  openFile(path: string, inode: Inode, mode: 'read' | 'write'): FailingDiskHandle {
    const call = this.files.begin('open', path, mode)
    return this.files.opened(
      call,
      path,
      () => this.disk.openInode(path, inode, 'write'),
      (file, handle) => new FailingDiskHandle(this.files, file, handle),
    )
  }

  createFile(path: string, attributes: Attributes): FailingDiskHandle {
    const call = this.files.begin('create', path)
    return this.files.opened(
      call,
      path,
      () => this.disk.openInode(path, this.disk.addInode(path, 'file', { attributes }), 'write'),
      (file, handle) => new FailingDiskHandle(this.files, file, handle),
    )
  }

  openDirectory(path: string, inode: Inode): FailingDirectoryHandle {
    const call = this.files.begin('open', path, 'directory')
    return this.files.opened(
      call,
      path,
      () => inode,
      (_, handle) => new FailingDirectoryHandle(this, path, inode, handle),
    )
  }

  list<Entry>(path: string, make: () => readonly Entry[]): readonly Entry[] {
    return this.call('list', path, make, undefined, (entries) => entries.length)
  }

  stat<T>(path: string, make: () => T): T {
    return this.call('stat', path, make)
  }

  readLink(path: string, make: () => string): string {
    return this.call('readLink', path, make)
  }

  rename(source: string, target: string): void {
    this.files.rename(source, target)
  }

  unlink(path: string): void {
    this.files.unlink(path)
  }

  makeDirectory(path: string, attributes: Attributes): void {
    this.call('makeDirectory', path, () => this.disk.addInode(path, 'directory', { attributes }))
  }

  removeDirectory(path: string): void {
    this.call('removeDirectory', path, () => this.disk.removeDirectory(path))
  }

  symlink(target: string, path: string, details: InodeDetails): void {
    this.call('symlink', path, () => this.disk.addInode(path, 'file', { ...details, target }), target)
  }

  link(path: string, target: string): void {
    this.call('link', path, () => this.disk.link(path, target), this.files.relative(target))
  }

  setAttributes(path: string, inode: Inode, attributes: Attributes): void {
    this.call('setAttributes', path, () => this.disk.setAttributes(inode, attributes))
  }

  syncDirectory(path: string, inode: Inode): void {
    const call = this.files.begin('syncDirectory', path)
    const decision = this.files.decide(call)
    if (decision?.kind === 'error' && decision.variant === 'pages-dropped') this.disk.live.dropNames(inode)
    this.files.carryOut(call, path, decision, () => this.disk.syncDirectoryAt(inode))
  }

  refuse(kind: FileSystemCall, path: string, code: string): never {
    return this.call(kind, path, () => {
      throw new IoError(code, kind, path)
    })
  }

  private call<T>(
    kind: FileSystemCall,
    path: string,
    make: () => T,
    argument?: string,
    valueOf?: (result: T) => number | undefined,
  ): T {
    return this.files.run(this.files.begin(kind, path, argument), path, make, valueOf)
  }
}
