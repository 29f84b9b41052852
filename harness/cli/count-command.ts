// harness/cli/count-command.ts: `powercut count`, the counting run and what there is to fail.

import { EXIT, requestOf, UsageError, type CampaignOptions } from '../campaign/index.ts'
import type { Preparation } from '../plan/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { withProjectDefaults } from './project-config.ts'
import { campaignOptions, checkModels, type RunFlags } from './run-options.ts'
import { printJson, table } from './terminal.ts'

type CountFlags = Pick<RunFlags, 'warm' | 'set' | 'seed' | 'model' | 'sector' | 'mutant' | 'json' | 'config'>

export async function countCommand(scenario: string, given: CountFlags, context: CommandContext): CommandResult {
  const { flags } = await withProjectDefaults([scenario], given)
  const options: CampaignOptions = campaignOptions([scenario], { ...flags, workers: '1' })
  if (options.models !== undefined) throw new UsageError('count takes one persistence model.')
  await checkModels(options)
  const { workers, mutant, runLimitMs } = options
  await using crew = context.host.makeCrew({ workers, mutant, runLimitMs })
  const description = await crew.describe(scenario, {})
  const request = requestOf(options, scenario, options.seeds[0] ?? 0, description)
  const end = await crew.prepare(request, false)
  if (end.kind !== 'done') {
    const reason = end.kind === 'died' ? end.message : `it did not end within ${end.limitMs / 1000} s`
    context.terminal.error(`powercut: '${scenario}' could not be counted: ${reason}\n`)
    return EXIT.incomplete
  }
  const { preparation } = end.result
  const { rows, ranges, points, traceHash, milestones, milestonesWanted, findings } = preparation
  if (flags.json === true) {
    const { parameters, seed, model } = request.subject
    printJson(context.terminal, {
      scenario: description.name,
      parameters,
      seed,
      model,
      form: options.warm ? 'warm' : 'linear',
      points,
      rows,
      ranges,
      milestones,
      milestonesWanted,
      traceHash,
      findings,
    })
  } else context.terminal.out(`${countLines(preparation).join('\n')}\n`)
  for (const { oracle, message } of findings) context.terminal.error(`${oracle}: ${message}\n`)
  return findings.length === 0 ? EXIT.passed : EXIT.violations
}

function countLines({ rows, ranges, points, milestones, milestonesWanted, traceHash }: Preparation): readonly string[] {
  const of = (family: string) => rows.filter((row) => row.family === family)
  const kinds = new Map<string, number>()
  for (const row of of('io')) kinds.set(row.kind, (kinds.get(row.kind) ?? 0) + row.count)
  const lines = [
    `${points.allocations} allocations, ${points.fileSystemCalls} file-system calls, ${points.syncs} sync points`,
    '',
    'Allocations by tag and phase',
    ...table([
      ['  form', 'tag', 'phase', 'count', 'bytes'],
      ...of('allocation').map(({ form, kind, phase, count, bytes }) => [`  ${form}`, kind, phase, count, bytes]),
    ]),
    '',
    'File-system calls by kind',
    ...table([['  kind', 'count'], ...[...kinds].map(([kind, count]) => [`  ${kind}`, count])]),
    '',
    'Points',
    ...table([
      ['  family', 'form', 'phase', 'first', 'last'],
      ...ranges.map(({ family, form, phase, first, last }) => [`  ${family}`, form, phase, first, last]),
    ]),
    '',
  ]
  const met = Object.entries(milestones).map(([name, count]) => {
    const wanted = milestonesWanted[name]
    return wanted === undefined ? `${name} ${count}` : `${name} ${count} of ${wanted} wanted`
  })
  if (met.length > 0) lines.push(`Milestones: ${met.join(', ')}`)
  lines.push(`Trace hash: ${traceHash}`)
  return lines
}
