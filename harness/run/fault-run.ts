// harness/run/fault-run.ts: one run with one allocation or I/O fault, and everything that is demanded of it.
//
//   prefix ─▶ swept phases, fault armed ─▶ the phase that meets it ─▶ fault lifted ─▶ judged:
//     right error · nothing allocated after · living store unchanged · retried · rest of the run · close · nothing held
//     · opens again · the disk at the moment of unwinding recovers, killed and with the power cut
//
// 1. The first complaint ends the run: what comes after a defect proves nothing.
// 2. What a disk is worth is judged once for each distinct disk of a unit (`judgeDisk`); the verdict is the same whoever
//    asks, so a run's record does not depend on the runs before it.
// 3. The faults end before anything is judged: no oracle reads through a failing medium.

import type { DiskImage } from '../../faults/index.ts'
import { errorText, plainDiff, plainEqual, plainSides, TraceLint, violation, type Violation } from '../oracles/index.ts'
import type { RunRecord } from '../plan/index.ts'
import type { Armed } from './arm.ts'
import { following, killedImage } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import { acknowledge } from './counting.ts'
import type { DiskJudge } from './disk-judge.ts'
import { comeBack } from './come-back.ts'
import { deliveryText, isTiming, wrongError } from './owed-error.ts'
import type { Progress } from './recorder.ts'
import { phaseName, type Segment, type SegmentPhase } from './segment.ts'
import { Session, type Attempt, type Failure, type Phase } from './session.ts'
import type { Trace } from './trace.ts'
import { WORLD_DIRECTORY, type Delivery, type RunWorld } from './world.ts'

export type FaultOutcome = Readonly<{
  outcome: RunRecord['outcome']
  violation: Violation | undefined
  /** Phase in which the run ended or complained, and its kind. */
  phase: string
  phaseKind: string
  delivered: number
  delivery: Delivery | undefined
  retry: RunRecord['retry']
  digest: string
  recoveryBytes: number | undefined
}>

export type FaultRunOptions = Readonly<{
  inspect?: boolean
  /** Traces with their events. */
  keep?: (trace: Trace) => void
  /** Call sites of everything, so that a leak is named by its own. */
  sites?: boolean
}>

/** Runs a segment with a fault. */
export async function runFault(
  context: RunContext,
  segment: Segment,
  armed: Armed,
  judge: DiskJudge,
  options: FaultRunOptions = {},
): Promise<FaultOutcome> {
  const run = new FaultRun(context, segment, armed, judge, options)
  await run.run()
  return run.outcome()
}

class FaultRun {
  private readonly context: RunContext
  private readonly segment: Segment
  private readonly armed: Armed
  private readonly judge: DiskJudge
  private readonly trace: Trace
  private readonly world: RunWorld
  private readonly session: Session
  private readonly lint: TraceLint
  private progress: Progress
  /** Steps that were durable before the phase, and before a device lied for the first time. */
  private durableBefore: number
  private liedAfter: number | undefined
  /** Steps that were acknowledged before the phase. */
  private acknowledgedBefore: number
  /** Nothing more can be demanded of the process. */
  private isOver = false
  private found: Violation | undefined
  private ended: RunRecord['outcome'] = 'passed'
  private phase: SegmentPhase | undefined
  private retry: RunRecord['retry']
  private digests = ''
  private recoveryBytes: number | undefined

  constructor(context: RunContext, segment: Segment, armed: Armed, judge: DiskJudge, options: FaultRunOptions) {
    this.context = context
    this.segment = segment
    this.armed = armed
    this.judge = judge
    this.trace = context.trace({ keep: options.keep !== undefined })
    options.keep?.(this.trace)
    const readOnly = context.loaded.scenario.recovery?.readOnly
    this.lint = new TraceLint({ isPermanent: (path) => readOnly?.(`${WORLD_DIRECTORY}/${path}`) ?? false })
    this.world = context.world(segment.start, this.trace, {
      faults: armed.faults,
      observers: [this.lint],
      ...(options.keep === undefined && options.sites !== true ? {} : { sites: true }),
      ...(armed.site === undefined ? {} : { expectedSite: armed.site }),
      ...(options.inspect === true ? { inspect: true } : {}),
    })
    this.session = new Session(context.loaded, this.world)
    const { steps, durable } = segment.start
    this.progress = { started: steps, acknowledged: steps, durable }
    this.durableBefore = durable
    this.acknowledgedBefore = steps
  }

  outcome(): FaultOutcome {
    const { phase } = this
    return {
      outcome: this.ended,
      violation: this.found,
      phase: phase === undefined ? 'open' : phaseName(this.context.loaded, phase.phase),
      phaseKind: phase?.phase.kind ?? 'open',
      delivered: this.world.delivered,
      delivery: this.world.firstDelivery,
      retry: this.retry,
      digest: this.trace.digest() + this.digests,
      recoveryBytes: this.recoveryBytes,
    }
  }

  async run(): Promise<void> {
    for (const phase of this.segment.phases) {
      this.phase = phase
      const before = this.world.delivered
      this.durableBefore = this.progress.durable
      this.acknowledgedBefore = this.progress.acknowledged
      const attempt = await this.session.phase(phase.phase)
      if (this.world.delivered > before) {
        const complaint = await this.afterFault(phase, attempt)
        if (complaint === undefined && !this.isOver) continue
        if (complaint !== undefined) this.complain(complaint)
        return
      }
      if (!attempt.ok) {
        this.fail(attempt)
        return
      }
      if (phase.phase.kind === 'step') this.progress = acknowledge(this.session, this.progress, phase.phase.step)
      const wrong = phase.phase.kind === 'read' ? this.wrongRead('store-still-works') : undefined
      if (wrong !== undefined) {
        this.complain(wrong)
        return
      }
    }
    if (this.world.delivered === 0 && !this.armed.mayMiss) {
      this.ended = 'not-reached'
      return
    }
    const complaint = await this.atTheEnd()
    if (complaint !== undefined) this.complain(complaint)
  }

  /** The phase that met the fault is over. Judges it, mends it, and leaves the run where the next phase begins. */
  private async afterFault({ phase }: SegmentPhase, attempt: Attempt<void>): Promise<Violation | undefined> {
    const { context, world, armed } = this
    const delivery = world.firstDelivery
    const unwound = world.disk.checkpoint()
    const { durable } = this.progress
    const allocated = world.allocationsAfter(armed.owed === 'report' ? 'first' : 'last')
    if (armed.condition !== 'outage' || attempt.ok || phase.kind === 'close') context.seams.lift(world)
    const disorder = isTiming(armed) ? context.seams.isolation(world.transactions) : undefined
    if (disorder !== undefined) return disorder
    if (armed.evicts && this.durableBefore < this.acknowledgedBefore) return this.afterEviction(unwound, attempt)
    if (attempt.ok) return this.afterSurvival(delivery)
    if (attempt.hung)
      return violation('failure-reported', `'${this.phaseText()}' does not end: ${errorText(attempt.error)}`)
    const wrong = this.wrongErrorOf(attempt)
    if (wrong !== undefined) return wrong
    // What gave too little has not failed: whoever found it damaged may have looked on for more damage.
    const isFound = armed.owed === 'detect' && attempt.class.kind === 'corruption'
    if (allocated > 0 && armed.condition !== 'slow' && !isFound)
      return violation('no-allocation-after-failure', `${allocated} allocations after the failure, while unwinding`)
    if (phase.kind === 'close') return undefined
    const retried =
      armed.condition === 'outage'
        ? await this.outlast(phase, attempt)
        : phase.kind === 'open'
          ? await this.retryOpen()
          : phase.kind === 'read'
            ? await this.retryRead(attempt)
            : await this.retryStep(phase.step, attempt)
    context.seams.lift(world)
    if (retried !== undefined) return retried
    return this.judgeUnwound(unwound, phase.kind === 'step' ? phase.step : undefined, attempt, durable)
  }

  /** A device that is out of order for a while: the program goes on trying, and comes back with it. */
  private async outlast(phase: Exclude<Phase, { kind: 'close' }>, failure: Failure): Promise<Violation | undefined> {
    const { models } = this.context.loaded
    const { armed, session } = this
    const { violation: complaint, reopened } = await comeBack({
      session,
      phase,
      failure,
      mustStayOpen: armed.mustStayOpen,
      before: models[this.progress.acknowledged],
      isBefore: (found) =>
        phase.kind === 'step'
          ? this.isBeforeOrPart(phase.step, found)
          : plainEqual(models[this.progress.acknowledged], found),
    })
    if (complaint !== undefined) return complaint
    this.retry = reopened ? 'reopened' : 'retried'
    if (phase.kind === 'step') this.progress = acknowledge(session, this.progress, phase.step)
    const wrong = await this.reads(models[this.progress.acknowledged], 'store-still-works', 'after the outage')
    return wrong ?? this.judgeDurable()
  }

  /**
   * Acknowledged steps that promised nothing for this case are gone, from the disk and for the process. It may say so, or
   * hold an earlier state; what was durable must be there. What it did after would prove nothing.
   */
  private async afterEviction(unwound: DiskImage, attempt: Attempt<void>): Promise<Violation | undefined> {
    this.isOver = true
    const { armed, session } = this
    if (!attempt.ok && attempt.class.kind !== 'corruption') {
      const wrong = this.wrongErrorOf(attempt)
      if (wrong !== undefined) return wrong
    } else if (attempt.ok && armed.owed === 'report')
      return violation(
        'failure-reported',
        `${deliveryText(this.world.firstDelivery)} failed, and '${this.phaseText()}' did not`,
      )
    if (session.isOpen) await session.close()
    const held = session.held()
    if (held !== undefined) return violation('no-leak', `after the close there remains: ${held}`)
    const phase = this.phase?.phase
    const step = phase?.kind === 'step' ? phase.step : undefined
    const high = step === undefined ? this.acknowledgedBefore : step + 1
    return (
      (await this.judgeDisk(killedImage(unwound), false, this.durableBefore, high, 'unwinding', step)) ??
      (await this.judgeDisk(unwound, true, this.durableBefore, high, 'unwinding', step))
    )
  }

  /** Nothing failed. Right if nothing had to, and if the result is right. */
  private async afterSurvival(delivery: Delivery | undefined): Promise<Violation | undefined> {
    const { armed } = this
    if (armed.owed === 'report')
      return violation('failure-reported', `${deliveryText(delivery)} failed, and '${this.phaseText()}' did not`)
    this.retry = 'survived'
    const phase = this.phase?.phase
    if (phase === undefined || phase.kind === 'close') return undefined
    if (phase.kind === 'step') this.progress = acknowledge(this.session, this.progress, phase.step)
    const oracle = armed.owed === 'benign' ? 'benign-site' : 'survives'
    const wrong = phase.kind === 'read' ? this.wrongRead(oracle) : undefined
    if (wrong !== undefined) return wrong
    const read = await this.session.read()
    if (!read.ok) return violation(oracle, `the store cannot be read after it went on: ${errorText(read.error)}`)
    const model = this.context.loaded.models[this.progress.acknowledged]
    if (plainEqual(model, read.value)) return this.judgeAcknowledged()
    return violation(
      oracle,
      `the store went on with a wrong result: ${plainDiff(model, read.value)}`,
      plainSides(model, read.value),
    )
  }

  private wrongErrorOf(failure: Failure): Violation | undefined {
    const { armed, world } = this
    const { firstDelivery: delivery, delivered } = world
    return wrongError(failure, { armed, delivery, delivered, phaseText: this.phaseText() })
  }

  /** A failed open has left nothing, and the next one works. */
  private async retryOpen(): Promise<Violation | undefined> {
    const held = this.session.held()
    if (held !== undefined) return violation('no-leak', `the failed open leaves ${held}`)
    const again = await this.session.open()
    if (!again.ok)
      return violation('store-still-works', `the open fails also without the fault: ${errorText(again.error)}`)
    this.retry = 'retried'
    return this.reads(
      this.context.loaded.models[this.progress.acknowledged],
      'store-still-works',
      'after the second open',
    )
  }

  /** What the phase that reads the store back was given is what the store holds. */
  private wrongRead(oracle: 'store-still-works' | 'survives' | 'benign-site'): Violation | undefined {
    const model = this.context.loaded.models[this.progress.acknowledged]
    if (plainEqual(model, this.session.lastRead)) return undefined
    const { lastRead } = this.session
    return violation(
      oracle,
      `the store was read back wrong: ${plainDiff(model, lastRead)}`,
      plainSides(model, lastRead),
    )
  }

  /** A read that failed has changed nothing, and the next one works: after a reopen at most. */
  private async retryRead(failure: Failure): Promise<Violation | undefined> {
    const model = this.context.loaded.models[this.progress.acknowledged]
    this.retry = 'retried'
    if (failure.class.kind !== 'must-reopen') return this.reads(model, 'store-still-works', 'at the second try')
    if (this.armed.mustStayOpen)
      return violation('store-still-works', `a read asks for a reopen: ${errorText(failure.error)}`)
    await this.session.close()
    const held = this.session.held()
    if (held !== undefined) return violation('no-leak', `after the close there remains: ${held}`)
    const opened = await this.session.open()
    if (!opened.ok) return violation('store-still-works', `the store does not open again: ${errorText(opened.error)}`)
    this.retry = 'reopened'
    return this.reads(model, 'store-still-works', 'after a reopen')
  }

  /** The store is as it was, and the same step works. */
  private async retryStep(step: number, failure: Failure): Promise<Violation | undefined> {
    const { loaded } = this.context
    const read = await this.session.read()
    let mustReopen = failure.class.kind === 'must-reopen'
    if (!read.ok) {
      if (read.class.kind !== 'must-reopen' || this.armed.mustStayOpen)
        return violation('living-process', `the store cannot be read after the failure: ${errorText(read.error)}`)
      mustReopen = true
    } else if (!this.isBeforeOrPart(step, read.value))
      return violation(
        'living-process',
        `the failed step changed the store: ${plainDiff(loaded.models[step], read.value)}`,
        plainSides(loaded.models[step], read.value),
      )
    if (!mustReopen) {
      const again = await this.session.step(loaded.step(step))
      if (again.ok) this.retry = 'retried'
      else if (again.class.kind === 'must-reopen' && !this.armed.mustStayOpen) mustReopen = true
      else return violation('store-still-works', `the step fails also without the fault: ${errorText(again.error)}`)
    }
    if (mustReopen) {
      const wrong = await this.reopenAndRetry(step)
      if (wrong !== undefined) return wrong
    }
    this.progress = acknowledge(this.session, this.progress, step)
    const wrong = await this.reads(loaded.models[step + 1], 'store-still-works', 'after the second try')
    return wrong ?? this.judgeDurable()
  }

  /** One close and one open, then the step again, unless it turns out to have been done. */
  private async reopenAndRetry(step: number): Promise<Violation | undefined> {
    const { loaded } = this.context
    await this.session.close()
    const held = this.session.held()
    if (held !== undefined) return violation('no-leak', `after the close there remains: ${held}`)
    const opened = await this.session.open()
    if (!opened.ok) return violation('store-still-works', `the store does not open again: ${errorText(opened.error)}`)
    this.retry = 'reopened'
    const read = await this.session.read()
    if (!read.ok) return violation('store-still-works', `the reopened store cannot be read: ${errorText(read.error)}`)
    if (plainEqual(loaded.models[step + 1], read.value) && !plainEqual(loaded.models[step], read.value))
      return undefined
    if (!this.isBeforeOrPart(step, read.value))
      return violation(
        'store-still-works',
        `the reopened store is neither as before nor as after the step: ${plainDiff(loaded.models[step], read.value)}`,
        plainSides(loaded.models[step], read.value),
      )
    const again = await this.session.step(loaded.step(step))
    if (again.ok) return undefined
    return violation('store-still-works', `the step fails also after a reopen: ${errorText(again.error)}`)
  }

  /** A step that declares parts may leave any of them when it fails; any other leaves the store as it was. */
  private isBeforeOrPart(step: number, found: unknown): boolean {
    const { loaded } = this.context
    return plainEqual(loaded.models[step], found) || loaded.partials(step).some((model) => plainEqual(model, found))
  }

  /** As `judgeDurable`; where the device lied, what was durable before or damage that is found. */
  private judgeAcknowledged(): Promise<Violation | undefined> {
    if (this.armed.condition !== 'lie') return this.judgeDurable()
    this.liedAfter = this.durableBefore
    return this.judgeLie('unwinding')
  }

  /** After a power loss: a whole state from before the lie on, or damage that is found. Nothing else was promised. */
  private async judgeLie(purpose: 'unwinding' | 'reopen'): Promise<Violation | undefined> {
    const low = this.liedAfter
    if (low === undefined) return undefined
    const { acknowledged } = this.progress
    // What a lie took begins within the first step that was not durable: of concurrent commits it may take some.
    const underWay = low < acknowledged ? low : undefined
    const image = this.world.disk.checkpoint()
    return this.judgeDisk(image, true, low, acknowledged, purpose, underWay, true)
  }

  /** What has been acknowledged since survives a power loss right now. */
  private async judgeDurable(): Promise<Violation | undefined> {
    const { progress, session, world } = this
    if (!session.isOpen || progress.durable !== progress.acknowledged) return undefined
    const position = session.undurablePosition()
    if (position !== undefined)
      return violation(
        'claim-audit',
        `the acknowledgement of '${this.phaseText()}' rests on ${position} that a power loss could take`,
      )
    return this.judgeDisk(world.disk.checkpoint(), true, progress.acknowledged, progress.acknowledged, 'unwinding')
  }

  /** The disk as the failed call left it, after a kill and after a power loss. */
  private async judgeUnwound(
    image: DiskImage,
    step: number | undefined,
    failure: Failure,
    durable: number,
  ): Promise<Violation | undefined> {
    const acknowledged = step ?? this.segment.start.steps
    const unknown =
      failure.class.kind === 'outcome-unknown' || failure.class.kind === 'must-reopen' || this.armed.outcomeUnknown
    const high = step !== undefined && unknown ? step + 1 : acknowledged
    const low = Math.min(acknowledged, durable)
    return (
      (await this.judgeDisk(killedImage(image), false, acknowledged, high, 'unwinding', step)) ??
      (await this.judgeDisk(image, true, low, high, 'unwinding', step))
    )
  }

  private async atTheEnd(): Promise<Violation | undefined> {
    if (this.lint.broken !== undefined) return violation('trace-lint', this.lint.broken)
    const disorder = this.context.seams.isolation(this.world.transactions)
    if (disorder !== undefined) return disorder
    const held = this.session.held()
    if (held !== undefined) return violation('no-leak', `after the close there remains: ${held}`)
    const { acknowledged } = this.progress
    const image = this.world.disk.checkpoint()
    return (
      (await this.judgeDisk(killedImage(image), false, acknowledged, acknowledged, 'reopen')) ?? this.judgeLie('reopen')
    )
  }

  private async judgeDisk(
    image: DiskImage,
    power: boolean,
    low: number,
    high: number,
    purpose: 'unwinding' | 'reopen',
    underWay?: number,
    mayDetect = false,
  ): Promise<Violation | undefined> {
    const next = following(this.segment.start.next, power)
    const verdict = await this.judge.judge({ image, power, next, low, high, underWay, purpose, mayDetect })
    if (verdict === undefined) return undefined
    this.digests += verdict.digest
    this.recoveryBytes = Math.max(this.recoveryBytes ?? 0, verdict.recoveryBytes)
    return verdict.violation
  }

  private async reads(model: unknown, oracle: 'store-still-works', when: string): Promise<Violation | undefined> {
    const read = await this.session.read()
    if (!read.ok) return violation(oracle, `${when} the store cannot be read: ${errorText(read.error)}`)
    if (plainEqual(model, read.value)) return undefined
    const message = `${when} the store is not as it should be: ${plainDiff(model, read.value)}`
    return violation(oracle, message, plainSides(model, read.value))
  }

  private phaseText(): string {
    return this.phase === undefined ? '' : phaseName(this.context.loaded, this.phase.phase)
  }

  private complain(complaint: Violation): void {
    this.ended = 'violation'
    this.found = complaint
  }

  private fail(failure: Failure): void {
    if (this.world.delivered > 0) {
      this.complain(
        violation(
          'store-still-works',
          `'${this.phaseText()}' fails, long after the fault: ${errorText(failure.error)}`,
        ),
      )
      return
    }
    this.ended = 'scenario-failure'
    this.found = violation(
      'scenario-failure',
      `'${this.phaseText()}' fails without a fault: ${errorText(failure.error)}`,
    )
  }
}
