// harness/run/session.ts: one process of a scenario: opens the store, runs steps, reads, verifies, closes.
//
// 1. Every call of the scenario is an operation of its own in the trace, and what it throws is a value here.
// 2. Nothing is judged here; whoever drives a session compares.

import type { ErrorClass, LiveCounts, Problem, Step } from '../../scenarios/index.ts'
import type { LoadedScenario } from './loaded-scenario.ts'
import { HangError, settle, UncaughtError } from './settle.ts'
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

  /** Code that uses `node:fs` or buffers itself belongs to the world's process from here on, through all that it leaves to later. */
  private inProcess<T>(call: () => T): T {
    const { usesNodeFs, failsBuffers } = this.loaded
    return usesNodeFs || failsBuffers ? this.world.nodeProcess.run(call) : call()
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
    const thrown = this.loaded.usesNodeFs ? this.world.nodeProcess.takeUncaught() : undefined
    if (thrown === undefined) return undefined
    return thrown.error instanceof RunawayError ? thrown.error : new UncaughtError(thrown.error)
  }

  private async attempt<T>(name: string, call: () => T | PromiseLike<T>): Promise<Attempt<T>> {
    this.world.trace.enter(name)
    try {
      const value = await settle(this.inProcess(call), this.world, () => this.uncaught())
      const ended = this.uncaught()
      if (ended !== undefined) throw ended
      const refused = this.loaded.usesNodeFs ? this.world.nodeProcess.takeRefusal() : undefined
      if (refused !== undefined) throw refused
      return { ok: true, value }
    } catch (error) {
      const hung = error instanceof HangError || error instanceof RunawayError
      const isOther = hung || error instanceof UncaughtError
      return { ok: false, error, class: isOther ? { kind: 'other' } : this.loaded.classify(error), hung }
    }
  }
}

const DONE: Attempt<void> = { ok: true, value: undefined }
const NO_PROBLEMS: Attempt<readonly Problem[]> = { ok: true, value: [] }
const BORDER_NAMES = ['snapshots', 'cursors', 'transactions', 'unsyncedBytes'] as const
