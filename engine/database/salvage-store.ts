// engine/database/salvage-store.ts: a damaged database, opened for reading at the newest commit that can be trusted.
//
// 1. What recovery accepts is what the database is: if it opens, that commit is the one. Else it is the newest whole
//    commit mark, in the order of places, whose catalog and roots can be read.
// 2. `isCurrent`: nothing shows that a newer commit was lost. Only then rows are more than a former state of a row.
// 3. Nothing is written, and no lock is taken: the medium may be one that cannot be written any more.

import {
  chunkBytesMax,
  type CommitMark,
  DATABASE_ID_BYTES,
  decodeHeader,
  DEFAULT_LIMITS,
  HEADER_BYTES,
  NOWHERE,
  PACK_SIZE_LIMIT_BYTES,
  packNumberOf,
  type PackHeader,
  type PackLimits,
  packSeed,
  RECORD,
} from '../format/index.ts'
import { EngineError, assert } from '../errors.ts'
import { CommitLog, listPacks, PackFiles, recover, uninterrupted, type LogStart } from '../pack/index.ts'
import { IoError, type Allocator, type FileSystem } from '../ports/index.ts'
import type { Catalog } from './catalog.ts'
import { readOnlyFiles } from './salvage-files.ts'
import { identityFromRecords, readWhatCan, scanPack, type ScanPlace } from './salvage-scan.ts'
import { StoreState } from './store-state.ts'
import type { ReportDamage } from './verify-packs.ts'

/** Newest marks of a pack that are tried, one after the other. */
const MARKS_TRIED = 64
const INTERVAL_MAX = 1_048_576
const PACK_BYTES_MIN = 4096
const WRITE_BUFFER_BYTES = 1
const CACHE_BYTES = 262_144
const NO_OWNER = { checkStillOwner: (): void => assert(false, 'salvage writes nothing') }

/** A commit mark that checks, and where it ends. */
type FoundMark = Readonly<{ mark: CommitMark; pack: number; offsetBytes: number; endBytes: number }>

export class SalvageStore {
  readonly state: StoreState
  readonly files: PackFiles
  /** Packs that exist, ascending. */
  readonly packs: readonly number[]
  /** Undefined if no commit has a readable catalog; then there are no roots either. */
  readonly catalog: Catalog | undefined
  readonly isCurrent: boolean
  /** The database opens as it is: `verify` can look at all of it. */
  readonly opens: boolean

  constructor(
    state: StoreState,
    packs: readonly number[],
    found: Readonly<{ catalog: Catalog | undefined; isCurrent: boolean; opens: boolean }>,
  ) {
    this.state = state
    this.files = state.files
    this.packs = packs
    this.catalog = found.catalog
    this.isCurrent = found.isCurrent
    this.opens = found.opens
  }

  /** All is given back, also if this throws; what the device says to it is the caller's to tell. */
  close(): unknown {
    this.state.log.close()
    this.state.close()
    return this.state.files.close()
  }

  place(pack: number): ScanPlace {
    return { files: this.files, allocator: this.state.allocator, pack, sizeBytes: this.files.sizeBytes(pack) }
  }
}

/** Throws E_NO_DATABASE if there are no packs, E_CORRUPT if nothing tells what database they are of, E_VERSION, E_IO.
 * `given`: what the caller says that the catalog is, for a database whose own cannot be read. */
export function openForSalvage(
  fileSystem: FileSystem,
  allocator: Allocator,
  directory: string,
  report: ReportDamage,
  given: Catalog | undefined,
): SalvageStore {
  const readOnly = readOnlyFiles(fileSystem)
  const packs = packsIn(readOnly, directory, report)
  const range = { lowest: packs[0] ?? 1, newest: packs.at(-1) ?? 0 }
  const files = (): PackFiles => new PackFiles(readOnly, allocator, directory, range, '')
  const opened = openAsItIs(readOnly, files(), allocator, directory, packs, report)
  return opened ?? new Finder(files(), allocator, packs, report, given).open()
}

function packsIn(fileSystem: FileSystem, directory: string, report: ReportDamage): readonly number[] {
  try {
    listPacks(fileSystem, directory)
  } catch (error) {
    noteDamage(error, report)
  }
  const numbers = uninterrupted(() => fileSystem.list(directory)).map(packNumberOf)
  return numbers.filter((number) => number !== undefined).toSorted((a, b) => a - b)
}

/** Reports damage; anything else is thrown on. */
function noteDamage(error: unknown, report: ReportDamage): void {
  if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
  report(error.context.path ?? '', error.context.offsetBytes ?? 0, error.message)
}

/** Reports that a device failed at the end of a pack's reading; any other error is thrown on. */
export function noteClosing(error: unknown, report: ReportDamage): void {
  if (error === undefined) return
  if (!(error instanceof IoError) || error.code !== 'EIO') throw error
  report(error.path, 0, 'the pack cannot be closed: EIO')
}

function openAsItIs(
  fileSystem: FileSystem,
  files: PackFiles,
  allocator: Allocator,
  directory: string,
  packs: readonly number[],
  report: ReportDamage,
): SalvageStore | undefined {
  const id = allocator.allocate(DATABASE_ID_BYTES, 'database-id')
  try {
    listPacks(fileSystem, directory)
    const state = stateAt(files, allocator, recover(files, allocator, id))
    try {
      return new SalvageStore(state, packs, { catalog: state.load(), isCurrent: true, opens: true })
    } catch (error) {
      state.log.close()
      state.close()
      throw error
    }
  } catch (error) {
    const unclosed = files.close()
    noteDamage(error, report)
    noteClosing(unclosed, report)
    return undefined
  } finally {
    allocator.free(id)
  }
}

function stateAt(files: PackFiles, allocator: Allocator, start: LogStart): StoreState {
  const id = allocator.allocate(DATABASE_ID_BYTES, 'database-id')
  try {
    const log = new CommitLog(files, allocator, NO_OWNER, start, id, WRITE_BUFFER_BYTES)
    try {
      return new StoreState(files, log, allocator, CACHE_BYTES)
    } catch (error) {
      log.close()
      throw error
    }
  } finally {
    allocator.free(id)
  }
}

/** Finds a commit where recovery finds none. */
class Finder {
  readonly #files: PackFiles
  readonly #allocator: Allocator
  readonly #packs: readonly number[]
  readonly #report: ReportDamage
  readonly #given: Catalog | undefined

  constructor(
    files: PackFiles,
    allocator: Allocator,
    packs: readonly number[],
    report: ReportDamage,
    given: Catalog | undefined,
  ) {
    this.#given = given
    this.#files = files
    this.#allocator = allocator
    this.#packs = packs
    this.#report = report
  }

  open(): SalvageStore {
    try {
      const { idCrc, limits } = this.#identity()
      for (const pack of this.#packs.toReversed()) {
        const marks = this.#marksOf(pack, idCrc, limits.markerIntervalBytes)
        for (const [index, found] of marks.toReversed().entries()) {
          const isNewest = pack === this.#packs.at(-1) && index === 0
          const store = this.#openAt(found, idCrc, limits, isNewest && this.#endsWith(found, idCrc, limits))
          if (store !== undefined) return store
        }
      }
      const state = stateAt(this.#files, this.#allocator, startAt(undefined, idCrc, limits))
      return new SalvageStore(state, this.#packs, { catalog: undefined, isCurrent: false, opens: false })
    } catch (error) {
      this.#files.close()
      throw error
    }
  }

  #openAt(found: FoundMark, idCrc: number, limits: PackLimits, isCurrent: boolean): SalvageStore | undefined {
    const state = stateAt(this.#files, this.#allocator, startAt(found, idCrc, limits))
    try {
      return new SalvageStore(state, this.#packs, { catalog: this.#load(state), isCurrent, opens: false })
    } catch (error) {
      state.log.close()
      state.close()
      noteDamage(error, this.#report)
      return undefined
    }
  }

  #load(state: StoreState): Catalog {
    try {
      return state.load()
    } catch (error) {
      if (this.#given === undefined) throw error
      noteDamage(error, this.#report)
      state.loadWithout(this.#given)
      return this.#given
    }
  }

  #place(pack: number): ScanPlace {
    return { files: this.#files, allocator: this.#allocator, pack, sizeBytes: this.#files.sizeBytes(pack) }
  }

  /** The database's id and limits: what most headers say, or, without any, what records say. */
  #identity(): Readonly<{ idCrc: number; limits: PackLimits }> {
    const votes = new Map<number, { count: number; limits: PackLimits }>()
    for (const pack of this.#packs) {
      const header = this.#header(pack)
      if (header === undefined) continue
      const vote = votes.get(header.idCrc)
      if (vote === undefined) votes.set(header.idCrc, { count: 1, limits: header.limits })
      else vote.count += 1
    }
    const [most] = [...votes].toSorted(([, a], [, b]) => b.count - a.count)
    if (most !== undefined) {
      this.#reportForeign(most[0])
      return { idCrc: most[0], limits: most[1].limits }
    }
    const places = this.#packs.map((pack) => this.#place(pack))
    const identity = identityFromRecords(places, this.#report)
    if (identity !== undefined) {
      const markerIntervalBytes = identity.markerIntervalBytes ?? INTERVAL_MAX
      const limits = { ...DEFAULT_LIMITS, markerIntervalBytes }
      return { idCrc: identity.idCrc, limits: this.#withPackSize(limits, identity.idCrc) }
    }
    const path = this.#files.path(this.#packs.at(-1) ?? 1)
    throw new EngineError('E_CORRUPT', `${path} at 0: no pack has a whole header, nor two whole records`, {
      path,
      offsetBytes: 0,
    })
  }

  #header(pack: number): PackHeader | undefined {
    const block = this.#allocator.allocate(HEADER_BYTES, 'salvage')
    try {
      const place = this.#place(pack)
      const available = Math.min(place.sizeBytes, HEADER_BYTES)
      readWhatCan(place, 0, available, block, this.#report)
      const result = decodeHeader(block.view, block.bytes, block.start, available, pack)
      if (result.kind === 'header') return result.header
      if (result.kind === 'version')
        throw new EngineError(
          'E_VERSION',
          `${this.#files.path(pack)} has format version ${result.version}, which this engine does not know`,
          { path: this.#files.path(pack), offsetBytes: 8 },
        )
      this.#report(this.#files.path(pack), 0, result.why)
      return undefined
    } finally {
      this.#allocator.free(block)
    }
  }

  #reportForeign(idCrc: number): void {
    for (const pack of this.#packs) {
      const header = this.#header(pack)
      if (header !== undefined && header.idCrc !== idCrc)
        this.#report(this.#files.path(pack), 16, 'the pack is of another database than most others')
    }
  }

  /** Without a header, the longest piece of a long item tells how large packs may be. */
  #withPackSize(limits: PackLimits, idCrc: number): PackLimits {
    let longest = 0
    for (const pack of this.#packs) {
      scanPack(
        this.#place(pack),
        packSeed(idCrc, pack),
        limits.markerIntervalBytes,
        this.#report,
        (_window, record) => {
          if (record.type === RECORD.chunk) longest = Math.max(longest, record.payloadBytes)
        },
      )
    }
    if (longest === 0 || longest >= chunkBytesMax(PACK_SIZE_LIMIT_BYTES)) return limits
    return { ...limits, packBytesMax: Math.max(PACK_BYTES_MIN, (longest + 64) * 4 + 3) }
  }

  /** The last marks of a pack that check, oldest first. */
  #marksOf(pack: number, idCrc: number, interval: number): readonly FoundMark[] {
    const marks: FoundMark[] = []
    scanPack(this.#place(pack), packSeed(idCrc, pack), interval, this.#report, (window, record) => {
      const mark = window.markOf(record)
      if (mark === undefined) return
      marks.push({ mark, pack, offsetBytes: record.offsetBytes, endBytes: record.endBytes })
      if (marks.length > MARKS_TRIED) marks.shift()
    })
    return marks
  }

  /** Whether the pack ends with that mark, or with the close record that names it. */
  #endsWith(found: FoundMark, idCrc: number, { markerIntervalBytes }: PackLimits): boolean {
    const { pack } = found
    const place = this.#place(pack)
    if (found.endBytes === place.sizeBytes) return true
    let isClosed = false
    scanPack(place, packSeed(idCrc, pack), markerIntervalBytes, this.#report, (window, record) => {
      const named = record.endBytes === place.sizeBytes ? window.closedMarkOf(record) : undefined
      isClosed ||= named?.pack === pack && named.offsetBytes === found.offsetBytes
    })
    return isClosed
  }
}

function startAt(found: FoundMark | undefined, idCrc: number, limits: PackLimits): LogStart {
  const end = found === undefined ? NOWHERE : { pack: found.pack, offsetBytes: found.endBytes }
  const mark = found === undefined ? NOWHERE : { pack: found.pack, offsetBytes: found.offsetBytes }
  const empty = { pack: 0, offsetBytes: 0, lengthBytes: 0, height: 0, count: 0 }
  return {
    limits,
    idCrc,
    accepted: {
      mark,
      endBytes: end.offsetBytes,
      commitNumber: found?.mark.commitNumber ?? 0,
      root: found?.mark.root ?? empty,
    },
    proven: end,
    provenMark: mark,
    clean: undefined,
  }
}
