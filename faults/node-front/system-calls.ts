// faults/node-front/system-calls.ts: what the operations of `node:fs` are made of: one process's system calls, wherever they
// are carried out. Simulated: kernel.ts, file-calls.ts, name-calls.ts. Real: real-kernel.ts, real-files.ts, real-names.ts.
//
// 1. Both make the same numbered calls for the same program, as long as they get the same answers.
// 2. What is marked as a look makes no numbered call.

import type { Attributes } from '../disk/index.ts'
import type { Kind } from './stats.ts'

/** What changed, for those who watch: a name came or went, or a file's content or attributes are others. */
export type Change = (event: 'rename' | 'change', path: string) => void

/** Attributes after a change, of those before it. */
export type AttributeChange = (before: Attributes) => Attributes

export type Entry = Readonly<{ name: string; kind: Kind }>

/** What a process's kernel keeps besides its files. */
export interface ProcessKernel {
  /** Milliseconds since 1970, by the world's clock. */
  readonly nowMs: () => number
  readonly watchers: Set<Change>
  /** `watchFile`s that go on. */
  readonly pollers: Set<object>
  /** A look: what `fs.watch` would watch; an errno code if there is nothing. */
  watched(path: string): Readonly<{ path: string; isDirectory: boolean }> | string
}

/** Calls that open a file, or work on an open one. All throw as `node:fs` does. */
export interface FileSystemCalls {
  open(path: string, flags: number, mode: number): number
  close(fd: number): void
  /** Reads at a position, or at the descriptor's own (`undefined`). Returns the bytes read. */
  read(fd: number, target: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number
  readVector(fd: number, targets: readonly Uint8Array[], positionBytes?: number): number
  /** Returns the bytes written, maybe fewer than asked. */
  write(fd: number, source: Uint8Array, offset: number, lengthBytes: number, positionBytes?: number): number
  writeVector(fd: number, sources: readonly Uint8Array[], positionBytes?: number): number
  sync(fd: number, syscall: 'fsync' | 'fdatasync'): void
  truncate(fd: number, sizeBytes: number): void
  stat(fd: number, big: boolean): object
  setAttributes(fd: number, syscall: string, change: AttributeChange): void
  /** A look: the permission bits of an open file. */
  modeOf(fd: number): number
  /** A look. `syscall` names the error if nothing is open there. */
  isDirectory(fd: number, syscall: string): boolean
  /** A look: whether two descriptors lead to one file. */
  isSame(left: number, right: number): boolean
}

/** Calls on paths. All throw as `node:fs` does. */
export interface NameSystemCalls {
  /** Undefined if nothing has the name and `mayMiss`. */
  stat(path: string, options: Readonly<{ follow: boolean; big: boolean; mayMiss?: boolean }>): object | undefined
  access(path: string, mode: number): void
  canonical(path: string, syscall: 'lstat' | 'realpath'): string
  /** In the order of the names' code points. */
  list(path: string, syscall: 'scandir' | 'opendir'): readonly Entry[]
  readLink(path: string): string
  makeDirectory(path: string, mode: number): void
  removeDirectory(path: string): void
  unlink(path: string): void
  rename(source: string, target: string): void
  link(path: string, target: string): void
  symlink(target: string, path: string): void
  setAttributes(path: string, syscall: string, follow: boolean, change: AttributeChange): void
  /** A look: whether the path leads to a symbolic link; with `follow` only if it cannot be followed. */
  isLink(path: string, follow: boolean): boolean
}
