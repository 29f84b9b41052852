// harness/run/recovery.ts: judges a disk that a crash or a close left: opens it in a new process, compares, goes on.
//
//   disk ─▶ open ─▶ read = an allowed model ─▶ verify ─▶ probe commits ─▶ close ─▶ open ─▶ read
//                                                          └─▶ power loss ─▶ open ─▶ read
//
// 1. A verdict is a function of the disk, the process number and what was promised: judged once, it holds for every run
//    that ends there.
// 2. What was promised is a range of whole steps, and the parts that a step under way declares; a store may hold any of
//    these models and nothing else.
// 3. Bytes are counted at the port, during the open alone.
// 4. The check leaves out files that are known to be sound (`sound-files.ts`). Where everything is to be run anew, a check
//    of everything on the same disk follows, in no trace, and must find the same.
// 5. What a store says when it is opened again is asked once of all disks that look the same to it (`reopened`).

import {
  listImage,
  ReadSet,
  stateAt,
  type DiskImage,
  type FileSystemCallInfo,
  type FileSystemCallResult,
} from '../../faults/index.ts'
import type { Problem, Step } from '../../scenarios/index.ts'
import {
  errorText,
  plainDiff,
  plainEqual,
  plainSides,
  violation,
  type Compared,
  type Oracle,
  type Violation,
} from '../oracles/index.ts'
import { following, killedImage } from './checkpoint.ts'
import type { Reopened, RunContext } from './context.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import { Session, type Attempt } from './session.ts'
import type { Trace } from './trace.ts'
import {
  WORLD_DIRECTORY,
  type ProcessNumber,
  type RunWorld,
  type RunWorldOptions,
  type WorldObserver,
} from './world.ts'

/** What a disk may hold: the models after `low` to `high` whole steps, and parts of the one that was under way. */
export type Promised = Readonly<{
  low: number
  high: number
  /** Number of steps before the one that was under way, or that failed; undefined between two steps. */
  underWay: number | undefined
  /** Damage may be found, as long as it is found: nothing was promised but that. */
  mayDetect: boolean
  /** The power was lost; without it the process was killed. */
  power?: boolean
}>

export type RecoveryCase = Readonly<{
  image: DiskImage
  /** The process that recovers. */
  next: ProcessNumber
  promised: Promised
  /** `crash`: a sweep's own state; `unwinding`: right after a failed step; `reopen`: after a close in order. */
  purpose: 'crash' | 'unwinding' | 'reopen'
  /** The power is cut again after the probe is acknowledged. */
  cutAgain: boolean
}>

/** A model that is promised: after so many whole steps, or with parts of the next one. */
export type Held = Readonly<{ steps: number; model: unknown }>

export type RecoveryVerdict = Readonly<{
  violation: Violation | undefined
  /** Where it was found. */
  phase: string
  /** Hash of everything that the recovering processes did. */
  digest: string
  /** The same up to a second power loss. */
  uncutDigest: string
  /** What the store held; undefined if it was not compared. */
  held: Held | undefined
  recoveryBytes: number
  /** Bytes of the files on the disk. */
  diskBytes: number
  /** Of the process that made the most. */
  eventsMost: number
  recoveryMs: number
  checkMs: number
}>

export type JudgeOptions = Readonly<{
  /** Everything is run and checked, nothing that is known from another disk is used. */
  fresh?: boolean
  /** Notes what is looked at on the disk. */
  readSet?: ReadSet
}>

/** Judges one disk. `keep` collects the traces of its processes; all of them are run then. */
export async function judgeRecovery(
  context: RunContext,
  given: RecoveryCase,
  keep?: (trace: Trace) => void,
  options: JudgeOptions = {},
): Promise<RecoveryVerdict> {
  const judge = new RecoveryJudge(context, given, keep, options)
  const found = (await judge.run()) ?? (options.fresh === true ? await judge.overlooked() : undefined)
  return { violation: found, ...judge.figures() }
}

class RecoveryJudge {
  private readonly context: RunContext
  private readonly given: RecoveryCase
  private readonly keep: ((trace: Trace) => void) | undefined
  private readonly options: JudgeOptions
  /** Of the processes so far. */
  private digests = ''
  private trace: Trace | undefined
  private readonly startMs: number
  private held: Held | undefined
  /** What `verify` gave. */
  private checked: Attempt<readonly Problem[]> | undefined
  private uncutDigest: string | undefined
  private recoveryBytes = 0
  private eventsMost = 0
  private recoveryMs = 0

  constructor(
    context: RunContext,
    given: RecoveryCase,
    keep: ((trace: Trace) => void) | undefined,
    options: JudgeOptions,
  ) {
    this.context = context
    this.given = given
    this.keep = keep
    this.options = options
    this.startMs = context.nowMs()
  }

  figures(): Omit<RecoveryVerdict, 'violation'> {
    const digest = this.digestSoFar()
    return {
      phase: this.trace?.phase ?? LAST_PHASE,
      digest,
      uncutDigest: this.uncutDigest ?? digest,
      held: this.held,
      recoveryBytes: this.recoveryBytes,
      diskBytes: filesOf(this.given.image).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      eventsMost: Math.max(this.eventsMost, this.trace?.count ?? 0),
      recoveryMs: this.recoveryMs,
      checkMs: this.context.nowMs() - this.startMs - this.recoveryMs,
    }
  }

  private digestSoFar(): string {
    return this.digests + (this.trace?.digest() ?? '')
  }

  async run(): Promise<Violation | undefined> {
    const { context, given } = this
    const { image, next } = given
    const watch = new RecoveryWatch(context, image)
    const session = this.session(image, next, this.options.readSet, {
      observers: [watch],
      soundFiles: context.soundFiles,
    })
    const opened = await session.open()
    this.recoveryMs = this.context.nowMs() - this.startMs
    this.recoveryBytes = watch.bytesRead
    watch.ended = true
    if (!opened.ok) {
      if (opened.class.kind === 'corruption' && given.promised.mayDetect) return undefined
      return this.complain('recovery-opens', `the store does not open: ${errorText(opened.error)}`)
    }
    const overstepped = watch.violation()
    if (overstepped !== undefined) return overstepped
    const read = await session.read()
    if (!read.ok) {
      if (read.class.kind === 'corruption' && given.promised.mayDetect) return undefined
      return this.complain('recovered-state', `the recovered store cannot be read: ${errorText(read.error)}`)
    }
    const broken = context.loaded.broken(read.value)
    if (broken !== undefined) return violation('invariant', `in the recovered store ${broken}`)
    const held = heldWithin(context, read.value, given.promised)
    this.held = held
    if (held === undefined) return this.complain('recovered-state', this.stateText(read.value), this.sides(read.value))
    const problems = await session.verify()
    this.checked = problems
    if (!problems.ok) {
      if (problems.class.kind === 'corruption' && given.promised.mayDetect) return undefined
      return violation('recovery-verify', `verify fails: ${errorText(problems.error)}`)
    }
    const problem = problems.value[0]
    if (problem !== undefined) {
      if (given.promised.mayDetect) return undefined
      return violation('recovery-verify', `${problem.message} ('${problem.path}' at ${problem.offsetBytes})`)
    }
    return given.purpose === 'reopen' ? this.closing(session) : this.probe(session, held)
  }

  /** What a check of everything, in a process of its own, finds and the one that left out what is known did not. */
  async overlooked(): Promise<Violation | undefined> {
    const { context, given, checked } = this
    if (context.soundFiles.size === 0 || checked === undefined) return undefined
    const session = new Session(
      context.loaded,
      context.world({ image: given.image, next: given.next }, context.trace()),
    )
    const opened = await session.open()
    const full = opened.ok ? await session.verify() : opened
    if (session.isOpen) await session.close()
    const [left, right] = [checkText(checked), checkText(full)]
    if (left === right) return undefined
    return violation('recovery-verify', `a check of all files finds ${right}; one that leaves out known ones ${left}`)
  }

  /** A new commit, and what it must survive. */
  private async probe(session: Session, { steps, model: before }: Held): Promise<Violation | undefined> {
    const { loaded } = this.context
    const step: Step<unknown, unknown> | undefined = loaded.scenario.probe ?? loaded.steps[steps]
    if (step === undefined) return this.closing(session)
    const committed = await session.step(step)
    if (!committed.ok)
      return violation('recovery-commits', `'${step.name}' fails in the recovered store: ${errorText(committed.error)}`)
    const model = modelAfter(loaded, { steps, model: before }, step)
    const wrong = await this.differs(session, model, `after '${step.name}'`)
    if (wrong !== undefined) return wrong
    const { disk } = session.world
    // A step that changes nothing need not be a commit: then it makes nothing durable that was only in the cache.
    const commits = step === loaded.scenario.probe || !plainEqual(before, model)
    const isDurable = commits && (step.durability ?? 'durable') === 'durable'
    const cut = this.given.cutAgain && isDurable ? disk.checkpoint() : undefined
    const closing = await this.closing(session)
    if (closing !== undefined) return closing
    const after = killedImage(disk.checkpoint())
    const next = following(this.given.next)
    const reopened = await this.holds(after, next, model, `after '${step.name}', a close and an open`)
    if (reopened !== undefined || cut === undefined) return reopened
    this.uncutDigest = this.digestSoFar()
    const none = lossOf(this.context, cut)
    if (none === undefined) return undefined
    return this.holds(none, following(this.given.next, true), model, `after '${step.name}' and a second power loss`)
  }

  private async closing(session: Session): Promise<Violation | undefined> {
    const closed = await session.close()
    if (!closed.ok) return this.complain('reopen', `the recovered store does not close: ${errorText(closed.error)}`)
    const held = session.held()
    return held === undefined ? undefined : violation('no-leak', `a recovered store leaves after its close: ${held}`)
  }

  /** Opens a disk and demands one model of it. */
  private async holds(
    image: DiskImage,
    next: ProcessNumber,
    model: unknown,
    when: string,
  ): Promise<Violation | undefined> {
    const { context, options } = this
    const recalls = options.fresh !== true && this.keep === undefined && !context.loaded.usesNodeFs
    const walk = recalls ? context.reopened.walk(`${next.process} ${next.boot}`, image) : undefined
    if (walk?.found !== undefined && isWithin(context, walk.found.events)) return this.recalled(walk.found, model, when)
    const readSet = new ReadSet()
    const session = this.session(image, next, readSet)
    const opened = await session.open()
    if (!opened.ok) return violation('recovery-commits', `${when} the store does not open: ${errorText(opened.error)}`)
    const read = await session.read()
    if (!read.ok) return violation('recovery-commits', `${when} the store cannot be read: ${errorText(read.error)}`)
    const questions = readSet.questions()
    if (questions === undefined) options.readSet?.makeVoid()
    else {
      const known = context.seams.readSet(questions)
      options.readSet?.include(questions)
      const { trace } = session.world
      if (walk !== undefined)
        context.reopened.add(walk, known, { value: read.value, digest: trace.digest(), questions, events: trace.count })
    }
    return different(read.value, model, when)
  }

  private recalled(
    { value, digest, questions, events }: Reopened,
    model: unknown,
    when: string,
  ): Violation | undefined {
    this.digests = this.digestSoFar() + digest
    this.eventsMost = Math.max(this.eventsMost, this.trace?.count ?? 0, events)
    this.trace = undefined
    this.options.readSet?.include(questions)
    return different(value, model, when)
  }

  private async differs(session: Session, model: unknown, when: string): Promise<Violation | undefined> {
    const read = await session.read()
    if (!read.ok) return violation('recovery-commits', `${when} the store cannot be read: ${errorText(read.error)}`)
    return different(read.value, model, when)
  }

  private stateText(found: unknown): string {
    const { low, high } = this.given.promised
    const { models } = this.context.loaded
    const other = models.findIndex((model) => plainEqual(model, found))
    const allowed = low === high ? `after ${low} steps` : `after ${low} to ${high} steps`
    if (other !== -1) return `the store holds the model after ${other} steps; allowed is the one ${allowed}`
    const wanted = models[low]
    const parts = this.given.promised.underWay
    if (parts !== undefined && this.context.loaded.partials(parts).length > 0)
      return `the store holds no model ${allowed}, and no part of step ${parts + 1}; against the one after ${low}: ${plainDiff(wanted, found)}`
    return `the store holds no model ${allowed}; against the one after ${low}: ${plainDiff(wanted, found)}`
  }

  /** Against the model after the fewest steps that are allowed: what must be there at least. */
  private sides(found: unknown): Compared {
    return plainSides(this.context.loaded.models[this.given.promised.low], found)
  }

  private complain(oracle: Oracle, message: string, compared?: Compared): Violation {
    const { purpose } = this.given
    if (purpose === 'crash') return violation(oracle === 'reopen' ? 'recovery-opens' : oracle, message, compared)
    return violation(purpose === 'reopen' ? 'reopen' : 'sound-after-unwinding', message, compared)
  }

  private session(
    image: DiskImage,
    next: ProcessNumber,
    readSet: ReadSet | undefined,
    more: Pick<RunWorldOptions, 'observers' | 'soundFiles'> = {},
  ): Session {
    const { keep } = this
    const trace = this.context.trace({ keep: keep !== undefined })
    this.digests = this.digestSoFar()
    this.eventsMost = Math.max(this.eventsMost, this.trace?.count ?? 0)
    this.trace = trace
    keep?.(trace)
    const world: RunWorld = this.context.world({ image, next }, trace, {
      sites: keep !== undefined,
      ...(readSet === undefined ? {} : { readSet }),
      ...more,
    })
    return new Session(this.context.loaded, world)
  }
}

/** Whether a process of so many events would have come to its end here. */
export function isWithin({ eventsMax = Infinity }: RunContext, events: number): boolean {
  return events <= eventsMax
}

function checkText(found: Attempt<readonly Problem[]>): string {
  if (!found.ok) return errorText(found.error)
  const problems = found.value.map(({ path, offsetBytes, message }) => `${message} ('${path}' at ${offsetBytes})`)
  return problems.length === 0 ? 'nothing' : problems.join('; ')
}

/** The phase of a process that opened, was read and did nothing more. */
const LAST_PHASE = 'read'

function different(found: unknown, model: unknown, when: string): Violation | undefined {
  if (plainEqual(model, found)) return undefined
  const message = `${when} the store is not as it should be: ${plainDiff(model, found)}`
  return violation('recovery-commits', message, plainSides(model, found))
}

/** What was found, as a model of those promised: after the most steps possible, else as a part of the step under way. */
export function heldWithin(
  { loaded }: Pick<RunContext, 'loaded'>,
  found: unknown,
  { low, high, underWay, power }: Pick<Promised, 'low' | 'high' | 'underWay' | 'power'>,
): Held | undefined {
  const { scenario, models } = loaded
  if (scenario.accepts !== undefined) {
    const accepted = scenario.accepts(found, models.slice(low, high + 1), power === true ? 'power' : 'kill')
    return accepted ? { steps: high, model: found } : undefined
  }
  for (let steps = high; steps >= low; steps -= 1)
    if (plainEqual(models[steps], found)) return { steps, model: models[steps] }
  if (underWay === undefined) return undefined
  const part = loaded.partials(underWay).find((model) => plainEqual(model, found))
  return part === undefined ? undefined : { steps: underWay, model: part }
}

/**
 * What a store must hold after `step`, which is the probe or the next one. The step under way leads from any of its parts to
 * where it leads from the state before it; from a store that the scenario accepts it leads on from what is there.
 */
export function modelAfter(
  { scenario, models }: LoadedScenario,
  { steps, model }: Held,
  step: Step<unknown, unknown>,
): unknown {
  const goesOn = step === scenario.probe || scenario.accepts !== undefined
  return step.model(goesOn ? model : models[steps])
}

const NOTHING_SURVIVES = { family: 'none', index: 0 } as const
const NONE_ONLY = ['none'] as const

/** What a power loss leaves if nothing pending survives; undefined under a model in which the power stays. */
export function lossOf(context: RunContext, image: DiskImage): DiskImage | undefined {
  if (!context.model.families.includes('none')) return undefined
  const { sectorBytes, seed } = context.subject
  const options = { sectorBytes, seed, families: NONE_ONLY }
  return context.seams.crashImage(stateAt(image, context.model, NOTHING_SURVIVES, options))
}

/** Calls that change a file or its name. */
const CHANGES: ReadonlySet<FileSystemCallInfo['kind']> = new Set(['append', 'write', 'truncate', 'unlink', 'rename'])

/** What an open may do: read a bounded number of bytes, and write to no file that was there and is read-only. */
class RecoveryWatch implements WorldObserver {
  bytesRead = 0
  ended = false
  private readonly context: RunContext
  private readonly image: DiskImage
  private touched: string | undefined

  constructor(context: RunContext, image: DiskImage) {
    this.context = context
    this.image = image
  }

  afterCall(call: FileSystemCallInfo, result: FileSystemCallResult): void {
    if (this.ended) return
    if (call.kind === 'read') this.bytesRead += result.value ?? 0
    else if (CHANGES.has(call.kind)) this.onChange(call)
  }

  violation(): Violation | undefined {
    if (this.touched !== undefined) return violation('recovery-read-only', `recovery made ${this.touched}`)
    const bound = recoveryBound(this.context, this.image)
    if (bound === undefined || this.bytesRead <= bound) return undefined
    return violation('recovery-bounded', `the open read ${this.bytesRead} bytes; its bound is ${bound}`)
  }

  private onChange(call: FileSystemCallInfo): void {
    const isReadOnly = this.context.loaded.scenario.recovery?.readOnly
    if (isReadOnly === undefined || this.touched !== undefined) return
    for (const name of call.argument === undefined ? [call.path] : [call.path, call.argument]) {
      const path = `${WORLD_DIRECTORY}/${name}`
      if (isReadOnly(path) && this.files().some((file) => file.path === path))
        this.touched = `${call.kind} of '${path}', which existed`
    }
  }

  private files(): { path: string; sizeBytes: number }[] {
    return filesOf(this.image)
  }
}

/** Most bytes that an open of the disk may read, if the scenario has a bound. */
export function recoveryBound({ loaded }: RunContext, image: DiskImage): number | undefined {
  const { scenario, parameters } = loaded
  return scenario.recovery?.bytesReadMax?.(filesOf(image), parameters)
}

function filesOf(image: DiskImage): { path: string; sizeBytes: number }[] {
  return listImage(image)
    .filter((entry) => entry.kind === 'file')
    .map(({ path, sizeBytes }) => ({ path, sizeBytes }))
}
