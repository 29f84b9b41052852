// harness/cli/project-config.ts: a project's defaults for `run` and `count`, from powercut.config.ts (or .mts, .js, .mjs,
// .json) in the working directory.
//
// 1. The command line wins, option by option. Options that exclude each other are one option in this.
// 2. `scenarios` and `set` belong together: who names scenarios (or a mutant, which has its own) gets neither.
// 3. Every value becomes the text that the option would have: one parser judges both.

import { z } from 'zod'
import { PERSISTENCE_MODELS } from '../../faults/index.ts'
import { suggestion, UsageError, type CampaignOptions } from '../campaign/index.ts'
import { loadConfigModule } from '../host/index.ts'
import { ALLOCATION_MODES, SWEPT_FAMILIES, type AllocationMode, type FaultFamily } from '../plan/index.ts'
import type { ParameterValue } from '../../scenarios/index.ts'
import { campaignOptions, type RunFlags } from './run-options.ts'

/** What a project may fix. Each key is the option of `powercut run` of that name. */
export type PowercutConfig = Readonly<{
  /** Names of built-in scenarios, or paths from the working directory. */
  scenarios?: readonly string[]
  /** Parameters of these scenarios. */
  set?: Readonly<Record<string, ParameterValue>>
  faults?: readonly FaultFamily[]
  seed?: number
  /** `A..B`, instead of `seed`. */
  seeds?: string
  mode?: readonly AllocationMode[]
  /** For the mode `budget`. */
  bytes?: number
  /** For the mode `random`. */
  probability?: number
  warm?: boolean
  model?: string
  sector?: 512 | 4096
  maxStates?: number
  depth?: number
  /** Such as `90s` or `10m`. */
  budget?: string
  allowIncomplete?: boolean
  workers?: number
  /** Such as `60s`. */
  runLimit?: string
  bail?: number
  /** The file of known open anomalies, from the working directory. */
  expect?: string
}>

/** Declares a project's defaults: `export default defineConfig({ … })` in powercut.config.ts. */
export function defineConfig(config: PowercutConfig): PowercutConfig {
  return config
}

type Key = keyof PowercutConfig
type Field = Readonly<{ schema: z.ZodType; takes: string }>

const MODELS = Object.keys(PERSISTENCE_MODELS)
const DURATION = /^\d+(\.\d+)?(ms|s|m|h)$/
const field = (schema: z.ZodType, takes: string): Field => ({ schema, takes })
const integer = (min: number): Field => field(z.int().min(min), `an integer from ${min}`)
const duration = (example: string): Field => field(z.string().regex(DURATION), `a duration such as '${example}'`)
const flag: Field = field(z.boolean(), 'true or false')
const words = (valid: readonly string[]): Field => field(z.array(z.enum(valid)).min(1), `a list of ${valid.join(', ')}`)

const FIELDS: Readonly<Record<Key, Field>> = {
  scenarios: field(z.array(z.string().min(1)).min(1), 'a list of names or paths of scenarios'),
  set: field(
    z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])),
    "parameters' names, each with a number, a text, true or false",
  ),
  faults: words(SWEPT_FAMILIES),
  seed: integer(0),
  seeds: field(z.string().regex(/^\d+\.\.\d+$/), "a range such as '1..5'"),
  mode: words(ALLOCATION_MODES),
  bytes: integer(1),
  probability: field(z.number().positive().max(1), 'a number above 0 and up to 1'),
  warm: flag,
  model: field(z.enum(MODELS), `one of ${MODELS.join(', ')}`),
  sector: field(z.literal([512, 4096]), '512 or 4096'),
  maxStates: integer(0),
  depth: integer(1),
  budget: duration('10m'),
  allowIncomplete: flag,
  workers: integer(1),
  runLimit: duration('60s'),
  bail: integer(1),
  expect: field(z.string().min(1), 'the path of a file'),
}

/** Options of which one on the command line takes the config's others back. */
const TOGETHER: readonly (readonly (keyof RunFlags)[])[] = [
  ['seed', 'seeds'],
  ['mode', 'bytes', 'probability'],
  // Points are of one family: which one, the command line says where it chooses them.
  ['at', 'points', 'from', 'faults'],
  // A real kill is the crash family, in one mode.
  ['real', 'faults', 'mode', 'bytes', 'probability', 'warm', 'model', 'maxStates'],
  // What is run again is what the results say.
  ['rerun', 'faults', 'seed', 'seeds', 'mode', 'bytes', 'probability', 'warm', 'model', 'sector', 'maxStates', 'depth'],
]

/** What the command was given, with the project's defaults where it was given nothing. Throws UsageError. */
export async function withProjectDefaults<Flags extends RunFlags>(
  names: readonly string[],
  flags: Flags,
): Promise<Readonly<{ names: readonly string[]; flags: Flags }>> {
  if (flags.config === false) return { names, flags }
  const loaded = await loadConfigModule()
  if (loaded === undefined) return { names, flags }
  const config = checked(loaded.file, loaded.content)
  return mergeDefaults(config, names, flags)
}

/** The command line's own values, and the config's where there is none. */
export function mergeDefaults<Flags extends RunFlags>(
  config: PowercutConfig,
  names: readonly string[],
  flags: Flags,
): Readonly<{ names: readonly string[]; flags: Flags }> {
  const own = names.length > 0 || flags.mutant !== undefined || flags.rerun !== undefined
  const defaults = new Map<string, unknown>(Object.entries(flagsOf(config)))
  if (own) defaults.delete('set')
  for (const group of TOGETHER) {
    const [first] = group
    const given =
      first === 'rerun' || first === 'real' ? flags[first] !== undefined : group.some((key) => flags[key] !== undefined)
    if (given) for (const key of group) defaults.delete(key)
  }
  const { set, ...rest } = { set: undefined, ...Object.fromEntries(defaults) }
  const settings = [...(Array.isArray(set) ? (set as string[]) : []), ...(flags.set ?? [])]
  const merged: Flags = { ...rest, ...flags, ...(settings.length === 0 ? {} : { set: settings }) }
  return { names: own ? names : (config.scenarios ?? []), flags: merged }
}

/** Throws UsageError, naming the key and what is valid. */
export function checked(file: string, content: unknown): PowercutConfig {
  const keys = Object.keys(FIELDS)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${file} has no config as its default export: an object with any of ${keys.join(', ')}.`)
  }
  for (const [key, value] of Object.entries(content)) {
    const known = Object.hasOwn(FIELDS, key) ? FIELDS[key as Key] : undefined
    if (known === undefined) {
      throw new UsageError(`${file} has no key '${key}': valid are ${keys.join(', ')}.${suggestion(key, keys)}`)
    }
    if (value !== undefined && !known.schema.safeParse(value).success) {
      throw new UsageError(`${file}: '${key}' takes ${known.takes}, not ${JSON.stringify(value) ?? String(value)}.`)
    }
  }
  const config: PowercutConfig = content
  if (config.seed !== undefined && config.seeds !== undefined) {
    throw new UsageError(`${file}: 'seed' and 'seeds' exclude each other: give one of them.`)
  }
  return config
}

/** A campaign of these scenarios as a config asks for it; the command line has no part in it. Throws UsageError. */
export function optionsOfConfig(what: string, config: PowercutConfig): CampaignOptions {
  return campaignOptions(config.scenarios ?? [], flagsOf(checked(what, config)))
}

/** Values as commander would give them. */
function flagsOf(config: PowercutConfig): RunFlags {
  const { scenarios: _, set, faults, mode, warm, allowIncomplete, ...rest } = config
  const texts = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  return {
    ...Object.fromEntries(texts),
    ...(set === undefined ? {} : { set: Object.entries(set).map(([name, value]) => `${name}=${value}`) }),
    ...(faults === undefined ? {} : { faults: [...faults] }),
    ...(mode === undefined ? {} : { mode: [...mode] }),
    ...(warm === undefined ? {} : { warm }),
    ...(allowIncomplete === undefined ? {} : { allowIncomplete }),
  }
}
