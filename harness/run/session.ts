// harness/run/session.ts: one process of a scenario: opens the store, runs steps, reads, verifies, closes.
//
// 1. Every call of the scenario is an operation of its own in the trace, and what it throws is a value here.
// 2. Nothing is judged here; whoever drives a session compares.
// 3. An error that nothing catches ends the call that it came in: a real process would have ended there. Node tells of a
//    rejected promise late, so it is waited for where one can be left behind: after a call that gave a promise, one that
//    failed or met a fault, and the last one.

import { loopTurn, ProcessScope } from '../../faults/index.ts'
import type { ErrorClass, LiveCounts, Problem, Step } from '../../scenarios/index.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import { HangError, isThenable, settle, UncaughtError } from './settle.ts'
import { RunawayError } from './trace.ts'
import type { RunWorld } from './world.ts'

/** What became of one call of the scenario. */
export type Attempt<T> = Readonly<{ ok: true; value: T }> | Failure
export type Failure = Readonly<{ ok: false; error: unknown; class: ErrorClass; hung: boolean }>

/** A phase of a run that can be swept. */
export type Phase = Readonly<{ kind: 'open' } | { kind: 'read' } | { kind: 'step'; step: number } | { kind: 'close' }>

export class Session {
  readonly world: RunWorld
  readonly loaded: LoadedScenario
  private store: unknown
  private opened = false
  private process: ProcessScope | undefined
  /** Faults delivered by the end of the call before. */
  private delivered = 0
  /** What the newest `read` that succeeded gave. */
  lastRead: unknown

  constructor(loaded: LoadedScenario, world: RunWorld) {
    this.loaded = loaded
    this.world = world
  }

  /** What the scenario opened; its own hooks are given it. */
  get currentStore(): unknown {
    return this.store
  }

  get isOpen(): boolean {
    return this.opened
  }

  async phase(phase: Phase): Promise<Attempt<void>> {
    switch (phase.kind) {
      case 'open':
        return this.open()
      case 'read': {
        const read = await this.read()
        return read.ok ? DONE : read
      }
      case 'step':
        return this.step(this.loaded.step(phase.step))
      case 'close':
        return this.close()
      default:
        return phase satisfies never
    }
  }

  async open(): Promise<Attempt<void>> {
    const { scenario, parameters } = this.loaded
    const attempt = await this.underTest('open', () => scenario.open(this.world, parameters))
    if (!attempt.ok) return attempt
    this.store = attempt.value
    this.opened = true
    return DONE
  }

  async step(step: Step<unknown, unknown>): Promise<Attempt<void>> {
    const attempt = await this.underTest(step.name, () => step.run(this.store))
    return attempt.ok ? DONE : attempt
  }

  async read(): Promise<Attempt<unknown>> {
    const attempt = await this.attempt('read', () => this.loaded.scenario.read(this.store))
    if (attempt.ok) this.lastRead = attempt.value
    return attempt
  }

  async verify(): Promise<Attempt<readonly Problem[]>> {
    const { scenario } = this.loaded
    if (scenario.verify === undefined) return NO_PROBLEMS
    return this.attempt('verify', () => scenario.verify?.(this.store) ?? [])
  }

  /** Closed afterwards, whatever the scenario's close throws. */
  async close(): Promise<Attempt<void>> {
    const attempt = await this.attempt('close', () => this.loaded.scenario.close(this.store))
    this.opened = false
    return attempt.ok ? DONE : attempt
  }

  /** What the store says it holds; also of a closed one. */
  live(): LiveCounts {
    return this.loaded.scenario.live?.(this.store) ?? {}
  }

  /** What is held after the clean-up, by the store's word and by the world's count; undefined if nothing. */
  held(): string | undefined {
    const parts: string[] = []
    if (this.store !== undefined && !this.opened)
      for (const [name, count] of Object.entries(this.live())) if (count !== 0) parts.push(`${count} ${name}`)
    const held = this.world.held()
    if (held !== undefined) parts.push(held)
    if (this.world.misuses > 0) parts.push(`${this.world.misuses} blocks freed twice or foreign`)
    return parts.length === 0 ? undefined : parts.join('; ')
  }

  /** Steps that are durable: what the store says, of `acknowledged`; the last durable step if it says nothing. */
  durableSteps(acknowledged: number, lastDurable: number): number {
    const said = this.loaded.durableSteps(this.store)
    return said === undefined ? lastDurable : Math.max(lastDurable, Math.min(said, acknowledged))
  }

  /** Names of what keeps this step border from being a checkpoint. */
  heldAtBorder(): boolean {
    const live = this.live()
    return BORDER_NAMES.some((name) => (live[name] ?? 0) > 0)
  }

  /** Positions that acknowledged steps rest on and that the disk would lose. */
  undurablePosition(): string | undefined {
    const positions = this.loaded.scenario.acknowledgedPositions?.(this.store) ?? []
    for (const { path, endBytes } of positions)
      if (!this.world.disk.isDurable(path, endBytes)) return `${endBytes} bytes of '${path}'`
    return undefined
  }

  /** What the scenario's code belongs to from its call on, through all that it leaves to later. */
  private get scope(): ProcessScope {
    const { usesNodeFs, failsBuffers } = this.loaded
    this.process ??= usesNodeFs || failsBuffers ? this.world.nodeProcess : new ProcessScope()
    return this.process
  }

  /** What a reading scenario allocates is its own; what an open and a step do is the store's. */
  private async underTest<T>(name: string, call: () => T | PromiseLike<T>): Promise<Attempt<T>> {
    this.world.countsBuffers = this.loaded.failsBuffers
    try {
      return await this.attempt(name, call)
    } finally {
      this.world.countsBuffers = false
    }
  }

  /** What nothing in the process caught. A run that makes events without end is no error of the store's. */
  private uncaught(): Error | undefined {
    const thrown = this.scope.takeUncaught()
    if (thrown === undefined) return undefined
    return thrown.error instanceof RunawayError ? thrown.error : new UncaughtError(thrown.error)
  }

  private async attempt<T>(name: string, call: () => T | PromiseLike<T>): Promise<Attempt<T>> {
    this.world.trace.enter(name)
    const outcome = await this.outcome(call)
    const { delivered } = this.world
    if (outcome.isLate || 'error' in outcome || delivered !== this.delivered || name === 'close') await loopTurn()
    this.delivered = delivered
    const ended = this.uncaught()
    if (ended !== undefined) return this.failure(ended)
    if ('error' in outcome) return this.failure(outcome.error)
    const refused = this.loaded.usesNodeFs ? this.world.nodeProcess.takeRefusal() : undefined
    return refused === undefined ? { ok: true, value: outcome.value } : this.failure(refused)
  }

  /** `isLate`: the call gave a promise. */
  private async outcome<T>(call: () => T | PromiseLike<T>): Promise<Outcome<T>> {
    let isLate = false
    try {
      const given = this.scope.run(call)
      isLate = isThenable(given)
      return { isLate, value: await settle(given, this.world, () => this.uncaught()) }
    } catch (error) {
      return { isLate, error }
    }
  }

  private failure(error: unknown): Failure {
    const hung = error instanceof HangError || error instanceof RunawayError
    const isOther = hung || error instanceof UncaughtError
    return { ok: false, error, class: isOther ? { kind: 'other' } : this.loaded.classify(error), hung }
  }
}

type Outcome<T> = Readonly<{ isLate: boolean; value: T } | { isLate: boolean; error: unknown }>

const DONE: Attempt<void> = { ok: true, value: undefined }
const NO_PROBLEMS: Attempt<readonly Problem[]> = { ok: true, value: [] }
const BORDER_NAMES = ['snapshots', 'cursors', 'transactions', 'unsyncedBytes'] as const
