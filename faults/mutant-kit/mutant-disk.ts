// faults/mutant-kit/mutant-disk.ts: the calls of a process over `node:fs`, made wrongly in one way.
//
// Stands where MutantFileSystem stands for a store over the port: above what is numbered, traced and failed, below the
// system calls of the front.
//
// 1. To a defect a write at a position is an append, and the sync of a directory's descriptor is `syncDirectory`.
// 2. What was put off is made before the next system call looks at the disk, interrupted calls again, as libuv does.
// 3. Nothing is held back of a file that was not written: a defect of writes touches no reader.
//
// Not covered: `kit:existing-file-reused` where the file is opened exclusively (`wx`), as such a call gives no file.

import { IoError, type FileSystemCall } from '../../engine/ports/index.ts'
import { ROOT, type Attributes, type DiskNode, type Inode, type InodeDetails } from '../disk/index.ts'
import type { DiskCalls, DiskDirectory, DiskFile } from '../wrappers/index.ts'
import type { Defect } from './defect.ts'
import { MutantFile } from './mutant-file.ts'
import { nothing } from './mutant-handle.ts'
import { Mutation } from './mutation.ts'
import { StaleReads } from './stale-reads.ts'
import { again, contentOf, putWhole } from './transfer.ts'

/** System calls on a descriptor: they look up no path, and are told of with their kind when they are made. */
const ON_DESCRIPTORS = new Set(
  'close read write fsync fdatasync fstat ftruncate fchmod fchown futime futimes'.split(' '),
)

export class MutantDisk implements DiskCalls {
  readonly mutation: Mutation
  readonly stale = new StaleReads()
  private readonly inner: DiskCalls
  private readonly open: MutantFile[] = []

  constructor(inner: DiskCalls, defect: Defect, reached: () => void) {
    this.inner = inner
    this.mutation = new Mutation(defect, reached)
  }

  get disk(): DiskCalls['disk'] {
    return this.inner.disk
  }

  arriving(syscall: string): void {
    this.inner.arriving(syscall)
    if (!this.mutation.isHoldingAny || ON_DESCRIPTORS.has(syscall)) return
    if (syscall === 'rename' && this.mutation.defect.do === 'after-rename') return
    this.mutation.release()
  }

  openFile(path: string, inode: Inode, mode: 'read' | 'write'): DiskFile {
    return this.mutation.through(
      'open',
      path,
      () => this.file(this.inner.openFile(path, inode, mode)),
      () => missing('open', path),
    )
  }

  createFile(path: string, attributes: Attributes): DiskFile {
    this.stale.wrote(path)
    return this.mutation.through('create', path, () => this.file(this.inner.createFile(path, attributes)))
  }

  openDirectory(path: string, inode: Inode): DiskDirectory {
    return this.mutation.through(
      'open',
      path,
      () => new MutantDirectory(this, this.inner.openDirectory(path, inode)),
      () => missing('open', path),
    )
  }

  list<Entry>(path: string, make: () => readonly Entry[]): readonly Entry[] {
    return this.mutation.through<readonly Entry[]>(
      'list',
      path,
      () => this.inner.list(path, make),
      () => [],
    )
  }

  stat<T>(path: string, make: () => T): T {
    return this.mutation.through(
      'stat',
      path,
      () => this.inner.stat(path, make),
      () => missing('stat', path),
    )
  }

  readLink(path: string, make: () => string): string {
    return this.mutation.through('readLink', path, () => this.inner.readLink(path, make))
  }

  rename(source: string, target: string): void {
    this.stale.wrote(source, target)
    const overtaken = this.mutation.defect.do === 'after-rename' && this.mutation.isHoldingAny
    try {
      this.later('rename', source, () => this.renameAs(source, target))
    } catch (error) {
      // An interrupted rename is made again, with what it overtakes.
      if (overtaken && !isInterrupted(error)) this.mutation.abandon()
      throw error
    }
    if (!overtaken) return
    this.mutation.reached()
    this.mutation.release()
  }

  unlink(path: string): void {
    this.stale.wrote(path)
    this.later('unlink', path, () => this.inner.unlink(path))
  }

  makeDirectory(path: string, attributes: Attributes): void {
    this.mutation.through('makeDirectory', path, () => this.inner.makeDirectory(path, attributes), nothing)
  }

  removeDirectory(path: string): void {
    this.mutation.through('removeDirectory', path, () => this.inner.removeDirectory(path), nothing)
  }

  symlink(target: string, path: string, details: InodeDetails): void {
    this.mutation.through('symlink', path, () => this.inner.symlink(target, path, details), nothing)
  }

  link(path: string, target: string): void {
    this.stale.wrote(target)
    this.mutation.through('link', path, () => this.inner.link(path, target), nothing)
  }

  setAttributes(path: string, inode: Inode, attributes: Attributes): void {
    this.mutation.through('setAttributes', path, () => this.inner.setAttributes(path, inode, attributes), nothing)
  }

  syncDirectory(path: string, inode: Inode): void {
    this.later('syncDirectory', path, () => this.inner.syncDirectory(path, inode))
  }

  refuse(kind: FileSystemCall, path: string, code: string): never {
    return this.inner.refuse(kind, path, code)
  }

  // What open files ask.

  /** A call that gives nothing, so that it can be left out or made later. */
  later(call: FileSystemCall, path: string, make: () => void): void {
    const isHeld = this.mutation.defect.do === 'late' || this.mutation.defect.do === 'after-rename'
    this.mutation.through(call, path, isHeld ? () => again(make) : make, nothing)
  }

  /** The file opened last, of those that are open, beside `file`. */
  otherThan(file: MutantFile): MutantFile | undefined {
    return this.open.findLast((each) => each !== file && each.path !== file.path)
  }

  closed(file: MutantFile): void {
    const at = this.open.indexOf(file)
    if (at !== -1) this.open.splice(at, 1)
  }

  private file(inner: DiskFile): MutantFile {
    const file = new MutantFile(this, inner)
    this.open.push(file)
    return file
  }

  private renameAs(source: string, target: string): void {
    const { inner } = this
    const { defect, reached } = this.mutation
    const from = nodeAt(this.disk, source)
    const there = nodeAt(this.disk, target)
    if (defect.do !== 'rename-as' || from?.kind !== 'file') return inner.rename(source, target)
    switch (defect.how) {
      case 'copy': {
        reached()
        const content = this.contentAt(source, from.inode)
        const file = this.opened(target, there, from)
        if (there !== undefined) again(() => file.truncate(0))
        this.write(file, content)
        return again(() => inner.unlink(source))
      }
      case 'append': {
        if (there?.kind !== 'file') break
        reached()
        const content = this.contentAt(source, from.inode)
        this.write(this.opened(target, there, from), content)
        return again(() => inner.unlink(source))
      }
      case 'unlink-first':
        if (there === undefined) break
        reached()
        again(() => inner.unlink(target))
        break
      case 'keep-source': {
        reached()
        const content = this.contentAt(source, from.inode)
        again(() => inner.rename(source, target))
        return this.write(this.opened(source, undefined, from), content)
      }
      default:
        return defect satisfies never
    }
    again(() => inner.rename(source, target))
  }

  /** The file that is there, or a new one like `model`. */
  private opened(path: string, there: DiskNode | undefined, model: DiskNode): DiskFile {
    const { attributes } = model
    return again(() => {
      if (there !== undefined) return this.inner.openFile(path, there.inode, 'write')
      if (attributes === undefined) throw new IoError('EIO', 'create', path)
      return this.inner.createFile(path, attributes)
    })
  }

  private contentAt(path: string, inode: Inode): Uint8Array {
    const file = again(() => this.inner.openFile(path, inode, 'read'))
    try {
      return again(() => contentOf(file))
    } finally {
      again(() => file.close())
    }
  }

  private write(file: DiskFile, content: Uint8Array): void {
    try {
      putWhole(content, file.path, (done) => file.append(content, done, content.length - done))
      again(() => file.sync())
    } finally {
      again(() => file.close())
    }
  }
}

class MutantDirectory implements DiskDirectory {
  readonly path: string
  readonly inode: Inode
  private readonly inner: DiskDirectory
  private readonly calls: MutantDisk

  constructor(calls: MutantDisk, inner: DiskDirectory) {
    this.calls = calls
    this.inner = inner
    this.path = inner.path
    this.inode = inner.inode
  }

  sync(): void {
    this.calls.later('syncDirectory', this.path, () => this.inner.sync())
  }

  about<T>(kind: 'stat' | 'setAttributes' | 'read', make: () => T): T {
    return this.calls.mutation.through(kind, this.path, () => this.inner.about(kind, make))
  }

  close(): void {
    const { mutation } = this.calls
    const make = (): void => this.inner.close()
    if (mutation.defect.do === 'after-rename') make()
    else mutation.through('close', this.path, make, nothing)
  }
}

function missing(call: FileSystemCall, path: string): never {
  throw new IoError('ENOENT', call, path)
}

function isInterrupted(error: unknown): boolean {
  return error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN')
}

/** What a canonical path names; undefined if nothing. */
function nodeAt(disk: DiskCalls['disk'], path: string): DiskNode | undefined {
  let node = disk.nodeAt(ROOT)
  for (const name of path.split('/')) {
    if (name === '') continue
    const inode = node?.kind === 'directory' ? node.cache.get(name) : undefined
    node = inode === undefined ? undefined : disk.nodeAt(inode)
  }
  return node
}
