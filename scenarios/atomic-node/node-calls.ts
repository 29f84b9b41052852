// scenarios/atomic-node/node-calls.ts: the calls of `node:fs` that replacing a file takes, in the two forms in which programs
// make them: with callbacks and descriptors, with promises and file handles.

import type { Stats } from 'node:fs'

export type NodeFs = typeof import('node:fs')

/** A file or directory that was opened. Every method fails with Node's own error. */
export interface OpenedFile {
  /** Writes from `offset` on, at the file's own position; gives the bytes written, maybe fewer than are left. */
  write(bytes: Uint8Array, offset: number): Promise<number>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface NodeCalls {
  open(path: string, flags: 'r' | 'w' | 'wx' | 'a' | 'r+'): Promise<OpenedFile>
  rename(source: string, target: string): Promise<void>
  unlink(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  read(path: string): Promise<Buffer>
  /** Undefined if there is no such file. */
  sizeBytes(path: string): Promise<number | undefined>
}

export type Style = 'callbacks' | 'promises'

export const NODE_CALLS: Readonly<Record<Style, (fs: NodeFs) => NodeCalls>> = {
  callbacks: callbackCalls,
  promises: promiseCalls,
}

function callbackCalls(fs: NodeFs): NodeCalls {
  return {
    open: async (path, flags) => {
      const fd = await called<number>((done) => fs.open(path, flags, done))
      return {
        write: (bytes, offset) => called<number>((done) => fs.write(fd, bytes, offset, done)),
        sync: () => called((done) => fs.fsync(fd, done)),
        close: () => called((done) => fs.close(fd, done)),
      }
    },
    rename: (source, target) => called((done) => fs.rename(source, target, done)),
    unlink: (path) => called((done) => fs.unlink(path, done)),
    list: (path) => called<readonly string[]>((done) => fs.readdir(path, done)),
    read: (path) => called<Buffer>((done) => fs.readFile(path, done)),
    sizeBytes: (path) => sizeOf(called<Stats>((done) => fs.stat(path, done))),
  }
}

function promiseCalls(fs: NodeFs): NodeCalls {
  const { promises } = fs
  return {
    open: async (path, flags) => {
      const file = await promises.open(path, flags)
      return {
        write: async (bytes, offset) => (await file.write(bytes, offset)).bytesWritten,
        sync: () => file.sync(),
        close: () => file.close(),
      }
    },
    rename: (source, target) => promises.rename(source, target),
    unlink: (path) => promises.unlink(path),
    list: (path) => promises.readdir(path),
    read: (path) => promises.readFile(path),
    sizeBytes: (path) => sizeOf(promises.stat(path)),
  }
}

async function sizeOf(looked: Promise<Stats>): Promise<number | undefined> {
  try {
    return (await looked).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

type Done<T> = (error: Error | null, value?: T) => void

function called<T = void>(make: (done: Done<T>) => void): Promise<T> {
  return new Promise((fulfil, reject) => {
    make((error, value) => {
      if (error !== null) reject(error)
      // A call without an error gives what it is for.
      else fulfil(value as T)
    })
  })
}
