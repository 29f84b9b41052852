// faults/disk/disk-handle.ts: one open file of a simulated process, as the port knows it.
//
// 1. After `close`, or after the process was killed, every call but `close` fails with EBADF.
// 2. A write-back error that happens while the handle is open is told by it once: at its next sync, or at a close.

import { IoError, type FileHandle, type FileSystemCall } from '../../engine/ports/index.ts'
import type { Inode } from './operation.ts'
import type { SimulatedDisk } from './simulated-disk.ts'

/** `write` allows everything; the other two are the port's. */
export type DiskOpenMode = 'read' | 'append' | 'write'

export class DiskHandle implements FileHandle {
  readonly path: string
  readonly inode: Inode
  private readonly disk: SimulatedDisk
  private readonly mode: DiskOpenMode
  private readonly process: number
  private errorsSeen: number
  private closed = false

  constructor(disk: SimulatedDisk, path: string, inode: Inode, mode: DiskOpenMode) {
    this.disk = disk
    this.path = path
    this.inode = inode
    this.mode = mode
    this.process = disk.processNumber
    this.errorsSeen = disk.errorsOf(inode)
  }

  get isOpen(): boolean {
    return !this.closed && this.process === this.disk.processNumber
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    this.check('read', positionBytes)
    return this.disk.openFile(this).cache.read(target, targetOffset, lengthBytes, positionBytes)
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    this.checkWritable('append')
    return this.disk.writeAt(this.inode, source, sourceOffset, lengthBytes, this.disk.openFile(this).cache.sizeBytes)
  }

  /** Writes at a position, over what is there; past the end it leaves a hole of zeroes. Returns the bytes written. */
  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): number {
    this.checkRewritable('write')
    return this.disk.writeAt(this.inode, source, sourceOffset, lengthBytes, positionBytes)
  }

  /** Cuts the file, or makes it longer with zeroes. */
  truncate(sizeBytes: number): void {
    this.checkRewritable('truncate')
    this.disk.resizeFile(this.inode, sizeBytes)
  }

  sync(): void {
    this.checkWritable('sync')
    this.disk.syncFile(this.inode)
    this.tellError('sync')
  }

  syncLater(): Promise<void> {
    this.checkWritable('sync')
    return this.disk.syncFileLater(this, () => this.tellError('sync'))
  }

  sizeBytes(): number {
    this.check('size')
    return this.disk.openFile(this).cache.sizeBytes
  }

  close(): void {
    if (!this.isOpen) {
      this.closed = true
      return
    }
    this.closed = true
    this.disk.released(this)
  }

  /** The error that others are still to hear was told to this handle already. */
  hear(): void {
    this.errorsSeen = this.disk.errorsOf(this.inode)
  }

  private tellError(operation: FileSystemCall): void {
    if (this.errorsSeen === this.disk.errorsOf(this.inode)) return
    this.hear()
    throw new IoError('EIO', operation, this.path)
  }

  private check(operation: FileSystemCall, offsetBytes?: number): void {
    if (!this.isOpen) throw new IoError('EBADF', operation, this.path, offsetBytes)
  }

  private checkRewritable(operation: FileSystemCall): void {
    if (!this.isOpen || this.mode !== 'write') throw new IoError('EBADF', operation, this.path)
  }

  private checkWritable(operation: FileSystemCall): void {
    if (!this.isOpen || this.mode === 'read') throw new IoError('EBADF', operation, this.path)
  }
}
