// faults/wrappers/failing-file-system.ts: numbers every file-system call, tells of it, and fails what it is told to.
//
// 1. Calls are numbered from `firstIndex` in the order in which they are made, those on handles included.
// 2. A decision is delivered or has no effect at all: `delivered` counts deliveries, never intentions.
// 3. A close that fails has closed. A handle is open until its close; what is left open is in `openHandles`.
// 4. A condition of the device (slow, write-back failed, full, a lie) counts as delivered when it shows: when time passes,
//    when pages are let go and again when a sync tells of it, when a write is cut or refused, when a sync is not done.
// 5. A failed sync is done to the disk through its sink; without one the file system inside is not called.

import {
  IoError,
  type FileHandle,
  type FileStatus,
  type FileSystem,
  type FileSystemCall,
} from '../../engine/ports/index.ts'
import type { FaultSink } from '../disk/index.ts'
import type { CallDecision, FileSystemCallInfo, FileSystemCallResult } from './call.ts'
import type { WriteBackVariant } from './io-conditions.ts'

/** A handle that was not closed. */
export type OpenHandle = Readonly<{ handle: number; path: string; site: string | undefined }>

export type FailingFileSystemOptions = Readonly<{
  /** Directory that paths in events are relative to. */
  root: string
  /** Number of the first call; 1 unless numbering goes on from another run. */
  firstIndex?: number
  /** What to happen instead, asked before each call until `lift`. */
  decide?: (call: FileSystemCallInfo) => CallDecision | undefined
  /** Told of each call before it is made; what it throws stops the call. */
  onCall?: (call: FileSystemCallInfo) => void
  /** Told of each call when its result is known, before the caller is. `bytes` are those read or appended, borrowed. */
  onEvent?: (call: FileSystemCallInfo, result: FileSystemCallResult, bytes?: Uint8Array) => void
  /** Where the call that is being made comes from; asked for each open and create. */
  site?: () => string | undefined
  /** Gives a piece of work that is done later the place from which it was asked for. */
  aside?: (piece: () => void) => () => void
  sink?: FaultSink
  /** Lets time pass, for a call that is slow. */
  delay?: (ms: number) => void
  /** Told of a fault at a call that is then made as it should be. */
  onDisturbed?: (call: FileSystemCallInfo) => void
}>

export class FailingFileSystem implements FileSystem {
  private readonly inner: FileSystem
  private readonly options: FailingFileSystemOptions
  private readonly prefix: string
  private readonly handles = new Map<number, OpenHandle>()
  private readonly firstIndex: number
  private nextIndex: number
  private nextHandle = 1
  private deliveredCount = 0
  private lifted: boolean
  /** Bytes that files may hold in all, once the disk is full. */
  private capacityBytes: number | undefined
  private mayTellWriteBack = false

  constructor(inner: FileSystem, options: FailingFileSystemOptions) {
    this.inner = inner
    this.options = options
    this.prefix = options.root === '/' ? '/' : `${options.root}/`
    this.firstIndex = options.firstIndex ?? 1
    this.nextIndex = this.firstIndex
    this.lifted = options.decide === undefined
  }

  /** Calls so far. */
  get calls(): number {
    return this.nextIndex - this.firstIndex
  }

  /** Faults delivered so far. */
  get delivered(): number {
    return this.deliveredCount
  }

  /** No call is failed from now on. */
  lift(): void {
    this.lifted = true
  }

  /** A piece of work for later, as one of whoever asks for it now. */
  askedHere(piece: () => void): () => void {
    return this.options.aside?.(piece) ?? piece
  }

  openHandles(): readonly OpenHandle[] {
    return [...this.handles.values()]
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    const call = this.begin('open', path, mode)
    return this.openedFile(call, path, () => this.inner.open(path, mode))
  }

  create(path: string): FileHandle {
    const call = this.begin('create', path)
    return this.openedFile(call, path, () => this.inner.create(path))
  }

  list(path: string): readonly string[] {
    const call = this.begin('list', path)
    return this.run(
      call,
      path,
      () => this.inner.list(path),
      (names) => names.length,
    )
  }

  stat(path: string): FileStatus | undefined {
    const call = this.begin('stat', path)
    return this.run(
      call,
      path,
      () => this.inner.stat(path),
      (status) => status?.sizeBytes,
    )
  }

  rename(source: string, target: string): void {
    const call = this.begin('rename', source, this.relative(target))
    this.run(call, source, () => this.inner.rename(source, target))
  }

  unlink(path: string): void {
    const call = this.begin('unlink', path)
    this.run(call, path, () => this.inner.unlink(path))
  }

  makeDirectory(path: string): void {
    const call = this.begin('makeDirectory', path)
    this.run(call, path, () => this.inner.makeDirectory(path))
  }

  syncDirectory(path: string): void {
    const call = this.begin('syncDirectory', path)
    const decision = this.decide(call)
    if (decision?.kind === 'error') {
      this.options.sink?.failDirectorySync(path, decision.variant === 'pages-dropped' ? 'pages-dropped' : 'pages-kept')
    }
    this.carryOut(call, path, decision, () => this.inner.syncDirectory(path))
  }

  // What handles ask.

  begin(
    kind: FileSystemCall,
    path: string,
    argument?: string,
    handle?: number,
    offsetBytes?: number,
    lengthBytes?: number,
  ): FileSystemCallInfo {
    const index = this.nextIndex
    this.nextIndex += 1
    const call = { index, kind, path: this.relative(path), argument, handle, offsetBytes, lengthBytes }
    this.options.onCall?.(call)
    return call
  }

  decide(call: FileSystemCallInfo): CallDecision | undefined {
    const decision = this.lifted ? undefined : this.options.decide?.(call)
    if (decision?.kind !== 'slow') return decision
    this.options.delay?.(decision.ms)
    this.disturbed(call)
    return undefined
  }

  /** Lets what is pending in a file go; the sync that tells of it is to come. */
  loseWriteBack(call: FileSystemCallInfo, file: FileHandle, failure: WriteBackVariant): void {
    if (this.options.sink?.failWriteBackOf(file, failure) !== true) return
    this.mayTellWriteBack = true
    this.disturbed(call)
  }

  /** Whether an error of the disk below is the news of a write-back that was failed here; counted if it is. */
  tellsWriteBack(error: unknown): boolean {
    if (!this.mayTellWriteBack || codeOf(error) !== 'EIO') return false
    this.deliveredCount += 1
    return true
  }

  /** Bytes by which files may still grow; a full disk is one from its first refusal on. */
  roomBytes(freeBytes: number): number {
    const used = this.options.sink?.usedBytes() ?? 0
    this.capacityBytes ??= used + freeBytes
    return Math.max(0, this.capacityBytes - used)
  }

  private disturbed(call: FileSystemCallInfo): void {
    this.deliveredCount += 1
    this.options.onDisturbed?.(call)
  }

  get sink(): FaultSink | undefined {
    return this.options.sink
  }

  closed(handle: number): void {
    this.handles.delete(handle)
  }

  /** Makes a call that is not failed otherwise, and tells of it. */
  run<T>(call: FileSystemCallInfo, path: string, make: () => T, valueOf?: (result: T) => number | undefined): T {
    return this.carryOut(call, path, this.decide(call), make, valueOf)
  }

  carryOut<T>(
    call: FileSystemCallInfo,
    path: string,
    decision: CallDecision | undefined,
    make: () => T,
    valueOf?: (result: T) => number | undefined,
  ): T {
    if (decision?.kind === 'error') throw this.injected(call, path, decision.code)
    let result: T
    try {
      result = make()
    } catch (error) {
      this.tell(call, undefined, codeOf(error), call.kind === 'sync' && this.tellsWriteBack(error))
      throw error
    }
    this.tell(call, valueOf?.(result), undefined, false)
    return result
  }

  /** Counts a delivery, tells of it, and makes the error that the caller is to throw. */
  injected(call: FileSystemCallInfo, path: string, code: string, value?: number, bytes?: Uint8Array): IoError {
    this.deliveredCount += 1
    this.tell(call, value, code, true, bytes)
    return new IoError(code, call.kind, path, call.offsetBytes)
  }

  /** Tells of a call that did less than it says, or less than it was asked. */
  cutShort(call: FileSystemCallInfo, value: number | undefined, bytes?: Uint8Array): void {
    this.deliveredCount += 1
    this.tell(call, value, undefined, true, bytes)
  }

  tell(
    call: FileSystemCallInfo,
    value: number | undefined,
    code: string | undefined,
    injected: boolean,
    bytes?: Uint8Array,
  ): void {
    this.options.onEvent?.(call, { value, code, injected }, bytes)
  }

  /** Makes a call that opens something, and what counts the calls on it. It is in `openHandles` until `closed`. */
  opened<Inner, Outer>(
    call: FileSystemCallInfo,
    path: string,
    make: () => Inner,
    wrap: (inner: Inner, handle: number) => Outer,
  ): Outer {
    const handle = this.nextHandle
    const inner = this.run(call, path, make, () => handle)
    this.nextHandle += 1
    this.handles.set(handle, { handle, path: call.path, site: this.options.site?.() })
    return wrap(inner, handle)
  }

  private openedFile(call: FileSystemCallInfo, path: string, make: () => FileHandle): FileHandle {
    return this.opened(call, path, make, (inner, handle) => new FailingHandle(this, inner, handle))
  }

  relative(path: string): string {
    if (path === this.options.root) return ''
    return path.startsWith(this.prefix) ? path.slice(this.prefix.length) : path
  }
}

export class FailingHandle implements FileHandle {
  readonly path: string
  protected readonly files: FailingFileSystem
  private readonly inner: FileHandle
  protected readonly number: number
  private isClosed = false

  constructor(files: FailingFileSystem, inner: FileHandle, handle: number) {
    this.path = inner.path
    this.files = files
    this.inner = inner
    this.number = handle
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    const call = this.files.begin('read', this.path, undefined, this.number, positionBytes, lengthBytes)
    const decision = this.files.decide(call)
    if (decision?.kind === 'error') throw this.files.injected(call, this.path, decision.code)
    const wanted = decision?.kind === 'short' ? Math.min(decision.bytes, lengthBytes) : lengthBytes
    const read = this.transfer(call, () => this.inner.read(target, targetOffset, wanted, positionBytes))
    const bytes = target.subarray(targetOffset, targetOffset + read)
    // Shorter than asked, but as long as the file allows, is no fault.
    const cut = wanted < lengthBytes && read === wanted && positionBytes + read < this.inner.sizeBytes()
    if (cut) this.files.cutShort(call, read, bytes)
    else this.files.tell(call, read, undefined, false, bytes)
    return read
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    const end = this.isClosed ? undefined : this.inner.sizeBytes()
    const call = this.files.begin('append', this.path, undefined, this.number, end, lengthBytes)
    return this.put(call, source, sourceOffset, lengthBytes, (bytes) => this.inner.append(source, sourceOffset, bytes))
  }

  /** Makes a call that writes: whole, in part or not at all. */
  protected put(
    call: FileSystemCallInfo,
    source: Uint8Array,
    sourceOffset: number,
    lengthBytes: number,
    write: (lengthBytes: number) => number,
  ): number {
    const decision = this.fitting(this.disturbed(call), call, lengthBytes)
    if (decision?.kind === 'error') {
      const part = decision.variant === 'after-partial' ? Math.min(lengthBytes, Math.max(1, lengthBytes >>> 1)) : 0
      const written = part === 0 ? 0 : this.transfer(call, () => write(part))
      const bytes = source.subarray(sourceOffset, sourceOffset + written)
      throw this.files.injected(call, this.path, decision.code, written, bytes)
    }
    const wanted = decision?.kind === 'short' ? Math.min(decision.bytes, lengthBytes) : lengthBytes
    const written = wanted === 0 ? 0 : this.transfer(call, () => write(wanted))
    const bytes = source.subarray(sourceOffset, sourceOffset + written)
    if (wanted < lengthBytes && written === wanted) this.files.cutShort(call, written, bytes)
    else this.files.tell(call, written, undefined, false, bytes)
    return written
  }

  sync(): void {
    const call = this.files.begin('sync', this.path, undefined, this.number)
    const decision = this.disturbed(call)
    this.beforeSync(decision)
    if (decision?.kind === 'lie') this.files.cutShort(call, undefined)
    else this.files.carryOut(call, this.path, decision, () => this.inner.sync())
  }

  syncLater(): Promise<void> {
    const call = this.files.begin('sync', this.path, 'later', this.number)
    const decision = this.disturbed(call)
    this.beforeSync(decision)
    if (decision?.kind === 'error') return Promise.reject(this.files.injected(call, this.path, decision.code))
    if (decision?.kind === 'lie') {
      this.files.cutShort(call, undefined)
      return Promise.resolve()
    }
    let code: string | undefined
    let isWriteBack = false
    const tell = this.files.askedHere(() => this.files.tell(call, undefined, code, isWriteBack))
    const failed = (error: unknown): never => {
      code = codeOf(error)
      isWriteBack = this.files.tellsWriteBack(error)
      tell()
      throw error
    }
    return this.transfer(call, () => this.inner.syncLater()).then(tell, failed)
  }

  sizeBytes(): number {
    const call = this.files.begin('size', this.path, undefined, this.number)
    return this.files.run(
      call,
      this.path,
      () => this.inner.sizeBytes(),
      (size) => size,
    )
  }

  close(): void {
    if (this.isClosed) return
    const call = this.files.begin('close', this.path, undefined, this.number)
    this.isClosed = true
    this.files.closed(this.number)
    const decision = this.disturbed(call)
    try {
      this.inner.close()
    } catch (error) {
      this.files.tell(call, undefined, codeOf(error), false)
      throw error
    }
    if (decision?.kind === 'error') throw this.files.injected(call, this.path, decision.code)
    this.files.tell(call, undefined, undefined, false)
  }

  /** What is to happen, a write-back that fails before the call having been done. */
  private disturbed(call: FileSystemCallInfo): CallDecision | undefined {
    const decision = this.files.decide(call)
    if (decision?.kind !== 'write-back') return decision
    this.files.loseWriteBack(call, this.inner, decision.variant)
    return undefined
  }

  /** On a full disk: as much of a write as fits, or none of it. */
  private fitting(
    decision: CallDecision | undefined,
    { offsetBytes = 0 }: FileSystemCallInfo,
    lengthBytes: number,
  ): CallDecision | undefined {
    if (decision?.kind !== 'full' || this.isClosed) return decision
    const growthBytes = Math.max(0, offsetBytes + lengthBytes - this.inner.sizeBytes())
    const missingBytes = growthBytes - this.files.roomBytes(decision.freeBytes)
    if (missingBytes <= 0) return undefined
    if (missingBytes >= lengthBytes) return { kind: 'error', code: 'ENOSPC' }
    return { kind: 'short', bytes: lengthBytes - missingBytes }
  }

  // EINTR, or a device that says nothing of what it did, leaves everything pending and nobody else to be told.
  private beforeSync(decision: CallDecision | undefined): void {
    if (decision?.kind === 'lie') this.files.sink?.loseSync(this.inner)
    if (decision?.kind !== 'error' || decision.code === 'EINTR') return
    const { variant } = decision
    this.files.sink?.failSync(this.inner, variant === undefined || variant === 'after-partial' ? 'pages-kept' : variant)
  }

  private transfer<T>(call: FileSystemCallInfo, make: () => T): T {
    try {
      return make()
    } catch (error) {
      this.files.tell(call, undefined, codeOf(error), false)
      throw error
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof IoError ? error.code : 'EIO'
}
