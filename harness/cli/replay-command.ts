// harness/cli/replay-command.ts: `powercut replay`, one run again.
//
// 1. A worker makes the run, which can be ended if it hangs. For a debugger, or with a defect in the engine, which must be
//    seen to be planted, it is made in this process.
// 2. The mutant's hook is in force before the core is imported, so this module must not import the core.

import { isPlanted } from '../../faults/mutants/index.ts'
import { minimisedSentence, readCampaign, resolveResultFolder, type MinimisedCase } from '../../reports/index.ts'
import {
  bindPlan,
  EXIT,
  hungReplay,
  minimiseToken,
  replayCommand as replayLine,
  RUN_LIMIT_MS,
  UsageError,
  type ExitCode,
  type WorkEnd,
} from '../campaign/index.ts'
import { findEngineMutant, plantInThisThread, waitForDebugger, writeNewFiles } from '../host/index.ts'
import { MINIMISE_RUNS_MAX } from '../minimise/index.ts'
import { decodeToken, type CampaignCore, type Outcome, type ReplayResult } from '../plan/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { emittedTest } from './emitted-test.ts'
import { parseDuration } from './parse.ts'
import { checkMutant, checkScenario, minimiseBudget } from './run-options.ts'
import { printJson, speaker, table } from './terminal.ts'

type ReplayFlags = Readonly<{
  trace?: boolean
  inspect?: boolean
  minimise?: boolean
  minimiseBudget?: string
  runLimit?: string
  emitTest?: string
  json?: boolean
}>

export async function replayCommand(word: string, flags: ReplayFlags, context: CommandContext): CommandResult {
  const token = word === 'latest' ? latestToken() : word
  const { subject } = decodeToken(token).plan
  checkScenario(subject.scenario)
  if (flags.minimise === true && flags.inspect === true)
    throw new UsageError('--minimise and --inspect exclude each other: inspect the token that --minimise prints.')
  const runLimitMs = flags.runLimit === undefined ? RUN_LIMIT_MS : parseDuration('--run-limit', flags.runLimit)
  if (flags.minimise === true) return minimisedReplay(token, flags, runLimitMs, context)
  const hasEngineMutant = subject.mutant !== undefined && findEngineMutant(subject.mutant) !== undefined
  if (flags.inspect !== true && !hasEngineMutant) return guardedReplay(token, flags, runLimitMs, context)
  if (subject.mutant !== undefined) plantInThisThread(checkMutant(subject.mutant))
  const module: Readonly<{ createCore: () => CampaignCore | Promise<CampaignCore> }> = await import(context.coreModule)
  const core = await module.createCore()
  const plan = await bindPlan(core, token)
  if (flags.inspect === true) {
    waitForDebugger((url) => {
      context.terminal.error(`Debugger listening on ${url}\nThe run begins when a debugger is attached.\n`)
    })
  }
  const result = await core.replay(plan, flags.inspect === true ? { inspect: true } : {})
  if (hasEngineMutant && !isPlanted()) {
    context.terminal.error(
      `powercut: the defect '${subject.mutant}' of this token was not planted: its module was loaded before, or is not loaded. What follows is a run without it.\n`,
    )
    finish(result, undefined, flags, context)
    return EXIT.incomplete
  }
  finish(result, undefined, flags, context)
  return REPLAY_EXIT[result.record.outcome]
}

/** Run by a worker. A run that does not end is what the campaign calls it. */
async function guardedReplay(
  token: string,
  flags: ReplayFlags,
  runLimitMs: number,
  context: CommandContext,
): CommandResult {
  const { mutant } = decodeToken(token).plan.subject
  await using crew = context.host.makeCrew({ workers: 1, mutant, runLimitMs })
  const plan = await bindPlan(crew, token)
  const end = await crew.replay(plan)
  const result =
    end.kind === 'hung' ? { ...NO_TRACE_LEFT, record: hungReplay(token, plan, end.limitMs) } : resultOf(end)
  finish(result, undefined, flags, context)
  return REPLAY_EXIT[result.record.outcome]
}

const NO_TRACE_LEFT: Omit<ReplayResult, 'record'> = {
  trace: [],
  faultEvent: undefined,
  stack: undefined,
  moved: undefined,
  compared: undefined,
  disk: undefined,
}

/** Made smaller and run by a worker, which can be ended if a smaller case hangs. */
async function minimisedReplay(
  token: string,
  flags: ReplayFlags,
  runLimitMs: number,
  context: CommandContext,
): CommandResult {
  const { host } = context
  const { mutant } = decodeToken(token).plan.subject
  await using crew = host.makeCrew({ workers: 1, mutant, runLimitMs })
  const result = resultOf(await crew.replay(await bindPlan(crew, token)))
  const { outcome, oracle, fingerprint } = result.record
  if (outcome !== 'violation' || oracle === undefined || fingerprint === undefined) {
    finish(result, undefined, flags, context)
    return REPLAY_EXIT[outcome]
  }
  const budgetMs = minimiseBudget(flags.minimiseBudget)
  const limits = { budgetMs, runsMax: MINIMISE_RUNS_MAX }
  const minimised = await minimiseToken({ token, oracle, fingerprint }, crew, host, limits)
  finish(resultOf(await crew.replay(await bindPlan(crew, minimised.token))), minimised, flags, context)
  return EXIT.violations
}

function resultOf(end: WorkEnd<ReplayResult>): ReplayResult {
  if (end.kind === 'done') return end.result
  throw new Error(end.kind === 'hung' ? `the run did not end within ${end.limitMs / 1000} s` : end.message)
}

function finish(
  result: ReplayResult,
  minimised: MinimisedCase | undefined,
  flags: ReplayFlags,
  { terminal }: CommandContext,
): void {
  if (flags.json === true) printJson(terminal, { ...jsonOf(result, flags), ...(minimised && { minimised }) })
  else {
    const smallest = minimised === undefined ? [] : [minimisedSentence(minimised), '']
    terminal.out(`${[...smallest, ...replayLines(result, flags)].join('\n')}\n`)
  }
  if (flags.emitTest === undefined) return
  writeNewFiles([{ path: flags.emitTest, text: emittedTest(result.record, minimised, flags.emitTest) }])
  speaker(terminal, flags.json === true)(`Wrote ${flags.emitTest}, which fails until the defect is gone`)
}

const REPLAY_EXIT: Readonly<Record<Outcome, ExitCode>> = {
  passed: EXIT.passed,
  violation: EXIT.violations,
  'scenario-failure': EXIT.violations,
  'not-reached': EXIT.incomplete,
  'harness-failure': EXIT.incomplete,
}

/** The first violation of the newest campaign. */
function latestToken(): string {
  const directory = resolveResultFolder('latest')
  const [violation] = readCampaign(directory).violations
  if (violation === undefined) {
    throw new UsageError(
      `The newest campaign (${directory}) has no violation to replay: name a token of its runs.ndjson.`,
    )
  }
  return violation.minimised?.token ?? violation.token
}

function jsonOf(result: ReplayResult, flags: ReplayFlags): object {
  const { record, trace, faultEvent, stack, moved } = result
  const { token, outcome, delivered, traceHash, oracle } = record
  return {
    token,
    outcome,
    delivered,
    traceHash,
    oracle: oracle ?? null,
    record,
    ...(moved === undefined ? {} : { moved }),
    ...(faultEvent === undefined ? {} : { faultEvent: trace[faultEvent] ?? null }),
    ...(stack === undefined ? {} : { stack }),
    ...(flags.trace === true ? { trace } : {}),
  }
}

function replayLines(result: ReplayResult, flags: ReplayFlags): readonly string[] {
  const { record, trace, faultEvent, stack, moved } = result
  const lines: string[] = []
  if (flags.trace === true) {
    lines.push(
      ...table(
        trace.map(({ index, kind, phase, detail, site, failed }, at) => [
          at === faultEvent || failed === true ? '>' : ' ',
          index,
          phase,
          kind,
          detail,
          site ?? '',
        ]),
      ),
      '',
    )
  }
  lines.push(`${record.scenario}, ${record.form}: ${record.fault}, in ${record.phase}`)
  if (moved !== undefined) lines.push(`The point moved. ${moved}`)
  lines.push(`delivered ${record.delivered}`)
  if (record.site !== undefined) lines.push(`at ${record.site}`)
  if (stack !== undefined) lines.push('', stack)
  if (record.retry !== undefined) lines.push(`afterwards: ${record.retry}`)
  lines.push(`trace hash ${record.traceHash}`)
  if (record.message !== undefined) lines.push('', `${record.oracle ?? 'harness'}: ${record.message}`)
  lines.push('', record.outcome === 'not-reached' ? 'not reached' : record.outcome)
  if (record.outcome !== 'passed') lines.push(replayLine(record.token))
  return lines
}
