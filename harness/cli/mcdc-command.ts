// harness/cli/mcdc-command.ts: `powercut mcdc`: runs a command under measurement, adds up results, checks itself.
//
// 1. The command's own failure comes first: its exit code is ours, and what was measured is written all the same.
// 2. A gate can't pass on nothing: no file measured, or no decision in any, is exit code 3.
// 3. A file that `--critical` names is whole if each of its conditions and outcomes is covered or justified; a pattern that
//    names no measured file is exit code 3.
// 4. What could not be measured, and a justification that does not hold, is exit code 3, and said for each.

import {
  conditionGaps,
  conditionPercent,
  createResultFolder,
  mcdcTable,
  outcomeGaps,
  outcomePercent,
  readMcdc,
  readMcdcJustifications,
  writeMcdc,
  writeMcdcLcov,
  type Mcdc,
  type McdcJustifications,
} from '../../reports/index.ts'
import { EXIT, UsageError } from '../campaign/index.ts'
import type { PathTest } from '../coverage/index.ts'
import type { CommandContext } from './context.ts'
import { parseInteger, parseWords } from './parse.ts'
import { printJson, speaker } from './terminal.ts'

export type McdcFlags = Readonly<{
  include?: readonly string[]
  exclude?: readonly string[]
  out?: string
  format?: readonly string[]
  threshold?: string
  valueThreshold?: string
  justifications?: string
  gaps?: string
  critical?: readonly string[]
  json?: boolean
}>

const FORMATS = ['json', 'lcov'] as const
const GAPS_SHOWN = 20
const PACKAGES = ['oxc-parser', 'magic-string'] as const

/** What is to become of a result; checked before anything is run. */
type Wanted = Readonly<{
  directory: string
  formats: readonly (typeof FORMATS)[number][]
  threshold: number | undefined
  valueThreshold: number | undefined
  justifications: McdcJustifications | undefined
  gapsMax: number
  critical: readonly Critical[]
}>

/** Files of which nothing may be open. */
type Critical = Readonly<{ pattern: string; names: PathTest }>

export async function mcdcCommand(
  command: readonly string[],
  flags: McdcFlags,
  { terminal }: CommandContext,
): Promise<number> {
  if (command.length === 0)
    throw new UsageError("powercut mcdc takes a command to measure: powercut mcdc --include 'src/**' -- node main.js.")
  const [{ runMeasured }, { justify, pathTest }] = await Promise.all([
    needingPackages(() => import('../host/mcdc/index.ts')),
    needingPackages(() => import('../coverage/index.ts')),
  ])
  const wanted = wantedOf(flags, pathTest)
  const measured = await runMeasured({
    command,
    root: process.cwd(),
    include: flags.include ?? [],
    exclude: flags.exclude ?? [],
    quiet: flags.json === true,
  })
  const failed = measured.runs.find(({ exitCode }) => exitCode !== 0)?.exitCode
  const code = deliver(withReasons(measured, wanted, justify), wanted, flags, terminal)
  if (failed === undefined) return code
  terminal.error(`powercut: the command ended with exit code ${failed}.\n`)
  return failed
}

export async function mcdcMergeCommand(
  sources: readonly string[],
  flags: McdcFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const { justify, mergeMcdc, MergeError, pathTest } = await needingPackages(() => import('../coverage/index.ts'))
  const results = sources.map(readMcdc)
  const wanted = wantedOf(flags, pathTest)
  try {
    return deliver(withReasons(mergeMcdc(results), wanted, justify), wanted, flags, terminal)
  } catch (error) {
    if (error instanceof MergeError) throw new UsageError(`These results can't be added up: ${error.message}.`)
    throw error
  }
}

type SelfCheckFlags = Readonly<{ expressions?: string; seed?: string; json?: boolean }>

export async function mcdcSelfCheckCommand(flags: SelfCheckFlags, { terminal }: CommandContext): Promise<number> {
  const { KIT_DEFAULTS, runKnownAnswers } = await needingPackages(() => import('../coverage/kit/index.ts'))
  const result = await runKnownAnswers({
    ...KIT_DEFAULTS,
    expressions:
      flags.expressions === undefined
        ? KIT_DEFAULTS.expressions
        : parseInteger('--expressions', flags.expressions, 1, 1_000_000),
    seed: flags.seed === undefined ? KIT_DEFAULTS.seed : parseInteger('--seed', flags.seed, 0, 0x7fff_ffff),
  })
  if (flags.json === true) printJson(terminal, result)
  else {
    for (const [kind, count] of Object.entries(result.byKind)) terminal.out(`${String(count).padStart(10)}  ${kind}\n`)
    for (const { comparison, subject, expected, found } of result.examples)
      terminal.out(`MISMATCH ${comparison} of ${subject}: ${found}, not ${expected}\n`)
    terminal.out(`${result.comparisons} comparisons with known answers, ${result.mismatches} mismatches\n`)
  }
  return result.mismatches === 0 ? EXIT.passed : EXIT.incomplete
}

function percentOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 100) return value
  throw new UsageError(`${option} takes a percentage from 0 to 100, not '${text}'.`)
}

function wantedOf(flags: McdcFlags, pathTest: (patterns: readonly string[]) => PathTest): Wanted {
  const wanted = {
    formats: flags.format === undefined ? ['json' as const] : parseWords('--format', flags.format, FORMATS),
    threshold: percentOf('--threshold', flags.threshold),
    valueThreshold: percentOf('--value-threshold', flags.valueThreshold),
    justifications: readMcdcJustifications(flags.justifications),
    gapsMax: flags.gaps === undefined ? GAPS_SHOWN : parseInteger('--gaps', flags.gaps, 0),
    critical: (flags.critical ?? []).map((pattern) => ({ pattern, names: pathTest([pattern]) })),
  }
  return { ...wanted, directory: createResultFolder(flags.out, { name: 'mcdc', latest: false }) }
}

function withReasons(
  result: Mcdc,
  { justifications }: Wanted,
  justify: (result: Mcdc, justifications: McdcJustifications) => Mcdc,
): Mcdc {
  return justifications === undefined ? result : justify(result, justifications)
}

/** Writes and prints the result; gives the exit code of the gates. */
function deliver(
  result: Mcdc,
  { directory, formats, threshold, valueThreshold, gapsMax, critical }: Wanted,
  flags: McdcFlags,
  terminal: CommandContext['terminal'],
): number {
  const say = speaker(terminal, flags.json === true)
  const written = [
    writeMcdc(directory, result),
    ...(formats.includes('lcov') ? [writeMcdcLcov(directory, result)] : []),
  ]
  if (flags.json === true) printJson(terminal, result)
  say(`${mcdcTable(result, { gapsMax })}\nWritten: ${written.join(', ')}`)
  const { totals } = result
  const complaints = [
    below('conditions', conditionPercent(totals), threshold, '--threshold'),
    below('outcomes of value paths', outcomePercent(totals), valueThreshold, '--value-threshold'),
    ...openIn(result, critical),
  ].filter((complaint) => complaint !== undefined)
  for (const complaint of complaints) say(complaint)
  const nothing = nothingMeasured(result) ?? unmeasuredPattern(result, critical)
  if (nothing !== undefined) terminal.error(`powercut: ${nothing}\n`)
  if (nothing !== undefined || !result.complete) return EXIT.incomplete
  return complaints.length > 0 ? EXIT.violations : EXIT.passed
}

function below(what: string, percent: number, threshold: number | undefined, option: string): string | undefined {
  if (threshold === undefined || percent >= threshold) return undefined
  return `${(Math.floor(percent * 100) / 100).toFixed(2)} % of the ${what} are covered or justified, ${option} asks for ${threshold} %.`
}

/** What is open in critical files, a line each. */
function openIn({ files }: Mcdc, critical: readonly Critical[]): readonly string[] {
  const chosen = files.filter(({ path }) => critical.some(({ names }) => names(path)))
  return chosen
    .flatMap((file) => [...conditionGaps(file), ...outcomeGaps(file)])
    .map(({ path, line, column, message }) => `${path}:${line}:${column} is critical, and ${message}`)
}

function unmeasuredPattern({ files }: Mcdc, critical: readonly Critical[]): string | undefined {
  const measured = files.filter(({ loaded }) => loaded)
  const open = critical.find(({ names }) => !measured.some(({ path }) => names(path)))
  return open && `--critical ${open.pattern} names no file that was loaded and measured.`
}

function nothingMeasured({ totals, include }: Mcdc): string | undefined {
  const patterns = include.length === 0 ? 'below this directory' : `of ${include.join(', ')}`
  if (totals.files === 0)
    return `nothing was measured: no file ${patterns} was found or loaded. --include names sources.`
  if (totals.filesLoaded === 0)
    return `nothing was measured: no file ${patterns} was loaded. A command that cleans its environment, or vitest without mcdc() among its plugins, loads none.`
  if (totals.conditions + totals.outcomes === 0) return `nothing was measured: no file ${patterns} has a decision.`
  return undefined
}

/** Loads what needs packages that are not installed with this one. */
async function needingPackages<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    const missing = PACKAGES.some((name) => cause instanceof Error && cause.message.includes(`'${name}'`))
    if (!missing) throw cause
    throw new UsageError(`powercut mcdc needs ${PACKAGES.join(' and ')}: npm install --save-dev ${PACKAGES.join(' ')}.`)
  }
}
