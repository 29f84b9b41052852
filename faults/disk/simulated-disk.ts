// faults/disk/simulated-disk.ts: a disk that can be stopped at any moment, and asked what would be left of it.
//
//   process ──▶ handles ──▶ cache view ◀── durable + pending + dropped      checkpoint() ──▶ DiskImage
//                                                                           from(image)  ◀──
//
// 1. A fault-free run on this disk behaves as one on a real file system; the conformance suite shows it.
// 2. Nothing becomes durable but by a sync that succeeded; a sync covers what was done before it was issued.
// 3. A kill takes the handles and nothing else.
// 4. A checkpoint costs the number of files: pages are shared. It is the same object until the next change.
//
// Reads take no note of access times. The port knows neither symbolic links nor attributes; faces that do (node-front)
// follow links themselves. Permissions are kept and never enforced: the process is a privileged one.

import { IoError, type FileHandle, type FileStatus, type FileSystem, type Scheduler } from '../../engine/ports/index.ts'
import type { Attributes, InodeDetails } from './attributes.ts'
import { DiskHandle, type DiskOpenMode } from './disk-handle.ts'
import { type DiskImage, type DiskNode, emptyImage } from './disk-image.ts'
import { DiskState } from './disk-state.ts'
import type { FaultSink, SyncFailure } from './fault-sink.ts'
import type { FileNode } from './file-node.ts'
import type { Hash64 } from './hash.ts'
import { isDurable } from './image-inspection.ts'
import {
  addLink,
  addName,
  compareNames,
  existing,
  existingDirectory,
  existingFile,
  find,
  moveName,
  removeDirectoryName,
  removeFileName,
} from './namespace.ts'
import type { Inode } from './operation.ts'
import type { ReadSet } from './read-set.ts'

export type SimulatedDiskOptions = Readonly<{
  /** Directories that exist from the start, durable; parents before children. */
  directories?: readonly string[]
  /** Finishes `syncLater`; without one, `completeSyncs` does. */
  scheduler?: Scheduler
  /** Notes what the process looks at. */
  readSet?: ReadSet
}>

type LateSync = Readonly<{ handle: DiskHandle; sequence: number; settle: (finish: () => void) => void }>

export class SimulatedDisk {
  readonly fileSystem: FileSystem
  readonly sink: FaultSink
  /** Grows with each kill: a handle belongs to one process. */
  processNumber = 1
  private readonly state: DiskState
  private readonly scheduler: Scheduler | undefined
  private readonly readSet: ReadSet | undefined
  private readonly open = new Map<Inode, Set<DiskHandle>>()
  private readonly errors = new Map<Inode, number>()
  private lateSyncs: LateSync[] = []

  constructor(options: SimulatedDiskOptions = {}, image: DiskImage = emptyImage()) {
    this.state = new DiskState(image)
    this.scheduler = options.scheduler
    this.readSet = options.readSet
    const fileSystem = fileSystemOf(this, this.state)
    this.fileSystem = this.readSet?.watch(fileSystem) ?? fileSystem
    this.sink = sinkOf(this, this.state)
    for (const path of options.directories ?? []) {
      addName(this.state, path, 'directory')
      this.fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/')
    }
  }

  /** A disk that goes on from an image; no handle is open. */
  static from(image: DiskImage, options: Omit<SimulatedDiskOptions, 'directories'> = {}): SimulatedDisk {
    return new SimulatedDisk(options, image)
  }

  checkpoint(): DiskImage {
    return this.state.image()
  }

  /** The process dies: handles and syncs under way vanish; what is pending stays pending, what was dropped dropped. */
  kill(): void {
    this.processNumber += 1
    this.open.clear()
    this.errors.clear()
    this.lateSyncs = []
    this.state.collect(() => false)
  }

  /** Finishes up to `count` of the syncs under way, oldest first; returns how many. */
  completeSyncs(count = Infinity): number {
    let done = 0
    while (done < count && this.lateSyncs.length > 0) {
      this.completeOldestSync()
      done += 1
    }
    return done
  }

  get syncsUnderWay(): number {
    return this.lateSyncs.length
  }

  /** Whether the file's name and its first `endBytes` bytes would survive every power loss. */
  isDurable(path: string, endBytes: number): boolean {
    return isDurable(this.state.image(), path, endBytes)
  }

  /** Hash of all that the process sees in a file, without a call of it; undefined if there is no such file. */
  contentHash(path: string): Hash64 | undefined {
    this.readSet?.name(path)
    this.readSet?.content(path)
    const place = find(this.state, path)
    if (typeof place === 'string' || place.node?.kind !== 'file') return undefined
    return place.node.cache.hash()
  }

  get openHandles(): number {
    let count = 0
    for (const handles of this.open.values()) count += handles.size
    return count
  }

  // The positional core, by inode, for faces other than the port. A read set cannot see what goes through it.

  fileAt(inode: Inode): FileNode {
    this.readSet?.makeVoid()
    return this.state.file(inode)
  }

  writeAt(inode: Inode, source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): number {
    if (lengthBytes <= 0) return 0
    const sequence = this.state.nextSequence()
    this.state.fileToChange(inode).write(source, sourceOffset, lengthBytes, positionBytes, sequence)
    return lengthBytes
  }

  resizeFile(inode: Inode, sizeBytes: number): void {
    this.readSet?.makeVoid()
    this.state.fileToChange(inode).resize(sizeBytes, this.state.nextSequence())
  }

  removeDirectory(path: string): void {
    this.readSet?.makeVoid()
    removeDirectoryName(this.state, path)
  }

  /** Makes an inode under a free name: an empty file, a symbolic link (`target`), an empty directory. */
  addInode(path: string, kind: 'file' | 'directory', details: InodeDetails = {}): Inode {
    this.readSet?.makeVoid()
    return addName(this.state, path, kind, details)
  }

  /** A second name for a file. Durable by a sync of the directory that holds it. */
  link(path: string, target: string): void {
    this.readSet?.makeVoid()
    addLink(this.state, path, target)
  }

  /** The inode as the process sees it; undefined once it is gone. */
  nodeAt(inode: Inode): DiskNode | undefined {
    this.readSet?.makeVoid()
    return this.state.node(inode)
  }

  setAttributes(inode: Inode, attributes: Attributes): void {
    this.readSet?.makeVoid()
    this.state.setAttributes(inode, attributes)
  }

  /** Names that the inode has. */
  linksTo(inode: Inode): number {
    this.readSet?.makeVoid()
    return this.state.linksTo(inode)
  }

  syncDirectoryAt(inode: Inode): void {
    this.readSet?.makeVoid()
    this.state.syncNames(inode)
    this.collect()
  }

  syncFile(inode: Inode, sequence = this.state.newestSequence): void {
    const node = this.state.file(inode)
    const isClean = node.newest === undefined && node.attributes === node.durableAttributes
    if (isClean && node.syncedSequence >= sequence) return
    this.state.fileToChange(inode).sync(sequence)
  }

  /** Opens the file of that inode. */
  openInode(path: string, inode: Inode, mode: DiskOpenMode): DiskHandle {
    this.readSet?.makeVoid()
    return this.openNamed(path, inode, mode)
  }

  // What the port and its handles ask of the disk.

  /** Opens the file that the port found. */
  openNamed(path: string, inode: Inode, mode: DiskOpenMode): DiskHandle {
    const handle = new DiskHandle(this, path, inode, mode)
    const handles = this.open.get(inode)
    if (handles === undefined) this.open.set(inode, new Set([handle]))
    else handles.add(handle)
    return handle
  }

  /** The file of an open handle. */
  openFile({ inode }: DiskHandle): FileNode {
    return this.state.file(inode)
  }

  /** Write-back errors that handles of this process may have to hear. */
  errorsOf(inode: Inode): number {
    return this.errors.get(inode) ?? 0
  }

  released(handle: DiskHandle): void {
    const handles = this.open.get(handle.inode)
    handles?.delete(handle)
    if (handles?.size !== 0) return
    this.open.delete(handle.inode)
    this.collect()
  }

  /** Whether a handle of this process is open on the inode. */
  isOpen(inode: Inode): boolean {
    return this.open.has(inode)
  }

  collect(): void {
    this.state.collect((inode) => this.open.has(inode))
  }

  syncFileLater(handle: DiskHandle, tellError: () => void): Promise<void> {
    const sequence = this.state.newestSequence
    return new Promise((fulfil, reject) => {
      const settle = (finish: () => void): void => {
        try {
          finish()
          tellError()
          fulfil()
        } catch (error) {
          reject(error)
        }
      }
      this.lateSyncs.push({ handle, sequence, settle })
      const process = this.processNumber
      this.scheduler?.soon(() => {
        if (process === this.processNumber) this.completeOldestSync()
      })
    })
  }

  /** Lets pages written up to `sequence` go as `failure` says, and counts the error for the handles open now. */
  failFile(inode: Inode, failure: SyncFailure, sequence = this.state.newestSequence): void {
    if (failure !== 'pages-kept') this.state.fileToChange(inode).drop(sequence, failure === 'pages-evicted')
    this.errors.set(inode, this.errorsOf(inode) + 1)
  }

  /** Lets pages go without telling anyone. */
  loseFile(inode: Inode, sequence = this.state.newestSequence): void {
    this.state.fileToChange(inode).drop(sequence, false)
  }

  get live(): DiskState {
    this.readSet?.makeVoid()
    return this.state
  }

  private completeOldestSync(): void {
    const late = this.lateSyncs.shift()
    if (late === undefined) return
    late.settle(() => this.syncFile(late.handle.inode, late.sequence))
  }
}

function fileSystemOf(disk: SimulatedDisk, state: DiskState): FileSystem {
  return {
    open(path: string, mode: 'read' | 'append'): FileHandle {
      return disk.openNamed(path, existingFile(state, path, 'open'), mode)
    },
    create(path: string): FileHandle {
      return disk.openNamed(path, addName(state, path, 'file'), 'append')
    },
    list(path: string): readonly string[] {
      return [...existingDirectory(state, path, 'list').cache.keys()].toSorted(compareNames)
    },
    stat(path: string): FileStatus | undefined {
      const place = find(state, path)
      if (place === 'ENOTDIR') throw new IoError(place, 'stat', path)
      if (place === 'ENOENT' || place.node === undefined) return undefined
      const { node } = place
      return node.kind === 'file'
        ? { kind: 'file', sizeBytes: node.cache.sizeBytes }
        : { kind: 'directory', sizeBytes: 0 }
    },
    rename(source: string, target: string): void {
      moveName(state, source, target)
    },
    unlink(path: string): void {
      removeFileName(state, path)
    },
    makeDirectory(path: string): void {
      addName(state, path, 'directory')
    },
    syncDirectory(path: string): void {
      state.syncNames(existingDirectory(state, path, 'syncDirectory').inode)
      disk.collect()
    },
  }
}

function sinkOf(disk: SimulatedDisk, state: DiskState): FaultSink {
  return {
    failSync(file: FileHandle, failure: SyncFailure): void {
      const handle = handleOf(file)
      disk.failFile(handle.inode, failure)
      handle.hear()
    },
    loseSync(file: FileHandle): void {
      disk.loseFile(handleOf(file).inode)
    },
    failDirectorySync(path: string, failure: SyncFailure): void {
      if (failure === 'pages-kept') return
      state.dropNames(existingDirectory(state, path, 'syncDirectory').inode)
    },
    failWriteBack(path: string, failure: SyncFailure): void {
      const node = existing(state, path, 'sync')
      if (node.kind === 'file') disk.failFile(node.inode, failure)
    },
    failWriteBackOf(file: FileHandle, failure: SyncFailure): boolean {
      const { inode } = handleOf(file)
      if (
        !state
          .file(inode)
          .operations()
          .some(({ kind }) => kind === 'write')
      )
        return false
      disk.failFile(inode, failure)
      return true
    },
    usedBytes: () => state.usedBytes((inode) => disk.isOpen(inode)),
  }
}

function handleOf(file: FileHandle): DiskHandle {
  if (file instanceof DiskHandle) return file
  throw new TypeError(`${file.path} is not open on a simulated disk`)
}
