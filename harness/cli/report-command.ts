// harness/cli/report-command.ts: `powercut report`, the reports of result folders made again from their records, and evidence.

import {
  readEvidenceInputs,
  REPORT_FORMATS,
  resolveResultFolder,
  writeReports,
  type ReportFormat,
} from '../../reports/index.ts'
import { EXIT, UsageError } from '../campaign/index.ts'
import type { CommandContext, CommandResult } from './context.ts'
import type { EvidenceFlags } from './evidence-command.ts'
import { parseWords } from './parse.ts'
import { printJson } from './terminal.ts'

const EVIDENCE = 'evidence'

export type ReportFlags = EvidenceFlags & Readonly<{ format?: string[] }>

/** Exits 3 if a folder is not whole: the reports then say what they could not use. Evidence is asked for by itself. */
export async function reportCommand(
  directories: readonly string[],
  flags: ReportFlags,
  context: CommandContext,
): CommandResult {
  const { terminal } = context
  const asked: readonly (ReportFormat | typeof EVIDENCE)[] =
    flags.format === undefined ? REPORT_FORMATS : parseWords('--format', flags.format, [...REPORT_FORMATS, EVIDENCE])
  if (asked.includes(EVIDENCE)) {
    if (asked.length > 1) throw new UsageError('--format evidence stands by itself: make the other reports first.')
    const { evidenceCommand } = await import('./evidence-command.ts')
    return evidenceCommand(directories, flags, context)
  }
  for (const option of ['out', 'independence'] as const)
    if (flags[option] !== undefined) throw new UsageError(`--${option} goes with --format evidence.`)
  const formats = asked.filter((format) => format !== EVIDENCE)
  if (flags.with !== undefined && !formats.includes('html'))
    throw new UsageError('--with goes with --format html or evidence.')
  const given = readEvidenceInputs(flags.with ?? [])
  const made = directories.map((directory) => writeReports(resolveResultFolder(directory), formats, given))
  const paths = made.flatMap((one) => one.paths)
  const problems = made.flatMap((one) => one.problems)
  if (flags.json === true) printJson(terminal, { files: paths, problems })
  else for (const path of paths) terminal.out(`${path}\n`)
  for (const problem of problems) terminal.error(`powercut: ${problem}\n`)
  return problems.length === 0 ? EXIT.passed : EXIT.incomplete
}
