// harness/cli/kit-command.ts: `powercut selftest --kit`, generic defects planted into a scenario's store.

import pc from 'picocolors'
import { findKitMutant, KIT_MUTANTS, type KitMutant } from '../../faults/mutant-kit/index.ts'
import { EXIT, suggestion, UsageError } from '../campaign/index.ts'
import { kitLadder, kitPassed, type KitResult } from '../selftest/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { rowLine } from './ladder-line.ts'
import { campaignOptions, type RunFlags } from './run-options.ts'
import { printJson, speaker } from './terminal.ts'

export type KitFlags = Pick<RunFlags, 'json' | 'workers' | 'set' | 'faults' | 'model' | 'seed' | 'maxStates'>

const DEFAULT_SCENARIO = 'atomic-file'

/** `words`: scenarios, and mutants if not all of them are wanted. */
export async function kitCommand(words: readonly string[], flags: KitFlags, context: CommandContext): CommandResult {
  const json = flags.json === true
  const chosen = words.filter((word) => word.startsWith('kit:')).map(mutantOf)
  const named = words.filter((word) => !word.startsWith('kit:'))
  const scenarios = named.length === 0 ? [DEFAULT_SCENARIO] : named
  const campaigns = scenarios.map((name) => ({ ...campaignOptions([name], flags), minimiseBudgetMs: 0 }))
  const say = speaker(context.terminal, json)
  const color = pc.createColors(context.terminal.colors)
  const result = await kitLadder(
    {
      mutants: chosen.length === 0 ? KIT_MUTANTS : chosen,
      campaigns,
      workers: campaigns[0]?.workers ?? 1,
      row: (row) => say(rowLine(row, color)),
    },
    context.host,
  )
  for (const line of readingOf(result)) say(line)
  if (json) printJson(context.terminal, result)
  return kitPassed(result) ? EXIT.passed : EXIT.violations
}

function mutantOf(id: string): KitMutant {
  const mutant = findKitMutant(id)
  if (mutant !== undefined) return mutant
  const known = KIT_MUTANTS.map((each) => each.id)
  throw new UsageError(`There is no mutant '${id}' in the kit: valid are ${known.join(', ')}.${suggestion(id, known)}`)
}

/** The ladder in words: how many of each, and what to do about those that nobody saw. */
function readingOf({ clean, mutants }: KitResult): readonly string[] {
  const count = (verdict: string) => mutants.filter((row) => row.verdict === verdict).length
  const equivalent = count('not-applicable')
  const lines = [
    `${count('caught')} caught, ${count('not-seen')} not seen, ${count('not-reached')} not reached` +
      `${equivalent === 0 ? '' : `, ${equivalent} not applicable`}, of ${mutants.length}`,
  ]
  for (const { scenario, violations } of clean) {
    if (violations > 0) lines.push(`${scenario} complains without a defect: mend that first (powercut run ${scenario})`)
  }
  const [unseen] = mutants.filter(({ verdict }) => verdict === 'not-seen')
  if (unseen !== undefined) {
    lines.push(
      `Not seen: the store did it, and no check noticed. Look with: powercut run ${unseen.scenario} --mutant ${unseen.id}`,
    )
  }
  return lines
}
