// engine/lock/acquire-lock.ts: one process owns a directory (document root); a killed owner's lock is free at once.
//
// Node has no flock, so the lock is made of names. To own the directory is to have made the lock file with the highest
// number, `lock.N`, by an exclusive create. Steps of an acquire, each of which may be the last before a crash:
//
//   1  list; read the highest lock N−1; its owner must be dead, or have released it      else E_LOCKED
//   2  create claim.N.(who we are)
//   3  create lock.N, exclusively                                                         EEXIST: back to 1
//   4  append the owner's line to lock.N
//   5  list; lock.N must be the highest, and lock.N−1 still there                         else back to 1
//   6  unlink the claim; unlink lower locks, ascending; unlink what dead contenders left
//
// Invariants:
//   1. The highest lock file is never deleted, but by its maker before step 5 is done (that lock was never owned). A
//      release appends a line. So numbers never come back, and whoever holds an old listing meets EEXIST or step 5.
//   2. lock.N+1 is made only by a process that saw lock.N, and saw that its owner was dead, had released it, or died
//      while making it. A live owner's lock therefore stays the highest.
//   3. From step 3 to the end of step 4 the maker's claim exists. So if lock.N has no whole owner's line in a read that
//      began after a listing of the claims, and none of those claims for N is of a live process, then the maker is dead.
//      (The listing must begin after lock.N was seen, and the read after the listing: the maker writes first and drops
//      the claim then.) The claim is complete the moment it exists, because it is a name.
//   4. Lower locks are deleted in ascending order, up to the first that can't be. So if lock.N−1 is there after lock.N
//      was made, no lock.N was ever deleted before, and this one is the first of its number. This closes the hole that
//      a listing need not be atomic: what is made and deleted while it runs may be missing from it.
//   5. A handle is closed and the block given back on every way out. A failed acquire leaves neither claim nor lock; if
//      the file system refuses even that, the token is remembered as given up (see GIVEN_UP).
//   6. `release` allocates nothing and throws nothing.
//
// Names and lines are not synced. A lock matters only while its owner lives; after a power loss every owner is dead, and
// the boot id says so, whichever names and bytes survived: no file, an empty file, an old number. A mere kill keeps all.
// Not covered: hosts that share a directory must have different names and see each other's names in order; an owner on
// another host counts as alive for ever, and its lock file has to be deleted by hand.

import { asEngineError, EngineError } from '../errors.ts'
import { IoError, type Block, type FileHandle } from '../ports/index.ts'
import { giveBack, giveUp, HeldLock, isGivenUp, type Lock, type LockOptions, type MadeLock } from './held-lock.ts'
import { isRefusal, LockFiles, RETRIES_MAX, runSteps, type Steps } from './lock-files.ts'
import {
  claimName,
  LOCK_TEXT_BYTES_MAX,
  lockName,
  ownerLine,
  parseLockRecord,
  type Contender,
  type LockNames,
} from './lock-record.ts'

/** How often an acquire starts again because others were at work at the same time. */
const ROUNDS_MAX = 16
const TOKEN_BYTES = 16

/**
 * Makes this process the owner of a directory. Throws EngineError E_LOCKED (it has an owner, also if that is this process),
 * E_IO or E_NO_MEMORY, and then holds nothing.
 */
export function acquireLock(options: LockOptions): Lock {
  return runSteps(acquireLockSteps(options))
}

/** `acquireLock`, stopping before each file-system call. */
export function* acquireLockSteps(options: LockOptions): Steps<Lock> {
  let scratch: Block | undefined
  try {
    scratch = options.allocator.allocate(LOCK_TEXT_BYTES_MAX, 'lock')
    return yield* new Acquire(options, scratch).run()
  } catch (error) {
    if (scratch !== undefined) options.allocator.free(scratch)
    throw asEngineError(error, `lock ${options.directory}`)
  }
}

/** What a look at the highest lock gave. */
type Verdict = Readonly<{ kind: 'free' }> | Readonly<{ kind: 'gone' }> | Readonly<{ kind: 'held'; owner: Contender }>

/** One attempt to become the owner. */
class Acquire {
  readonly #options: LockOptions
  readonly #scratch: Block
  readonly #files: LockFiles
  readonly #self: Contender

  constructor(options: LockOptions, scratch: Block) {
    this.#options = options
    this.#scratch = scratch
    this.#files = new LockFiles(options.fileSystem, options.directory, scratch)
    options.random.fill(scratch.bytes, scratch.start, TOKEN_BYTES)
    let token = ''
    for (let index = 0; index < TOKEN_BYTES; index += 1) {
      token += (scratch.bytes[scratch.start + index] ?? 0).toString(16).padStart(2, '0')
    }
    this.#self = { identity: options.processes.self(), token }
  }

  *run(): Steps<Lock> {
    const files = this.#files
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const highest = (yield* files.list()).locks.at(-1) ?? 0
      if (highest > 0) {
        const verdict = yield* this.#judge(highest)
        if (verdict.kind === 'held') throw this.#lockedBy(highest, verdict.owner)
        if (verdict.kind === 'gone') continue
      }
      const made = yield* this.#tryNumber(highest + 1, highest)
      if (made !== undefined) return new HeldLock(this.#options, this.#scratch, files, made)
    }
    throw new EngineError('E_LOCKED', `${files.directory} is being taken by others, again and again`, {
      path: files.directory,
    })
  }

  /** Steps 2 to 6. Undefined if another one was faster; then, as after an error, nothing is left of it. */
  *#tryNumber(number: number, predecessor: number): Steps<MadeLock | undefined> {
    const files = this.#files
    const claim = claimName(number, this.#self)
    let handle: FileHandle | undefined
    let owned = false
    try {
      const claimHandle = yield* files.create(claim)
      if (claimHandle !== undefined) yield* files.close(claimHandle)
      handle = yield* files.create(lockName(number))
      if (handle !== undefined) {
        yield* files.append(handle, ownerLine(number, this.#self))
        const names = yield* files.list()
        owned = names.locks.at(-1) === number && (predecessor === 0 || names.locks.includes(predecessor))
        if (owned) {
          yield* files.unlink(claim)
          yield* this.#cleanUp(number, names)
          return { number, handle, token: this.#self.token }
        }
      }
    } catch (error) {
      if (error instanceof IoError) yield* this.#withdraw(number, claim, handle, owned)
      throw error
    }
    const refused = yield* this.#withdraw(number, claim, handle, false)
    if (refused !== undefined) throw refused
    return undefined
  }

  /** Whether the highest lock keeps us out. */
  *#judge(number: number): Steps<Verdict> {
    const files = this.#files
    const name = lockName(number)
    const seen = yield* files.read(name)
    if (seen === undefined) return { kind: 'gone' }
    const first = this.#judgeText(number, seen)
    if (first !== undefined) return first
    // Its maker has not written yet, or died. The claims tell, by invariant 3.
    const { claims } = yield* files.list()
    for (const claim of claims) {
      if (claim.number === number && this.#mayLive(claim.contender)) return { kind: 'held', owner: claim.contender }
    }
    // Nobody writes to it any more: a text shorter than the file is a device that gives too little, not a maker that died.
    for (let retries = 0; retries <= RETRIES_MAX; retries += 1) {
      const text = yield* files.read(name)
      if (text === undefined) return { kind: 'gone' }
      const verdict = this.#judgeText(number, text)
      if (verdict !== undefined) return verdict
      if (text.length >= (yield* files.textBytes(name))) return { kind: 'free' }
    }
    throw new IoError('EIO', 'read', files.pathOf(name))
  }

  /** What the text of a lock file says; undefined if it has no whole line. */
  #judgeText(number: number, text: string): Verdict | undefined {
    const { owner, released } = parseLockRecord(number, text)
    if (released) return { kind: 'free' }
    if (owner === undefined) return undefined
    return this.#mayLive(owner) ? { kind: 'held', owner } : { kind: 'free' }
  }

  #mayLive({ identity, token }: Contender): boolean {
    const { processes } = this.#options
    return !isGivenUp(processes, token) && processes.isRunning(identity) !== 'no'
  }

  /**
   * Takes back what step 2 and later did. The first error met, if any; then the token is given up, so that what is left
   * keeps this process out no more than a dead one's.
   */
  *#withdraw(
    number: number,
    claim: string,
    handle: FileHandle | undefined,
    owned: boolean,
  ): Steps<IoError | undefined> {
    const files = this.#files
    let refused: IoError | undefined
    if (handle !== undefined) {
      // Until step 5 nobody can have passed over this lock, so its name may go. It goes before the claim, and in one
      // attempt: by a second one it could be another process's. Once owned, or if the name stays, it is given back.
      const unlinked: IoError | undefined = owned ? undefined : yield* files.tryStep(files.unlinkOnce(lockName(number)))
      const gone = !owned && unlinked === undefined
      const closed: IoError | undefined = gone
        ? yield* files.tryStep(files.close(handle))
        : yield* giveBack(this.#options.processes, files, handle, this.#self.token)
      refused = unlinked ?? closed
    }
    const unclaimed: IoError | undefined = yield* files.tryStep(files.unlink(claim))
    if (unclaimed !== undefined) giveUp(this.#options.processes, this.#self.token)
    return refused ?? unclaimed
  }

  /** Deletes what earlier owners and dead contenders left. A file of another user may be there for good. */
  *#cleanUp(number: number, { locks, claims }: LockNames): Steps<void> {
    for (const lower of locks) {
      if (lower >= number || !(yield* this.#unlinkIfAllowed(lockName(lower)))) break
    }
    for (const claim of claims) {
      if (claim.contender.token === this.#self.token) continue
      if (claim.number < number || !this.#mayLive(claim.contender)) yield* this.#unlinkIfAllowed(claim.name)
    }
  }

  *#unlinkIfAllowed(name: string): Steps<boolean> {
    try {
      yield* this.#files.unlink(name)
      return true
    } catch (error) {
      if (isRefusal(error, 'EACCES', 'EPERM')) return false
      throw error
    }
  }

  #lockedBy(number: number, { identity }: Contender): EngineError {
    const { directory } = this.#files
    const path = this.#files.pathOf(lockName(number))
    const running = this.#options.processes.isRunning(identity)
    const hint = running === 'unknown' ? `; if that has ended, which can't be told from here, delete ${path}` : ''
    return new EngineError(
      'E_LOCKED',
      `${directory} is in use by process ${identity.process} on ${identity.host} (${path})${hint}`,
      { path },
    )
  }
}
