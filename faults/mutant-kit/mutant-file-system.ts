// faults/mutant-kit/mutant-file-system.ts: a file system that its user uses wrongly, in one way.
//
// Stands between a store and its file system: what the store asks for is not what is done, as if the store had been
// written so. What is injected and traced is below, so the harness sees the mutated store and nothing of the mutation.
// A process's mutant is an object of its own.

import { IoError, type FileHandle, type FileStatus, type FileSystem } from '../../engine/ports/index.ts'
import type { Defect } from './defect.ts'
import { MutantHandle, nothing } from './mutant-handle.ts'
import { Mutation } from './mutation.ts'
import { StaleReads } from './stale-reads.ts'
import { appendWhole, contentOf } from './transfer.ts'

export class MutantFileSystem implements FileSystem {
  readonly mutation: Mutation
  private readonly inner: FileSystem
  private readonly handles: MutantHandle[] = []
  readonly stale = new StaleReads()

  constructor(inner: FileSystem, defect: Defect, reached: () => void) {
    this.inner = inner
    this.mutation = new Mutation(defect, reached)
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    return this.handle(
      this.mutation.through(
        'open',
        path,
        () => this.inner.open(path, mode),
        () => {
          throw new IoError('ENOENT', 'open', path)
        },
      ),
    )
  }

  create(path: string): FileHandle {
    this.stale.wrote(path)
    return this.handle(
      this.mutation.through('create', path, () => {
        try {
          return this.inner.create(path)
        } catch (error) {
          if (this.mutation.defect.do !== 'reuse' || !(error instanceof IoError) || error.code !== 'EEXIST') throw error
          this.mutation.reached()
          return this.inner.open(path, 'append')
        }
      }),
    )
  }

  list(path: string): readonly string[] {
    return this.mutation.through(
      'list',
      path,
      () => this.inner.list(path),
      () => [],
    )
  }

  stat(path: string): FileStatus | undefined {
    return this.mutation.through(
      'stat',
      path,
      () => this.inner.stat(path),
      () => undefined,
    )
  }

  rename(source: string, target: string): void {
    this.stale.wrote(source, target)
    const overtaken = this.mutation.defect.do === 'after-rename' && this.mutation.isHoldingAny
    try {
      this.mutation.through('rename', source, () => this.renameAs(source, target), nothing)
    } catch (error) {
      if (overtaken) this.mutation.abandon()
      throw error
    }
    if (!overtaken) return
    this.mutation.reached()
    this.mutation.release()
  }

  unlink(path: string): void {
    this.stale.wrote(path)
    this.mutation.through('unlink', path, () => this.inner.unlink(path), nothing)
  }

  makeDirectory(path: string): void {
    this.mutation.through('makeDirectory', path, () => this.inner.makeDirectory(path), nothing)
  }

  syncDirectory(path: string): void {
    this.mutation.through('syncDirectory', path, () => this.inner.syncDirectory(path), nothing)
  }

  // What handles ask.

  /** The handle opened last, of those that are open, beside `handle`. */
  otherThan(handle: MutantHandle): MutantHandle | undefined {
    return this.handles.findLast((each) => each !== handle && each.path !== handle.path)
  }

  closed(handle: MutantHandle): void {
    const at = this.handles.indexOf(handle)
    if (at !== -1) this.handles.splice(at, 1)
  }

  private handle(inner: FileHandle): FileHandle {
    const handle = new MutantHandle(this, inner)
    this.handles.push(handle)
    return handle
  }

  private renameAs(source: string, target: string): void {
    const { inner } = this
    const { defect } = this.mutation
    const how = defect.do === 'rename-as' ? defect.how : undefined
    const there = how === undefined || how === 'keep-source' ? undefined : inner.stat(target)
    switch (how) {
      case 'copy': {
        this.mutation.reached()
        const content = this.contentAt(source)
        if (there !== undefined) inner.unlink(target)
        this.write(inner.create(target), content)
        inner.unlink(source)
        return
      }
      case 'append': {
        if (there === undefined) break
        this.mutation.reached()
        this.write(inner.open(target, 'append'), this.contentAt(source))
        inner.unlink(source)
        return
      }
      case 'unlink-first':
        if (there === undefined) break
        this.mutation.reached()
        inner.unlink(target)
        break
      case 'keep-source': {
        this.mutation.reached()
        const content = this.contentAt(source)
        inner.rename(source, target)
        this.write(inner.create(source), content)
        return
      }
      case undefined:
        break
      default:
        return how satisfies never
    }
    inner.rename(source, target)
  }

  private contentAt(path: string): Uint8Array {
    const file = this.inner.open(path, 'read')
    try {
      return contentOf(file)
    } finally {
      file.close()
    }
  }

  private write(file: FileHandle, content: Uint8Array): void {
    try {
      appendWhole(file, content)
      file.sync()
    } finally {
      file.close()
    }
  }
}
