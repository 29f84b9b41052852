// harness/cli/merge-command.ts: `powercut merge`, the shards of a campaign as one result folder.

import { consoleSummary, readExpectations, writeReports } from '../../reports/index.ts'
import { exitCodeOf, mergeShards } from '../campaign/index.ts'
import { annotate, annotationSystem } from './annotate.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { printJson } from './terminal.ts'

type MergeFlags = Readonly<{
  out: string
  expect?: string
  allowIncomplete?: boolean
  annotations?: string
  json?: boolean
}>

/** Exits as the campaign would have, run in one piece. */
export async function mergeCommand(
  folders: readonly string[],
  flags: MergeFlags,
  { terminal }: CommandContext,
): CommandResult {
  const system = annotationSystem(flags.annotations)
  const entries = flags.expect === undefined ? undefined : readExpectations(flags.expect)
  const { campaign, directory } = mergeShards(folders, flags.out, entries)
  writeReports(directory)
  if (flags.json === true) printJson(terminal, campaign)
  else terminal.out(consoleSummary(campaign, { colors: terminal.colors, directory }))
  annotate(campaign, system, terminal, flags.json === true)
  return exitCodeOf({ planOnly: false, allowIncomplete: flags.allowIncomplete === true }, campaign)
}
