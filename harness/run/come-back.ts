// harness/run/come-back.ts: a store on a device that is out of order for a while: what it does is tried again until it works.
//
//   failed ─▶ must be reopened? ─▶ close, open ─▶ read ─▶ the step again ─▶ done
//      ▲                             │             │            │
//      └──── fails again, because a call was failed in this try ┘
//
// 1. Liveness: a try in which no call was failed succeeds, or says for the first time that the store must be reopened. So
//    the tries are bounded by the calls that the outage fails.
// 2. Each failed try is reported as one, leaves the store as it was, and what a failed open or a close leaves is nothing.

import { errorText, plainEqual, violation, type Violation } from '../oracles/index.ts'
import type { Failure, Phase, Session } from './session.ts'

export type ComeBack = Readonly<{
  session: Session
  /** What the outage began in. */
  phase: Exclude<Phase, { kind: 'close' }>
  failure: Failure
  /** Only tries without a reopening will do. */
  mustStayOpen: boolean
  /** The model before the phase. */
  before: unknown
  /** Whether the store may hold that after a failed try. */
  isBefore: (found: unknown) => boolean
}>

/** Tries until the phase is done; `reopened` if it took a reopening. */
export async function comeBack(given: ComeBack): Promise<Readonly<{ violation?: Violation; reopened: boolean }>> {
  const tries = new Tries(given)
  const found = await tries.run()
  return { ...(found === undefined ? {} : { violation: found }), reopened: tries.reopened }
}

class Tries {
  reopened = false
  private readonly given: ComeBack
  private mustReopen: boolean
  /** It was said since the last open that the store must be reopened, though nothing failed. */
  private wasAsked = false
  private deliveredBefore: number

  constructor(given: ComeBack) {
    this.given = given
    this.mustReopen = given.failure.class.kind === 'must-reopen' || !given.session.isOpen
    this.deliveredBefore = given.session.world.delivered
  }

  async run(): Promise<Violation | undefined> {
    const { session, phase } = this.given
    if (phase.kind !== 'open' && this.mustReopen && this.given.mustStayOpen) return this.asksForReopen('the store')
    const leaking = phase.kind === 'open' ? this.held('the failed open leaves') : undefined
    if (leaking !== undefined) return leaking
    for (;;) {
      this.deliveredBefore = session.world.delivered
      const result = await this.tryOnce()
      if (result !== 'again') return result === 'done' ? undefined : result
    }
  }

  private async tryOnce(): Promise<'done' | 'again' | Violation> {
    const { session, phase, isBefore } = this.given
    if (this.mustReopen) {
      const reopening = await this.reopen()
      if (reopening !== undefined) return reopening
    }
    const read = await session.read()
    if (!read.ok) return this.refused(read, 'a read')
    if (phase.kind === 'step' && this.reopened && this.isDone(phase.step, read.value)) return 'done'
    if (!isBefore(read.value))
      return violation('living-process', 'a try that failed for an outage of the device has changed the store')
    if (phase.kind !== 'step') return 'done'
    const step = session.loaded.step(phase.step)
    const again = await session.step(step)
    return again.ok ? 'done' : this.refused(again, `'${step.name}'`)
  }

  /** After a reopening: the step that failed turns out to have been done. */
  private isDone(step: number, found: unknown): boolean {
    const { session, before } = this.given
    return plainEqual(session.loaded.models[step + 1], found) && !plainEqual(before, found)
  }

  private async reopen(): Promise<'again' | Violation | undefined> {
    const { session } = this.given
    if (session.isOpen) {
      await session.close()
      const held = this.held('after the close there remains')
      if (held !== undefined) return held
    }
    const opened = await session.open()
    if (!opened.ok) return this.held('the failed open leaves') ?? this.refused(opened, 'an open')
    this.mustReopen = false
    this.wasAsked = false
    this.reopened = true
    return undefined
  }

  /** A try that failed: right if something was failed in it, and said so. */
  private refused(failure: Failure, what: string): 'again' | Violation {
    const { session, mustStayOpen } = this.given
    const { kind } = failure.class
    const text = errorText(failure.error)
    if (failure.hung)
      return violation('failure-reported', `${what} on a device that is out of order does not end: ${text}`)
    const asks = kind === 'must-reopen'
    if (asks && mustStayOpen) return this.asksForReopen(what)
    const wasFailed = session.world.delivered > this.deliveredBefore
    if (!wasFailed && (!asks || this.wasAsked))
      return violation('store-still-works', `the device works again, and ${what} still fails: ${text}`)
    if (!asks && kind !== 'io' && kind !== 'outcome-unknown')
      return violation('failure-reported', `${what} on a device that is out of order fails with another error: ${text}`)
    if (asks) {
      this.mustReopen = true
      if (!wasFailed) this.wasAsked = true
    }
    if (!session.isOpen) this.mustReopen = true
    return 'again'
  }

  private asksForReopen(what: string): Violation {
    return violation('store-still-works', `${what} asks for a reopen after a disk without space`)
  }

  private held(text: string): Violation | undefined {
    const held = this.given.session.held()
    return held === undefined ? undefined : violation('no-leak', `${text} ${held}`)
  }
}
