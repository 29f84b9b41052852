// harness/run/nested/recovered-scenario.ts: a scenario as the process sees it that recovers a crashed one's disk, and the
// context of runs in which that process fails too.
//
//   models:  0 … held − 1   the others that the crash allowed; a power loss may still bring them back
//            held           what the undisturbed recovery gives
//            held + 1 …     after the steps of the recovering process
//
// 1. So a range of models says everything that later crashes may leave: `held` alone after a kill, 0 to `held` after a power
//    loss, and from `held + 1` on once a step that changes something is acknowledged, which excludes the others. The first
//    step is the scenario's next: a probe need not be able to run twice, and the judges run it afterwards.
// 2. A process that makes more than `eventsMax` events does not come to rest; the bound comes from the counting run
//    (liveness). Where every transfer from some call on is cut to so many bytes, it is that of a process that makes as many
//    calls as there are such pieces: going on is what it owes.

import type { Step } from '../../../scenarios/index.ts'
import { plainEqual, violation, type Violation } from '../../oracles/index.ts'
import type { Fault, Form } from '../../plan/index.ts'
import { RunContext } from '../context.ts'
import { LoadedScenario } from '../loaded-scenario.ts'
import type { Progress } from '../recorder.ts'
import type { Trace, TraceOptions } from '../trace.ts'

/**
 * How many times the events of the undisturbed process a disturbed one may make until it is at rest: retries included, and
 * work that only damage makes, which a read that gives nothing passes for. A salvage that meets it reads every record: 17.
 */
const EVENTS_FACTOR = 32
const EVENTS_EXTRA = 1000

/** Every state that a crash may leave, by number: the models after whole steps, then the parts of the step under way. */
export function crashModels(base: LoadedScenario, { started, acknowledged }: Progress): readonly unknown[] {
  return started > acknowledged ? [...base.models, ...base.partials(acknowledged)] : base.models
}

export class RecoveredScenario extends LoadedScenario {
  /** Index of the model that the undisturbed recovery gives. */
  readonly held: number
  /** The first step after recovery, the scenario's next one; undefined at its end. */
  readonly first: Step<unknown, unknown> | undefined
  override readonly models: readonly unknown[]
  override readonly steps: readonly Step<unknown, unknown>[]
  /** Equal for two of one base: the same steps from the same models. */
  readonly key: string
  private readonly base: LoadedScenario
  /** Model of `base` that each model below `held` is, and that of `held`. */
  private readonly origins: readonly number[]

  /** `found`: which of `crashModels` recovery gave: one from `durable` to `started`, or a part of the step under way. */
  constructor(base: LoadedScenario, progress: Progress, found: number) {
    super(base.scenario, base.parameters)
    const { durable, started, acknowledged } = progress
    const all = crashModels(base, progress)
    const stepsBefore = found < base.models.length ? found : acknowledged
    const origins: number[] = []
    for (let part = base.models.length; part < all.length; part += 1) if (part !== found) origins.push(part)
    for (let model = found + 1; model <= started; model += 1) origins.push(model)
    for (let model = durable; model <= started && model < found; model += 1) origins.push(model)
    origins.push(found)
    const models = origins.map((model) => all[model])
    // Sparse: a model at the scenario's end has no next step. From a part of a step that step leads on.
    const steps: Step<unknown, unknown>[] = []
    for (const [at, model] of origins.entries()) {
      const step = base.steps[model < base.models.length ? model : acknowledged]
      if (step !== undefined) steps[at] = step
    }
    for (let model = stepsBefore + 1; model < base.models.length; model += 1) {
      const step = base.steps[model]
      if (step !== undefined) steps[models.length] = step
      models.push(base.models[model])
    }
    this.base = base
    const before = base instanceof RecoveredScenario ? `${base.key} / ` : ''
    this.key = `${before}${durable} ${started} ${acknowledged} ${found}`
    this.origins = origins
    this.held = origins.length - 1
    // What readers saw before the first new commit is provisional: a step that changes nothing makes nothing of it durable.
    for (let at = this.held; plainEqual(models[at], models[at + 1]); at += 1) {
      const step = steps[at]
      if (step === undefined) break
      if ((step.durability ?? 'durable') === 'durable') steps[at] = { ...step, durability: 'ordered' }
    }
    this.first = steps[this.held]
    this.models = models
    this.steps = steps
  }

  override durableSteps(store: unknown): number | undefined {
    const said = this.base.durableSteps(store)
    if (said === undefined) return undefined
    const found = this.origins[this.held] ?? 0
    if (said >= found) return this.held + (said - found)
    return Math.max(0, this.origins.indexOf(said))
  }
}

/** What the undisturbed process did: its events, and the bytes that it read and wrote. */
export type ProcessWork = Readonly<{ events: number; bytes: number }>

/** What a run in a recovering process shares with the campaign, with the faults before it in every token. */
export class RecoveryContext extends RunContext {
  override readonly loaded: RecoveredScenario
  /** Those that led to the process. */
  readonly faults: readonly Fault[]
  private readonly undisturbed: ProcessWork
  private traces: Trace[] = []

  constructor(base: RunContext, loaded: RecoveredScenario, faults: readonly Fault[], undisturbed: ProcessWork) {
    super(loaded, base.subject, base.seams, base.nowMs, base.model, base.reopened)
    this.loaded = loaded
    this.faults = faults
    this.undisturbed = undisturbed
    this.eventsMax = this.boundWith(undefined)
  }

  /** Runs with the bound on events that a fault in the process leaves it. */
  async within<T>(fault: Fault | undefined, run: () => Promise<T>): Promise<T> {
    this.eventsMax = this.boundWith(fault)
    try {
      return await run()
    } finally {
      this.eventsMax = this.boundWith(undefined)
    }
  }

  private boundWith(fault: Fault | undefined): number {
    const { events, bytes } = this.undisturbed
    const isSlow = fault?.kind === 'io' && fault.mode === 'from' && 'bytes' in fault && fault.bytes > 0
    const pieces = isSlow ? Math.ceil(bytes / fault.bytes) : 0
    return (events + pieces) * EVENTS_FACTOR + EVENTS_EXTRA
  }

  override trace(options: TraceOptions = {}): Trace {
    const trace = super.trace(options)
    this.traces.push(trace)
    return trace
  }

  /** The complaint, or that a process since the last call did not come to rest. */
  rested(found: Violation | undefined): Violation | undefined {
    const { traces, eventsMax = Infinity } = this
    this.traces = []
    const restless = found === undefined ? undefined : traces.find(({ count }) => count > eventsMax)
    if (restless === undefined) return found
    const bound = `${eventsMax} events, ${EVENTS_FACTOR} times what the undisturbed one takes`
    return violation('recovery-rests', `a process does not come to rest within ${bound}: it is in '${restless.phase}'`)
  }

  override token(form: Form, faults: readonly Fault[]): string {
    return super.token(form, [...this.faults, ...faults])
  }
}
