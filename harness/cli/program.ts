// harness/cli/program.ts: the command line: its commands, their options, and how wrong use ends.
//
// 1. Wrong use is one sentence on standard error that names what is wrong and what is valid, and exit code 2.
// 2. A failure of the harness itself is exit code 3, with its stack if POWERCUT_DEBUG is set.
// 3. A command is loaded when it is called: `replay` must not have loaded what a mutant changes, and `--help` is quick.
// 4. Every command has `--help` with an example.

import { Command, CommanderError } from 'commander'
import { ReportError } from '../../reports/index.ts'
import { EXIT, suggestion, UsageError, type ExitCode } from '../campaign/index.ts'
import { packageVersion } from '../host/index.ts'
import { TokenError } from '../plan/index.ts'
import type { CommandContext } from './context.ts'

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

/** Report errors that are the caller's. */
const USAGE_REPORT_ERRORS: readonly string[] = [
  'folder-exists',
  'folder-missing',
  'bundle-missing',
  'file-missing',
  'no-requirements',
  'no-results',
  'not-supported',
  'expectations-missing',
  'bad-expectations',
  'bad-input-file',
  'no-shard',
  'shards-differ',
  'shards-overlap',
  'shards-missing',
  'key-exists',
  'key-missing',
  'key-exposed',
  'key-damaged',
  'sign-refused',
]

/** Runs one command. Never throws; gives the exit code: ours, or that of a command that we were asked to run. */
export async function main(words: readonly string[], context: CommandContext): Promise<number> {
  let exitCode: number = EXIT.passed
  const program = build(context, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    return failed(error, words, program, context)
  }
}

function build(context: CommandContext, ended: (code: number) => void): Command {
  const program = new Command('powercut')
  program
    .description(
      'Makes power cuts, failed allocations and failed I/O happen at every point of a program, and judges it.',
    )
    .version(packageVersion())
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText(
      'after',
      "\nExample:\n  $ powercut run core20\n\nA project's defaults for run and count may stand in powercut.config.ts (.mts, .js, .mjs, .json); options win.\n\nExit codes: 0 no violation and complete, 1 violations, 2 wrong use, 3 incomplete or harness failure.",
    )

  const run = subjectOptions(program.command('run'))
    .description('run a campaign: every fault point of the scenarios')
    .argument('[SCENARIO...]', 'names, or paths of modules (default: core20)')
    .option(
      '--faults <LIST>',
      'fault families: allocation,io,crash,schedule,clock (default: the first three; with points: allocation)',
      collect,
    )
    .option('--seeds <A..B>', 'one campaign for each seed of the range')
    .option(
      '--swarm',
      'each seed draws families, modes, points, sizes and sectors; with --seeds A..B: many short campaigns',
    )
    .option('--at <N>', 'one fault point of one family (default: allocation)')
    .option('--points <A..B>', 'a range of fault points of one family (default: allocation)')
    .option('--from <N>', 'on from a fault point of one family (default: allocation)')
    .option('--mode <LIST>', 'once, from, budget, random (default: once and from)', collect)
    .option('--bytes <B>', 'with --mode budget: the most that may be allocated at a time')
    .option('--probability <P>', 'with --mode random: how likely each allocation fails')
    .option('--real', 'real processes on a real directory, killed at every call; compared with simulated kills')
    .option('--directory <DIR>', 'with --real: where the real directories are made (default: for temporary files)')
    .option('--plan', 'print how many runs there would be, by family, and stop')
    .option('--rerun <DIR>', 'run again only what failed there (a result folder, or latest)')
    .option('--max-states <N>', 'most crash states for each sync interval (default: no bound)')
    .option('--depth <N>', 'faults in one plan: 2 adds the family recovery, a fault in the process that recovers')
    .option('--no-prune', 'run crash states that differ only in what was never looked at, too')
    .option('--budget <TIME>', 'stop after 90s or 10m, and say what was not covered')
    .option('--allow-incomplete', 'exit 0 even if not everything was covered')
    .option('--workers <N>', 'worker threads (default: one for each core)')
    .option('--run-limit <TIME>', 'a run that takes longer hangs, and its worker is ended (default: 60s)')
    .option('--minimise-budget <TIME>', 'for the smallest case of each violation; 0: none is looked for (default: 20s)')
    .option('--resume', 'go on with the campaign in --out, or with the newest')
    .option('--bail <N>', 'stop after N violations')
    .option('--shard <I/N>', 'only the I-th of N parts of the plan; merge puts them together')
    .option('--expect <FILE>', 'known open anomalies by fingerprint: they are told, and only others fail')
    .option(
      '--annotations <SYSTEM>',
      'github, azure, teamcity or none: lines for its log (default: the one it runs in)',
    )
    .option('--out <DIR>', 'result folder (default: powercut-results/SCENARIO-N)')
  addJson(run)
    .addHelpText(
      'after',
      example(
        'powercut run bank --faults crash --seed 7',
        'powercut run ./my-store.scenario.ts --set orders=50',
        'powercut run bank --real --points 1..50',
      ),
    )
    .action(async (names: string[], flags) => {
      const { runCommand } = await import('./run-command.ts')
      ended(await runCommand(names, flags, context))
    })

  const count = subjectOptions(program.command('count'))
    .description('make the counting run, and show what there is to fail')
    .argument('<SCENARIO>', 'a name, or the path of a module')
  addJson(count)
    .addHelpText('after', example('powercut count core20'))
    .action(async (name: string, flags) => {
      const { countCommand } = await import('./count-command.ts')
      ended(await countCommand(name, flags, context))
    })

  const replay = program
    .command('replay')
    .description('run one token again')
    .argument('<TOKEN>', 'as it was printed; latest: the first violation of the newest campaign')
    .option('--trace', 'print every event with its call site')
    .option('--inspect', 'wait for a debugger, and stop it at the fault')
    .option('--minimise', 'look for the smallest case that fails the same, and run that')
    .option('--minimise-budget <TIME>', 'how long to look for it (default: 20s)')
    .option('--run-limit <TIME>', 'a run that takes much longer hangs, and is ended (default: 60s)')
    .option('--emit-test <FILE>', 'write the run as a test for vitest; a file that is there is left alone')
  addJson(replay)
    .addHelpText(
      'after',
      example('powercut replay latest --trace', 'powercut replay TOKEN --minimise --emit-test test/lost-note.test.ts'),
    )
    .action(async (token: string, flags) => {
      const { replayCommand } = await import('./replay-command.ts')
      ended(await replayCommand(token, flags, context))
    })

  const report = program
    .command('report')
    .description('make the reports of result folders again, or an evidence bundle of them')
    .argument('<DIR...>', 'result folders, or latest')
    .option('--format <LIST>', 'html,junit,sarif,codequality,markdown (default: all of these), or evidence', collect)
    .option(
      '--with <PATH>',
      'with html or evidence: files or folders of results of other tools, told by their content (repeatable)',
      collect,
    )
    .option('--out <DIR>', 'with evidence: where the bundle goes (default: DIR/evidence)')
    .option('--independence', 'with evidence: tester, verifier, validator and assessor must have keys of their own')
  addJson(report)
    .addHelpText(
      'after',
      example(
        'powercut report latest --format html --with mcdc.json --with coverage/',
        'powercut report latest --format evidence --with coverage/ --with mcdc.json',
      ),
    )
    .action(async (directories: string[], flags) => {
      const { reportCommand } = await import('./report-command.ts')
      ended(await reportCommand(directories, flags, context))
    })

  const coverage = program
    .command('fault-coverage')
    .description('which calls of the code under test were made to fail, from where, how, and what came of it')
    .argument('<DIR...>', 'result folders of campaigns with allocation or I/O faults, or latest')
    .option('--sources <PLACES>', 'folders or files of the code under test', collect)
    .option('--exclude <PLACES>', 'folders or files to leave out', collect)
    .option('--calls <LIST>', "what counts: ports (an engine's interfaces), node (node:fs) (default: ports)", collect)
    .option('--reasons <FILE>', 'written reasons for calls that are not failed')
    .option('--out <DIR>', 'write fault-coverage.json and fault-coverage.csv there')
    .option('--gate', 'exit 1 if a call was not failed from everywhere it is made, and has no reason')
  addJson(coverage)
    .addHelpText('after', example('powercut fault-coverage latest --sources src'))
    .action(async (folders: string[], flags) => {
      const { faultCoverageCommand } = await import('./fault-coverage-command.ts')
      ended(await faultCoverageCommand(folders, flags, context))
    })

  const merge = program
    .command('merge')
    .description('one result folder from the shards of a campaign, as if it had been run in one piece')
    .argument('<DIR...>', 'result folders of run --shard i/n, every i from 1 to n')
    .requiredOption('--out <DIR>', 'the folder to make')
    .option('--expect <FILE>', 'known open anomalies by fingerprint: they are told, and only others fail')
    .option(
      '--annotations <SYSTEM>',
      'github, azure, teamcity or none: lines for its log (default: the one it runs in)',
    )
    .option('--allow-incomplete', 'exit 0 even if not everything was covered')
  addJson(merge)
    .addHelpText('after', example('powercut merge shard-1 shard-2 --out merged'))
    .action(async (folders: string[], flags) => {
      const { mergeCommand } = await import('./merge-command.ts')
      ended(await mergeCommand(folders, flags, context))
    })

  const compare = program
    .command('compare')
    .description('what changed between two campaigns: violations, and the fault points that came, went or fail now')
    .argument('<OLD>', 'a result folder, or latest')
    .argument('<NEW>', 'a result folder, or latest')
    .option('--strict', 'exit 1 also if fault points are gone, or what was swept whole no longer is')
    .option('--selftests <OLD,NEW>', 'two outputs of selftest --json: exit 1 if a mutant is no longer caught', collect)
    .option('--lcov <OLD,NEW>', 'two LCOV files: exit 1 if lines, functions or branches covered fell', collect)
    .option('--lcov-drop <PERCENT>', 'with --lcov: how far a share may fall (default: 0)')
  addJson(compare)
    .addHelpText('after', example('powercut compare powercut-results/core20-1 latest'))
    .action(async (before: string, after: string, flags) => {
      const { compareCommand } = await import('./compare-command.ts')
      ended(await compareCommand(before, after, flags, context))
    })

  addJson(program.command('list').description('list scenarios, fault families, oracles and mutants'))
    .addHelpText('after', example('powercut list --json'))
    .action(async (flags) => {
      const { listCommand } = await import('./list-command.ts')
      ended(await listCommand(flags, context))
    })

  addJson(program.command('promises'))
    .description("ask what stores' documentation promises, under each persistence model, and compare with the readings")
    .argument('<SCENARIO...>', 'names, or paths of modules, of scenarios that declare promises')
    .option('--model <LIST>', 'only under these persistence models', collect)
    .option('--max-states <N>', 'most crash states for each sync interval (default: no bound)')
    .option('--workers <N>', 'worker threads (default: one for each core)')
    .addHelpText('after', example('powercut promises sqlite', 'powercut promises lowdb --model ext4-ordered'))
    .action(async (names: string[], flags) => {
      const { promisesCommand } = await import('./promises-command.ts')
      ended(await promisesCommand(names, flags, context))
    })

  const selftest = program
    .command('selftest')
    .description('plant every known defect, and show that each is caught and that the clean engine is silent')
    .argument('[ID...]', 'only these mutants; with --kit: scenarios (default: atomic-file), and mutants of the kit')
    .option('--kit', "plant generic defects of a store's code into scenarios, your own too")
    .option('--set <NAME=VALUE>', 'with --kit: a parameter of the scenario (repeatable)', collect)
    .option('--faults <LIST>', 'with --kit: fault families (default: allocation,io,crash)', collect)
    .option('--model <NAME>', "with --kit: persistence model (default: the scenario's first)")
    .option('--seed <N>', 'with --kit: seed of everything that is random (default: 1)')
    .option('--max-states <N>', 'with --kit: most crash states for each sync interval (default: no bound)')
    .option('--workers <N>', 'mutants at once (default: one for each core)')
  addJson(selftest)
    .addHelpText('after', example('powercut selftest', 'powercut selftest --kit ./my-store.scenario.ts'))
    .action(async (ids: string[], flags) => {
      const { selftestCommand } = await import('./selftest-command.ts')
      ended(await selftestCommand(ids, flags, context))
    })

  addJson(program.command('trace'))
    .description('check requirements against the tests and campaigns that were run: what is verified, what is not')
    .argument('[ID...]', 'show only these requirements, from end to end')
    .option(
      '--requirements <PATH>',
      'a file of requirements, or a folder of them (repeatable; default: requirements)',
      collect,
    )
    .option('--results <PATH>', 'test results as JUnit XML, a file or a folder (repeatable)', collect)
    .option('--campaign <DIR>', 'a result folder, or latest: its scenarios say what they verify (repeatable)', collect)
    .option('--scenario <NAME>', 'a scenario whose requirements are checked without a result (repeatable)', collect)
    .option(
      '--out <DIR>',
      'write the matrix there: rtm.json, rtm.csv, requirements.csv, requirements.reqif, needs.json',
    )
    .option('--format <LIST>', 'with --out: json, csv, requirements, reqif, needs (default: all)', collect)
    .option('--allow-orphan-tests', 'count tests that name no requirement, and let them be')
    .addHelpText(
      'after',
      example(
        'powercut trace --requirements requirements --results junit.xml',
        'powercut trace STO-04 --results junit.xml --campaign latest',
      ),
    )
    .action(async (ids: string[], flags) => {
      const { traceCommand } = await import('./trace-command.ts')
      ended(await traceCommand(ids, flags, context))
    })

  addJson(program.command('init'))
    .description('write a sample scenario that runs, and a workflow for CI; nothing is overwritten')
    .option('--ci <SYSTEM>', 'github, gitlab or none (default: github)')
    .addHelpText('after', example('powercut init', 'powercut init --ci gitlab'))
    .action(async (flags) => {
      const { initCommand } = await import('./init-command.ts')
      ended(await initCommand(flags, context))
    })

  const mcdc = measureOptions(program.command('mcdc'))
    .enablePositionalOptions()
    .description('run a command, and show which conditions of which decisions were shown to decide (masking MC/DC)')
    .argument('[COMMAND...]', 'behind --; all processes and threads that it starts are measured')
    .option(
      '--include <GLOB>',
      'sources to measure, loaded or not, from here (repeatable; default: what is loaded)',
      collect,
    )
    .option('--exclude <GLOB>', 'sources that are not measured (repeatable; node_modules never is)', collect)
    .addHelpText(
      'after',
      example(
        "powercut mcdc --include 'src/**' --threshold 90 -- node dist/main.js",
        "powercut mcdc --include 'src/**' -- npx vitest run    # with mcdc() of powercut/mcdc among its plugins",
        'powercut mcdc merge powercut-results/mcdc-1 powercut-results/mcdc-2',
      ),
    )
    .action(async (command: string[], flags) => {
      const { mcdcCommand } = await import('./mcdc-command.ts')
      ended(await mcdcCommand(command, flags, context))
    })
  measureOptions(mcdc.command('merge'))
    .description('add up several results over the same sources, and judge them as one')
    .argument('<DIR...>', 'folders with mcdc.json, or such files')
    .addHelpText(
      'after',
      example('powercut mcdc merge powercut-results/mcdc-1 powercut-results/mcdc-2 --threshold 100'),
    )
    .action(async (sources: string[], flags) => {
      const { mcdcMergeCommand } = await import('./mcdc-command.ts')
      ended(await mcdcMergeCommand(sources, flags, context))
    })
  addJson(mcdc.command('self-check'))
    .description('the known-answer kit: random decisions against brute force, known defects of other tools, neutrality')
    .option('--expressions <N>', 'random decisions (default: 1000)')
    .option('--seed <N>', 'what they are drawn from (default: 1)')
    .addHelpText('after', example('powercut mcdc self-check --expressions 200'))
    .action(async (flags) => {
      const { mcdcSelfCheckCommand } = await import('./mcdc-command.ts')
      ended(await mcdcSelfCheckCommand(flags, context))
    })

  addJson(program.command('keygen'))
    .description('make a key pair that signs evidence')
    .option('--out <NAME>', 'NAME.key and NAME.pub are written (default: powercut-signing)')
    .addHelpText('after', example('powercut keygen --out keys/tester'))
    .action(async (flags) => {
      const { keygenCommand } = await import('./signing-commands.ts')
      ended(await keygenCommand(flags, context))
    })

  addJson(program.command('sign'))
    .description('put a sign-off on an evidence bundle that is whole')
    .argument('<DIR>', 'a bundle, a result folder that holds one, or latest')
    .option('--role <ROLE>', 'producer, tester, verifier, validator or assessor')
    .option('--key <FILE>', 'private key (default: powercut-signing.key)')
    .option('--name <NAME>', 'who signs')
    .option('--organisation <NAME>', 'for whom')
    .option('--statement <TEXT>', 'what is said by it (default: what the role stands for)')
    .addHelpText('after', example('powercut sign latest --role tester --key keys/tester.key --name "A. Tester"'))
    .action(async (directory: string, flags) => {
      const { signCommand } = await import('./signing-commands.ts')
      ended(await signCommand(directory, flags, context))
    })

  addJson(program.command('verify-evidence'))
    .description('check an evidence bundle: every file, every chained record, every signature')
    .argument('<DIR>', 'a bundle, a result folder that holds one, or latest')
    .option('--key <FILE>', 'a public key that you vouch for (repeatable); others are refused then', collect)
    .option('--require-signatures', 'exit 1 if nobody signed')
    .option('--role <LIST>', 'roles that must have signed', collect)
    .option('--independence', 'tester, verifier, validator and assessor must have keys of their own')
    .addHelpText('after', example('powercut verify-evidence latest --require-signatures --key keys/tester.pub'))
    .action(async (directory: string, flags) => {
      const { verifyEvidenceCommand } = await import('./signing-commands.ts')
      ended(await verifyEvidenceCommand(directory, flags, context))
    })

  for (const command of [program, ...program.commands, ...mcdc.commands]) {
    command.exitOverride().showSuggestionAfterError(false).allowExcessArguments(false)
    command.configureOutput({
      writeOut: (text) => context.terminal.out(text),
      writeErr: () => {},
    })
  }
  return program
}

/** What a campaign is about. */
function subjectOptions(command: Command): Command {
  return command
    .option('--set <NAME=VALUE>', 'a parameter of the scenarios, or SCENARIO.NAME=VALUE of one (repeatable)', collect)
    .option('--seed <N>', 'seed of everything that is random (default: 1)')
    .option('--mutant <ID>', 'with one planted defect')
    .option('--warm', 'the whole scenario for each fault, instead of from checkpoints')
    .option('--model <LIST>', "persistence models, or paths of modules that export one (default: the scenario's first)")
    .option('--sector <BYTES>', '512 or 4096 (default: 512)')
    .option('--no-config', "without the project's defaults in powercut.config.{ts,mts,js,mjs,json}")
}

/** What becomes of an MC/DC result. */
function measureOptions(command: Command): Command {
  return addJson(command)
    .option('--out <DIR>', 'result folder (default: powercut-results/mcdc-N)')
    .option('--format <LIST>', 'json,lcov (default: json; lcov has the MCDC records of LCOV 2.3)', collect)
    .option('--threshold <PERCENT>', 'exit 1 if fewer conditions are covered or justified')
    .option('--value-threshold <PERCENT>', 'exit 1 if fewer outcomes of value paths are covered or justified')
    .option(
      '--justifications <FILE>',
      'reasons for what is not covered (default: evidence/justifications.json, if there)',
    )
    .option('--gaps <N>', 'most gaps that are listed of each kind (default: 20)')
    .option(
      '--critical <GLOB>',
      'exit 1 if anything in these files is neither covered nor justified (repeatable)',
      collect,
    )
}

function addJson(command: Command): Command {
  return command.option('--json', 'print the result as one JSON document')
}

function example(...commands: readonly string[]): string {
  return `\nExample:\n${commands.map((command) => `  $ ${command}`).join('\n')}`
}

function failed(error: unknown, words: readonly string[], program: Command, { terminal }: CommandContext): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.passed
  const usage =
    error instanceof CommanderError
      ? usageSentence(error, words, program)
      : error instanceof UsageError || error instanceof TokenError
        ? error.message
        : error instanceof ReportError && USAGE_REPORT_ERRORS.includes(error.code)
          ? error.message
          : undefined
  if (usage !== undefined) {
    terminal.error(`powercut: ${usage}\n`)
    return EXIT.usage
  }
  terminal.error(failureText(error))
  return EXIT.incomplete
}

/** What is said of an error that is not of use: with its stack if POWERCUT_DEBUG is set. */
export function failureText(error: unknown): string {
  const debug = process.env['POWERCUT_DEBUG'] !== undefined
  if (error instanceof ReportError && !debug) return `powercut: ${error.message}\n`
  const text = error instanceof Error ? ((debug ? error.stack : undefined) ?? error.message) : String(error)
  return `powercut: the harness failed: ${text}\n`
}

/** Commander's complaint as one sentence that says what is valid. */
function usageSentence(error: CommanderError, words: readonly string[], program: Command): string {
  const names = program.commands.map((command) => command.name())
  const command = program.commands.find((known) => known.name() === words[0])
  if (error.code === 'commander.help') return `A command is missing: valid are ${names.join(', ')}.`
  if (
    error.code === 'commander.unknownCommand' ||
    (command === undefined && error.code === 'commander.excessArguments')
  ) {
    const given = words.find((word) => !word.startsWith('-')) ?? ''
    return `There is no command '${given}': valid are ${names.join(', ')}.${suggestion(given, names)}`
  }
  if (error.code === 'commander.unknownOption') {
    const given = /'([^']*)'/.exec(error.message)?.[1] ?? ''
    const valid = (command ?? program).options.map((option) => option.long ?? option.flags)
    const where = command === undefined ? 'powercut' : `powercut ${command.name()}`
    return `${where} has no option '${given}': valid are ${[...valid, '--help'].join(', ')}.${suggestion(given, valid)}`
  }
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/\.?$/, '.')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} 'powercut ${command?.name() ?? ''} --help' says what is valid.`
}
