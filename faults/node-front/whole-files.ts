// faults/node-front/whole-files.ts: operations that Node makes of several system calls: whole files, trees, copies.
//
// 1. They make the calls that Node's own make, in that order, and go back to the scheduler where Node's go back to theirs.
// 2. What one of them opened it closes, whatever fails; the first error is the one that is told.

import { constants } from 'node:fs'
import { posix } from 'node:path'
import { operationError, systemError } from './errors.ts'
import type { Steps } from './steps.ts'
import type { Entry, FileSystemCalls, NameSystemCalls } from './system-calls.ts'

const { COPYFILE_EXCL, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants
/** Bytes that Node asks for where the size is not known, and in one read of a large file. */
const UNKNOWN_READ_BYTES = 64 * 1024
const READ_BYTES_MAX = 512 * 1024
const COPY_BYTES = 64 * 1024
const TEMPORARY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const TEMPORARY_TRIES = 16

export type Copying = Readonly<{
  recursive: boolean
  force: boolean
  errorOnExist: boolean
  dereference: boolean
  preserveTimestamps: boolean
  exclusive: boolean
  filter: (source: string, target: string) => boolean
}>

export class WholeFiles {
  private readonly files: FileSystemCalls
  private readonly names: NameSystemCalls
  private readonly letter: () => number

  /** `letter` gives a number from 0 to 61, for temporary names. */
  constructor(files: FileSystemCalls, names: NameSystemCalls, letter: () => number) {
    this.files = files
    this.names = names
    this.letter = letter
  }

  *read(place: string | number, flags: number): Steps<Buffer> {
    if (typeof place === 'number') return yield* this.readOpen(place)
    const fd = this.files.open(place, flags, 0o666)
    return yield* this.thenClose(fd, this.readOpen(fd))
  }

  *write(place: string | number, data: Uint8Array, flags: number, mode: number, flush: boolean): Steps<void> {
    if (typeof place === 'number') return yield* this.writeOpen(place, data, flush)
    const fd = this.files.open(place, flags, mode)
    return yield* this.thenClose(fd, this.writeOpen(fd, data, flush))
  }

  *truncate(path: string, sizeBytes: number): Steps<void> {
    const fd = this.files.open(path, O_RDWR, 0o666)
    const { files } = this
    const cut = function* (): Steps<void> {
      yield
      files.truncate(fd, sizeBytes)
    }
    yield* this.thenClose(fd, cut())
  }

  /** One call of libuv's, so one piece; each of its system calls is one on the disk. */
  copy(source: string, target: string, mode: number): void {
    const from = this.renamed('copyfile', source, target, () => this.files.open(source, O_RDONLY, 0))
    try {
      const flags = O_WRONLY | O_CREAT | ((mode & COPYFILE_EXCL) === 0 ? 0 : O_EXCL)
      const bits = this.files.modeOf(from)
      const to = this.renamed('copyfile', source, target, () => this.files.open(target, flags, bits))
      try {
        if (this.files.isDirectory(from, 'copyfile')) throw systemError('EISDIR', 'copyfile', source, target)
        this.renamed('copyfile', source, target, () => this.copyOpen(from, to, bits))
      } catch (error) {
        // As libuv does: nothing rather than a part.
        this.closeQuietly(to)
        this.names.unlink(target)
        throw error
      }
      this.renamed('copyfile', source, target, () => this.files.close(to))
    } finally {
      this.files.close(from)
    }
  }

  /** Makes a directory and those above it; gives the first that was made. */
  makeDirectories(path: string, mode: number): string | undefined {
    const whole = path.replace(/(?!^)\/+$/, '')
    const waiting = [whole]
    let first: string | undefined
    for (let at = waiting.at(-1); at !== undefined; at = waiting.at(-1)) {
      try {
        this.names.makeDirectory(at, mode)
        first ??= at === whole ? path : at
        waiting.pop()
      } catch (error) {
        const code = codeOf(error)
        const above = at.slice(0, at.lastIndexOf('/')) || '/'
        if (code === 'ENOENT' && above !== at) waiting.push(above)
        else if (code === 'EEXIST' && this.retelling(path, () => this.isDirectory(at === whole ? path : at)))
          waiting.pop()
        else if (code === 'EEXIST') throw systemError(at === whole ? 'EEXIST' : 'ENOTDIR', 'mkdir', path)
        else throw retold(error, 'mkdir', path)
      }
    }
    return first
  }

  makeTemporary(prefix: string): string {
    for (let tries = 0; ; tries += 1) {
      const path = prefix + Array.from({ length: 6 }, () => TEMPORARY_LETTERS[this.letter()] ?? 'x').join('')
      try {
        this.names.makeDirectory(path, 0o700)
        return path
      } catch (error) {
        if (codeOf(error) !== 'EEXIST' || tries >= TEMPORARY_TRIES) throw retold(error, 'mkdtemp', `${prefix}XXXXXX`)
      }
    }
  }

  /** All entries below a directory, each with the path of its directory; a directory's own before those below it. */
  *listTree(path: string): Steps<readonly Readonly<{ directory: string; entry: Entry }>[]> {
    const found: { directory: string; entry: Entry }[] = []
    const waiting = [path]
    for (let directory = waiting.shift(); directory !== undefined; directory = waiting.shift()) {
      for (const entry of this.names.list(directory, 'scandir')) {
        found.push({ directory, entry })
        if (entry.kind === 'directory') waiting.push(posix.join(directory, entry.name))
      }
      yield
    }
    return found
  }

  *remove(path: string, options: Readonly<{ recursive: boolean; force: boolean }>): Steps<void> {
    let isDirectory: boolean
    try {
      isDirectory = this.isDirectory(path, false)
    } catch (error) {
      if (options.force && codeOf(error) === 'ENOENT') return
      // Node's removal of trees doesn't ask again; the call that removes says what is wrong.
      if (options.force && options.recursive) return this.names.unlink(path)
      throw error
    }
    if (!isDirectory) {
      yield
      this.names.unlink(path)
      return
    }
    if (!options.recursive) throw operationError('ERR_FS_EISDIR', 'Path is a directory', 'rm', path, 'EISDIR')
    yield* this.removeTree(path)
  }

  *removeTree(path: string): Steps<void> {
    yield
    for (const { name, kind } of this.names.list(path, 'scandir')) {
      const child = joined(path, name)
      if (kind === 'directory') yield* this.removeTree(child)
      else {
        yield
        this.names.unlink(child)
      }
    }
    yield
    this.names.removeDirectory(path)
  }

  *copyTree(source: string, target: string, options: Copying): Steps<void> {
    if (!options.filter(source, target)) return
    if (this.names.isLink(source, options.dereference)) return yield* this.copyLink(source, target)
    const isDirectory = this.isDirectory(source, options.dereference)
    const taken = this.names.stat(target, { follow: true, big: false, mayMiss: true }) !== undefined
    yield
    if (isDirectory) {
      if (!options.recursive)
        throw operationError(
          'ERR_FS_EISDIR',
          'Recursive option not enabled, cannot copy a directory',
          'cp',
          source,
          'EISDIR',
        )
      if (target === source || target.startsWith(`${source}/`))
        throw operationError(
          'ERR_FS_CP_EINVAL',
          'Cannot copy a directory to a subdirectory of itself',
          'cp',
          target,
          'EINVAL',
        )
      if (!taken) this.makeDirectories(target, 0o777)
      else if (!this.isDirectory(target))
        throw operationError('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot overwrite non-directory', 'cp', target, 'EISDIR')
      for (const { name } of this.names.list(source, 'scandir'))
        yield* this.copyTree(joined(source, name), joined(target, name), options)
      return
    }
    if (taken && this.isDirectory(target))
      throw operationError('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot overwrite directory', 'cp', target, 'ENOTDIR')
    if (taken && !options.force) {
      if (options.errorOnExist)
        throw operationError('ERR_FS_CP_EEXIST', 'Target already exists', 'cp', target, 'EEXIST')
      return
    }
    const above = target.slice(0, target.lastIndexOf('/')) || '/'
    if (!taken) this.makeDirectories(above, 0o777)
    if (taken) this.names.unlink(target)
    this.copy(source, target, options.exclusive ? COPYFILE_EXCL : 0)
  }

  private *copyLink(source: string, target: string): Steps<void> {
    const leadsTo = this.names.readLink(source)
    yield
    const taken = this.names.stat(target, { follow: false, big: false, mayMiss: true }) !== undefined
    if (taken) this.names.unlink(target)
    const from = source.slice(0, source.lastIndexOf('/') + 1)
    this.names.symlink(leadsTo.startsWith('/') ? leadsTo : from + leadsTo, target)
  }

  private copyOpen(from: number, to: number, mode: number): void {
    const { files } = this
    if (files.isSame(from, to)) return
    files.truncate(to, 0)
    files.setAttributes(to, 'copyfile', (before) => ({ ...before, mode }))
    const chunk = new Uint8Array(COPY_BYTES)
    for (;;) {
      const bytes = files.read(from, chunk, 0, chunk.length)
      if (bytes === 0) return
      for (let done = 0; done < bytes;) done += files.write(to, chunk, done, bytes - done)
    }
  }

  private *readOpen(fd: number): Steps<Buffer> {
    yield
    const stats = this.files.stat(fd, false)
    const known =
      'size' in stats && typeof stats.size === 'number' && !this.files.isDirectory(fd, 'read') ? stats.size : 0
    const chunks: Uint8Array[] = []
    let done = 0
    for (;;) {
      yield
      const wanted = known === 0 ? UNKNOWN_READ_BYTES : Math.min(READ_BYTES_MAX, known - done)
      const chunk = Buffer.allocUnsafeSlow(wanted)
      const bytes = this.files.read(fd, chunk, 0, wanted)
      chunks.push(chunk.subarray(0, bytes))
      done += bytes
      if (bytes === 0 || (known > 0 && done >= known)) break
    }
    return Buffer.concat(chunks, done)
  }

  private *writeOpen(fd: number, data: Uint8Array, flush: boolean): Steps<void> {
    for (let done = 0; done < data.length;) {
      yield
      done += this.files.write(fd, data, done, data.length - done)
    }
    if (!flush) return
    yield
    this.files.sync(fd, 'fsync')
  }

  private *thenClose<T>(fd: number, steps: Steps<T>): Steps<T> {
    let result: T
    try {
      result = yield* steps
    } catch (error) {
      yield
      this.closeQuietly(fd)
      throw error
    }
    yield
    this.files.close(fd)
    return result
  }

  private closeQuietly(fd: number): void {
    try {
      this.files.close(fd)
    } catch {
      // The first error is the one that is told.
    }
  }

  private isDirectory(path: string, follow = true): boolean {
    const stats = this.names.stat(path, { follow, big: false })
    return typeof stats === 'object' && 'isDirectory' in stats && Object(stats).isDirectory() === true
  }

  private retelling<T>(path: string, make: () => T): T {
    try {
      return make()
    } catch (error) {
      throw retold(error, 'mkdir', path)
    }
  }

  /** Makes calls that report under another name. */
  private renamed<T>(syscall: string, path: string, dest: string, make: () => T): T {
    try {
      return make()
    } catch (error) {
      throw retold(error, syscall, path, dest)
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function retold(error: unknown, syscall: string, path: string, dest?: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error
  return systemError(String(error.code), syscall, path, dest)
}

export function joined(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`
}
