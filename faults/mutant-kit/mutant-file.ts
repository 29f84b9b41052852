// faults/mutant-kit/mutant-file.ts: an open file of a process over `node:fs` that its user uses wrongly.
//
// 1. Writes that follow one another go on from where the defect left them: a write that was made twice moves the next one,
//    as the descriptor's own position would have been moved.

import type { DiskFile } from '../wrappers/index.ts'
import type { MutantDisk } from './mutant-disk.ts'
import { nothing } from './mutant-handle.ts'
import { again, putWhole } from './transfer.ts'

export class MutantFile implements DiskFile {
  readonly path: string
  readonly inode: DiskFile['inode']
  readonly inner: DiskFile
  private readonly calls: MutantDisk
  /** Nothing was asked of it since it was opened. */
  private isFresh = true
  private isWritten = false
  /** Where a write that follows the one before begins, as its caller counts; and how far from there it really is. */
  private nextBytes = 0
  private driftBytes = 0

  constructor(calls: MutantDisk, inner: DiskFile) {
    this.calls = calls
    this.inner = inner
    this.path = inner.path
    this.inode = inner.inode
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    const { calls, inner } = this
    this.isFresh = false
    return calls.mutation.through(
      'read',
      this.path,
      () => {
        const stale = calls.mutation.defect.do === 'stale-read' ? calls.stale.of(inner) : undefined
        if (stale === undefined) return inner.read(target, targetOffset, lengthBytes, positionBytes)
        calls.mutation.reached()
        const bytes = stale.subarray(positionBytes, positionBytes + lengthBytes)
        target.set(bytes, targetOffset)
        return bytes.length
      },
      () => 0,
    )
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    return this.put(source, sourceOffset, lengthBytes, (bytes, from, length) => this.inner.append(bytes, from, length))
  }

  write(source: Uint8Array, sourceOffset: number, lengthBytes: number, positionBytes: number): number {
    const follows = positionBytes === this.nextBytes
    const written = this.put(source, sourceOffset, lengthBytes, (bytes, from, length, done) =>
      this.inner.write(bytes, from, length, positionBytes + done + (follows ? this.driftBytes : 0)),
    )
    this.nextBytes = positionBytes + written
    return written
  }

  /** The one that follows at once on an open is the open's own: the file begins empty, or is taken as it is. */
  truncate(sizeBytes: number): void {
    const { mutation, stale } = this.calls
    stale.wrote(this.path)
    const isOpening = this.isFresh && sizeBytes === 0
    this.isFresh = false
    if (mutation.defect.do !== 'reuse' || !isOpening)
      return mutation.through('truncate', this.path, () => this.inner.truncate(sizeBytes), nothing)
    mutation.reached()
  }

  sync(): void {
    const { calls, inner, path } = this
    const { mutation } = calls
    if (mutation.defect.do === 'wrong-file') {
      mutation.reached()
      calls.otherThan(this)?.inner.sync()
      return
    }
    const overtaken = mutation.defect.do === 'after-sync' && mutation.isHolding('append', path)
    this.holdable('sync', () => inner.sync())
    if (!overtaken) return
    mutation.reached()
    mutation.release()
  }

  sizeBytes(): number {
    return this.inner.sizeBytes()
  }

  about<T>(kind: 'stat' | 'setAttributes', make: () => T): T {
    return this.calls.mutation.through(kind, this.path, () => this.inner.about(kind, make))
  }

  close(): void {
    this.calls.closed(this)
    this.holdable('close', () => this.inner.close())
  }

  private holdable(call: 'sync' | 'close', make: () => void): void {
    const { calls, path } = this
    if (calls.mutation.defect.do === 'after-rename' && !this.isWritten) make()
    else calls.later(call, path, make)
  }

  /** Makes a write, or what the defect does instead; `make` is told how many bytes of it are there already. */
  private put(
    source: Uint8Array,
    sourceOffset: number,
    lengthBytes: number,
    make: (source: Uint8Array, from: number, lengthBytes: number, done: number) => number,
  ): number {
    const { calls, path } = this
    const { mutation } = calls
    const { defect } = mutation
    calls.stale.wrote(path)
    this.isWritten = true
    this.isFresh = false
    if (defect.do !== 'after-rename' && defect.do !== 'after-sync') {
      const write = (): number => this.putAs(source, sourceOffset, lengthBytes, make)
      return mutation.through('append', path, write, () => lengthBytes)
    }
    // Held back, so the caller's bytes may be others by then.
    const bytes = source.slice(sourceOffset, sourceOffset + lengthBytes)
    const write = (): void => putWhole(bytes, path, (done) => make(bytes, done, bytes.length - done, done))
    if (defect.do === 'after-sync') {
      mutation.through('append', path, nothing, nothing)
      mutation.hold('append', path, write)
      return lengthBytes
    }
    if (!defect.calls.includes('append'))
      return mutation.through('append', path, () => make(source, sourceOffset, lengthBytes, 0))
    mutation.through('append', path, write, nothing)
    return lengthBytes
  }

  private putAs(
    source: Uint8Array,
    sourceOffset: number,
    lengthBytes: number,
    make: (source: Uint8Array, from: number, lengthBytes: number, done: number) => number,
  ): number {
    const { mutation } = this.calls
    const how = mutation.defect.do === 'append-as' ? mutation.defect.how : undefined
    const written = make(source, sourceOffset, how === 'cut' ? Math.max(0, lengthBytes - 1) : lengthBytes, 0)
    if (how === undefined || (how === 'believed' && written === lengthBytes)) return written
    mutation.reached()
    if (how === 'twice') {
      this.driftBytes += again(() => make(source, sourceOffset, written, written))
      return written
    }
    this.driftBytes -= lengthBytes - written
    return lengthBytes
  }
}
