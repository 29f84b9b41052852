// faults/node-front/file-handle.ts: an open file as `fs.promises.open` gives it.
//
// 1. After `close` every method rejects with EBADF, as Node's does.

import { EventEmitter } from 'node:events'
import { ReadStream, WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { NotModelledError } from './errors.ts'
import { isCallback, optionsOf, type Callback } from './arguments.ts'
import { readArguments, viewsOf, writeArguments, type Operations } from './operations.ts'

/** Makes an operation in its promise form. */
export type Perform = (name: keyof Operations, ...args: readonly unknown[]) => Promise<unknown>

export class FrontFileHandle extends EventEmitter {
  private descriptor: number
  private readonly perform: Perform
  private closing: Promise<void> | undefined

  constructor(perform: Perform, fd: number) {
    super()
    this.perform = perform
    this.descriptor = fd
  }

  get fd(): number {
    return this.descriptor
  }

  async read(...args: readonly unknown[]): Promise<{ bytesRead: unknown; buffer: unknown }> {
    const { view, offset, lengthBytes, position, given } = readArguments(args)
    const bytesRead = await this.call('read', 'read', view, offset, lengthBytes, position)
    return { bytesRead, buffer: given }
  }

  async readv(buffers: unknown, position?: unknown): Promise<{ bytesRead: unknown; buffers: unknown }> {
    viewsOf(buffers)
    return { bytesRead: await this.call('readv', 'readv', buffers, position), buffers }
  }

  async write(...args: readonly unknown[]): Promise<{ bytesWritten: unknown; buffer: unknown }> {
    const { view, offset, lengthBytes, position, given } = writeArguments(args)
    const bytesWritten = await this.call('write', 'write', view, offset, lengthBytes, position)
    return { bytesWritten, buffer: given }
  }

  async writev(buffers: unknown, position?: unknown): Promise<{ bytesWritten: unknown; buffers: unknown }> {
    viewsOf(buffers)
    return { bytesWritten: await this.call('writev', 'writev', buffers, position), buffers }
  }

  readFile(options?: unknown): Promise<unknown> {
    return this.call('readFile', 'readFile', options)
  }

  async writeFile(data: unknown, options?: unknown): Promise<unknown> {
    if (!isIterable(data)) return this.call('writeFile', 'writeFile', data, options)
    for await (const chunk of data) await this.call('writeFile', 'writeFile', chunk, options)
    return undefined
  }

  appendFile(data: unknown, options?: unknown): Promise<unknown> {
    return this.writeFile(data, options)
  }

  truncate(length?: unknown): Promise<unknown> {
    return this.call('ftruncate', 'ftruncate', length)
  }

  stat(options?: unknown): Promise<unknown> {
    return this.call('fstat', 'fstat', options)
  }

  sync(): Promise<unknown> {
    return this.call('fsync', 'fsync')
  }

  datasync(): Promise<unknown> {
    return this.call('fdatasync', 'fdatasync')
  }

  chmod(mode: unknown): Promise<unknown> {
    return this.call('fchmod', 'fchmod', mode)
  }

  chown(uid: unknown, gid: unknown): Promise<unknown> {
    return this.call('fchown', 'fchown', uid, gid)
  }

  utimes(atime: unknown, mtime: unknown): Promise<unknown> {
    return this.call('futimes', 'futimes', atime, mtime)
  }

  close(): Promise<void> {
    if (this.descriptor === -1) return this.closing ?? Promise.resolve()
    const fd = this.descriptor
    this.descriptor = -1
    this.closing = this.perform('close', fd).then(() => {
      this.emit('close')
    })
    return this.closing
  }

  createReadStream(options?: unknown): ReadStream {
    return openStream(ReadStream, this, options)
  }

  createWriteStream(options?: unknown): WriteStream {
    return openStream(WriteStream, this, options)
  }

  readLines(options?: unknown): AsyncIterable<string> {
    return createInterface({ input: this.createReadStream(options), crlfDelay: Infinity })
  }

  readableWebStream(): never {
    throw new NotModelledError('filehandle.readableWebStream')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // The descriptor's calls with a callback, for Node's own streams.

  streamCalls(): Readonly<Record<string, unknown>> {
    const form =
      (name: string) =>
      (...args: unknown[]): void => {
        const callback = args.pop()
        const given = args[1]
        void this.perform(name, ...args).then(
          (value) => Reflect.apply(asCallback(callback), undefined, [null, value, given]),
          (error: unknown) => Reflect.apply(asCallback(callback), undefined, [error]),
        )
      }
    const close = (_fd: unknown, callback: Callback): void => {
      this.close().then(
        () => callback(null),
        (error: unknown) => callback(error),
      )
    }
    return { read: form('read'), write: form('write'), writev: form('writev'), fsync: form('fsync'), close }
  }

  private call(syscall: string, name: string, ...args: readonly unknown[]): Promise<unknown> {
    if (this.descriptor === -1)
      return Promise.reject(Object.assign(new Error('file closed'), { code: 'EBADF', syscall }))
    return this.perform(name, this.descriptor, ...args)
  }
}

/** Node's types hide the constructors of its streams. */
function openStream<T>(Stream: Function & { prototype: T }, handle: FrontFileHandle, options: unknown): T {
  return Reflect.construct(Stream, ['', { ...optionsOf(options), fd: handle.fd, fs: handle.streamCalls() }])
}

export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

function asCallback(value: unknown): Callback {
  return isCallback(value) ? value : () => {}
}
