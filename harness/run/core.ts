// harness/run/core.ts: the core of a campaign: prepares it, runs its units, replays its plans.
//
// 1. What was prepared is kept by request, so that a worker prepares once.
// 2. Records come in plan order.
// 3. Three numbers from three places: planned from the explorers, run from the records made, delivered from the injectors.

import type { PersistenceModel } from '../../faults/index.ts'
import type { Parameters, Scenario } from '../../scenarios/index.ts'
import type {
  CampaignCore,
  CampaignRequest,
  FailureFound,
  FailureSearch,
  FaultPlan,
  PointProfile,
  Preparation,
  ReplayOptions,
  ReplayResult,
  ScenarioDescription,
  Subject,
  UnitOptions,
  UnitResult,
} from '../plan/index.ts'
import { RunContext } from './context.ts'
import { findFailure } from './find-failure.ts'
import { LoadedScenario } from './loaded-scenario.ts'
import { sweepNested } from './nested/index.ts'
import { prepareCampaign, type Prepared } from './prepare.ts'
import { profileOf } from './profile.ts'
import { withNeededStacks } from './needed-stacks.ts'
import { replayPlan, requestOf } from './replay.ts'
import type { Positions } from './trace.ts'
import { REAL_SEAMS, type CoreSeams } from './seams.ts'
import { sweepCorruption } from './sweep-corruption.ts'
import { sweepCrashes } from './sweep-crashes.ts'
import { emptyTally, PlanError, sweepFaults, type Emit } from './sweep-faults.ts'

export type CampaignCoreOptions = Readonly<{
  /** Loads a scenario by the name or path that a subject has. */
  loadScenario: (name: string) => Promise<Scenario>
  /** Loads a persistence model by the name or path that a subject has. Default: built-in ones. */
  loadModel?: (name: string) => Promise<PersistenceModel>
  /** For durations in records. Default: none are measured. */
  nowMs?: () => number
  /** Parts to replace, where the harness itself is tested. */
  seams?: Partial<CoreSeams>
}>

const PREPARED_MAX = 4

export function createCampaignCore(options: CampaignCoreOptions): CampaignCore {
  return new Core(options)
}

class Core implements CampaignCore {
  private readonly options: CampaignCoreOptions
  private readonly seams: CoreSeams
  private readonly nowMs: () => number
  private readonly prepared = new Map<string, Promise<Prepared>>()

  constructor(options: CampaignCoreOptions) {
    this.options = options
    this.seams = { ...REAL_SEAMS, ...options.seams }
    this.nowMs = options.nowMs ?? (() => 0)
  }

  async describe(scenario: string, parameters: Parameters): Promise<ScenarioDescription> {
    return new LoadedScenario(await this.options.loadScenario(scenario), parameters).describe()
  }

  async prepare(request: CampaignRequest): Promise<Preparation> {
    return (await this.preparedFor(request)).preparation
  }

  async runUnit(request: CampaignRequest, index: number, emit: Emit, options: UnitOptions = {}): Promise<UnitResult> {
    const prepared = await this.preparedFor(request)
    const unit = prepared.units[index]
    if (unit === undefined) throw new PlanError(`there is no unit ${index}: there are ${prepared.units.length}`)
    const tally = emptyTally()
    // Nobody reads the stacks of the thousands of errors that a sweep causes; call sites are captured with their own limit.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      if (unit.kind === 'fault') await sweepFaults(prepared, unit, emit, options, tally)
      else if (unit.kind === 'nested') await sweepNested(prepared, unit, emit, options, tally)
      else if (unit.kind === 'crash') await sweepCrashes(prepared, unit, emit, options, tally)
      else await sweepCorruption(prepared, unit, emit, options, tally)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
    return { unit: index, planned: unit.summary.planned, ...tally }
  }

  async replay(plan: FaultPlan, { inspect = false, positions = false }: ReplayOptions = {}): Promise<ReplayResult> {
    const result = await replayPlan(await this.preparedFor(requestOf(plan), positions), plan, inspect)
    return positions ? withNeededStacks(result) : result
  }

  async profile(request: CampaignRequest): Promise<PointProfile> {
    return profileOf(await this.prepareNew(request, 'all'))
  }

  async findFailure(search: FailureSearch): Promise<FailureFound> {
    const { scenario, parameters, steps } = search.plan.subject
    const given = await this.options.loadScenario(scenario)
    let loaded
    try {
      loaded = new LoadedScenario(given, parameters, steps)
    } catch {
      // Smaller parameters may be ones that the scenario refuses: then nothing fails with them.
      return { found: undefined, stepNames: [], runs: 0 }
    }
    const subject = { ...search.plan.subject, parameters: loaded.parameters }
    const context = await this.contextOf(loaded, subject)
    return findFailure(context, { ...search, plan: { ...search.plan, subject } }, (plan) => this.replay(plan))
  }

  private async contextOf(loaded: LoadedScenario, subject: Subject): Promise<RunContext> {
    const model = await this.options.loadModel?.(subject.model)
    return new RunContext(loaded, subject, this.seams, this.nowMs, model)
  }

  private preparedFor(request: CampaignRequest, positions = false): Promise<Prepared> {
    const key = JSON.stringify([request, positions])
    const known = this.prepared.get(key)
    if (known !== undefined) return known
    const made = this.prepareNew(request, positions)
    if (this.prepared.size >= PREPARED_MAX) this.prepared.clear()
    this.prepared.set(key, made)
    return made
  }

  private async prepareNew(request: CampaignRequest, positions: Positions): Promise<Prepared> {
    const { scenario, parameters, steps } = request.subject
    const loaded = new LoadedScenario(await this.options.loadScenario(scenario), parameters, steps)
    const subject = { ...request.subject, parameters: loaded.parameters }
    const context = await this.contextOf(loaded, subject)
    context.positions = positions
    return prepareCampaign(context, request)
  }
}
