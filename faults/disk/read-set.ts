// faults/disk/read-set.ts: what a process looked at on the disk that it began with: questions, and a disk's answers.
//
// 1. Two disks that give the same answers to all questions of a run make that run the same: each call's result follows
//    from what the process did itself and from what it was answered.
// 2. Too much is asked rather than too little: of names that the process made itself the first disk is asked too, bytes
//    are asked by whole sectors, and a file that is appended to or renamed is asked whole, since what was not read of it
//    shares pages with what is written.
// 3. Whoever looks at the disk by another way than its file system makes the set void: such a run tells nothing.
//
// What is pending or dropped is no question: an answer is what the process sees. A run that a power loss follows has to
// be told apart by more (`imageIdentity`), unless nothing is pending on its first disk.

import type { FileHandle, FileStatus, FileSystem } from '../../engine/ports/index.ts'
import { type DiskImage, type DiskNode, ROOT } from './disk-image.ts'
import { Hash64 } from './hash.ts'

/** Bytes are asked in pieces of this size. */
const PIECE_BYTES = 512

export type DiskQuestion = Readonly<
  /** Whether there is a file, a directory or nothing, or no way there. */
  | { kind: 'name'; key: string; path: string }
  /** The names in a directory. */
  | { kind: 'names'; key: string; path: string }
  | { kind: 'size'; key: string; path: string }
  /** Bytes of a file, as far as there are any. */
  | { kind: 'bytes'; key: string; path: string; from: number; to: number }
  /** Size and all bytes of a file. */
  | { kind: 'content'; key: string; path: string }
  /** Names and contents of everything below a directory. */
  | { kind: 'tree'; key: string; path: string }
>

const PATH_KINDS = ['name', 'names', 'size', 'content', 'tree'] as const
type PathKind = (typeof PATH_KINDS)[number]

/** One disk, to be asked. */
export class Answers {
  private readonly image: DiskImage
  private readonly nodes = new Map<string, DiskNode | number>()

  constructor(image: DiskImage) {
    this.image = image
  }

  /** As `answerOf`. */
  to(question: DiskQuestion): number {
    const { path } = question
    let node = this.nodes.get(path)
    if (node === undefined) {
      node = nodeAt(this.image, path)
      this.nodes.set(path, node)
    }
    return answerAt(this.image, node, question)
  }
}

/** Equal answers to a question are equal numbers; a hash of 53 bits where there is much to answer. */
export function answerOf(image: DiskImage, question: DiskQuestion): number {
  return answerAt(image, nodeAt(image, question.path), question)
}

function answerAt(image: DiskImage, node: DiskNode | number, question: DiskQuestion): number {
  switch (question.kind) {
    case 'name':
      return typeof node === 'number' ? node : node.kind === 'file' ? IS_FILE : IS_DIRECTORY
    case 'names':
      if (typeof node === 'number') return node
      return node.kind === 'file' ? IS_FILE : namesOf(node.cache)
    case 'size':
      return typeof node === 'number' || node.kind === 'directory' ? NO_FILE : node.cache.sizeBytes
    case 'bytes':
      if (typeof node === 'number' || node.kind === 'directory') return NO_FILE
      return numberOf(node.cache.hashRange(question.from, question.to))
    case 'content':
      return typeof node === 'number' || node.kind === 'directory' ? NO_FILE : numberOf(node.cache.hash())
    case 'tree': {
      const hash = new Hash64()
      if (typeof node === 'number') return node
      addTree(image, node, hash)
      return numberOf(hash)
    }
    default:
      return question satisfies never
  }
}

/** The questions of one run, which may be several processes one after the other. */
export class ReadSet {
  /** By kind, then by path: texts are not put together for what was asked before. */
  private readonly asked: Readonly<Record<PathKind, Map<string, DiskQuestion>>> = {
    name: new Map(),
    names: new Map(),
    size: new Map(),
    content: new Map(),
    tree: new Map(),
  }
  private readonly read = new Map<string, number[]>()
  private isVoid = false

  /** Someone looked past the file system. */
  makeVoid(): void {
    this.isVoid = true
  }

  /** The same file system; what it is asked is noted. */
  watch(inner: FileSystem): FileSystem {
    return new WatchedFileSystem(this, inner)
  }

  name(path: string): void {
    this.add('name', path)
  }

  names(path: string): void {
    this.add('names', path)
  }

  size(path: string): void {
    this.add('size', path)
  }

  content(path: string): void {
    this.add('content', path)
  }

  tree(path: string): void {
    this.add('tree', path)
  }

  bytes(path: string, from: number, lengthBytes: number): void {
    const first = Math.floor(from / PIECE_BYTES)
    const end = Math.ceil((from + lengthBytes) / PIECE_BYTES)
    const ranges = this.read.get(path)
    if (ranges === undefined) {
      this.read.set(path, [first, end])
      return
    }
    const lastFirst = ranges[ranges.length - 2] ?? 0
    const lastEnd = ranges[ranges.length - 1] ?? 0
    if (first >= lastFirst && first <= lastEnd) ranges[ranges.length - 1] = Math.max(lastEnd, end)
    else ranges.push(first, end)
  }

  /** What another run asked as well. */
  include(questions: readonly DiskQuestion[]): void {
    for (const question of questions) {
      if (question.kind === 'bytes') this.bytes(question.path, question.from, question.to - question.from)
      else this.asked[question.kind].set(question.path, question)
    }
  }

  /** Everything asked so far, bytes last; undefined if that is not all that was looked at. */
  questions(): readonly DiskQuestion[] | undefined {
    if (this.isVoid) return undefined
    const questions: DiskQuestion[] = []
    for (const kind of PATH_KINDS) questions.push(...this.asked[kind].values())
    for (const [path, ranges] of this.read) {
      if (this.asked.content.has(path)) continue
      for (const [first, end] of joined(ranges)) {
        const [from, to] = [first * PIECE_BYTES, end * PIECE_BYTES]
        questions.push({ kind: 'bytes', key: `bytes ${from} ${to} ${path}`, path, from, to })
      }
    }
    return questions
  }

  private add(kind: PathKind, path: string): void {
    const asked = this.asked[kind]
    if (!asked.has(path)) asked.set(path, { kind, key: `${kind} ${path}`, path })
  }
}

class WatchedFileSystem implements FileSystem {
  private readonly set: ReadSet
  private readonly inner: FileSystem

  constructor(set: ReadSet, inner: FileSystem) {
    this.set = set
    this.inner = inner
  }

  open(path: string, mode: 'read' | 'append'): FileHandle {
    this.set.name(path)
    return new WatchedHandle(this.set, this.inner.open(path, mode))
  }

  create(path: string): FileHandle {
    this.set.name(path)
    return new WatchedHandle(this.set, this.inner.create(path))
  }

  list(path: string): readonly string[] {
    this.set.names(path)
    return this.inner.list(path)
  }

  stat(path: string): FileStatus | undefined {
    this.set.name(path)
    this.set.size(path)
    return this.inner.stat(path)
  }

  rename(source: string, target: string): void {
    this.set.name(target)
    this.set.name(source)
    // What is moved is found under another name later.
    this.set.tree(source)
    this.inner.rename(source, target)
  }

  unlink(path: string): void {
    this.set.name(path)
    this.inner.unlink(path)
  }

  makeDirectory(path: string): void {
    this.set.name(path)
    this.inner.makeDirectory(path)
  }

  syncDirectory(path: string): void {
    this.set.name(path)
    this.inner.syncDirectory(path)
  }
}

class WatchedHandle implements FileHandle {
  readonly path: string
  private readonly set: ReadSet
  private readonly inner: FileHandle

  constructor(set: ReadSet, inner: FileHandle) {
    this.path = inner.path
    this.set = set
    this.inner = inner
  }

  read(target: Uint8Array, targetOffset: number, lengthBytes: number, positionBytes: number): number {
    this.set.bytes(this.path, positionBytes, lengthBytes)
    return this.inner.read(target, targetOffset, lengthBytes, positionBytes)
  }

  append(source: Uint8Array, sourceOffset: number, lengthBytes: number): number {
    this.set.content(this.path)
    return this.inner.append(source, sourceOffset, lengthBytes)
  }

  sync(): void {
    this.set.content(this.path)
    this.inner.sync()
  }

  syncLater(): Promise<void> {
    this.set.content(this.path)
    return this.inner.syncLater()
  }

  sizeBytes(): number {
    this.set.size(this.path)
    return this.inner.sizeBytes()
  }

  close(): void {
    this.inner.close()
  }
}

const NO_FILE = -1
const MISSING = -2
const NO_PARENT = -3
const PARENT_IS_FILE = -4
const IS_FILE = -5
const IS_DIRECTORY = -6

/** What the path leads to, by the rules of the disk's own look-ups; a negative number if to nothing. */
function nodeAt(image: DiskImage, path: string): DiskNode | number {
  const trail: DiskNode[] = []
  let node: DiskNode | undefined = image.nodes.get(ROOT)
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (node === undefined) return NO_PARENT
    if (node.kind === 'file') return PARENT_IS_FILE
    if (part === '..') {
      node = trail.pop() ?? node
      continue
    }
    trail.push(node)
    node = image.nodes.get(node.cache.get(part) ?? 0)
  }
  return node ?? MISSING
}

function addTree(image: DiskImage, node: DiskNode, hash: Hash64): void {
  if (node.kind === 'file') {
    hash.addHash(node.cache.hash())
    return
  }
  hash.add(node.cache.size)
  for (const name of [...node.cache.keys()].toSorted()) {
    const child = image.nodes.get(node.cache.get(name) ?? 0)
    hash.addText(name)
    hash.add(child?.kind === 'file' ? IS_FILE : IS_DIRECTORY)
    if (child !== undefined) addTree(image, child, hash)
  }
}

function namesOf(names: ReadonlyMap<string, unknown>): number {
  const hash = new Hash64()
  for (const name of [...names.keys()].toSorted()) hash.addText(name)
  hash.add(names.size)
  return numberOf(hash)
}

function numberOf({ high, low }: Hash64): number {
  return (high >>> 0) * 0x20_0000 + ((low ^ (low >>> 21)) & 0x1f_ffff)
}

/** Ranges in ascending order, those that touch as one. */
function joined(ranges: readonly number[]): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = []
  for (let index = 0; index < ranges.length; index += 2) pairs.push([ranges[index] ?? 0, ranges[index + 1] ?? 0])
  pairs.sort(([left], [right]) => left - right)
  const result: [number, number][] = []
  for (const pair of pairs) {
    const last = result[result.length - 1]
    if (last !== undefined && pair[0] <= last[1]) last[1] = Math.max(last[1], pair[1])
    else result.push(pair)
  }
  return result
}
