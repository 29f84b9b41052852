// test/engine/lock/lock-schedules.ts: every order in which a few processes can make their calls.
//
// A state is the disk, who is dead, and what each process has seen so far (which, the code being deterministic, is where
// it stands). Each state is entered once; to enter one, the schedule that leads to it is run from the start. In each
// state, each process that is not done may make its next call; while the budget lasts, it may also die there, or have the
// call refused before or after it is done.

import { EngineError } from '../../../engine/errors.ts'
import { acquireLockSteps, type Steps } from '../../../engine/lock/index.ts'
import { IoError } from '../../../engine/ports/index.ts'
import { LockWorld } from './lock-world.ts'
import type { CallHook } from './small-file-system.ts'

export type ScheduleOptions = Readonly<{
  /** Prepares the disk, and may leave processes dead or alive there. */
  prepare(world: LockWorld): void
  contenders: number
  /** Whether an owner gives the lock back in the end. */
  release: boolean
  /** How many deaths and refused calls there may be in a schedule. */
  deathsMax: number
  refusalsMax: number
}>

export type ScheduleReport = {
  states: number
  /** States in which every process is done. */
  ends: number
  /** Ends, by the number of processes that came to own the lock. */
  endsByOwners: Map<number, number>
  /** The first schedule found with two owners at once. */
  violations: string[]
}

const MOVES = ['call', 'die', 'refuse before', 'refuse after'] as const
type Move = Readonly<{ process: number; kind: (typeof MOVES)[number] }>

/** 64 bits of a text, however it comes in parts: two multiplicative sums with different factors. */
class TextHash {
  #left = 0x811c9dc5
  #right = 0x9e3779b9

  add(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index)
      this.#left = Math.imul(this.#left ^ unit, 0x01000193)
      this.#right = Math.imul(this.#right ^ unit, 0x85ebca6b)
      this.#right ^= this.#right >>> 13
    }
  }

  toString(): string {
    return `${this.#left}:${this.#right}`
  }
}

/** A process that takes the lock, holds it for one step, and gives it back. */
class Contender {
  readonly name: string
  readonly #world: LockWorld
  readonly #life: Generator<void, void, void>
  /** Everything it has seen. */
  readonly #seen = new TextHash()
  /** Seen, but not yet added to the hash: most runs only lead to a state, and never need it. */
  #news = ''
  state: 'working' | 'owner' | 'done' | 'dead' = 'working'
  owned = false
  refusal: Move['kind'] = 'call'

  constructor(world: LockWorld, name: string, release: boolean) {
    this.#world = world
    this.name = name
    this.#life = this.#live(release)
    this.#life.next()
  }

  move(kind: Move['kind']): void {
    if (kind === 'die') {
      this.state = 'dead'
      this.#world.dead.add(this.name)
      return
    }
    this.refusal = kind
    if (this.#life.next().done === true && this.state === 'working') this.state = 'done'
  }

  *#live(release: boolean): Steps<void> {
    const hook: CallHook = (operation, name, perform) => {
      const kind = this.refusal
      this.refusal = 'call'
      this.#see(`${operation} ${name} ${kind}`)
      if (kind === 'refuse before') throw new IoError('EIO', operation, name)
      let result: unknown
      try {
        const given = perform()
        result = given
        if (kind === 'refuse after') throw new IoError('EIO', operation, name)
        return given
      } catch (error) {
        result = error instanceof IoError ? error.code : error
        throw error
      } finally {
        if (typeof result !== 'object') this.#see(String(result))
        else if (Array.isArray(result)) this.#see(result.join())
      }
    }
    try {
      const lock = yield* acquireLockSteps(this.#world.process(this.name, hook))
      this.owned = true
      this.state = 'owner'
      this.#see('owner')
      if (!release) return
      yield
      this.state = 'working'
      yield* lock.releaseSteps()
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      this.#see(error.code)
    }
  }

  /** Where it stands; what it saw no longer matters once it is done. */
  get key(): string {
    if (this.state === 'done' || this.state === 'dead') return `${this.state} ${this.owned}`
    this.#seen.add(this.#news)
    this.#news = ''
    return `${this.state} ${this.#seen}`
  }

  #see(what: string): void {
    this.#news += ` ${what}`
  }
}

class Run {
  readonly world = new LockWorld()
  readonly contenders: Contender[]

  constructor(options: ScheduleOptions, schedule: readonly Move[]) {
    options.prepare(this.world)
    this.contenders = Array.from(
      { length: options.contenders },
      (_, index) => new Contender(this.world, `p${index}`, options.release),
    )
    for (const move of schedule) this.apply(move)
  }

  apply({ process, kind }: Move): void {
    this.contenders[process]?.move(kind)
  }

  key(): string {
    const hash = new TextHash()
    hash.add([this.world.disk.dump(), ...this.contenders.map(({ key }) => key)].join('|'))
    return String(hash)
  }
}

/** What may happen next; nothing in an end. */
function movesOf(run: Run, options: ScheduleOptions, schedule: readonly Move[]): readonly Move[] {
  const deaths = schedule.filter(({ kind }) => kind === 'die').length
  const refusals = schedule.filter(({ kind }) => kind.startsWith('refuse')).length
  return run.contenders.flatMap(({ state }, process) => {
    if (state === 'done' || state === 'dead' || (state === 'owner' && !options.release)) return []
    const moves: Move[] = [{ process, kind: 'call' }]
    if (deaths < options.deathsMax) moves.push({ process, kind: 'die' })
    if (refusals < options.refusalsMax && state === 'working') {
      moves.push({ process, kind: 'refuse before' }, { process, kind: 'refuse after' })
    }
    return moves
  })
}

/** How many processes own the lock now. */
function ownersOf(run: Run): number {
  return run.contenders.filter(({ state }) => state === 'owner').length
}

/** Runs one schedule, each move picked by `pick(count)` from 0 to count − 1; the most owners that there were at once. */
export function runSchedule(options: ScheduleOptions, pick: (count: number) => number): number {
  const run = new Run(options, [])
  const schedule: Move[] = []
  let ownersMax = 0
  for (;;) {
    const moves = movesOf(run, options, schedule)
    const move = moves[pick(moves.length)]
    if (move === undefined) return ownersMax
    run.apply(move)
    schedule.push(move)
    ownersMax = Math.max(ownersMax, ownersOf(run))
  }
}

/** Tries every schedule, up to the first violation. */
export function exploreSchedules(options: ScheduleOptions): ScheduleReport {
  const entered = new Set<string>()
  const report: ScheduleReport = { states: 0, ends: 0, endsByOwners: new Map(), violations: [] }
  const schedule: Move[] = []

  const visit = (run: Run): void => {
    const key = `${run.key()}${schedule.filter(({ kind }) => kind !== 'call').length}`
    if (entered.has(key) || report.violations.length > 0) return
    entered.add(key)
    report.states += 1
    if (ownersOf(run) > 1) report.violations.push(`two owners: ${JSON.stringify(schedule)}`)
    const moves = movesOf(run, options, schedule)
    if (moves.length === 0) {
      report.ends += 1
      const owned = run.contenders.filter((contender) => contender.owned).length
      report.endsByOwners.set(owned, (report.endsByOwners.get(owned) ?? 0) + 1)
    }
    for (const [index, move] of moves.entries()) {
      // The last branch goes on with the run at hand.
      const next = index === moves.length - 1 ? run : new Run(options, schedule)
      next.apply(move)
      schedule.push(move)
      visit(next)
      schedule.pop()
    }
  }

  visit(new Run(options, schedule))
  return report
}
