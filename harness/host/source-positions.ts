// harness/host/source-positions.ts: where in its sources a call stands, from where it stands in the code that ran.
//
// 1. A source map beside the code (or in it) is followed; where the source is not on this machine, the code is the place.
// 2. TypeScript that was transpiled as it was loaded kept its lines, not its columns: it has no column here.
// 3. Paths are told from the working directory, with forward slashes: the same on every machine that has the project.

import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourcePosition } from '../../reports/index.ts'

/** Longest text of a line that is kept. */
const TEXT_MAX = 200
const FRAME = /^(.*) \((.+):(\d+):(\d+)\)$/

type Place = Readonly<{ path: string; line: number; column: number | undefined }>

export class SourcePositions {
  readonly #maps = new Map<string, SourceMap | undefined>()
  readonly #lines = new Map<string, readonly string[]>()

  /** Of lines `function (path:line:column)`; what is no such line is left out. Reads sources and their maps. */
  of(stack: string): readonly SourcePosition[] {
    return stack.split('\n').flatMap((frame) => {
      const [, name, path, line, column] = FRAME.exec(frame) ?? []
      if (name === undefined || path === undefined) return []
      const place = this.#source({ path, line: Number(line), column: Number(column) })
      const text = this.#textOf(place)
      return [
        {
          function: name,
          file: relative(process.cwd(), place.path).split(sep).join('/'),
          line: place.line,
          ...(place.column === undefined ? {} : { column: place.column }),
          ...(text === undefined ? {} : { text }),
        },
      ]
    })
  }

  #source(place: Place): Place {
    const map = this.#mapOf(place.path)
    if (map === undefined) return /\.[cm]?tsx?$/.test(place.path) ? { ...place, column: undefined } : place
    const entry = map.findEntry(place.line - 1, (place.column ?? 1) - 1)
    if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return place
    const source = entry.originalSource.startsWith('file:')
      ? fileURLToPath(entry.originalSource)
      : resolve(dirname(place.path), entry.originalSource)
    if (!existsSync(source)) return place
    return { path: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }

  #mapOf(path: string): SourceMap | undefined {
    if (this.#maps.has(path)) return this.#maps.get(path)
    const map = readMap(path)
    this.#maps.set(path, map)
    return map
  }

  #textOf({ path, line }: Place): string | undefined {
    let lines = this.#lines.get(path)
    if (lines === undefined) {
      lines = readText(path)?.split('\n') ?? []
      this.#lines.set(path, lines)
    }
    return lines[line - 1]?.trim().slice(0, TEXT_MAX)
  }
}

/** The map that a file's last comment names; undefined if there is none or it is no map. */
function readMap(path: string): SourceMap | undefined {
  const text = readText(path)
  const named = text === undefined ? undefined : [...text.matchAll(/^\/\/# sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1]
  if (named === undefined) return undefined
  const data = /^data:application\/json[^,]*;base64,(.*)$/.exec(named)?.[1]
  const json = data === undefined ? readText(resolve(dirname(path), named)) : Buffer.from(data, 'base64').toString()
  if (json === undefined) return undefined
  try {
    return new SourceMap(JSON.parse(json))
  } catch {
    // What is no map is no reason to lose the report: the place in the code that ran is one, too.
    return undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
