// harness/campaign/command-line.ts: the commands that repeat a campaign, resume it, or replay one run of it.

import { DEFAULT_DEPTH, MINIMISE_BUDGET_MS, RUN_LIMIT_MS, type CampaignOptions } from './options.ts'

/** The shortest command that makes the same campaign again. `out` and how it is shown are no part of it. */
export function repeatCommand(options: CampaignOptions): string {
  const words = ['npx', 'powercut', 'run', ...options.scenarios.map(quote), '--faults', options.families.join(',')]
  const add = (...more: readonly (string | number)[]) => words.push(...more.map((word) => quote(String(word))))
  const { swarm = false } = options
  if (swarm) add('--swarm')
  else if (options.families.includes('allocation') || options.families.includes('io'))
    add('--mode', options.modes.join(','))
  for (const [name, value] of Object.entries(options.set)) add('--set', `${name}=${value}`)
  const [first, last] = [options.seeds[0], options.seeds.at(-1)]
  if (first !== undefined && last !== undefined) {
    if (first === last) add('--seed', first)
    else add('--seeds', `${first}..${last}`)
  }
  const { points } = options
  if (points?.option === '--at') add('--at', points.from)
  if (points?.option === '--from') add('--from', points.from)
  if (points?.option === '--points') add('--points', `${points.from}..${points.to}`)
  if (options.budgetBytes !== undefined) add('--bytes', options.budgetBytes)
  if (options.probability !== undefined) add('--probability', options.probability)
  if (options.mutant !== undefined) add('--mutant', options.mutant)
  if (options.warm) add('--warm')
  const models = options.models ?? (options.model === undefined ? [] : [options.model])
  if (models.length > 0) add('--model', models.join(','))
  if (options.sectorBytes !== 512) add('--sector', options.sectorBytes)
  if (options.families.includes('recovery')) add('--depth', options.depth ?? DEFAULT_DEPTH)
  if (options.statesPerIntervalMax > 0 || options.everyRecovery === true || options.everyCondition === true)
    add('--max-states', options.statesPerIntervalMax)
  const { minimiseBudgetMs = 0 } = options
  if (minimiseBudgetMs !== MINIMISE_BUDGET_MS)
    add('--minimise-budget', minimiseBudgetMs === 0 ? 0 : `${minimiseBudgetMs}ms`)
  if (options.prune === false) add('--no-prune')
  if (options.shard !== undefined) add('--shard', `${options.shard.index}/${options.shard.count}`)
  if (options.expect !== undefined) add('--expect', options.expect.file)
  if (options.rerun !== undefined) add('--rerun', options.rerun)
  if (options.real !== undefined) add('--real')
  if (options.real?.directory !== undefined) add('--directory', options.real.directory)
  return words.join(' ')
}

/** Goes on with the campaign in `directory`. */
export function resumeCommand(options: CampaignOptions, directory: string): string {
  const { runLimitMs } = options
  const limit = runLimitMs === RUN_LIMIT_MS ? '' : ` --run-limit ${runLimitMs}ms`
  return `${repeatCommand(options)}${limit} --out ${quote(directory)} --resume`
}

export function replayCommand(token: string): string {
  return `npx powercut replay ${token}`
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
