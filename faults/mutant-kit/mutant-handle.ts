// faults/mutant-kit/mutant-handle.ts: an open file that its user uses wrongly.

import type { FileHandle } from '../../engine/ports/index.ts'
import type { MutantFileSystem } from './mutant-file-system.ts'
import { appendWhole } from './transfer.ts'

export class MutantHandle implements FileHandle {
  readonly path: string
  readonly inner: FileHandle
  private readonly files: MutantFileSystem

  constructor(files: MutantFileSystem, inner: FileHandle) {
    this.files = files
    this.inner = inner
    this.path = inner.path
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    return this.files.mutation.through(
      'read',
      this.path,
      () => {
        const stale = this.files.mutation.defect.do === 'stale-read' ? this.files.stale.of(this.inner) : undefined
        if (stale === undefined) return this.inner.read(target, targetOffset, lengthBytes, positionBytes)
        this.files.mutation.reached()
        const bytes = stale.subarray(positionBytes, positionBytes + lengthBytes)
        target.set(bytes, targetOffset)
        return bytes.length
      },
      () => 0,
    )
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const { files, inner, path } = this
    const { mutation } = files
    const { defect } = mutation
    files.stale.wrote(path)
    if (defect.do !== 'after-rename' && defect.do !== 'after-sync') {
      return mutation.through(
        'append',
        path,
        () => this.appendAs(source, sourceOffset, lengthBytes),
        () => lengthBytes,
      )
    }
    // Held back, so the caller's bytes may be others by then.
    const bytes = source.slice(sourceOffset, sourceOffset + lengthBytes)
    const write = () => appendWhole(inner, bytes)
    mutation.through('append', path, defect.do === 'after-rename' ? write : nothing, nothing)
    if (defect.do === 'after-sync') mutation.hold('append', path, write)
    return lengthBytes
  }

  sync(): void {
    const { files, inner, path } = this
    if (files.mutation.defect.do === 'wrong-file') {
      files.mutation.reached()
      files.otherThan(this)?.inner.sync()
      return
    }
    const overtaken = files.mutation.defect.do === 'after-sync' && files.mutation.isHolding('append', path)
    files.mutation.through('sync', path, () => inner.sync(), nothing)
    if (!overtaken) return
    files.mutation.reached()
    files.mutation.release()
  }

  /** Where the defect is about syncs, the sync is made or not made at once. */
  syncLater(): Promise<void> {
    const { defect } = this.files.mutation
    const isAbout =
      defect.do === 'wrong-file' ||
      defect.do === 'after-sync' ||
      ('calls' in defect && defect.calls.some((each) => each === 'sync'))
    if (!isAbout) return this.inner.syncLater()
    return new Promise((resolve) => {
      this.sync()
      resolve()
    })
  }

  sizeBytes(): number {
    return this.files.mutation.through('size', this.path, () => this.inner.sizeBytes())
  }

  close(): void {
    this.files.closed(this)
    this.files.mutation.through('close', this.path, () => this.inner.close(), nothing)
  }

  private appendAs(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const { files, inner } = this
    const how = files.mutation.defect.do === 'append-as' ? files.mutation.defect.how : undefined
    const written = inner.append(source, sourceOffset, how === 'cut' ? Math.max(0, lengthBytes - 1) : lengthBytes)
    if (how === undefined) return written
    if (how === 'twice') inner.append(source, sourceOffset, written)
    if (how === 'believed' && written === lengthBytes) return written
    files.mutation.reached()
    return how === 'twice' ? written : lengthBytes
  }
}

export function nothing(): void {}
