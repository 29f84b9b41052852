// harness/campaign/options.ts: what a campaign is asked to do, checked as far as it can be without its scenario.

import type { ExpectationEntry } from '../../reports/index.ts'
import type { AllocationMode, FaultFamily } from '../plan/index.ts'
import type { ParameterValue } from '../../scenarios/index.ts'

/** For each violation's smallest case, unless the command line says otherwise. */
export const MINIMISE_BUDGET_MS = 20_000
/** A run that takes longer hangs, unless another limit is given. */
export const RUN_LIMIT_MS = 60_000

/** A range of points as it was asked for; no `to`: to the last. */
export type PointSelection = Readonly<{ from: number; to?: number; option: '--at' | '--points' | '--from' }>

/** A crash, and one fault in the process that recovers. */
export const DEFAULT_DEPTH = 2

export type CampaignOptions = Readonly<{
  /** Names or paths; at least one, no two the same. */
  scenarios: readonly string[]
  families: readonly FaultFamily[]
  modes: readonly AllocationMode[]
  /** `--set` as it was given, texts; checked against each scenario's parameters. */
  set: Readonly<Record<string, string>>
  seeds: readonly number[]
  points?: PointSelection
  budgetBytes?: number
  probability?: number
  mutant?: string
  warm: boolean
  /** Each seed draws its families, modes, points and sizes. */
  swarm?: boolean
  model?: string
  /** Several: the campaign is made under each, in place of `model`. */
  models?: readonly string[]
  sectorBytes: 512 | 4096
  statesPerIntervalMax: number
  /** Faults in a plan of the family `recovery`, the first crash included. */
  depth?: number
  /** In that family every distinct crash state, not one of each recovery trace. */
  everyRecovery?: boolean
  /** Every condition of the device at every call, with every value. */
  everyCondition?: boolean
  /** Crash states that differ only in what was never looked at are one. Default: true. */
  prune?: boolean
  budgetMs?: number
  allowIncomplete: boolean
  workers: number
  runLimitMs: number
  /** For each violation's smallest case; 0 or absent: it is not looked for. */
  minimiseBudgetMs?: number
  bail?: number
  resume: boolean
  /** Only this part of the plan. */
  shard?: Readonly<{ index: number; count: number }>
  /** Known open anomalies, and the file that they were read of. */
  expect?: Readonly<{ file: string; entries: readonly ExpectationEntry[] }>
  out?: string
  /** A result folder whose failed runs are run again, and nothing else. */
  rerun?: string
  /** Real processes on a real directory, killed for real; `directory`: where, instead of the system's temporary one. */
  real?: Readonly<{ directory?: string }>
  /** Say how many runs there would be, and stop. */
  planOnly: boolean
}>

/** Wrong use: exit 2. The message is one sentence that names what is wrong and what is valid. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'E_USAGE'
}

/**
 * The parameters with `--set` applied, each of its default's type. `scenario.name` sets that scenario's parameter alone.
 * Throws UsageError.
 */
export function applySettings(
  scenario: string,
  defaults: Readonly<Record<string, ParameterValue>>,
  set: Readonly<Record<string, string>>,
): Readonly<Record<string, ParameterValue>> {
  const parameters = { ...defaults }
  for (const [given, text] of Object.entries(set)) {
    const { of, name } = settingOf(given)
    if (of !== undefined && of !== scenario) continue
    const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
    if (fallback === undefined) {
      const names = Object.keys(defaults)
      throw new UsageError(
        `Scenario '${scenario}' has no parameter '${name}': ${names.length === 0 ? 'it has none' : `valid are ${names.join(', ')}`}.${suggestion(name, names)}`,
      )
    }
    parameters[name] = parameterValue(scenario, name, fallback, text)
  }
  return parameters
}

/** Whose parameter a key of `--set` names, if it says so, and which. */
export function settingOf(given: string): Readonly<{ of?: string; name: string }> {
  const dot = given.lastIndexOf('.')
  return dot <= 0 ? { name: given } : { of: given.slice(0, dot), name: given.slice(dot + 1) }
}

/** Throws UsageError for a setting of a scenario that is not among those asked for. */
export function checkSettings(set: Readonly<Record<string, string>>, scenarios: readonly string[]): void {
  for (const given of Object.keys(set)) {
    const { of } = settingOf(given)
    if (of !== undefined && !scenarios.includes(of))
      throw new UsageError(
        `--set ${given} is about the scenario '${of}', which is not asked for: valid are ${scenarios.join(', ')}.${suggestion(of, scenarios)}`,
      )
  }
}

function parameterValue(scenario: string, name: string, fallback: ParameterValue, text: string): ParameterValue {
  if (typeof fallback === 'string') return text
  if (typeof fallback === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw new UsageError(`Parameter '${name}' of scenario '${scenario}' is true or false, not '${text}'.`)
  }
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw new UsageError(`Parameter '${name}' of scenario '${scenario}' is a number, not '${text}'.`)
}

/** ` Did you mean 'x'?` for the nearest of `valid`, or nothing. */
export function suggestion(given: string, valid: readonly string[]): string {
  let best: string | undefined
  let bestDistance = (given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3))) + 1
  for (const name of valid) {
    const distance = editDistance(given, name)
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best === undefined ? '' : ` Did you mean '${best}'?`
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
