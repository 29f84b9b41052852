// harness/cli/trace-command.ts: `powercut trace`, requirements against what was executed.
//
// 1. It needs results: a check of requirements against nothing would always pass.
// 2. Exit code 1 for any defect of the trace, each told with its place; 2 for files that are not there.

import {
  TRACE_FORMATS,
  fileFinder,
  isRequirementId,
  matrixOf,
  parseRequirements,
  projectIn,
  readCampaign,
  readCampaignFolders,
  readRequirementTexts,
  readTestResultFiles,
  requirementText,
  resolveResultFolder,
  trace,
  traceText,
  writeTrace,
  type Claim,
} from '../../reports/index.ts'
import { EXIT, RUN_LIMIT_MS, suggestion, UsageError } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { parseWords } from './parse.ts'
import { printJson, speaker } from './terminal.ts'

const DEFAULT_REQUIREMENTS = 'requirements'

export type TraceFlags = Readonly<{
  requirements?: string[]
  results?: string[]
  campaign?: string[]
  scenario?: string[]
  out?: string
  format?: string[]
  allowOrphanTests?: boolean
  json?: boolean
}>

export async function traceCommand(ids: readonly string[], flags: TraceFlags, context: CommandContext): CommandResult {
  const { results = [], campaign = [], scenario = [], json = false } = flags
  if (results.length + campaign.length === 0)
    throw new UsageError(
      'There is nothing to trace to: name files of JUnit XML with --results, or result folders with --campaign.',
    )
  const formats = flags.format === undefined ? TRACE_FORMATS : parseWords('--format', flags.format, TRACE_FORMATS)
  if (flags.format !== undefined && flags.out === undefined)
    throw new UsageError('--format says what is written, and nothing is: name a folder with --out.')
  const parsed = parseRequirements(readRequirementTexts(flags.requirements ?? [DEFAULT_REQUIREMENTS]))
  const known = parsed.requirements.map(({ id }) => id)
  for (const id of ids) if (!known.includes(id)) throw new UsageError(unknownId(id, known))

  const directories = campaign.map((name) => resolveResultFolder(name))
  const ran = directories.flatMap((directory) => readCampaign(directory).scenarios.map(({ name }) => name))
  const claims = await claimsOf([...new Set([...scenario, ...ran])], context)
  const byName = new Map(claims.map((claim) => [claim.name, claim.requirements]))
  const traced = trace({
    parsed,
    evidence: [
      ...(results.length === 0 ? [] : [readTestResultFiles(results)]),
      ...(directories.length === 0 ? [] : [readCampaignFolders(directories, byName)]),
    ],
    claims,
    hasFile: fileFinder('.'),
    allowOrphanTests: flags.allowOrphanTests === true,
  })
  const say = speaker(context.terminal, json)
  if (flags.out !== undefined)
    for (const path of writeTrace(flags.out, traced, projectIn('.'), formats)) say(`Wrote ${path}`)
  if (json) printJson(context.terminal, matrixOf(traced))
  else if (ids.length === 0) context.terminal.out(traceText(traced))
  else for (const one of traced.requirements) if (ids.includes(one.requirement.id)) say(requirementText(one, traced))
  if (traced.findings.length > 0 && ids.length > 0)
    context.terminal.error(
      `powercut: the trace has ${traced.findings.length} defects: call it without ids to see them.\n`,
    )
  return traced.findings.length === 0 ? EXIT.passed : EXIT.violations
}

/** What each scenario says that a campaign of it verifies. */
async function claimsOf(scenarios: readonly string[], context: CommandContext): Promise<Claim[]> {
  if (scenarios.length === 0) return []
  await using crew = context.host.makeCrew({ workers: 1, mutant: undefined, runLimitMs: RUN_LIMIT_MS })
  const claims: Claim[] = []
  for (const name of scenarios) {
    const { requirements } = await crew.describe(name, {})
    claims.push({ name, requirements })
  }
  return claims
}

function unknownId(id: string, known: readonly string[]): string {
  if (!isRequirementId(id))
    return `'${id}' is no id of a requirement: valid are ids in capitals with digits, such as STO-04.`
  return `There is no requirement ${id}.${suggestion(id, known)}`
}
