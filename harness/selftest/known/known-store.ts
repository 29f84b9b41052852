// harness/selftest/known/known-store.ts: a small store that keeps its promises, and the same with one defect planted.
//
//   generation file `g00000001`:  SEAL count | record × count | record …        (the newest sealed generation counts)
//   record: length u16, checksum u32, payload
//
// The self-test knows what it does right and, with a defect, what it does wrong; both must be found out by a campaign.
//
// 1. An open, and a commit after a failed one, copy what is acknowledged into a new generation: records, then the sync,
//    then the directory's, and only then are older generations unlinked.
// 2. A commit is one append and one sync. Entries are held in allocator blocks, one each.

import { IoError, type Allocator, type Block, type FileHandle, type FileSystem } from '../../../engine/ports/index.ts'

export const DEFECTS = [
  'sync-left-out',
  'acknowledged-before-sync',
  'leak-on-error',
  'allocation-while-unwinding',
  'out-of-memory-swallowed',
  'failed-sync-retried',
  'directory-sync-skipped',
  'append-to-torn-tail',
  'interrupt-reported',
  'handle-kept-on-error',
  'failed-put-stays-visible',
  'synced-by-another-handle',
  'gives-up-after-two-failures',
  'slow-call-taken-for-failure',
] as const
export type Defect = (typeof DEFECTS)[number]

export class LogStoreError extends Error {
  override readonly name = 'LogStoreError'
  readonly code: 'UNKNOWN' | 'CORRUPT'
  constructor(code: 'UNKNOWN' | 'CORRUPT', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

const HEADER_BYTES = 6
const TRIES_MAX = 5
/** Longer than the defect lets a sync take. */
const SLOW_MS = 1000

export type LogStoreOptions = Readonly<{
  fileSystem: FileSystem
  allocator: Allocator
  directory: string
  defect?: Defect | undefined
  /** Only a defect looks at it. */
  nowMs?: () => number
}>

export class LogStore {
  private readonly options: LogStoreOptions
  private entries: Block[] = []
  private handle: FileHandle | undefined
  private generation = 0
  private rollNext = false
  private directoryUnsynced = false
  private pendingSync = false
  private sizeBytes = 0
  private failures = 0

  static open(options: LogStoreOptions): LogStore {
    const store = new LogStore(options)
    try {
      store.recover()
    } catch (error) {
      store.release()
      throw error
    }
    return store
  }

  private constructor(options: LogStoreOptions) {
    this.options = options
  }

  put(text: string): void {
    const { allocator, defect } = this.options
    const payload = new TextEncoder().encode(text)
    let entry: Block
    try {
      entry = this.block(payload, 'entry')
    } catch (error) {
      if (defect === 'out-of-memory-swallowed') return
      throw error
    }
    let buffer: Block | undefined
    try {
      if (defect === 'failed-put-stays-visible') this.entries.push(entry)
      if (defect === 'gives-up-after-two-failures' && this.failures > 1) throw new Error('the store has given up')
      if (this.rollNext) this.roll([...this.entries, entry])
      else {
        buffer = allocator.allocate(HEADER_BYTES + payload.length, 'record')
        encodeRecord(buffer.bytes, buffer.start, payload, this.generation)
        this.append(buffer)
      }
    } catch (error) {
      this.failures += 1
      if (defect === 'allocation-while-unwinding') allocator.free(allocator.allocate(16, 'note'))
      if (defect !== 'failed-put-stays-visible' && defect !== 'leak-on-error') allocator.free(entry)
      throw error
    } finally {
      if (buffer !== undefined) allocator.free(buffer)
    }
    if (defect !== 'failed-put-stays-visible') this.entries.push(entry)
  }

  all(): string[] {
    return this.entries.map((entry) => new TextDecoder().decode(contentOf(entry)))
  }

  /** Reads the newest generation again and compares. */
  verify(): { path: string; offsetBytes: number; message: string }[] {
    const path = this.pathOf(this.generation)
    const found = this.load(this.generation)
    try {
      const same =
        found !== undefined &&
        found.length >= this.entries.length &&
        this.entries.every((entry, index) => sameBytes(contentOf(entry), contentOf(found[index] ?? entry)))
      return same ? [] : [{ path, offsetBytes: 0, message: 'the file does not hold what the store does' }]
    } finally {
      for (const block of found ?? []) this.options.allocator.free(block)
    }
  }

  position(): { path: string; endBytes: number } {
    return { path: this.pathOf(this.generation), endBytes: this.sizeBytes }
  }

  live(): Record<string, number> {
    return { entries: this.entries.length, handles: this.handle === undefined ? 0 : 1 }
  }

  close(): void {
    this.release()
  }

  private append(record: Block): void {
    const handle = this.handle
    if (handle === undefined) throw new Error('the store is closed')
    const { defect } = this.options
    try {
      if (this.pendingSync) this.sync(handle)
      this.appendAll(handle, record.bytes, record.start, record.byteLength)
      if (defect === 'acknowledged-before-sync') this.pendingSync = true
      else if (defect !== 'sync-left-out') this.sync(handle)
      this.sizeBytes += record.byteLength
    } catch (error) {
      this.rollNext = true
      throw unknownOutcome(error)
    }
  }

  /** Makes a new generation of `entries`. Whatever fails, the next commit tries again with another one. */
  private roll(entries: readonly Block[], recovering = false): void {
    const { fileSystem, allocator, directory, defect } = this.options
    let length = HEADER_BYTES
    for (const entry of entries) length += HEADER_BYTES + entry.byteLength
    const buffer = allocator.allocate(length, 'generation')
    const old = this.handle
    let handle: FileHandle | undefined
    let touched = false
    try {
      const generation = this.generation + 1
      encodeSeal(buffer.bytes, buffer.start, entries.length, generation)
      let at = buffer.start + HEADER_BYTES
      for (const entry of entries) {
        encodeRecord(buffer.bytes, at, contentOf(entry), generation)
        at += HEADER_BYTES + entry.byteLength
      }
      this.generation = generation
      if (this.directoryUnsynced) this.syncDirectory()
      this.directoryUnsynced = true
      handle = this.uninterrupted(() => fileSystem.create(this.pathOf(this.generation)))
      touched = true
      this.appendAll(handle, buffer.bytes, buffer.start, length)
      handle = this.sync(handle)
      if (defect !== 'directory-sync-skipped') this.syncDirectory()
      this.handle = handle
      this.sizeBytes = length
      handle = undefined
      old?.close()
      for (const name of this.uninterrupted(() => fileSystem.list(directory))) {
        const number = numberOf(name)
        if (number === undefined || number >= this.generation) continue
        if (defect !== 'directory-sync-skipped') this.directoryUnsynced = true
        fileSystem.unlink(this.pathOf(number))
        this.syncDirectory()
      }
      this.rollNext = false
      this.directoryUnsynced = false
    } catch (error) {
      this.rollNext = true
      if (defect !== 'handle-kept-on-error') closeQuietly(handle)
      throw touched && !recovering ? unknownOutcome(error) : error
    } finally {
      allocator.free(buffer)
    }
  }

  private recover(): void {
    const { fileSystem, directory, defect } = this.options
    const numbers = this.uninterrupted(() => fileSystem.list(directory))
      .map(numberOf)
      .filter((number) => number !== undefined)
      .toSorted((left, right) => right - left)
    this.generation = numbers[0] ?? 0
    for (const number of numbers) {
      const entries = this.load(number)
      if (entries === undefined) continue
      this.entries = entries
      if (defect === 'append-to-torn-tail') {
        this.generation = number
        const handle = this.uninterrupted(() => fileSystem.open(this.pathOf(number), 'append'))
        this.handle = handle
        this.sizeBytes = this.uninterrupted(() => handle.sizeBytes())
        return
      }
      break
    }
    this.directoryUnsynced = true
    this.roll(this.entries, true)
  }

  /** The entries of a generation, or undefined if it was never sealed. */
  private load(number: number): Block[] | undefined {
    const { fileSystem, allocator } = this.options
    const handle = this.uninterrupted(() => fileSystem.open(this.pathOf(number), 'read'))
    const blocks: Block[] = []
    let closed = false
    try {
      const sealed = this.readEntries(handle, number, blocks)
      closed = true
      handle.close()
      if (sealed) return blocks
    } catch (error) {
      for (const block of blocks) allocator.free(block)
      if (!closed) closeQuietly(handle)
      throw error
    }
    for (const block of blocks) allocator.free(block)
    return undefined
  }

  /** Whether the generation was sealed; its whole records are in `blocks`. */
  private readEntries(handle: FileHandle, generation: number, blocks: Block[]): boolean {
    const size = this.uninterrupted(() => handle.sizeBytes())
    if (size < HEADER_BYTES) return false
    const buffer = this.options.allocator.allocate(size, 'file')
    try {
      this.readAll(handle, buffer, size)
      const { bytes, start } = buffer
      const wanted = decodeSeal(bytes, start, generation)
      if (wanted === undefined) return false
      let at = start + HEADER_BYTES
      for (;;) {
        const payload = decodeRecord(bytes, at, start + size, generation)
        if (payload === undefined) return blocks.length >= wanted
        blocks.push(this.block(payload, 'entry'))
        at += HEADER_BYTES + payload.length
      }
    } finally {
      this.options.allocator.free(buffer)
    }
  }

  private block(payload: Uint8Array, tag: string): Block {
    const block = this.options.allocator.allocate(payload.length, tag)
    block.bytes.set(payload, block.start)
    return block
  }

  private readAll(handle: FileHandle, block: Block, length: number): void {
    let done = 0
    let interrupted = 0
    while (done < length) {
      try {
        const count = handle.read(block.bytes, block.start + done, length - done, done)
        if (count === 0) throw new LogStoreError('CORRUPT', `${handle.path} is shorter than its size`)
        done += count
      } catch (error) {
        interrupted += 1
        if (!this.again(error, interrupted)) throw error
      }
    }
  }

  private appendAll(handle: FileHandle, bytes: Uint8Array, offset: number, length: number): void {
    let done = 0
    let tries = 0
    while (done < length) {
      try {
        const count = handle.append(bytes, offset + done, length - done)
        if (count === 0 && (tries += 1) > TRIES_MAX) throw new IoError('ENOSPC', 'append', handle.path)
        done += count
      } catch (error) {
        tries += 1
        if (!this.again(error, tries)) throw error
      }
    }
  }

  /** Gives the handle that is open after it. */
  private sync(handle: FileHandle): FileHandle {
    const retried = this.options.defect === 'failed-sync-retried'
    const startMs = this.nowMs()
    for (let tries = 1; ; tries += 1) {
      try {
        const synced = this.options.defect === 'synced-by-another-handle' ? this.syncElsewhere(handle) : handle
        if (synced === handle) handle.sync()
        if (this.nowMs() - startMs > SLOW_MS) throw new Error('the sync took too long')
        this.pendingSync = false
        return synced
      } catch (error) {
        if (!(retried && tries <= TRIES_MAX) && !this.again(error, tries)) throw error
      }
    }
  }

  /** Closes the handle between the write and the sync: whoever syncs never hears of what failed in between. */
  private syncElsewhere(handle: FileHandle): FileHandle {
    handle.close()
    const other = this.uninterrupted(() => this.options.fileSystem.open(handle.path, 'append'))
    if (this.handle === handle) this.handle = other
    other.sync()
    return other
  }

  private nowMs(): number {
    return this.options.defect === 'slow-call-taken-for-failure' ? (this.options.nowMs?.() ?? 0) : 0
  }

  private syncDirectory(): void {
    const { fileSystem, directory } = this.options
    this.uninterrupted(() => fileSystem.syncDirectory(directory))
    this.directoryUnsynced = false
  }

  private uninterrupted<T>(call: () => T): T {
    for (let tries = 1; ; tries += 1) {
      try {
        return call()
      } catch (error) {
        if (!this.again(error, tries)) throw error
      }
    }
  }

  private again(error: unknown, tries: number): boolean {
    if (this.options.defect === 'interrupt-reported') return false
    return error instanceof IoError && (error.code === 'EINTR' || error.code === 'EAGAIN') && tries <= TRIES_MAX
  }

  private release(): void {
    for (const entry of this.entries.splice(0)) this.options.allocator.free(entry)
    const handle = this.handle
    this.handle = undefined
    handle?.close()
  }

  private pathOf(number: number): string {
    return `${this.options.directory}/g${String(number).padStart(8, '0')}`
  }
}

function unknownOutcome(error: unknown): unknown {
  return error instanceof IoError
    ? new LogStoreError('UNKNOWN', `not known whether it is there: ${error.message}`, error)
    : error
}

function closeQuietly(handle: FileHandle | undefined): void {
  try {
    handle?.close()
  } catch {
    // The error that led here is the one to report.
  }
}

function numberOf(name: string): number | undefined {
  return /^g\d{8}$/.test(name) ? Number(name.slice(1)) : undefined
}

function contentOf(block: Block): Uint8Array {
  return block.bytes.subarray(block.start, block.start + block.byteLength)
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

/** Of the generation too: a lost file may come back with the bytes of a deleted one. */
function checksum(bytes: Uint8Array, generation: number): number {
  let sum = Math.imul(0x811c9dc5 ^ bytes.length, 0x01000193) ^ generation
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) ^ (sum >>> 15)
  return sum >>> 0
}

function encodeRecord(target: Uint8Array, at: number, payload: Uint8Array, generation: number): void {
  const view = new DataView(target.buffer, target.byteOffset)
  view.setUint16(at, payload.length)
  view.setUint32(at + 2, checksum(payload, generation))
  target.set(payload, at + HEADER_BYTES)
}

function decodeRecord(bytes: Uint8Array, at: number, end: number, generation: number): Uint8Array | undefined {
  if (at + HEADER_BYTES > end) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = view.getUint16(at)
  if (length === 0 || at + HEADER_BYTES + length > end) return undefined
  const payload = bytes.slice(at + HEADER_BYTES, at + HEADER_BYTES + length)
  return checksum(payload, generation) === view.getUint32(at + 2) ? payload : undefined
}

function sealOf(count: number, generation: number): number {
  return (0xffff_ffff - count - Math.imul(generation, 0x1_0000)) >>> 0
}

function encodeSeal(target: Uint8Array, at: number, count: number, generation: number): void {
  const view = new DataView(target.buffer, target.byteOffset)
  view.setUint16(at, count)
  view.setUint32(at + 2, sealOf(count, generation))
}

function decodeSeal(bytes: Uint8Array, at: number, generation: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const count = view.getUint16(at)
  return view.getUint32(at + 2) === sealOf(count, generation) ? count : undefined
}
