// engine/pack/commit-log.ts: the commit protocol over append streams: what is durable, what is accepted, when to sync.
//
// 1. `proven` is what this process, or a valid record, knows durable. It grows only by a sync that succeeded, to what was
//    written before that sync was issued (protocol rules 1 and 8).
// 2. A commit is accepted when it is acknowledged, never earlier. `accepted` is the newest such commit.
// 3. While `needsSettling`, bytes behind `proven` may live in the page cache only and nothing new may refer to them: a new
//    pack is begun and what the accepted root reaches there is written again (rule 5). The caller does the writing.
// 4. A failed sync is never tried again on the same pack: the pack is left (rules 8 and 9).
// 5. Bytes not known durable never exceed syncEvery; a mark never covers more than its limit of them (rule 14).
// 6. Older packs hold un-synced bytes only after `unsafe` commits; the first safer mark is preceded by their sync (13).
// 7. Commits form one chain: each names the newest one written (`tip`), acknowledged or not. Those that wait for a shared
//    sync stand between `accepted` and `tip`, all in the newest pack; a pack that is left takes all of them with it.
// 8. While a shared sync is in flight nothing else syncs the pack: what would have to is refused with E_BUSY, undone.
// 9. Transactions that run side by side are told apart by their `LogTransaction`. Bytes of an aborted one are forgotten
//    only if no other has bytes; else they stay, as whole records, in the next cover. An I/O error leaves the pack.
// 10. With `commitAlignBytes` every sync of the newest pack ends on a border (sector-border.ts).

import {
  CLOSE_PAYLOAD_BYTES,
  type CommitMark,
  corrupt,
  DATABASE_ID_BYTES,
  encodeClose,
  encodeHeader,
  encodeMark,
  HEADER_BYTES,
  MARK_PAYLOAD_BYTES,
  MARK_RECORD_BYTES,
  MARK_RECORD_BYTES_MAX,
  type PackLimits,
  packSeed,
  type Position,
  RECORD,
  type RecordType,
} from '../format/index.ts'
import { EngineError, assert, asEngineError } from '../errors.ts'
import { IoError, type Allocator, type Block, type FileHandle, type Scheduler } from '../ports/index.ts'
import { AppendStream, STREAM_SCRATCH_BYTES } from './append-stream.ts'
import { CommitQueue, type CommitWaiter, type SharedSyncHost } from './commit-queue.ts'
import { closeQuietly, readFully, syncFully, uninterrupted } from './io.ts'
import type { PackFiles } from './pack-files.ts'
import { SectorBorder } from './sector-border.ts'

/** `group` is acknowledged by a sync that it shares. */
export type CommitDurability = 'sync' | 'group' | 'lazy' | 'unsafe'

/** What the log knows of a transaction. */
export type LogTransaction = {
  readonly durability: CommitDurability
  /** Others may run at the same time. */
  readonly isShared: boolean
  /** In which of the log's lives it began: a pack that is left ends one. */
  readonly epoch: number
  hasAppended: boolean
  isOver: boolean
}

/** The newest acknowledged commit. `endBytes` is in the mark's pack. */
export type AcceptedCommit = Readonly<{
  mark: Position
  endBytes: number
  commitNumber: number
  root: CommitMark['root']
}>

/** Where a log begins: what recovery found, or a database just being made. */
export type LogStart = Readonly<{
  limits: PackLimits
  idCrc: number
  accepted: AcceptedCommit
  proven: Position
  provenMark: Position
  /** The newest pack ends with its accepted commit and a close record: append behind it. */
  clean: Readonly<{ sizeBytes: number; gapCrc: number }> | undefined
}>

/** Tells that another program wrote to the database: the lock's part of protocol rule 15. */
export interface OwnershipCheck {
  /** Throws E_CHANGED. */
  checkStillOwner(): void
}

const ID_AT = 0
const FRAME_AT = 16
const PAYLOAD_AT = 48
const SCRATCH_BYTES = PAYLOAD_AT + MARK_PAYLOAD_BYTES
/** Packs with un-synced bytes of unsafe commits whose handles stay open; more are rewritten instead of synced. */
const UNSYNCED_PACKS_MAX = 16

export class CommitLog implements SharedSyncHost {
  readonly limits: PackLimits
  readonly #files: PackFiles
  readonly #allocator: Allocator
  readonly #owner: OwnershipCheck
  readonly #idCrc: number
  readonly #buffer: Block
  readonly #scratch: Block
  readonly #frame: Block
  readonly #border: SectorBorder
  readonly #queue: CommitQueue
  #accepted: AcceptedCommit
  /** The newest commit that was written (invariant 7). */
  #tip: AcceptedCommit
  /** Grows when a pack is left: what was not acknowledged by then is void. */
  #epoch = 1
  #leftBecause: unknown
  /** The transaction that appends now. */
  #current: LogTransaction | undefined
  /** Transactions that have bytes in this epoch's packs. */
  #withBytes = 0
  #proven: Position
  #provenMark: Position
  #lastMark: Position
  #clean: LogStart['clean']
  #stream: AppendStream | undefined
  /** Packs before the newest that hold un-synced bytes. charged: at most UNSYNCED_PACKS_MAX handles, not data. */
  readonly #unsynced: FileHandle[] = []
  #needsSettling: boolean
  /** The stream's pack was begun for settling and holds no commit yet. */
  #isSettlingPack = false
  /** While settling: how far the new pack is durable. A mark may name it as proven; until then nobody does. */
  #settledUpTo: Position | undefined
  #hasUnsafeMarks = false
  #namesUnsynced = false
  #durability: CommitDurability = 'sync'
  #hasCommitted = false
  #counters = { syncs: 0, rollOvers: 0, markers: 0, appendedBytes: 0 }

  constructor(
    files: PackFiles,
    allocator: Allocator,
    owner: OwnershipCheck,
    start: LogStart,
    databaseId: Readonly<{ bytes: Uint8Array; start: number }>,
    writeBufferBytes: number,
    scheduler?: Scheduler,
  ) {
    this.#queue = new CommitQueue(this, scheduler)
    this.#files = files
    this.#allocator = allocator
    this.#owner = owner
    this.limits = start.limits
    this.#idCrc = start.idCrc
    this.#accepted = start.accepted
    this.#tip = start.accepted
    this.#proven = start.proven
    this.#provenMark = start.provenMark
    this.#lastMark = start.accepted.mark
    this.#clean = start.clean
    this.#needsSettling = start.clean === undefined
    this.#buffer = allocator.allocate(writeBufferBytes, 'write-buffer')
    try {
      this.#scratch = allocator.allocate(SCRATCH_BYTES, 'log-scratch')
    } catch (error) {
      allocator.free(this.#buffer)
      throw error
    }
    try {
      this.#border = new SectorBorder(start.limits, allocator)
    } catch (error) {
      allocator.free(this.#scratch)
      allocator.free(this.#buffer)
      throw error
    }
    const scratch = this.#scratch
    const { bytes, start: idStart } = databaseId
    scratch.bytes.set(bytes.subarray(idStart, idStart + DATABASE_ID_BYTES), scratch.start + ID_AT)
    this.#frame = { ...scratch, start: scratch.start + FRAME_AT, byteLength: STREAM_SCRATCH_BYTES }
  }

  get accepted(): AcceptedCommit {
    return this.#accepted
  }

  /** Grows when a pack is left. */
  get epoch(): number {
    return this.#epoch
  }

  /** Commits that wait for a shared sync. */
  get waiting(): number {
    return this.#queue.waiting
  }

  /** No commit waits and no shared sync is in flight. */
  get isIdle(): boolean {
    return this.#queue.isIdle
  }

  /** Runs `task` in a turn of its own, once no shared sync is in flight. */
  afterSync(task: () => void): void {
    this.#queue.afterSync(task)
  }

  get proven(): Position {
    return this.#proven
  }

  /** The pack that the next record goes to, or went to. */
  get newestPack(): number {
    return this.#files.newest
  }

  get needsSettling(): boolean {
    return this.#needsSettling
  }

  /** Commits that a power loss can't take any more: the newest mark that is proven, told by number. */
  get durableCommitNumber(): number {
    return this.#durableCommitNumber
  }

  #durableCommitNumber = 0

  /** Set once by the opener, who knows the numbers that recovery saw. */
  noteDurableCommit(commitNumber: number): void {
    this.#durableCommitNumber = Math.max(this.#durableCommitNumber, commitNumber)
  }

  get counters(): Readonly<{ syncs: number; rollOvers: number; markers: number; appendedBytes: number }> {
    const { syncs, rollOvers, markers, appendedBytes } = this.#counters
    return {
      syncs,
      rollOvers,
      markers: markers + (this.#stream?.markers ?? 0),
      appendedBytes: appendedBytes + (this.#stream?.appendedBytes ?? 0),
    }
  }

  /** Handles open for appending. */
  get openHandles(): number {
    return this.#unsynced.length + (this.#stream === undefined ? 0 : 1)
  }

  /** Bytes of acknowledged commits that are not known durable. */
  get unsyncedBytes(): number {
    const { mark, endBytes } = this.#accepted
    if (this.#provenMark.pack === mark.pack && this.#provenMark.offsetBytes === mark.offsetBytes) return 0
    return this.#proven.pack === mark.pack ? endBytes - this.#proven.offsetBytes : endBytes
  }

  get acceptedPath(): string {
    return this.#files.path(this.#accepted.mark.pack)
  }

  // --- reading -------------------------------------------------------------------------------------------------------

  /** Reads bytes of a pack, those still in the buffer included. E_CORRUPT if the file is shorter. */
  read(packNumber: number, offsetBytes: number, lengthBytes: number, target: Uint8Array, targetOffset: number): void {
    const stream = this.#stream
    let inFile = lengthBytes
    let handle: FileHandle
    if (stream !== undefined && packNumber === stream.packNumber) {
      inFile = Math.max(0, Math.min(lengthBytes, stream.flushedBytes - offsetBytes))
      const buffered = lengthBytes - inFile
      if (buffered > 0) {
        if (offsetBytes + lengthBytes > stream.endBytes)
          throw corrupt(
            this.#files.path(packNumber),
            offsetBytes,
            `${lengthBytes} bytes reach behind the end of the pack`,
          )
        stream.copyBuffered(target, targetOffset + inFile, offsetBytes + inFile, buffered)
      }
      handle = stream.handle
    } else {
      handle = this.#files.reader(packNumber)
    }
    if (inFile === 0) return
    const read = readFully(handle, target, targetOffset, inFile, offsetBytes)
    if (read < inFile)
      throw corrupt(
        this.#files.path(packNumber),
        offsetBytes + read,
        `the file ends here, ${inFile - read} bytes too early`,
      )
  }

  seedOf(packNumber: number): number {
    return packSeed(this.#idCrc, packNumber)
  }

  pathOf(packNumber: number): string {
    return this.#files.path(packNumber)
  }

  // --- appending -----------------------------------------------------------------------------------------------------

  /**
   * Begins a transaction. An `unsafe` one does not settle: it promises nothing that settling would keep. One that is not
   * shared runs alone, and while it runs no commit waits.
   */
  begin(durability: CommitDurability, isShared = false): LogTransaction {
    assert(isShared || this.#queue.isIdle, 'a transaction that runs alone begins when nothing waits')
    assert(!this.#needsSettling || durability === 'unsafe', 'settled before a safe commit')
    this.#durability = durability
    if (this.#needsSettling && this.#stream === undefined) this.#beginPack(false, 0)
    this.#current = { durability, isShared, epoch: this.#epoch, hasAppended: false, isOver: false }
    return this.#current
  }

  /** What is appended from here on is that transaction's. E_ABORT if what it rests on is gone. */
  enter(transaction: LogTransaction): void {
    if (transaction.epoch !== this.#epoch)
      throw new EngineError(
        'E_ABORT',
        'a sync or an append that this transaction shared with others failed: abort it',
        {},
        this.#leftBecause,
      )
    this.#current = transaction
    this.#durability = transaction.durability
  }

  /** Begins the pack that settling writes to: the pack before is left as it is. Used again if settling failed before. */
  beginSettling(): void {
    assert(this.#needsSettling, 'there is something to settle')
    this.#current = undefined
    this.#durability = 'sync'
    if (this.#stream !== undefined && this.#isSettlingPack && !this.#stream.isBroken) return
    const error = this.#dropStream()
    if (error !== undefined) throw error
    this.#beginPack(true, 0)
    this.#isSettlingPack = true
  }

  /** Appends a record and returns its offset in `newestPack`. May roll over, flush and sync. */
  append(type: RecordType, payload: Uint8Array, payloadStart: number, payloadBytes: number): number {
    const current = this.#current
    if (current === undefined || !current.isShared) return this.#append(type, payload, payloadStart, payloadBytes)
    if (!current.hasAppended) this.#withBytes += 1
    current.hasAppended = true
    return this.#sharing(() => this.#append(type, payload, payloadStart, payloadBytes))
  }

  /** Invariant 9: after an I/O error in a pack that others write to as well, nobody can tell whose bytes are whole. */
  #sharing<R>(work: () => R): R {
    try {
      return work()
    } catch (error) {
      // A pack that was left by then has no stream any more.
      if (error instanceof IoError && this.#stream !== undefined) this.#leavePack(error)
      throw error
    }
  }

  #append(type: RecordType, payload: Uint8Array, payloadStart: number, payloadBytes: number): number {
    let stream = this.#ready(payloadBytes)
    const length = stream.endAfter(payloadBytes) - stream.endBytes + this.#border.padBytesMax
    if (this.#durability !== 'unsafe' && this.#bytesBehindProven(stream) + length > this.limits.syncEveryBytes) {
      this.#syncToBorder(stream)
      stream = this.#ready(payloadBytes)
    }
    return stream.appendRecord(type, payload, payloadStart, payloadBytes)
  }

  #ready(payloadBytes: number): AppendStream {
    let stream = this.#stream
    if (stream === undefined) stream = this.#reopenNewest()
    if (!this.#border.fits(stream.endAfter(payloadBytes))) stream = this.#rollOver(stream)
    return stream
  }

  #bytesBehindProven(stream: AppendStream): number {
    const proven = this.#settledUpTo ?? this.#proven
    return proven.pack === stream.packNumber ? stream.endBytes - proven.offsetBytes : stream.endBytes
  }

  /** After a clean open, before the first append: rule 15's look at the file and the lock, then the pack goes on. */
  #reopenNewest(): AppendStream {
    const clean = this.#clean
    assert(clean !== undefined, 'an unclean pack is never appended to')
    this.#owner.checkStillOwner()
    if (this.#durability === 'unsafe') this.#namesUnsynced = true
    else this.#files.syncDatabaseName()
    const packNumber = this.#files.newest
    const handle = this.#files.openForAppend(packNumber)
    try {
      this.#checkSize(handle, clean.sizeBytes)
    } catch (error) {
      closeQuietly(handle)
      throw error
    }
    this.#stream = new AppendStream(
      {
        handle,
        packNumber,
        seed: this.seedOf(packNumber),
        markerIntervalBytes: this.limits.markerIntervalBytes,
        sizeBytes: clean.sizeBytes,
        markEndBytes: this.#accepted.endBytes,
        gapCrc: clean.gapCrc,
        mark: this.#lastMark,
      },
      this.#buffer,
      this.#frame,
    )
    return this.#stream
  }

  #checkSize(handle: FileHandle, expectedBytes: number): void {
    const sizeBytes = uninterrupted(() => handle.sizeBytes())
    if (sizeBytes !== expectedBytes)
      throw new EngineError(
        'E_CHANGED',
        `${handle.path} has ${sizeBytes} bytes instead of ${expectedBytes}: another program wrote to it`,
        { path: handle.path, offsetBytes: expectedBytes },
      )
  }

  /** Rule 6: the old pack is synced, the directory rule, a new file, its header. After an error the old pack goes on. */
  #rollOver(old: AppendStream): AppendStream {
    this.#refuseWhileSyncing('a new pack has to be begun')
    this.#owner.checkStillOwner()
    const isUnsafe = this.#durability === 'unsafe'
    // If no pack can be begun, this one goes on: behind a border, with vouchers in a sector of their own.
    if (!isUnsafe) this.#border.pad(old, 0)
    old.appendVoucher()
    old.flush()
    this.#checkSize(old.handle, old.flushedBytes)
    if (!isUnsafe) this.#syncData(old)
    const wasSettling = this.#isSettlingPack
    this.#beginPack(!isUnsafe, old.endBytes)
    this.#isSettlingPack = wasSettling
    this.#counters.rollOvers += 1
    this.#counters.markers += old.markers
    this.#counters.appendedBytes += old.appendedBytes
    if (isUnsafe) this.#keepUnsynced(old.handle)
    else {
      // Everything in it is durable; but an error that was given is told.
      const error = closeQuietly(old.handle)
      if (error !== undefined) throw error
    }
    return this.#ready(0)
  }

  #keepUnsynced(handle: FileHandle): void {
    this.#unsynced.push(handle)
    const tooMany = Math.max(0, this.#unsynced.length - UNSYNCED_PACKS_MAX)
    for (const oldest of this.#unsynced.splice(0, tooMany)) {
      closeQuietly(oldest)
      // Nobody can vouch for that pack now; the next safe commit writes it again.
      this.#needsSettling = true
    }
  }

  #beginPack(sync: boolean, formerEndBytes: number): void {
    const handle = this.#files.create(sync)
    if (!sync) this.#namesUnsynced = true
    const packNumber = this.#files.newest
    const stream = new AppendStream(
      {
        handle,
        packNumber,
        seed: this.seedOf(packNumber),
        markerIntervalBytes: this.limits.markerIntervalBytes,
        sizeBytes: 0,
        markEndBytes: 0,
        gapCrc: 0,
        mark: this.#lastMark,
      },
      this.#buffer,
      this.#frame,
    )
    try {
      stream.appendHeader((target, at) => {
        encodeHeader(
          target.view,
          target.bytes,
          at,
          {
            packNumber,
            limits: this.limits,
            baseMark: this.#accepted.mark,
            baseEndBytes: this.#accepted.endBytes,
            proven: this.#proven,
            provenMark: this.#provenMark,
            formerEndBytes,
          },
          this.#scratch.bytes,
          this.#scratch.start + ID_AT,
        )
      })
      stream.flush()
    } catch (error) {
      closeQuietly(handle)
      this.#files.discardNewest()
      throw error
    }
    this.#stream = stream
    this.#clean = undefined
  }

  // --- durability ----------------------------------------------------------------------------------------------------

  /** Flushes and syncs the newest pack, up to a border; then everything before its end is proven. */
  #syncToBorder(stream: AppendStream): void {
    this.#refuseWhileSyncing('data has to be synced')
    this.#border.pad(stream, 0)
    this.#syncData(stream)
  }

  /** Flushes and syncs the newest pack, as far as it was written. The next cover starts behind it. */
  #syncData(stream: AppendStream): void {
    this.#refuseWhileSyncing('data has to be synced')
    this.#syncOlder()
    stream.flush()
    const issuedAt: Position = { pack: stream.packNumber, offsetBytes: stream.flushedBytes }
    this.#syncHandle(stream.handle)
    this.#accept(this.#tip)
    if (this.#isSettlingPack) {
      // What lies before this pack is as unproven as before; but this pack refers to nothing there.
      this.#settledUpTo = issuedAt
    } else if (!this.#needsSettling) {
      this.#proven = issuedAt
      this.#provenMark = this.#lastMark
      this.#durableCommitNumber = this.#accepted.commitNumber
    }
    stream.synced()
  }

  /** Invariant 8. */
  #refuseWhileSyncing(why: string): void {
    if (!this.#queue.isSyncing) return
    throw new EngineError('E_BUSY', `${why}, and a sync that commits share is in flight`, {
      path: this.#files.path(this.#files.newest),
    })
  }

  /** Commits up to that one are acknowledged. */
  #accept(commit: AcceptedCommit): void {
    this.#accepted = commit
    this.#queue.acknowledge(commit.commitNumber)
  }

  // --- the shared sync -----------------------------------------------------------------------------------------------

  /** Part of `SharedSyncHost`. */
  prepareSharedSync(): FileHandle | undefined {
    const stream = this.#stream
    assert(stream !== undefined, 'commits that wait are in the newest pack')
    return this.#sharing(() => {
      const { packBytesMax, syncEveryBytes } = this.limits
      const room = Math.min(packBytesMax - stream.endBytes, syncEveryBytes - this.#bytesBehindProven(stream))
      if (room < Math.min(packBytesMax, syncEveryBytes) / 2) {
        this.#syncToBorder(stream)
        return undefined
      }
      // In the cover of the commit after these: what is proven ends with the newest mark.
      this.#border.pad(stream, 0)
      stream.flush()
      this.#counters.syncs += 1
      this.#issuedTip = this.#tip
      return stream.handle
    })
  }

  /** The newest commit written when the shared sync in flight was issued. */
  #issuedTip: AcceptedCommit | undefined

  /** Part of `SharedSyncHost`. What is proven ends with the commit: the next cover begins there (rule 2). */
  sharedSyncDone(): void {
    const commit = this.#issuedTip
    assert(commit !== undefined, 'the sync was issued')
    this.#proven = { pack: commit.mark.pack, offsetBytes: commit.endBytes }
    this.#provenMark = commit.mark
    this.#durableCommitNumber = commit.commitNumber
    this.#accept(commit)
  }

  /** Part of `SharedSyncHost`. */
  sharedSyncFailed(error: unknown): void {
    this.#leavePack(error)
  }

  #syncHandle(handle: FileHandle): void {
    try {
      this.#counters.syncs += 1
      syncFully(handle)
    } catch (error) {
      this.#leavePack(error)
      throw error
    }
  }

  /** Rule 13. */
  #syncOlder(): void {
    if (this.#namesUnsynced) {
      this.#files.syncNames()
      this.#namesUnsynced = false
    }
    while (this.#unsynced.length > 0) {
      const handle = this.#unsynced[0] as FileHandle
      this.#syncHandle(handle)
      this.#unsynced.shift()
      const error = closeQuietly(handle)
      if (error !== undefined) throw error
    }
  }

  /**
   * Nothing more is written to the newest pack, nothing new refers to what it holds behind `proven`. Commits that wait
   * fail; work goes on from the newest acknowledged one (rule 9).
   */
  #leavePack(error: unknown): void {
    this.#needsSettling = true
    this.#clean = undefined
    this.#dropStream()
    for (const handle of this.#unsynced.splice(0)) closeQuietly(handle)
    this.#abandonTip(outcomeUnknown(error), error)
  }

  #abandonTip(told: EngineError, cause: unknown): void {
    this.#epoch += 1
    this.#leftBecause = cause
    this.#withBytes = 0
    this.#tip = this.#accepted
    this.#lastMark = this.#accepted.mark
    this.#queue.clear(told)
  }

  /** Gives the error of closing the newest pack, which the caller tells unless there is one before it. */
  #dropStream(): unknown {
    const stream = this.#stream
    if (stream === undefined) return undefined
    this.#counters.markers += stream.markers
    this.#counters.appendedBytes += stream.appendedBytes
    this.#stream = undefined
    this.#isSettlingPack = false
    this.#settledUpTo = undefined
    return closeQuietly(stream.handle)
  }

  /**
   * Writes the commit mark for `root` and makes it as durable as the transaction asked. Returns = acknowledged.
   * E_OUTCOME_UNKNOWN if the mark was written and its sync failed; any other error: the commit is not there.
   */
  commit(root: CommitMark['root']): AcceptedCommit {
    return this.#commit(root, undefined)
  }

  /**
   * Writes the commit mark of a shared transaction, which is over with that; `waiter` is told later, in another turn, when
   * it is as durable as it asked, but not of a commit that is `accepted` on return. E_BUSY: a shared sync is in the way,
   * nothing was written. Any other error: the commit is not there.
   */
  commitLater(transaction: LogTransaction, root: CommitMark['root'], waiter: CommitWaiter): AcceptedCommit {
    this.enter(transaction)
    const commit = this.#sharing(() => this.#commit(root, waiter))
    this.#end(transaction)
    return commit
  }

  /** Tells `waiter` once every commit written so far has its outcome. */
  awaitTip(waiter: CommitWaiter): void {
    this.#queue.add(this.#tip.commitNumber, waiter)
  }

  #end(transaction: LogTransaction): void {
    if (transaction.isOver) return
    transaction.isOver = true
    if (transaction.hasAppended && transaction.epoch === this.#epoch) this.#withBytes -= 1
  }

  #commit(root: CommitMark['root'], waiter: CommitWaiter | undefined): AcceptedCommit {
    const isUnsafe = this.#durability === 'unsafe'
    let stream = this.#ready(MARK_RECORD_BYTES_MAX)
    if (!isUnsafe) {
      this.#syncOlder()
      const limit = this.#durability === 'lazy' ? this.limits.lazyLimitBytes : this.limits.tailLimitBytes
      const padBytes = this.#durability === 'sync' ? this.#border.padBytesMax : 0
      const covered = this.#bytesBehindProven(stream) + MARK_RECORD_BYTES_MAX + padBytes
      if (covered > limit || this.#hasUnsafeMarks || stream.isGapMixed) {
        this.#syncToBorder(stream)
        this.#hasUnsafeMarks = false
        stream = this.#ready(MARK_RECORD_BYTES_MAX)
      }
    }
    if (this.#durability === 'sync') this.#padMark(stream)
    const scratch = this.#scratch
    const commitNumber = this.#tip.commitNumber + 1
    encodeMark(scratch.view, scratch.start + PAYLOAD_AT, {
      isUnsafe,
      commitNumber,
      previous: this.#tip.mark,
      proven: this.#settledUpTo ?? this.#proven,
      provenMark: this.#provenMark,
      root,
      ...stream.cover(),
    })
    const offset = stream.appendRecord(RECORD.mark, scratch.bytes, scratch.start + PAYLOAD_AT, MARK_PAYLOAD_BYTES)
    stream.flush()
    const commit: AcceptedCommit = {
      mark: { pack: stream.packNumber, offsetBytes: offset },
      endBytes: stream.endBytes,
      commitNumber,
      root,
    }
    if (this.#durability === 'sync') this.#syncMark(stream)
    stream.markWritten(offset)
    this.#tip = commit
    this.#lastMark = commit.mark
    this.#hasCommitted = true
    if (waiter !== undefined && (this.#durability === 'group' || !this.#queue.isIdle)) {
      this.#queue.add(commitNumber, waiter)
      return commit
    }
    this.#accepted = commit
    if (isUnsafe) this.#hasUnsafeMarks = true
    if (this.#durability === 'sync') {
      this.#needsSettling = false
      this.#isSettlingPack = false
      this.#settledUpTo = undefined
      this.#proven = { pack: stream.packNumber, offsetBytes: commit.endBytes }
      this.#provenMark = commit.mark
      this.#durableCommitNumber = commitNumber
    }
    return commit
  }

  /** Whatever comes behind the mark begins in another sector. */
  #padMark(stream: AppendStream): void {
    const isPadded = this.#border.pad(stream, MARK_RECORD_BYTES)
    assert(isPadded, 'a pack with room for the longest mark has a border behind a shorter one')
  }

  #syncMark(stream: AppendStream): void {
    try {
      this.#syncHandle(stream.handle)
    } catch (error) {
      throw outcomeUnknown(error)
    }
  }

  /** Forgets what the transaction wrote. Never fails, never allocates. */
  abort(transaction?: LogTransaction): void {
    if (transaction !== undefined) {
      this.#end(transaction)
      if (transaction.epoch !== this.#epoch) return
    }
    const stream = this.#stream
    if (stream === undefined) return
    if (stream.isBroken) this.#leavePack(undefined)
    else if (this.#withBytes === 0) stream.rewind()
  }

  /** Makes every acknowledged commit durable. Only while `unsyncedBytes` is not 0 and nothing has to be settled. */
  sync(): void {
    const stream = this.#stream
    assert(stream !== undefined, 'what is not synced was written by this process')
    this.#current = undefined
    this.#durability = 'sync'
    this.#syncToBorder(stream)
    this.#hasUnsafeMarks = false
  }

  // --- the end -------------------------------------------------------------------------------------------------------

  /**
   * Rule 11: makes lazy commits durable and writes a close record, if this process committed in the newest pack and every
   * sync succeeded. Bytes of aborted transactions behind the last mark get a voucher, synced, so that all that a closed
   * pack holds can be checked. Releases everything whatever happens; gives the first error. Never allocates. Commits that
   * wait for a shared sync fail with E_OUTCOME_UNKNOWN.
   */
  close(): unknown {
    let first: unknown
    const hadWaiting = !this.#queue.isIdle
    if (hadWaiting) this.#abandonTip(outcomeUnknown(undefined), undefined)
    try {
      // What was written and not acknowledged lies behind the newest accepted commit: no close record can follow it.
      if (!hadWaiting) this.#finish()
    } catch (error) {
      first = error
    }
    const stream = this.#stream
    this.#stream = undefined
    if (stream !== undefined) first = firstOf(first, closeQuietly(stream.handle))
    for (const handle of this.#unsynced.splice(0)) first = firstOf(first, closeQuietly(handle))
    this.#border.release()
    this.#allocator.free(this.#scratch)
    this.#allocator.free(this.#buffer)
    return first === undefined ? undefined : asEngineError(first, 'close')
  }

  #finish(): void {
    const stream = this.#stream
    if (stream === undefined || stream.isBroken || this.#needsSettling || !this.#hasCommitted) return
    if (this.#accepted.mark.pack !== stream.packNumber || this.#hasUnsafeMarks || this.#unsynced.length > 0) return
    if (this.#namesUnsynced) return
    stream.rewind()
    const isSynced = stream.gapBytes === 0 && this.unsyncedBytes === 0
    if (!isSynced) {
      // A filler belongs to what the voucher speaks of; voucher and close record stand side by side.
      this.#border.pad(stream, 0)
      stream.flush()
      stream.rewind()
      stream.appendVoucher()
      this.#syncData(stream)
    }
    const scratch = this.#scratch
    encodeClose(scratch.view, scratch.start + PAYLOAD_AT, this.#accepted.mark)
    stream.appendRecord(RECORD.close, scratch.bytes, scratch.start + PAYLOAD_AT, CLOSE_PAYLOAD_BYTES)
    stream.flush()
  }
}

/** The error to tell, of two that may have come. Both calls have been made: an operand of `??` would not be. */
export function firstOf(earlier: unknown, later: unknown): unknown {
  return earlier ?? later
}

function outcomeUnknown(cause: unknown): EngineError {
  if (cause === undefined)
    return new EngineError(
      'E_OUTCOME_UNKNOWN',
      'the database was closed before the sync of the commit ended: it may be there when it is opened again',
    )
  const { path, errno } = ioPlace(cause)
  return new EngineError(
    'E_OUTCOME_UNKNOWN',
    'the commit was written but its sync failed: it may be there after a crash, until a later one is acknowledged',
    { path, errno, operation: cause instanceof IoError ? cause.operation : 'sync' },
    cause,
  )
}

function ioPlace(error: unknown): { path: string; errno: string } {
  return error instanceof IoError ? { path: error.path, errno: error.code } : { path: '', errno: '' }
}

/** Bytes of a pack before its first record. */
export const FIRST_RECORD_BYTES = HEADER_BYTES
