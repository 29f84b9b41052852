// harness/cli/run-command.ts: `powercut run`, a campaign.

import { consoleSummary, writeReports } from '../../reports/index.ts'
import {
  EXIT,
  repeatCommand,
  runCampaign,
  runRerun,
  type CampaignOptions,
  type CampaignOutcome,
} from '../campaign/index.ts'
import { RealMachine } from '../host/index.ts'
import { annotate, annotationSystem } from './annotate.ts'
import { campaignView } from './campaign-view.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { withProjectDefaults } from './project-config.ts'
import { campaignOptions, checkModels, type RunFlags } from './run-options.ts'
import { printJson, speaker, table } from './terminal.ts'

export async function runCommand(given: readonly string[], own: RunFlags, context: CommandContext): CommandResult {
  const { names, flags } = await withProjectDefaults(given, own)
  const system = annotationSystem(flags.annotations)
  const options = campaignOptions(names, flags)
  await checkModels(options)
  const json = flags.json === true
  const view = campaignView(context.terminal, json)
  if (options.rerun === undefined) view.line(repeatCommand(options))
  const real = options.real === undefined ? undefined : new RealMachine(context.host, options.real.directory)
  const host = real ?? context.host
  const outcome =
    options.rerun === undefined
      ? await runCampaign(options, host, view)
      : await runRerun(options, options.rerun, host, view)
  if (options.planOnly) printPlan(outcome, context, json)
  else {
    finish(outcome, options, context, json)
    // A shard knows a part: what the whole has is told once, by merge.
    if (options.shard === undefined) annotate(outcome.campaign, system, context.terminal, json)
  }
  if (real !== undefined && !options.planOnly) {
    const { kills, agree, disagree } = real.agreement
    speaker(
      context.terminal,
      json,
    )(`${kills} real kills: simulated ones agree with ${agree}, disagree with ${disagree}`)
  }
  return outcome.exitCode
}

function finish(outcome: CampaignOutcome, options: CampaignOptions, context: CommandContext, json: boolean): void {
  const { campaign, directory, resume, exitCode } = outcome
  const say = speaker(context.terminal, json)
  if (directory !== undefined) writeReports(directory)
  if (json) printJson(context.terminal, campaign)
  else {
    const { colors } = context.terminal
    context.terminal.out(consoleSummary(campaign, { colors, ...(directory === undefined ? {} : { directory }) }))
  }
  if (resume !== undefined) say(`To go on: ${resume}`)
  if (exitCode !== EXIT.passed) say(repeatCommand(options))
}

/** How many runs there would be, by family. */
function printPlan({ campaign }: CampaignOutcome, context: CommandContext, json: boolean): void {
  const plans = campaign.scenarios.map(({ name, points, families }) => ({
    name,
    points,
    planned: Object.fromEntries(Object.entries(families).map(([family, { planned }]) => [family, planned])),
  }))
  if (json) {
    printJson(context.terminal, { plan: plans })
    return
  }
  const rows = plans.flatMap(({ name, planned }) =>
    Object.entries(planned).map(([family, count]) => [name, family, count] as const),
  )
  const total = rows.reduce((sum, [, , count]) => sum + count, 0)
  const lines = table([['scenario', 'family', 'runs'], ...rows, ['', 'total', total]])
  context.terminal.out(`${lines.join('\n')}\n`)
}
