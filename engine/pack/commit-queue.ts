// engine/pack/commit-queue.ts: commits that are written and wait for a sync that they share.
//
//   add ──▶ waiting ──▶ issue: flush, syncLater ──▶ done: all that was written before the issue is acknowledged
//                                              └──▶ failed: all that waits fails, what came after the issue as well
//
// 1. At most one sync is in flight; what is added meanwhile waits for the next one (protocol rule 8).
// 2. Commits are acknowledged in the order in which they were written, each one's predecessors first.
// 3. A sync is issued by a task of the scheduler, never within a commit: commits of one turn share it.
// 4. Nothing here allocates, and what is told of an outcome must not throw.
// 5. After `clear` the sync in flight, if any, is of no more interest: its end changes nothing.
//
// Does not know what an acknowledgement means: that is commit-log.ts.

import { EngineError, assert } from '../errors.ts'
import { IoError, type FileHandle, type Scheduler } from '../ports/index.ts'
import { INTERRUPTIONS_MAX } from './io.ts'

/** Who waits for the outcome of a commit, or of the commits before it. */
export interface CommitWaiter {
  /** It is durable, and all before it. */
  acknowledged(): void
  failed(error: EngineError): void
}

/** The log's part. */
export interface SharedSyncHost {
  /**
   * Hands everything to the file, and gives the handle to sync; undefined if it was synced on the spot, because a sync in
   * flight would soon be in the way. Throws what the file throws; then everything that waits has failed.
   */
  prepareSharedSync(): FileHandle | undefined
  /** What was written before the sync in flight was issued is durable. */
  sharedSyncDone(): void
  sharedSyncFailed(error: unknown): void
}

type Waiting = Readonly<{ commit: number; waiter: CommitWaiter }>

export class CommitQueue {
  readonly #host: SharedSyncHost
  readonly #scheduler: Scheduler | undefined
  /** In the order of writing. charged: by the block that each transaction keeps until its outcome. */
  readonly #waiting: Waiting[] = []
  /** Who waits for the end of the sync in flight. charged: by the block of the transaction that waits, or a promise's. */
  readonly #afterSync: (() => void)[] = []
  #isSyncing = false
  #isRequested = false
  /** Tells the sync in flight from those that `clear` gave up. */
  #generation = 0

  constructor(host: SharedSyncHost, scheduler: Scheduler | undefined) {
    this.#host = host
    this.#scheduler = scheduler
  }

  get isSyncing(): boolean {
    return this.#isSyncing
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get isIdle(): boolean {
    return !this.#isSyncing && this.#waiting.length === 0
  }

  /** A commit of that number was written, or nothing was and the commits up to that number are of interest. */
  add(commit: number, waiter: CommitWaiter): void {
    this.#waiting.push({ commit, waiter })
    this.#request()
  }

  /** Runs `task` in a turn of its own once no sync is in flight. */
  afterSync(task: () => void): void {
    if (this.#isSyncing) this.#afterSync.push(task)
    else this.#soon(task)
  }

  /** Everything up to that commit is durable: whoever waits for it is told, in order. */
  acknowledge(commit: number): void {
    while (this.#waiting.length > 0 && (this.#waiting[0] as Waiting).commit <= commit) {
      const first = this.#waiting.shift() as Waiting
      first.waiter.acknowledged()
    }
  }

  /** Everything that waits fails, and the sync in flight is given up. */
  clear(error: EngineError): void {
    this.#generation += 1
    this.#isSyncing = false
    for (const { waiter } of this.#waiting.splice(0)) waiter.failed(error)
    this.#wake()
  }

  #request(): void {
    if (this.#isRequested || this.#isSyncing) return
    this.#isRequested = true
    this.#soon(() => {
      this.#isRequested = false
      this.#issue()
    })
  }

  #soon(task: () => void): void {
    assert(this.#scheduler !== undefined, 'what waits has a scheduler')
    this.#scheduler.soon(task)
  }

  #issue(): void {
    if (this.#isSyncing || this.#waiting.length === 0) return
    let handle: FileHandle | undefined
    try {
      handle = this.#host.prepareSharedSync()
    } catch {
      return // the host has failed everything that waits
    }
    if (handle === undefined) return
    this.#isSyncing = true
    this.#generation += 1
    this.#sync(handle, this.#generation, 1)
  }

  #sync(handle: FileHandle, generation: number, attempt: number): void {
    const failed = (error: unknown): void => {
      if (generation !== this.#generation) return
      // After an interruption everything is still pending: no other code may be tried again.
      const again = error instanceof IoError && error.code === 'EINTR' && attempt < INTERRUPTIONS_MAX
      if (again) this.#sync(handle, generation, attempt + 1)
      else this.#host.sharedSyncFailed(error)
    }
    let done: Promise<void>
    try {
      done = handle.syncLater()
    } catch (error) {
      failed(error)
      return
    }
    done.then(() => this.#done(generation), failed)
  }

  #done(generation: number): void {
    if (generation !== this.#generation) return
    this.#isSyncing = false
    this.#host.sharedSyncDone()
    this.#wake()
    if (this.#waiting.length > 0) this.#request()
  }

  #wake(): void {
    for (const task of this.#afterSync.splice(0)) this.#soon(task)
  }
}
