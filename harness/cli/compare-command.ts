// harness/cli/compare-command.ts: `powercut compare`, what changed between two campaigns.

import {
  compareCampaigns,
  comparisonText,
  readCampaign,
  readRecords,
  resolveResultFolder,
  type ComparedCampaign,
} from '../../reports/index.ts'
import { EXIT } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { printJson } from './terminal.ts'

type CompareFlags = Readonly<{ strict?: boolean; json?: boolean }>

/** Exits 1 if there are new violations; with `--strict` also if points are gone. */
export async function compareCommand(
  before: string,
  after: string,
  flags: CompareFlags,
  { terminal }: CommandContext,
): CommandResult {
  const comparison = compareCampaigns(compared(before), compared(after))
  if (flags.json === true) printJson(terminal, comparison)
  else terminal.out(comparisonText(comparison))
  const { violations, points } = comparison
  const worse = violations.new.length > 0 || (flags.strict === true && points.went.count > 0)
  return worse ? EXIT.violations : EXIT.passed
}

function compared(folder: string): ComparedCampaign {
  const directory = resolveResultFolder(folder)
  return { campaign: readCampaign(directory), records: () => readRecords(directory) }
}
