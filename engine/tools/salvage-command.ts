// engine/tools/salvage-command.ts: `packdb salvage`: what is whole of a damaged database, in a new one.
//
// 1. The damaged folder is only read; no lock is taken in it.
// 2. Everything that was lost or is in doubt is printed, by table and key, and by path and offset.

import { basename, dirname, resolve } from 'node:path'
import { EngineError, salvageDatabase, type KeyRange, type SalvageReport, type TableSalvageReport } from '../index.ts'
import {
  EXIT,
  UsageError,
  textOf,
  type Command,
  type ExitCode,
  type OptionValues,
  type ToolContext,
} from './command.ts'
import { findDatabase } from './find-database.ts'
import { realPorts } from './real-ports.ts'
import { readSchemaFile } from './schema-file.ts'

const HELP = `usage: packdb salvage DIR --out NEWDIR [--certain] [--schema FILE] [--json]
Brings what is still whole of a damaged database into a new one, and says what was lost.
DIR is the NAME.rdm folder, or the document root that holds it; it is only read. Nobody may have it open.
NEWDIR is the new NAME.rdm folder, or the document root that gets it; it is made if it is not there.
Rows that the newest trusted commit does not reach are taken from the newest whole record. They may be former
states, or deleted since: they are listed as doubtful.
Exit codes: 0 everything saved, 1 damage found, what is whole was saved, 2 wrong use, 3 could not be done.

  -h, --help             show this
      --out NEWDIR       where the new database is made
      --certain          leave doubtful rows out
      --schema FILE      the schema as JSON, if the database's own catalog is lost
      --json             print one JSON document

A schema file: {"account": {"columns": {"id": "integer", "note": "string?"}, "primaryKey": "id"}}

example: packdb salvage ./data/core20.rdm --out ./saved`

const FOLDER_ENDING = '.rdm'
/** Ranges of keys that a line names. */
const RANGES_SHOWN = 20
const CLEAR_LINE = '\r\u001B[K'

export const salvageCommand: Command = {
  name: 'salvage',
  summary: 'bring what is whole of a damaged database into a new one',
  help: HELP,
  options: {
    help: { type: 'boolean', short: 'h' },
    out: { type: 'string' },
    certain: { type: 'boolean' },
    schema: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: { least: 1, most: 1, name: 'DIR' },
  run: (values, [directory = ''], context) => salvage(values, directory, context),
}

function salvage(values: OptionValues, from: string, context: ToolContext): ExitCode {
  const out = textOf(values, 'out')
  if (out === undefined) throw new UsageError('--out is missing: give the directory that gets the new database')
  const ports = realPorts()
  const source = findDatabase(ports.fileSystem, context.directory, from)
  const target = resolve(context.directory, out)
  const isFolder = target.endsWith(FOLDER_ENDING)
  const root = isFolder ? dirname(target) : target
  const name = isFolder ? basename(target, FOLDER_ENDING) : source.name
  if (ports.fileSystem.stat(root) === undefined) {
    if (ports.fileSystem.stat(dirname(root))?.kind !== 'directory')
      throw new UsageError(`${root} cannot be made: ${dirname(root)} is no directory`)
    ports.fileSystem.makeDirectory(root)
  }
  const schemaFile = textOf(values, 'schema')
  const schema = schemaFile === undefined ? undefined : readSchemaFile(ports, resolve(context.directory, schemaFile))
  let report: SalvageReport
  try {
    report = salvageDatabase({
      ...ports,
      directory: `${source.root}/${source.name}${FOLDER_ENDING}`,
      root,
      name,
      ...(schema === undefined ? {} : { schema }),
      doubtful: values['certain'] === true ? 'leave-out' : 'keep',
      onProgress: (rows) => context.writeError(context.isTerminal ? `\r${rows} rows` : `${rows} rows\n`),
    })
  } catch (error) {
    // Damage that leaves nothing to begin with: it could not be done.
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    context.writeError(`packdb salvage: ${error.message}\n`)
    return EXIT.failed
  }
  if (context.isTerminal) context.writeError(CLEAR_LINE)
  const text = values['json'] === true ? JSON.stringify(report, undefined, 2) : linesOf(report).join('\n')
  context.writeOut(`${text}\n`)
  return report.complete ? EXIT.sound : EXIT.damaged
}

function linesOf(report: SalvageReport): string[] {
  const { database, commitNumber, isCurrent, damage, damageCount, ambiguous, uncommitted } = report
  const from = commitNumber === undefined ? 'whole records alone, no commit could be trusted' : `commit ${commitNumber}`
  return [
    ...damage.map(({ path, offsetBytes, message }) => `${path} at offset ${offsetBytes}: ${message}`),
    ...(damageCount > damage.length ? [`and ${damageCount - damage.length} more damaged places`] : []),
    `${database}: saved from ${from}${isCurrent ? '' : ', newer ones may be lost'}`,
    ...report.tables.flatMap(tableLines),
    ...(ambiguous > 0 ? [`${ambiguous} whole rows could be of more than one table, and were not taken`] : []),
    ...(uncommitted > 0 ? [`${uncommitted} whole rows are of no whole commit, and were not taken`] : []),
    report.complete ? 'everything was saved' : 'not everything was saved',
  ]
}

function tableLines({ name, saved, doubtful, doubtfulKeys, refused, missing, lostKeys }: TableSalvageReport): string[] {
  const lines = [`table '${name}': ${saved} rows saved`]
  if (doubtful > 0) lines.push(`  ${doubtful} of doubtful age: keys ${rangesText(doubtfulKeys)}`)
  if (refused > 0) lines.push(`  ${refused} refused: another row has their unique key`)
  if (missing !== undefined && missing > 0) lines.push(`  ${missing} rows of the commit are missing`)
  if (lostKeys.length > 0) lines.push(`  nothing is known of keys ${rangesText(lostKeys)}`)
  return lines
}

function rangesText(ranges: readonly KeyRange[]): string {
  const shown = ranges.slice(0, RANGES_SHOWN).map(rangeText).join(', ')
  return ranges.length > RANGES_SHOWN ? `${shown} and ${ranges.length - RANGES_SHOWN} more ranges` : shown
}

function rangeText({ from, to }: KeyRange): string {
  if (from === to) return String(from)
  const low = from === Number.MIN_SAFE_INTEGER ? 'the first' : String(from)
  return `${low} to ${to === Number.MAX_SAFE_INTEGER ? 'the last' : String(to)}`
}
