// engine/tools/verify-command.ts: `packdb verify`: walks everything in a database, reachable or not, and names each damage.
//
// A database that is too damaged to be opened is damage like any other: it is named by path and offset, exit code 1.

import { EngineError, verifyDatabase, type DamageReport } from '../index.ts'
import { EXIT, type Command, type ExitCode, type ToolContext } from './command.ts'
import { findDatabase } from './find-database.ts'
import { realPorts } from './real-ports.ts'

const HELP = `usage: packdb verify DIR
Walks everything in every pack of a database and prints each damage, with its path and offset.
DIR is the NAME.rdm folder, or the document root that holds it.
Exit codes: 0 sound, 1 damage found, 2 wrong use, 3 could not be done.

  -h, --help             show this

example: packdb verify ./data/core20.rdm`

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'walk a whole database and name each damage',
  help: HELP,
  options: { help: { type: 'boolean', short: 'h' } },
  positionals: { least: 1, most: 1, name: 'DIR' },
  run: (_values, [directory = ''], context) => verify(directory, context),
}

function verify(directory: string, context: ToolContext): ExitCode {
  const ports = realPorts()
  const place = findDatabase(ports.fileSystem, context.directory, directory)
  try {
    const { problems, summary } = verifyDatabase({ ...place, ...ports })
    for (const problem of problems) context.writeOut(`${damageLine(problem)}\n`)
    if (problems.length > 0) return EXIT.damaged
    const rows = Object.values(summary.rows).reduce((total, count) => total + count, 0)
    const counts = [
      counted(summary.packs, 'pack'),
      counted(summary.bytes, 'byte'),
      counted(summary.commits, 'commit'),
      counted(rows, 'row'),
    ].join(', ')
    context.writeOut(`${place.root}/${place.name}.rdm is sound: ${counts}\n`)
    return EXIT.sound
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'E_CORRUPT') throw error
    const { path = `${place.root}/${place.name}.rdm`, offsetBytes = 0 } = error.context
    context.writeOut(`${damageLine({ path, offsetBytes, message: error.message })}\n`)
    return EXIT.damaged
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function damageLine({ path, offsetBytes, message }: DamageReport): string {
  return `${path} at offset ${offsetBytes}: ${message}`
}
