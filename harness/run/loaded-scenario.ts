// harness/run/loaded-scenario.ts: a scenario with its parameters fixed: steps, models after each, and what binds tokens.
//
// 1. `models[m]` is what the store must hold after m whole steps; `models[0]` is the initial one.
// 2. The contract hash is that of name, parameters and step names; code may change under a token, these may not.
// 3. Where only some steps are kept, it presents these alone, with the models that they lead to; the contract is that of
//    the whole scenario.

import { Hash64, installBufferFaults, installNodeFront, isBufferRefusal, nativeAddons } from '../../faults/index.ts'
import { NOT_OVER_NODE_FS } from '../../faults/mutant-kit/index.ts'
import type { ErrorClass, ParameterValue, Parameters, Scenario, Step } from '../../scenarios/index.ts'
import type { ScenarioDescription } from '../plan/index.ts'

/** A parameter that the scenario has not, or a value of the wrong type. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError'
}

/** Kept steps that the scenario has not. */
export class StepsError extends Error {
  override readonly name = 'StepsError'
}

export class LoadedScenario {
  readonly scenario: Scenario
  readonly name: string
  readonly parameters: Parameters
  readonly steps: readonly Step<unknown, unknown>[]
  readonly models: readonly unknown[]
  readonly contractHash: string
  private readonly partialsKnown = new Map<number, readonly unknown[]>()
  readonly usesNodeFs: boolean
  /** Buffers that an open or a step asks for can be refused. */
  readonly failsBuffers: boolean

  /**
   * `kept`: ascending indices of the steps that there are; all if absent. Throws ParameterError, StepsError, and whatever
   * the scenario's `steps`, `initial` and `model` throw.
   */
  constructor(scenario: Scenario, overrides: Parameters, kept?: readonly number[]) {
    this.scenario = scenario
    this.name = scenario.name
    this.parameters = withDefaults(scenario, overrides)
    const all = scenario.steps(this.parameters)
    this.steps = kept === undefined ? all : keptOf(scenario.name, all, kept)
    const models: unknown[] = [scenario.initial(this.parameters)]
    for (const step of this.steps) models.push(step.model(models[models.length - 1]))
    this.models = models
    this.usesNodeFs = scenario.usesNodeFs !== undefined
    // What the store's modules captured before cannot be seen; what they look up from now on can.
    if (this.usesNodeFs) installNodeFront()
    this.failsBuffers = scenario.failsBuffers === true
    if (this.failsBuffers) installBufferFaults()
    this.contractHash = contractHashOf(scenario.name, this.parameters, all)
  }

  describe(): ScenarioDescription {
    return {
      name: this.name,
      summary: this.scenario.summary,
      parameters: this.parameters,
      models: this.scenario.models ?? ['posix-minimal'],
      swarm: this.scenario.swarm ?? {},
      promises: this.scenario.promises ?? [],
      equivalentMutants: { ...(this.usesNodeFs ? NOT_OVER_NODE_FS : {}), ...this.scenario.equivalentMutants },
      requirements: this.scenario.requirements ?? [],
      contractHash: this.contractHash,
      stepNames: this.steps.map((step) => step.name),
    }
  }

  /** Parameters that a scenario declares, for tokens: the word leaves out what equals them. */
  get defaults(): Parameters {
    return this.scenario.parameters
  }

  /** How many steps the store itself says are durable; undefined if it says nothing. */
  durableSteps(store: unknown): number | undefined {
    return this.scenario.durableSteps?.(store)
  }

  step(index: number): Step<unknown, unknown> {
    const step = this.steps[index]
    if (step === undefined) throw new RangeError(`scenario '${this.name}' has no step ${index}`)
    return step
  }

  /** Native addons that this thread has loaded and the scenario does not vouch for. */
  strangeAddons(): readonly string[] {
    const { usesNodeFs } = this.scenario
    if (usesNodeFs === undefined) return []
    const harmless = usesNodeFs === true ? [] : usesNodeFs.harmlessAddons
    return nativeAddons().filter((name) => !harmless.includes(name))
  }

  /** States besides whole ones that may be there while a step is under way. */
  partials(index: number): readonly unknown[] {
    const known = this.partialsKnown.get(index)
    if (known !== undefined) return known
    const made = this.steps[index]?.partial?.(this.models[index]) ?? []
    this.partialsKnown.set(index, made)
    return made
  }

  /** A broken invariant of a model or a read, in words. */
  broken(model: unknown): string | undefined {
    return this.scenario.invariant?.(model, this.parameters)
  }

  /** What an error means: as the scenario says, else by its code. */
  classify(error: unknown): ErrorClass {
    if (this.failsBuffers && isBufferRefusal(error)) return { kind: 'out-of-memory' }
    return this.scenario.classify === undefined ? classifyByCode(error) : this.scenario.classify(error)
  }
}

function keptOf<T>(name: string, steps: readonly T[], kept: readonly number[]): readonly T[] {
  return kept.map((index, at) => {
    const step = steps[index]
    if (step === undefined || index <= (kept[at - 1] ?? -1))
      throw new StepsError(
        `scenario '${name}' has the steps 0 to ${steps.length - 1}, not ${kept.join(', ')} in this order`,
      )
    return step
  })
}

function withDefaults(scenario: Scenario, overrides: Parameters): Parameters {
  const parameters: Record<string, ParameterValue> = { ...scenario.parameters }
  for (const [name, value] of Object.entries(overrides)) {
    const standard = scenario.parameters[name]
    if (standard === undefined || !Object.hasOwn(scenario.parameters, name))
      throw new ParameterError(
        `scenario '${scenario.name}' has no parameter '${name}'; it has ${Object.keys(scenario.parameters).join(', ') || 'none'}`,
      )
    if (typeof value !== typeof standard)
      throw new ParameterError(
        `parameter '${name}' of '${scenario.name}' is a ${typeof standard}, not a ${typeof value}`,
      )
    parameters[name] = value
  }
  return parameters
}

function contractHashOf(name: string, parameters: Parameters, steps: readonly Step<unknown, unknown>[]): string {
  const hash = new Hash64()
  hash.addText(name)
  for (const key of Object.keys(parameters).toSorted()) hash.addText(`${key}=${JSON.stringify(parameters[key])}`)
  for (const step of steps) hash.addText(step.name)
  return hash.digits().slice(0, 8)
}

function classifyByCode(error: unknown): ErrorClass {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string')
    return { kind: 'other' }
  const { code } = error
  if (code === 'ENOMEM') return { kind: 'out-of-memory' }
  if (!/^E[A-Z]+$/.test(code)) return { kind: 'other' }
  const operation = 'operation' in error && typeof error.operation === 'string' ? { operation: error.operation } : {}
  const path = 'path' in error && typeof error.path === 'string' ? { path: error.path } : {}
  return { kind: 'io', code, ...operation, ...path }
}
