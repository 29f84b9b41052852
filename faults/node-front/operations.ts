// faults/node-front/operations.ts: every operation of `node:fs`, by name: its arguments read, and the pieces that it is made of.
//
// 1. Arguments are read at once; nothing is done before the first piece runs.
// 2. The synchronous, callback and promise forms are all made of this table (face.ts).

import { posix, resolve } from 'node:path'
import { argumentError } from './errors.ts'
import {
  bytesOf,
  dataOf,
  encodedName,
  encodingOf,
  flagsOf,
  integerOf,
  modeOf,
  optionsOf,
  pathOf,
  timeOf,
  viewOf,
} from './arguments.ts'
import { NotModelledError } from './errors.ts'
import { checkRange } from './file-calls.ts'
import { FrontDir } from './front-dir.ts'
import { makeDirent } from './stats.ts'
import { single, type Steps } from './steps.ts'
import type { AttributeChange, FileSystemCalls, NameSystemCalls, ProcessKernel } from './system-calls.ts'
import type { WholeFiles } from './whole-files.ts'

export type Operation = (...args: readonly unknown[]) => Steps<unknown>
export type Operations = Readonly<Record<string, Operation>>

export type Parts = Readonly<{
  kernel: ProcessKernel
  files: FileSystemCalls
  names: NameSystemCalls
  whole: WholeFiles
  later: (task: () => void) => void
}>

export function makeOperations(parts: Parts): Operations {
  return { ...descriptorOperations(parts), ...pathOperations(parts), ...wholeOperations(parts) }
}

function descriptorOperations({ kernel, files }: Parts): Operations {
  const change = (fd: unknown, syscall: string, to: AttributeChange): Steps<void> => {
    const descriptor = descriptorOf(fd)
    return single(() => files.setAttributes(descriptor, syscall, to))
  }
  return {
    open: (path, flags, mode) => {
      const [at, how, bits] = [pathOf(path), flagsOf(flags), modeOf(mode, 0o666)]
      return single(() => files.open(at, how, bits))
    },
    close: (fd) => {
      const descriptor = descriptorOf(fd)
      return single(() => files.close(descriptor))
    },
    read: (fd, ...rest) => {
      const descriptor = descriptorOf(fd)
      const { view, offset, lengthBytes, position } = readArguments(rest)
      return single(() => (lengthBytes === 0 ? 0 : files.read(descriptor, view, offset, lengthBytes, position)))
    },
    readv: (fd, views, position) => {
      const [descriptor, targets, at] = [descriptorOf(fd), viewsOf(views), positionOf(position)]
      return single(() => files.readVector(descriptor, targets, at))
    },
    write: (fd, ...rest) => {
      const descriptor = descriptorOf(fd)
      const { view, offset, lengthBytes, position } = writeArguments(rest)
      return single(() => files.write(descriptor, view, offset, lengthBytes, position))
    },
    writev: (fd, views, position) => {
      const [descriptor, sources, at] = [descriptorOf(fd), viewsOf(views), positionOf(position)]
      return single(() => files.writeVector(descriptor, sources, at))
    },
    fsync: (fd) => {
      const descriptor = descriptorOf(fd)
      return single(() => files.sync(descriptor, 'fsync'))
    },
    fdatasync: (fd) => {
      const descriptor = descriptorOf(fd)
      return single(() => files.sync(descriptor, 'fdatasync'))
    },
    ftruncate: (fd, length) => {
      const [descriptor, sizeBytes] = [descriptorOf(fd), Math.max(0, integerOf(length, 'len', 0, -Infinity))]
      return single(() => files.truncate(descriptor, sizeBytes))
    },
    fstat: (fd, options) => {
      const descriptor = descriptorOf(fd)
      return single(() => files.stat(descriptor, optionsOf(options)['bigint'] === true))
    },
    fchmod: (fd, mode) => {
      const bits = modeOf(mode, 0)
      return change(fd, 'fchmod', (before) => ({ ...before, mode: bits, changedMs: kernel.nowMs() }))
    },
    fchown: (fd, uid, gid) => change(fd, 'fchown', ownerChange(kernel, uid, gid)),
    futimes: (fd, atime, mtime) => change(fd, 'futime', timesChange(kernel, atime, mtime)),
  }
}

function pathOperations({ kernel, names }: Parts): Operations {
  const change = (path: unknown, syscall: string, follow: boolean, to: AttributeChange): Steps<void> => {
    const at = pathOf(path)
    return single(() => names.setAttributes(at, syscall, follow, to))
  }
  const stat = (path: unknown, options: unknown, follow: boolean): Steps<unknown> => {
    const { bigint, throwIfNoEntry } = optionsOf(options)
    const at = pathOf(path)
    return single(() => names.stat(at, { follow, big: bigint === true, mayMiss: throwIfNoEntry === false }))
  }
  return {
    access: (path, mode) => {
      const [at, bits] = [pathOf(path), integerOf(mode, 'mode', 0)]
      return single(() => names.access(at, bits))
    },
    stat: (path, options) => stat(path, options, true),
    lstat: (path, options) => stat(path, options, false),
    statfs: () => {
      throw new NotModelledError('fs.statfs')
    },
    realpath: (path, options) => {
      // This form resolves '..' in the text, before it looks at any link.
      const at = resolve(pathOf(path))
      return single(() => encodedName(names.canonical(at, 'lstat'), optionsOf(options)))
    },
    'realpath.native': (path, options) => {
      const at = pathOf(path)
      return single(() => encodedName(names.canonical(at, 'realpath'), optionsOf(options)))
    },
    rename: (source, target) => {
      const [from, to] = [pathOf(source, 'oldPath'), pathOf(target, 'newPath')]
      return single(() => names.rename(from, to))
    },
    unlink: (path) => {
      const at = pathOf(path)
      return single(() => names.unlink(at))
    },
    link: (path, target) => {
      const [from, to] = [pathOf(path, 'existingPath'), pathOf(target, 'newPath')]
      return single(() => names.link(from, to))
    },
    symlink: (target, path) => {
      const [to, at] = [pathOf(target, 'target'), pathOf(path)]
      return single(() => names.symlink(to, at))
    },
    readlink: (path, options) => {
      const at = pathOf(path)
      return single(() => encodedName(names.readLink(at), optionsOf(options)))
    },
    chmod: (path, mode) => {
      const bits = modeOf(mode, 0)
      return change(path, 'chmod', true, (before) => ({ ...before, mode: bits, changedMs: kernel.nowMs() }))
    },
    chown: (path, uid, gid) => change(path, 'chown', true, ownerChange(kernel, uid, gid)),
    lchown: (path, uid, gid) => change(path, 'lchown', false, ownerChange(kernel, uid, gid)),
    utimes: (path, atime, mtime) => change(path, 'utime', true, timesChange(kernel, atime, mtime)),
    lutimes: (path, atime, mtime) => change(path, 'lutime', false, timesChange(kernel, atime, mtime)),
  }
}

function wholeOperations(parts: Parts): Operations {
  const { kernel, names, whole } = parts
  return {
    readFile: (place, given) => {
      const options = optionsOf(given)
      const [at, flags, encoding] = [placeOf(place), flagsOf(options['flag']), encodingOf(options['encoding'])]
      return mapped(whole.read(at, flags), (bytes) => (encoding === undefined ? bytes : bytes.toString(encoding)))
    },
    writeFile: (place, data, given) => writeFile(parts, place, data, given, 'w'),
    appendFile: (place, data, given) => writeFile(parts, place, data, given, 'a'),
    truncate: (path, length) => {
      const [at, sizeBytes] = [placeOf(path), Math.max(0, integerOf(length, 'len', 0, -Infinity))]
      return typeof at === 'number' ? single(() => parts.files.truncate(at, sizeBytes)) : whole.truncate(at, sizeBytes)
    },
    copyFile: (source, target, mode) => {
      const [from, to, bits] = [pathOf(source, 'src'), pathOf(target, 'dest'), integerOf(mode, 'mode', 0)]
      return single(() => whole.copy(from, to, bits))
    },
    mkdir: (path, given) => {
      const options = typeof given === 'object' ? optionsOf(given) : { mode: given, recursive: false }
      const [at, bits] = [pathOf(path), modeOf(options['mode'], 0o777)]
      return single(() =>
        options['recursive'] === true ? whole.makeDirectories(at, bits) : names.makeDirectory(at, bits),
      )
    },
    mkdtemp: (prefix, options) => {
      const start = pathOf(prefix, 'prefix')
      return single(() => encodedName(whole.makeTemporary(start), optionsOf(options)))
    },
    readdir: (path, given) => readDirectory(parts, pathOf(path), optionsOf(given)),
    opendir: (path, given) => {
      const at = pathOf(path)
      const options = optionsOf(given)
      return mapped(
        readDirectory(parts, at, { ...options, withFileTypes: true }, 'opendir'),
        (entries) => new FrontDir(at, entries, parts.later),
      )
    },
    rm: (path, given) => {
      const at = pathOf(path)
      const { recursive, force } = optionsOf(given)
      return whole.remove(at, { recursive: recursive === true, force: force === true })
    },
    rmdir: (path, given) => {
      const at = pathOf(path)
      return optionsOf(given)['recursive'] === true ? whole.removeTree(at) : single(() => names.removeDirectory(at))
    },
    cp: (source, target, given) => {
      const options = optionsOf(given)
      const { filter } = options
      if (options['preserveTimestamps'] === true) throw new NotModelledError('fs.cp with preserveTimestamps')
      return whole.copyTree(pathOf(source, 'src'), pathOf(target, 'dest'), {
        recursive: options['recursive'] === true,
        force: options['force'] !== false,
        errorOnExist: options['errorOnExist'] === true,
        dereference: options['dereference'] === true,
        preserveTimestamps: false,
        exclusive: options['mode'] === 1,
        filter: (from, to) => typeof filter !== 'function' || Reflect.apply(filter, undefined, [from, to]) === true,
      })
    },
    watch: (path) => {
      const at = pathOf(path)
      return single(() => kernel.watched(at))
    },
  }
}

function writeFile({ whole }: Parts, place: unknown, data: unknown, given: unknown, flag: string): Steps<void> {
  const options = optionsOf(given)
  const at = placeOf(place)
  const bytes = dataOf(data, options['encoding'])
  const [flags, bits] = [flagsOf(options['flag'], flag), modeOf(options['mode'], 0o666)]
  return whole.write(at, bytes, flags, bits, options['flush'] === true)
}

function* readDirectory(
  { names, whole }: Parts,
  path: string,
  options: Readonly<Record<string, unknown>>,
  syscall: 'scandir' | 'opendir' = 'scandir',
): Steps<(object | string)[]> {
  const found =
    options['recursive'] === true
      ? yield* whole.listTree(path)
      : names.list(path, syscall).map((entry) => ({ directory: path, entry }))
  return found.map(({ directory, entry }) => {
    const { name, kind } = entry
    if (options['withFileTypes'] === true) return makeDirent(encodedName(name, options), kind, directory)
    return encodedName(posix.relative(path, posix.join(directory, name)), options)
  })
}

function* mapped<T, U>(steps: Steps<T>, map: (value: T) => U): Steps<U> {
  return map(yield* steps)
}

function timesChange(kernel: ProcessKernel, atime: unknown, mtime: unknown): AttributeChange {
  const [accessedMs, modifiedMs] = [timeOf(atime), timeOf(mtime)]
  return (before) => ({ ...before, accessedMs, modifiedMs, changedMs: kernel.nowMs() })
}

function ownerChange(kernel: ProcessKernel, uid: unknown, gid: unknown): AttributeChange {
  const [user, group] = [integerOf(uid, 'uid', undefined, -1), integerOf(gid, 'gid', undefined, -1)]
  return (before) => ({
    ...before,
    uid: user === -1 ? before.uid : user,
    gid: group === -1 ? before.gid : group,
    changedMs: kernel.nowMs(),
  })
}

export function descriptorOf(value: unknown): number {
  const fd = value instanceof Object && 'fd' in value ? value.fd : value
  return integerOf(fd, 'fd')
}

/** A path, or an open file: its number, or its handle. */
function placeOf(value: unknown): string | number {
  if (typeof value === 'number') return value
  if (value instanceof Object && 'fd' in value) return descriptorOf(value)
  return pathOf(value)
}

function positionOf(value: unknown): number | undefined {
  if (value === undefined || value === null || typeof value === 'boolean') return undefined
  const position = integerOf(value, 'position', undefined, -1)
  return position === -1 ? undefined : position
}

type Transfer = Readonly<{
  view: Uint8Array
  offset: number
  lengthBytes: number
  position: number | undefined
  /** What the caller gave, as results give it back. */
  given: unknown
}>

/** `(buffer, offset?, length?, position?)`, `(buffer, options)` or `(options)`. */
export function readArguments(args: readonly unknown[]): Transfer {
  let [buffer, offset, length, position] = args
  if (!ArrayBuffer.isView(buffer)) {
    const options = optionsOf(buffer)
    buffer = options['buffer'] ?? Buffer.alloc(16_384)
    ;({ offset, length, position } = options)
  } else if (typeof offset === 'object' && offset !== null) ({ offset, length, position } = optionsOf(offset))
  const view = viewOf(buffer)
  if (view.length === 0 && length !== 0)
    throw argumentError('ERR_INVALID_ARG_VALUE', "The argument 'buffer' is empty and cannot be written.")
  return { ...ranged(view, offset, length), position: positionOf(position), given: buffer }
}

/** `(buffer, offset?, length?, position?)`, `(buffer, options)` or `(text, position?, encoding?)`. */
export function writeArguments(args: readonly unknown[]): Transfer {
  const [buffer] = args
  let [, offset, length, position] = args
  if (typeof buffer === 'string') {
    const view = dataOf(buffer, length)
    return { view, offset: 0, lengthBytes: view.length, position: positionOf(offset), given: buffer }
  }
  if (typeof offset === 'object' && offset !== null) ({ offset, length, position } = optionsOf(offset))
  return { ...ranged(viewOf(buffer), offset, length), position: positionOf(position), given: buffer }
}

function ranged(view: Uint8Array, offset: unknown, length: unknown): Omit<Transfer, 'position' | 'given'> {
  const start = integerOf(offset ?? undefined, 'offset', 0)
  const lengthBytes = integerOf(length ?? undefined, 'length', view.length - start)
  checkRange(start, lengthBytes, view.length)
  return { view, offset: start, lengthBytes }
}

export function viewsOf(value: unknown): readonly Uint8Array[] {
  if (Array.isArray(value)) {
    const views = value.map((each) => bytesOf(each))
    if (views.every((view) => view !== undefined)) return views
  }
  throw argumentError('ERR_INVALID_ARG_TYPE', 'The "buffers" argument must be an instance of ArrayBufferView[].')
}
