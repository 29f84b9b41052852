// harness/cli/run-options.ts: the options of `run` (and of what shares them), from words to a campaign's options.

import { readExpectations } from '../../reports/index.ts'
import { PERSISTENCE_MODELS } from '../../faults/index.ts'
import { KIT_MUTANTS } from '../../faults/mutant-kit/index.ts'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'
import {
  checkSettings,
  checkShard,
  DEFAULT_DEPTH,
  MINIMISE_BUDGET_MS,
  parseShard,
  RUN_LIMIT_MS,
  suggestion,
  UsageError,
  type CampaignOptions,
  type PointSelection,
} from '../campaign/index.ts'
import { builtinScenarioNames, coreCount, isScenarioPath, loadModel, scenarioFileExists } from '../host/index.ts'
import { ALLOCATION_MODES, DEFAULT_FAMILIES, SWEPT_FAMILIES, type FaultFamily } from '../plan/index.ts'
import {
  parseDuration,
  parseInteger,
  parseOneOf,
  parseProbability,
  parseRange,
  parseSettings,
  parseWords,
} from './parse.ts'

export const DEFAULT_SCENARIO = 'core20'
export const DEFAULT_SEED = 1
/** Points are numbered within one family: this one, unless another is named. */
const POINTS_FAMILIES: readonly FaultFamily[] = ['allocation']
/** More multiply to numbers that no machine gets through. */
const DEPTH_MAX = 4
const MODELS = Object.keys(PERSISTENCE_MODELS)

/** As commander gives them. */
export type RunFlags = Readonly<{
  faults?: string[]
  set?: string[]
  seed?: string
  seeds?: string
  at?: string
  points?: string
  from?: string
  mode?: string[]
  bytes?: string
  probability?: string
  mutant?: string
  warm?: boolean
  swarm?: boolean
  model?: string
  sector?: string
  plan?: boolean
  rerun?: string
  maxStates?: string
  depth?: string
  prune?: boolean
  budget?: string
  allowIncomplete?: boolean
  workers?: string
  runLimit?: string
  minimiseBudget?: string
  resume?: boolean
  bail?: string
  shard?: string
  expect?: string
  annotations?: string
  out?: string
  real?: boolean
  directory?: string
  json?: boolean
  /** False: no defaults of the project. */
  config?: boolean
}>

/** Throws UsageError. */
export function campaignOptions(names: readonly string[], given: RunFlags): CampaignOptions {
  const flags = given.real === true ? realFlags(given) : given
  if (flags.directory !== undefined && flags.real !== true) {
    throw new UsageError('--directory belongs to --real: it says where the real directories are made.')
  }
  const mutant = flags.mutant === undefined ? undefined : checkMutant(flags.mutant)
  const fallback = ENGINE_MUTANTS.find(({ id }) => id === mutant)?.scenario ?? DEFAULT_SCENARIO
  const scenarios = names.length === 0 ? [fallback] : [...new Set(names)]
  for (const name of scenarios) checkScenario(name)
  const modes =
    flags.mode === undefined ? (['once', 'from'] as const) : parseWords('--mode', flags.mode, ALLOCATION_MODES)
  const points = pointSelection(flags)
  const statesPerIntervalMax =
    flags.maxStates === undefined ? undefined : parseInteger('--max-states', flags.maxStates, 0)
  const depth = flags.depth === undefined ? undefined : parseInteger('--depth', flags.depth, 1, DEPTH_MAX)
  const chosen =
    flags.faults === undefined
      ? points === undefined
        ? DEFAULT_FAMILIES
        : POINTS_FAMILIES
      : parseWords('--faults', flags.faults, SWEPT_FAMILIES)
  const families = withDepth(chosen, depth, points === undefined && flags.faults === undefined)
  if (points !== undefined && families.length !== 1) {
    throw new UsageError(
      `${points.option} chooses points of one family: say which with --faults allocation, io or crash, or leave --faults out for allocation.`,
    )
  }
  if (flags.swarm === true && (points !== undefined || flags.mode !== undefined)) {
    throw new UsageError('--swarm draws points and modes by seed: leave out --at, --points, --from and --mode.')
  }
  if (modes.includes('budget') !== (flags.bytes !== undefined)) {
    throw new UsageError('--mode budget and --bytes B belong together: the most that may be allocated at a time.')
  }
  if (modes.includes('random') !== (flags.probability !== undefined)) {
    throw new UsageError('--mode random and --probability P belong together: how likely each allocation fails.')
  }
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard)
  checkShard({
    ...(shard === undefined ? {} : { shard }),
    ...(flags.rerun === undefined ? {} : { rerun: flags.rerun }),
    ...(flags.bail === undefined ? {} : { bail: Number(flags.bail) }),
  })
  const set = parseSettings(flags.set ?? [])
  checkSettings(set, scenarios)
  return {
    scenarios,
    families,
    modes,
    set,
    seeds: seedsOf(flags),
    ...(points === undefined ? {} : { points }),
    ...(flags.bytes === undefined ? {} : { budgetBytes: parseInteger('--bytes', flags.bytes, 1) }),
    ...(flags.probability === undefined ? {} : { probability: parseProbability('--probability', flags.probability) }),
    ...(mutant === undefined ? {} : { mutant }),
    warm: flags.warm === true,
    ...(flags.swarm === true ? { swarm: true } : {}),
    ...modelsOf(flags.model),
    sectorBytes: parseOneOf('--sector', flags.sector ?? '512', ['512', '4096'] as const) === '512' ? 512 : 4096,
    statesPerIntervalMax: statesPerIntervalMax ?? 0,
    ...(flags.prune === false ? { prune: false } : {}),
    ...(flags.budget === undefined ? {} : { budgetMs: parseDuration('--budget', flags.budget) }),
    ...(families.includes('recovery')
      ? { depth: depth ?? DEFAULT_DEPTH, everyRecovery: statesPerIntervalMax === 0 }
      : {}),
    ...(families.includes('io') && statesPerIntervalMax === 0 ? { everyCondition: true } : {}),
    allowIncomplete: flags.allowIncomplete === true,
    workers: flags.workers === undefined ? coreCount() : parseInteger('--workers', flags.workers, 1, 1024),
    runLimitMs: flags.runLimit === undefined ? RUN_LIMIT_MS : parseDuration('--run-limit', flags.runLimit),
    minimiseBudgetMs: minimiseBudget(flags.minimiseBudget),
    ...(flags.bail === undefined ? {} : { bail: parseInteger('--bail', flags.bail, 1) }),
    resume: flags.resume === true,
    ...(shard === undefined ? {} : { shard }),
    ...(flags.expect === undefined ? {} : { expect: { file: flags.expect, entries: readExpectations(flags.expect) } }),
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.rerun === undefined ? {} : { rerun: flags.rerun }),
    ...(flags.real === true ? { real: flags.directory === undefined ? {} : { directory: flags.directory } } : {}),
    planOnly: flags.plan === true,
  }
}

/** What a real kill can't be combined with: it is the crash family, one kill at each call, and plants nothing. */
const NOT_REAL = ['model', 'mutant', 'warm', 'mode', 'rerun', 'maxStates'] as const

function realFlags(flags: RunFlags): RunFlags {
  const other = NOT_REAL.find((name) => flags[name] !== undefined)
  if (other !== undefined || (flags.faults ?? ['crash']).join() !== 'crash') {
    const option = other === undefined ? 'faults' : other.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    throw new UsageError(
      `--real kills processes at their file-system calls, so --${option} has no meaning with it: leave it out.`,
    )
  }
  return { ...flags, faults: ['crash'] }
}

/** Throws UsageError unless it is a built-in scenario's name or the path of a file. */
export function checkScenario(scenario: string): void {
  const names = builtinScenarioNames()
  if (isScenarioPath(scenario)) {
    if (scenarioFileExists(scenario)) return
    throw new UsageError(
      `There is no scenario module at ${scenario}: name an existing .ts, .js or .mjs file, or one of ${names.join(', ')}.`,
    )
  }
  if (names.includes(scenario)) return
  throw new UsageError(
    `There is no scenario '${scenario}': valid are ${names.join(', ')}, or the path of a module.${suggestion(scenario, names)}`,
  )
}

/** Throws UsageError unless there is a mutant of that id. */
export function checkMutant(id: string): string {
  const ids = [...ENGINE_MUTANTS, ...KIT_MUTANTS].map((mutant) => mutant.id)
  if (ids.includes(id)) return id
  throw new UsageError(`There is no mutant '${id}': valid are ${ids.join(', ') || 'none'}.${suggestion(id, ids)}`)
}

/** Names of built-in models and paths of modules, in the order given; what is in a module is checked by `checkModels`. */
function modelsOf(text: string | undefined): Pick<CampaignOptions, 'model' | 'models'> {
  if (text === undefined) return {}
  const models = [...new Set(text.split(',').map((word) => word.trim()))]
  for (const model of models) if (!isScenarioPath(model)) parseOneOf('--model', model, MODELS)
  const [first] = models
  return models.length === 1 && first !== undefined ? { model: first } : { models }
}

/** Throws UsageError for a user's model that is none. */
export async function checkModels({ model, models = [] }: CampaignOptions): Promise<void> {
  for (const each of [...models, ...(model === undefined ? [] : [model])]) await loadModel(each)
}

/** `0` is off. */
export function minimiseBudget(text: string | undefined): number {
  if (text === undefined) return MINIMISE_BUDGET_MS
  return text === '0' ? 0 : parseDuration('--minimise-budget', text)
}

/** `--depth` from 2 adds the family `recovery` where families were not chosen; 1 goes without it. */
function withDepth(
  families: readonly FaultFamily[],
  depth: number | undefined,
  isDefault: boolean,
): readonly FaultFamily[] {
  if (depth === undefined) return families
  if (depth === 1 && families.includes('recovery'))
    throw new UsageError('--depth 1 makes no faults in recovery: leave recovery out of --faults, or take --depth 2.')
  if (depth === 1 || families.includes('recovery')) return families
  if (!isDefault)
    throw new UsageError(`--depth ${depth} is about the family recovery: name it in --faults, or leave --faults out.`)
  return SWEPT_FAMILIES.filter((family) => family === 'recovery' || families.includes(family))
}

function seedsOf(flags: RunFlags): readonly number[] {
  if (flags.seeds === undefined) {
    return [flags.seed === undefined ? DEFAULT_SEED : parseInteger('--seed', flags.seed, 0)]
  }
  if (flags.seed !== undefined) throw new UsageError('--seed and --seeds exclude each other: give one of them.')
  const { from, to } = parseRange('--seeds', flags.seeds, 0)
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function pointSelection(flags: RunFlags): PointSelection | undefined {
  const given = [flags.at, flags.points, flags.from].filter((value) => value !== undefined)
  if (given.length > 1) throw new UsageError('--at, --points and --from exclude each other: give one of them.')
  if (flags.at !== undefined) {
    const at = parseInteger('--at', flags.at, 0)
    return { from: at, to: at, option: '--at' }
  }
  if (flags.points !== undefined) return { ...parseRange('--points', flags.points, 0), option: '--points' }
  if (flags.from !== undefined) return { from: parseInteger('--from', flags.from, 0), option: '--from' }
  return undefined
}
