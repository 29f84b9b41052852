// engine/pack/pack-files.ts: the pack files of one database as names and handles.
//
// 1. The packs that exist are lowest … newest, without a gap (STO-04).
// 2. Changes of names are made durable one at a time: the directory is synced after every create and unlink, before the
//    first of a process, and before any that follows a failed directory sync (protocol rule 7).
// 3. A pack whose creation did not become durable is unlinked before its number is used again: a directory sync that
//    failed may have dropped the entry, and one that succeeds later would not bring it back.
// 4. For writing and syncing a pack there is one handle, from the first write to the last sync.
// 5. Before the first commit of a process the name of the database itself is made durable, in the document root: the
//    process that gave it that name may have died before its sync.

import { corrupt, PACK_NUMBER_MAX, packName, packNumberOf } from '../format/index.ts'
import { EngineError, assert } from '../errors.ts'
import type { Allocator, Block, FileHandle, FileSystem } from '../ports/index.ts'
import { closeQuietly, uninterrupted } from './io.ts'

/** Handles kept open for reading. */
const READERS_MAX = 24
/** Size of the block that a handle is charged with. */
const HANDLE_CHARGE_BYTES = 64

type Reader = { handle: FileHandle; block: Block; lastUse: number }

export type PackRange = Readonly<{ lowest: number; newest: number }>

/** The packs in a directory. E_NO_DATABASE if there are none, E_CORRUPT naming the missing file if there is a gap. */
export function listPacks(fileSystem: FileSystem, directory: string): PackRange {
  const names = uninterrupted(() => fileSystem.list(directory))
  let lowest = 0
  let newest = 0
  let count = 0
  for (const name of names) {
    const number = packNumberOf(name)
    if (number === undefined) continue
    count += 1
    if (lowest === 0 || number < lowest) lowest = number
    if (number > newest) newest = number
  }
  if (count === 0)
    throw new EngineError('E_NO_DATABASE', `${directory} holds no pack files: it is not a database`, {
      path: directory,
    })
  if (count !== newest - lowest + 1) {
    let missing = lowest
    while (names.includes(packName(missing))) missing += 1
    const path = `${directory}/${packName(missing)}`
    throw corrupt(path, 0, `the pack is missing between ${packName(lowest)} and ${packName(newest)}`)
  }
  return { lowest, newest }
}

export class PackFiles {
  readonly directory: string
  readonly #fileSystem: FileSystem
  readonly #allocator: Allocator
  /** charged: each entry holds a block tagged 'handle'; never more than READERS_MAX. */
  readonly #readers = new Map<number, Reader>()
  #uses = 0
  #lowest: number
  #newest: number
  #directoryIsSynced = false
  #rootIsSynced: boolean
  readonly #root: string
  /** Number whose file may exist though its creation failed (invariant 3); 0 if none. */
  #halfMade = 0

  /** `root`: the document root, or '' while the directory has not got its name yet. */
  constructor(fileSystem: FileSystem, allocator: Allocator, directory: string, range: PackRange, root: string) {
    this.#fileSystem = fileSystem
    this.#root = root
    this.#rootIsSynced = root === ''
    this.#allocator = allocator
    this.directory = directory
    this.#lowest = range.lowest
    this.#newest = range.newest
  }

  get lowest(): number {
    return this.#lowest
  }

  get newest(): number {
    return this.#newest
  }

  get openReaders(): number {
    return this.#readers.size
  }

  path(packNumber: number): string {
    return `${this.directory}/${packName(packNumber)}`
  }

  /** A handle for reading a pack; belongs to this object. E_CORRUPT if there is no such pack. */
  reader(packNumber: number): FileHandle {
    const known = this.#readers.get(packNumber)
    this.#uses += 1
    if (known !== undefined) {
      known.lastUse = this.#uses
      return known.handle
    }
    if (packNumber < this.#lowest || packNumber > this.#newest)
      throw corrupt(this.path(packNumber), 0, 'a reference names a pack that does not exist')
    if (this.#readers.size >= READERS_MAX) this.#closeOldest()
    const block = this.#allocator.allocate(HANDLE_CHARGE_BYTES, 'handle')
    try {
      const handle = uninterrupted(() => this.#fileSystem.open(this.path(packNumber), 'read'))
      this.#readers.set(packNumber, { handle, block, lastUse: this.#uses })
      return handle
    } catch (error) {
      this.#allocator.free(block)
      throw error
    }
  }

  #closeOldest(): void {
    let oldest = 0
    let use = Infinity
    for (const [number, reader] of this.#readers) {
      if (reader.lastUse < use) {
        oldest = number
        use = reader.lastUse
      }
    }
    const error = this.#closeReader(oldest)
    if (error !== undefined) throw error
  }

  #closeReader(packNumber: number): unknown {
    const reader = this.#readers.get(packNumber)
    if (reader === undefined) return undefined
    this.#readers.delete(packNumber)
    const error = closeQuietly(reader.handle)
    this.#allocator.free(reader.block)
    return error
  }

  /** The one handle for appending to an existing pack; the caller closes it. */
  openForAppend(packNumber: number): FileHandle {
    return uninterrupted(() => this.#fileSystem.open(this.path(packNumber), 'append'))
  }

  /**
   * Creates the next pack; its name is durable on return, unless `sync` is false (an unsafe commit). The caller closes
   * the handle. After an error no pack has been added.
   */
  create(sync: boolean): FileHandle {
    const packNumber = this.#newest + 1
    if (packNumber > PACK_NUMBER_MAX)
      throw new EngineError('E_USAGE', `the database has used all ${PACK_NUMBER_MAX} pack numbers`, {
        path: this.directory,
      })
    const path = this.path(packNumber)
    if (sync) this.syncNames()
    // Names change one at a time, those of unsafe commits too: a power loss takes the newest, never one before it.
    else this.#syncDirectoryOnce()
    if (this.#halfMade === packNumber) {
      if (uninterrupted(() => this.#fileSystem.stat(path)) !== undefined) {
        this.#directoryIsSynced = false
        uninterrupted(() => this.#fileSystem.unlink(path))
      }
      // Before the name is used again, for an unsafe commit too: nobody could tell the new file from the old one.
      this.#syncDirectoryOnce()
      this.#halfMade = 0
    }
    const handle = uninterrupted(() => this.#fileSystem.create(path))
    this.#directoryIsSynced = false
    if (sync) {
      try {
        this.#syncDirectoryOnce()
      } catch (error) {
        closeQuietly(handle)
        this.#unmake(packNumber)
        throw error
      }
    }
    this.#newest = packNumber
    return handle
  }

  /** The newest pack has no header: its number is used again (invariant 3). The caller has closed its handle. Gives the error of closing its reader. */
  discardNewest(): unknown {
    const error = this.#closeReader(this.#newest) // the file that will have this number is another one
    this.#halfMade = this.#newest
    this.#newest -= 1
    return error
  }

  /** Takes a name away at once, so that a later process does not take it for durable; for sure before the next create. */
  #unmake(packNumber: number): void {
    this.#halfMade = packNumber
    try {
      uninterrupted(() => this.#fileSystem.unlink(this.path(packNumber)))
    } catch {
      // the error that led here is the one to tell
    }
  }

  /** Makes the names of packs and database durable, if they are not known to be. */
  syncNames(): void {
    this.syncDatabaseName()
    this.#syncDirectoryOnce()
  }

  /** Makes the database's own name durable (invariant 5), once. */
  syncDatabaseName(): void {
    if (this.#rootIsSynced) return
    uninterrupted(() => this.#fileSystem.syncDirectory(this.#root))
    this.#rootIsSynced = true
  }

  #syncDirectoryOnce(): void {
    if (this.#directoryIsSynced) return
    uninterrupted(() => this.#fileSystem.syncDirectory(this.directory))
    this.#directoryIsSynced = true
  }

  sizeBytes(packNumber: number): number {
    const path = this.path(packNumber)
    const status = uninterrupted(() => this.#fileSystem.stat(path))
    if (status === undefined) throw corrupt(path, 0, 'the pack is missing')
    return status.sizeBytes
  }

  /** Closes all handles for reading; gives the first error. */
  close(): unknown {
    let first: unknown
    for (const number of this.#readers.keys()) {
      const error = this.#closeReader(number)
      first ??= error
    }
    assert(this.#readers.size === 0, 'all readers are closed')
    return first
  }
}
