// harness/cli/selftest-command.ts: `powercut selftest`, the planted defects and the clean engine.

import pc from 'picocolors'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'
import { EXIT, RUN_LIMIT_MS, suggestion, UsageError } from '../campaign/index.ts'
import { coreCount } from '../host/index.ts'
import { CLEAN_SCENARIOS, HARNESS_MUTANTS, selftest, selftestPassed } from '../selftest/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { kitCommand, type KitFlags } from './kit-command.ts'
import { rowLine } from './ladder-line.ts'
import { parseInteger } from './parse.ts'
import { DEFAULT_SEED } from './run-options.ts'
import { printJson, speaker } from './terminal.ts'

type SelftestFlags = KitFlags & Readonly<{ kit?: boolean }>

export async function selftestCommand(
  ids: readonly string[],
  flags: SelftestFlags,
  context: CommandContext,
): CommandResult {
  if (flags.kit === true) return kitCommand(ids, flags, context)
  for (const option of ['set', 'faults', 'model', 'seed', 'maxStates'] as const) {
    if (flags[option] !== undefined) {
      throw new UsageError(
        `--${option === 'maxStates' ? 'max-states' : option} goes with --kit: each mutant of ours has its own campaign.`,
      )
    }
  }
  const json = flags.json === true
  const all = [...ENGINE_MUTANTS, ...HARNESS_MUTANTS]
  const known = all.map(({ id }) => id)
  for (const id of ids) {
    if (!known.includes(id)) {
      throw new UsageError(`There is no mutant '${id}': valid are ${known.join(', ')}.${suggestion(id, known)}`)
    }
  }
  const chosen = ({ id }: Readonly<{ id: string }>) => ids.length === 0 || ids.includes(id)
  const say = speaker(context.terminal, json)
  const color = pc.createColors(context.terminal.colors)
  const result = await selftest(
    {
      engine: ENGINE_MUTANTS.filter(chosen),
      harness: HARNESS_MUTANTS.filter(chosen),
      clean: ids.length === 0 ? CLEAN_SCENARIOS : [],
      workers: flags.workers === undefined ? coreCount() : parseInteger('--workers', flags.workers, 1, 1024),
      runLimitMs: RUN_LIMIT_MS,
      seed: DEFAULT_SEED,
      row: (row) => say(rowLine(row, color)),
    },
    context.host,
  )
  const passed = selftestPassed(result)
  const caught = result.mutants.filter(({ verdict }) => verdict === 'caught').length
  const alarms = result.clean.reduce((sum, { violations }) => sum + violations, 0)
  say(
    `${caught} of ${result.mutants.length} mutants caught, ${alarms} false alarms in ${result.clean.length} scenarios`,
  )
  if (json) printJson(context.terminal, result)
  return passed ? EXIT.passed : EXIT.violations
}
