// test/mutation/main.ts: `npm run mutation`: StrykerJS over the files of commit, recovery, abort and roll-over.
//
// Ends with 0 if the score is enough and every survivor has a reason, 1 if not, 2 after wrong use, 3 if nothing could be
// judged. Writes a report in the mutation-testing-report-schema, which the evidence bundle takes.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { LogLevel } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { Command, InvalidArgumentError } from 'commander'
import { MutationFolder, type MutationPlan } from './journal.ts'
import { keyOf, type MutantPlace } from './mutant-place.ts'
import {
  countVerdicts,
  fileRows,
  gateProblems,
  isAlive,
  killsByStage,
  percent,
  reasonsByKey,
  reportOf,
  scoreOf,
  type Judged,
} from './outcome.ts'
import { RUNNER, withFolder } from './plugin.ts'
import { reasonProblems, REASONS_FILE, shownText, type Reason, type ReasonsFile } from './reasons.ts'
import { allMutants, draw } from './sample.ts'

const PROJECT = resolve(import.meta.dirname, '../../..')
const CRITICAL_PATHS = 'engine/evidence/critical-paths.json'
const SCORE_MIN = 0.85
const ENGINE = ['engine']
const JUDGES = ['faults', 'harness', 'scenarios', 'test/engine', 'test/regression', 'test/golden', 'test/mutation']

type Flags = Readonly<{
  sample: number
  all?: boolean
  seed: number
  files?: string[]
  concurrency: number
  resume?: boolean
  list?: boolean
  explain?: boolean
  out: string
}>

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Valid is a whole number from 1 on.')
  return value
}

const program = new Command('mutation')
  .description('Judges mutants of the engine by campaigns and by its tests; the score must be 85 % or more.')
  .option('--sample <N>', 'how many mutants are drawn', whole, 300)
  .option('--all', 'every mutant: many hours')
  .option('--seed <N>', 'which ones are drawn', whole, 1)
  .option('--files <FILE...>', `of these files only (default: those in ${CRITICAL_PATHS})`)
  .option('--concurrency <N>', 'test runners side by side', whole, 1)
  .option(
    '--resume',
    'take what an earlier run over the same engine has killed; survivors again, if tests have changed',
  )
  .option('--explain', `print entries for ${REASONS_FILE}, without reasons, for the survivors`)
  .option('--list', 'print the mutants that would be judged, and stop')
  .option('--out <DIR>', 'the folder of results', 'coverage/mutation')
  .addHelpText('after', '\nExample:\n  $ npm run mutation -- --files engine/pack/recovery.ts --sample 40')
  .showHelpAfterError(false)
  .exitOverride()

/** Of every source file of the folders. */
function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256')
  const files = folders.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  for (const file of files.toSorted()) hash.update(`${file}\0${readFileSync(join(PROJECT, file), 'utf8')}\0`)
  return hash.digest('hex').slice(0, 16)
}

function criticalFiles(): readonly string[] {
  const { formatVersion: _, ...paths } = JSON.parse(readFileSync(join(PROJECT, CRITICAL_PATHS), 'utf8')) as Record<
    string,
    readonly string[] | number
  >
  return [...new Set(Object.values(paths).flatMap((files) => (typeof files === 'number' ? [] : files)))].toSorted()
}

function readReasons(): readonly Reason[] {
  const file = join(PROJECT, REASONS_FILE)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ReasonsFile).survivors : []
}

async function main(): Promise<number> {
  const startMs = performance.now()
  program.parse()
  const flags = program.opts<Flags>()
  const files = flags.files ?? criticalFiles()
  const missing = files.find((file) => !existsSync(join(PROJECT, file)))
  if (missing !== undefined) {
    process.stderr.write(`There is no file '${missing}': valid are paths from the project's folder.\n`)
    return 2
  }
  const mutants = await allMutants(PROJECT, files)
  const drawn = flags.all === true ? mutants : draw(mutants, flags.sample, flags.seed)
  const what =
    drawn.length === mutants.length
      ? `all ${mutants.length} mutants`
      : `${drawn.length} of ${mutants.length} mutants, drawn with seed ${flags.seed}`
  print(`${what}, of ${files.length} files`)
  if (flags.list === true) {
    for (const mutant of drawn) print(lineOf(mutant))
    return 0
  }
  const folder = new MutationFolder(resolve(PROJECT, flags.out))
  mkdirSync(folder.path, { recursive: true })
  if (flags.resume !== true)
    for (const name of ['cover.json', 'verdicts.ndjson']) rmSync(join(folder.path, name), { force: true })
  const plan = planOf(folder, drawn)
  folder.plan = plan
  if (plan.known.length > 0) print(`${plan.known.length} verdicts are taken from an earlier run`)
  await stryker(folder.path, files, flags.concurrency)
  const lines = folder.lines()
  const reasons = readReasons()
  const texts = reasonsByKey(reasons)
  const judged = drawn.flatMap((mutant): Judged[] => {
    const line = lines.get(keyOf(mutant))
    return line === undefined ? [] : [{ mutant, line, reason: texts.get(keyOf(mutant)) ?? '' }]
  })
  const seconds = Math.round((performance.now() - startMs) / 1000)
  const config = { sample: what, seed: flags.seed, files, seconds, judgedBy: killsByStage(judged) }
  const sources = new Map(files.map((file) => [file, readFileSync(join(PROJECT, file), 'utf8')]))
  const report = join(folder.path, 'mutants.json')
  writeFileSync(report, `${JSON.stringify(reportOf(judged, sources, SCORE_MIN, config), undefined, 1)}\n`)
  printOutcome(judged)
  if (flags.explain === true)
    for (const { mutant } of judged.filter((one) => isAlive(one) && one.reason === '')) print(entryFor(mutant))
  print(`${what}; ${Math.floor(seconds / 60)} min ${seconds % 60} s; report in ${flags.out}/mutants.json`)
  const killed = new Set(judged.filter((one) => !isAlive(one)).map(({ mutant }) => keyOf(mutant)))
  const problems = [
    ...gateProblems(judged, SCORE_MIN),
    ...reasonProblems(reasons, mutants, killed),
    ...(judged.length < drawn.length ? [`${drawn.length - judged.length} mutants were not judged`] : []),
  ]
  for (const problem of problems) print(`not enough: ${problem}`)
  return problems.length === 0 ? 0 : 1
}

function planOf(folder: MutationFolder, drawn: readonly MutantPlace[]): MutationPlan {
  const engine = hashOf(ENGINE)
  const judges = hashOf(JUDGES)
  const lines = folder.lines()
  const known = drawn.flatMap((mutant) => {
    const line = lines.get(keyOf(mutant))
    if (line?.engine !== engine) return []
    const isKilled = line.verdict === 'killed' || line.verdict === 'timeout'
    return isKilled || line.judges === judges ? [line] : []
  })
  return { project: PROJECT, engine, judges, drawn: drawn.map(keyOf), known }
}

async function stryker(folder: string, files: readonly string[], concurrency: number): Promise<void> {
  // The programs that build and test the copy find their packages above it.
  process.chdir(PROJECT)
  await new Stryker(
    withFolder(
      {
        testRunner: RUNNER,
        plugins: [join(import.meta.dirname, 'plugin.js')],
        mutate: [...files],
        coverageAnalysis: 'off',
        concurrency,
        reporters: ['progress-append-only'],
        logLevel: 'warn' as LogLevel,
        fileLogLevel: 'off' as LogLevel,
        warnings: false,
        allowConsoleColors: false,
        tempDirName: join(folder, 'sandbox'),
        symlinkNodeModules: false,
        ignorePatterns: ['/dist', '/coverage', '/powercut-results', 'test/browser/screenshots', '*.tgz'],
        disableTypeChecks: 'engine/**/*.ts',
        // Its own reading of that file needs the compiler's programming interface, which this compiler has not.
        tsconfigFile: 'none',
        buildCommand: `node ${join(PROJECT, 'node_modules/@typescript/native/bin/tsc')} -p tsconfig.build.json --declaration false --declarationMap false`,
        // What hangs is found and ended by the test runner itself.
        timeoutMS: 24 * 3_600_000,
        dryRunTimeoutMinutes: 60,
      },
      folder,
    ),
  ).runMutationTest()
}

function printOutcome(judged: readonly Judged[]): void {
  const alive = judged.filter(isAlive)
  for (const { mutant, line, reason } of alive)
    print(`${line.verdict}: ${lineOf(mutant)}${reason === '' ? '' : `\n  ${reason}`}`)
  const rows = fileRows(judged)
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  const counts = countVerdicts(judged)
  const stages = killsByStage(judged)
  print(
    `score ${percent(scoreOf(judged))}: ${counts.killed} killed, ${counts.timeout} timeouts, ${alive.length} alive` +
      ` (${alive.filter(({ reason }) => reason !== '').length} with a reason)`,
  )
  print(
    Object.entries(stages)
      .map(([stage, count]) => `${stage}: ${count}`)
      .join(', '),
  )
}

function entryFor(mutant: MutantPlace): string {
  const { file, function: name, hash, at, mutator, text, replacement } = mutant
  const entry: Reason = { file, function: name, hash, at, mutator, text, replacement, class: 'equivalent', reason: '' }
  return JSON.stringify(entry, undefined, 2)
}

function lineOf({ file, location, function: name, mutator, text, replacement }: MutantPlace): string {
  const place = `${file}:${location.start.line}:${location.start.column}`
  return `${place} ${name} ${mutator}: ${shownText(text)} ▶ ${shownText(replacement)}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  process.exitCode = await main()
} catch (error) {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'exitCode') : undefined
  if (code === 0) process.exitCode = 0
  else if (code === 1) process.exitCode = 2
  else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 3
  }
}
