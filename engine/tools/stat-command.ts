// engine/tools/stat-command.ts: `packdb stat`: the figures of a database, for people or as JSON.

import { statDatabase } from '../index.ts'
import { EXIT, type Command } from './command.ts'
import { findDatabase } from './find-database.ts'
import { realPorts } from './real-ports.ts'

const HELP = `usage: packdb stat DIR [--json]
Prints the figures of a database: packs, sizes, commits, rows by table, levels of the trees.
DIR is the NAME.rdm folder, or the document root that holds it.
Exit codes: 0 done, 1 damage found, 2 wrong use, 3 could not be done.

  -h, --help             show this
      --json             print one JSON document

example: packdb stat ./data --json`

export const statCommand: Command = {
  name: 'stat',
  summary: 'print the figures of a database',
  help: HELP,
  options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } },
  positionals: { least: 1, most: 1, name: 'DIR' },
  run: (values, [directory = ''], context) => {
    const ports = realPorts()
    const place = findDatabase(ports.fileSystem, context.directory, directory)
    const figures = { database: `${place.root}/${place.name}.rdm`, ...statDatabase({ ...place, ...ports }) }
    const text = values['json'] === true ? JSON.stringify(figures, undefined, 2) : figureLines(figures, '').join('\n')
    context.writeOut(`${text}\n`)
    return EXIT.sound
  },
}

/** One line a figure, `name of figure: value`; what belongs to a figure is set in under it. */
function figureLines(figures: object, margin: string): string[] {
  return Object.entries(figures).flatMap(([key, value]: [string, unknown]) => {
    const name = margin === '' ? key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : key
    if (typeof value === 'object' && value !== null) return [`${margin}${name}:`, ...figureLines(value, `${margin}  `)]
    return [`${margin}${name}: ${typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)}`]
  })
}
