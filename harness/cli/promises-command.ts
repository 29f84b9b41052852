// harness/cli/promises-command.ts: `powercut promises`, what the documentation of stores promises, and what is kept of it.

import { PERSISTENCE_MODELS } from '../../faults/index.ts'
import { askPromises, EXIT, replayCommand, RUN_LIMIT_MS, UsageError, type PromiseRow } from '../campaign/index.ts'
import { coreCount } from '../host/index.ts'
import { campaignView } from './campaign-view.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { parseInteger, parseWords } from './parse.ts'
import { checkScenario, DEFAULT_SEED } from './run-options.ts'
import { printJson, speaker, table } from './terminal.ts'

/** Ways in which a promise was broken that are shown of each row. */
const SHOWN_MAX = 4

type PromisesFlags = Readonly<{ json?: boolean; workers?: string; model?: string[]; maxStates?: string }>

export async function promisesCommand(
  scenarios: readonly string[],
  flags: PromisesFlags,
  context: CommandContext,
): CommandResult {
  const json = flags.json === true
  for (const scenario of scenarios) checkScenario(scenario)
  const models = flags.model === undefined ? [] : parseWords('--model', flags.model, Object.keys(PERSISTENCE_MODELS))
  const say = speaker(context.terminal, json)
  const rows: PromiseRow[] = []
  const options = {
    scenarios: [...new Set(scenarios)],
    models,
    seed: DEFAULT_SEED,
    workers: flags.workers === undefined ? coreCount() : parseInteger('--workers', flags.workers, 1, 1024),
    runLimitMs: RUN_LIMIT_MS,
    statesPerIntervalMax: flags.maxStates === undefined ? 0 : parseInteger('--max-states', flags.maxStates, 0),
  }
  for await (const row of askPromises(options, context.host, campaignView(context.terminal, json))) {
    rows.push(row)
    for (const line of rowLines(row)) say(line)
  }
  if (rows.length === 0) throw new UsageError('No promise is asked under these models: leave out --model.')
  const wrong = rows.filter(({ expected, found }) => expected !== found)
  for (const line of table([
    ['scenario', 'promise', 'model', 'faults', 'found', 'expected', 'runs', 'merged'],
    ...rows.map((row) => [
      row.scenario,
      row.promise,
      row.model,
      row.families.join(','),
      row.found,
      row.expected,
      row.runs,
      row.merged,
    ]),
  ]))
    say(line)
  say(
    wrong.length === 0
      ? `All ${rows.length} came out as the scenarios' readings say.`
      : `${wrong.length} of ${rows.length} did not come out as the scenarios' readings say.`,
  )
  if (json) printJson(context.terminal, { rows })
  return wrong.length === 0 ? EXIT.passed : EXIT.violations
}

function rowLines(row: PromiseRow): readonly string[] {
  const { scenario, promise, model, families, found, expected, text, source, reading, broken, apart, incomplete } = row
  return [
    `${scenario}: ${promise}, ${model}, ${families.join(',')}: ${found}${found === expected ? '' : ` (expected: ${expected})`}`,
    `    ${text}`,
    `    promised in: ${source}`,
    `    reading: ${reading}`,
    ...complaintLines(broken, ''),
    ...complaintLines(apart, 'apart: '),
    ...(found === 'unknown' ? incomplete.map((line) => `    ${line}`) : []),
    '',
  ]
}

function complaintLines(list: PromiseRow['broken'], head: string): readonly string[] {
  return list
    .slice(0, SHOWN_MAX)
    .flatMap(({ oracle, fault, count, token, message }) => [
      `    ${head}${oracle}, ${count} times: ${fault}: ${message}`,
      `      ${replayCommand(token)}`,
    ])
}
