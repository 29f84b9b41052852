// scenarios/refusals/refusing-files.ts: a file system that refuses one call when it is told to, as a device does that is out of
// order for a moment: what a program calls only after a failure is then called in a run without any fault, and can be
// failed in its turn.
//
// 1. Refused is the next call that a rule asks for, once; the call is not made. Nothing else is changed.
// 2. What the file system below refuses after that is kept until `release`: a program that has a first error to tell does
//    not tell the second one. Interruptions count only when a call was not made again until it went through.

import { IoError, type FileHandle, type FileSystem } from '../../engine/index.ts'
import type { FileSystemCall } from '../../engine/ports/index.ts'

/** What refusals here say: no error that anything else in a world gives. */
const CODE = 'ENODEV'

/** Whether an error is that of a refusal, or was caused by one. */
export function isRefusal(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof IoError && at.code === CODE) return true
  return false
}

/** Which call is refused: the next one of that kind on a path that matches. */
export type Refusal = Readonly<{
  kind: FileSystemCall
  path: RegExp
  /** Only once a file was created since the refusals were armed. */
  behindCreate?: boolean
  /** Of an append: so many of its bytes are written before the refusal. */
  writtenBytes?: number
}>

export class RefusingFiles implements FileSystem {
  readonly #inner: FileSystem
  #armed: readonly Refusal[] = []
  #fired = 0
  #created = false
  #met: IoError | undefined
  /** Interrupted calls that have not gone through since, by kind and path. */
  readonly #interrupted = new Map<string, IoError>()

  constructor(inner: FileSystem) {
    this.#inner = inner
  }

  /** From now on the refusals are waited for, each for itself. */
  arm(refusals: readonly Refusal[]): void {
    this.#armed = refusals
    this.#fired = 0
    this.#created = false
    this.#met = undefined
    this.#interrupted.clear()
  }

  /** Refusals so far that were armed and met. */
  get fired(): number {
    return this.#fired
  }

  /** Nothing is refused any more. Gives what the file system below refused after the first refusal, if it did. */
  release(): IoError | undefined {
    this.#armed = []
    const [interrupted] = this.#interrupted.values()
    return this.#met ?? interrupted
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    return this.#handle(this.#call('open', path, () => this.#inner.open(path, mode)))
  }

  create(path: string): FileHandle {
    const handle = this.#call('create', path, () => this.#inner.create(path))
    this.#created = true
    return this.#handle(handle)
  }

  list(path: string): readonly string[] {
    return this.#call('list', path, () => this.#inner.list(path))
  }

  stat(path: string): ReturnType<FileSystem['stat']> {
    return this.#call('stat', path, () => this.#inner.stat(path))
  }

  rename(source: string, target: string): void {
    this.#call('rename', target, () => this.#inner.rename(source, target))
  }

  unlink(path: string): void {
    this.#call('unlink', path, () => this.#inner.unlink(path))
  }

  makeDirectory(path: string): void {
    this.#call('makeDirectory', path, () => this.#inner.makeDirectory(path))
  }

  syncDirectory(path: string): void {
    this.#call('syncDirectory', path, () => this.#inner.syncDirectory(path))
  }

  #handle(inner: FileHandle): FileHandle {
    const { path } = inner
    return {
      path,
      read: (target, targetOffset, lengthBytes, positionBytes) =>
        this.#call('read', path, () => inner.read(target, targetOffset, lengthBytes, positionBytes)),
      append: (source, sourceOffset, lengthBytes) => this.#append(inner, source, sourceOffset, lengthBytes),
      sync: () => this.#call('sync', path, () => inner.sync()),
      syncLater: () => this.#call('sync', path, () => inner.syncLater()),
      sizeBytes: () => this.#call('size', path, () => inner.sizeBytes()),
      close: () => this.#close(inner),
    }
  }

  #append(inner: FileHandle, source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const { path } = inner
    const refusal = this.#wanted('append', path)
    const { writtenBytes = 0 } = refusal ?? {}
    if (refusal !== undefined && (writtenBytes === 0 || writtenBytes >= lengthBytes)) this.#refuse('append', path)
    // What is written before the refusal is what a short call writes; the refusal comes with the next one.
    if (refusal !== undefined) this.#armed = [...this.#armed, { kind: 'append', path: refusal.path }]
    const length = refusal === undefined ? lengthBytes : writtenBytes
    return this.#pass('append', path, () => inner.append(source, sourceOffset, length))
  }

  /** A handle is closed also where the close is refused. */
  #close(inner: FileHandle): void {
    const refusal = this.#wanted('close', inner.path)
    this.#pass('close', inner.path, () => inner.close())
    if (refusal !== undefined) this.#refuse('close', inner.path)
  }

  #call<R>(kind: FileSystemCall, path: string, call: () => R): R {
    if (this.#wanted(kind, path) !== undefined) this.#refuse(kind, path)
    return this.#pass(kind, path, call)
  }

  /** The refusal that this call meets, which is done with then. */
  #wanted(kind: FileSystemCall, path: string): Refusal | undefined {
    const met = this.#armed.find(
      (refusal) => refusal.kind === kind && refusal.path.test(path) && (this.#created || refusal.behindCreate !== true),
    )
    if (met !== undefined) this.#armed = this.#armed.filter((refusal) => refusal !== met)
    return met
  }

  #refuse(kind: FileSystemCall, path: string): never {
    this.#fired += 1
    throw new IoError(CODE, kind, path)
  }

  #pass<R>(kind: FileSystemCall, path: string, call: () => R): R {
    const key = `${kind} ${path}`
    try {
      const result = call()
      this.#interrupted.delete(key)
      return result
    } catch (error) {
      if (this.#fired > 0 && error instanceof IoError) this.#note(key, error)
      throw error
    }
  }

  #note(key: string, error: IoError): void {
    if (error.code === 'EINTR' || error.code === 'EAGAIN') this.#interrupted.set(key, error)
    else if (error.code !== 'EEXIST' && error.code !== 'ENOENT') this.#met ??= error
  }
}
