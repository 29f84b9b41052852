// harness/cli/replay-command.ts: `powercut replay`, one run again, in this process.
//
// The mutant's hook is in force before the core is imported, so this module must not import the core.

import { readCampaign, resolveResultFolder } from '../../reports/index.ts'
import { EXIT, replayCommand as replayLine, UsageError, type ExitCode } from '../campaign/index.ts'
import { plantInThisThread, waitForDebugger } from '../host/index.ts'
import {
  bindToken,
  decodeToken,
  type CampaignCore,
  type FaultPlan,
  type Outcome,
  type ReplayResult,
} from '../plan/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { checkMutant, checkScenario } from './run-options.ts'
import { printJson, table } from './terminal.ts'

type ReplayFlags = Readonly<{ trace?: boolean; inspect?: boolean; json?: boolean }>

export async function replayCommand(word: string, flags: ReplayFlags, context: CommandContext): CommandResult {
  const token = word === 'latest' ? latestToken() : word
  const content = decodeToken(token)
  const { subject } = content.plan
  checkScenario(subject.scenario)
  if (subject.mutant !== undefined) plantInThisThread(checkMutant(subject.mutant))
  const module: Readonly<{ createCore: () => CampaignCore | Promise<CampaignCore> }> = await import(context.coreModule)
  const core = await module.createCore()
  const plan = await bind(core, content)
  if (flags.inspect === true) {
    waitForDebugger((url) => {
      context.terminal.error(`Debugger listening on ${url}\nThe run begins when a debugger is attached.\n`)
    })
  }
  const result = await core.replay(plan, flags.inspect === true ? { inspect: true } : {})
  if (flags.json === true) printJson(context.terminal, jsonOf(result, flags))
  else context.terminal.out(`${replayLines(result, flags).join('\n')}\n`)
  return REPLAY_EXIT[result.record.outcome]
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
  return violation.token
}

async function bind(core: CampaignCore, content: ReturnType<typeof decodeToken>): Promise<FaultPlan> {
  const { scenario, parameters } = content.plan.subject
  const defaults = (await core.describe(scenario, {})).parameters
  const unknown = Object.keys(parameters).some((name) => !Object.hasOwn(defaults, name))
  // With a parameter that the scenario no longer has there is no contract to ask for; bindToken names it.
  const contractHash = unknown
    ? content.contractHash
    : (await core.describe(scenario, { ...defaults, ...parameters })).contractHash
  return bindToken(content, { contractHash, parameters: defaults })
}

function jsonOf(result: ReplayResult, flags: ReplayFlags): unknown {
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
