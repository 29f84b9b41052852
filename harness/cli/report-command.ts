// harness/cli/report-command.ts: `powercut report`, the reports of a result folder made again from its records.

import { REPORT_FORMATS, resolveResultFolder, writeReports } from '../../reports/index.ts'
import { EXIT } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import { parseWords } from './parse.ts'
import { printJson } from './terminal.ts'

/** Exits 3 if the folder is not whole: the reports then say what they could not use. */
export async function reportCommand(
  directory: string,
  flags: Readonly<{ format?: string[]; json?: boolean }>,
  { terminal }: CommandContext,
): CommandResult {
  const formats = flags.format === undefined ? REPORT_FORMATS : parseWords('--format', flags.format, REPORT_FORMATS)
  const { paths, problems } = writeReports(resolveResultFolder(directory), formats)
  if (flags.json === true) printJson(terminal, { files: paths, problems })
  else for (const path of paths) terminal.out(`${path}\n`)
  for (const problem of problems) terminal.error(`powercut: ${problem}\n`)
  return problems.length === 0 ? EXIT.passed : EXIT.incomplete
}
