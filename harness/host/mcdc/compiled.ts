// harness/host/mcdc/compiled.ts: the source map of a compiled text, if it names one.
//
// 1. A text that names a map which is not there is told as a problem: measuring it by itself would be another program.
// 2. A map inside of the text (`data:`) counts as much as a file beside it.

import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Position } from '../../coverage/index.ts'

export type Origin = Readonly<{ file: string; position: Position }>

/** Where a position of the compiled text came from; undefined where the map does not say. */
export type Origins = Readonly<{ sources: readonly string[]; originOf(position: Position): Origin | undefined }>

/** Thrown for a map that is named and can't be read. */
export class SourceMapError extends Error {
  override readonly name = 'SourceMapError'
}

const COMMENT = /^[\t ]*(?:\/\/|\/\*)[#@][\t ]*sourceMappingURL=([^\s*'"]+)/gm

/** undefined if the text names no map. Throws SourceMapError. */
export function originsOf(text: string, file: string): Origins | undefined {
  const url = [...text.matchAll(COMMENT)].at(-1)?.[1]
  if (url === undefined) return undefined
  const { json, base } = read(url, file)
  const map = parse(json, url)
  const folder = resolve(base, map.sourceRoot ?? '')
  const pathOf = (source: string) => (source.startsWith('file:') ? fileURLToPath(source) : resolve(folder, source))
  const sources = map.sources.map(pathOf)
  const lookUp = new SourceMap({ ...map, sources: sources.map((_, index) => String(index)), sourceRoot: '' })
  return {
    sources,
    originOf({ line, column }) {
      const entry = lookUp.findEntry(line, column)
      if (!('originalSource' in entry)) return undefined
      const source = sources[Number(entry.originalSource)]
      if (source === undefined || entry.generatedLine !== line) return undefined
      return { file: source, position: { line: entry.originalLine, column: entry.originalColumn } }
    },
  }
}

function read(url: string, file: string): Readonly<{ json: string; base: string }> {
  const folder = dirname(file)
  const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url)
  if (data !== null) {
    const body = data[2] ?? ''
    const json = data[1] === undefined ? decodeURIComponent(body) : Buffer.from(body, 'base64').toString('utf8')
    return { json, base: folder }
  }
  const path = resolve(folder, decodeURIComponent(url))
  try {
    return { json: readFileSync(path, 'utf8'), base: dirname(path) }
  } catch (cause) {
    throw new SourceMapError(`names the source map ${url}, which is not there`, { cause })
  }
}

function parse(json: string, url: string): SourceMapPayload {
  const name = url.startsWith('data:') ? 'in it' : url
  try {
    const map: unknown = JSON.parse(json)
    if (typeof map === 'object' && map !== null && 'sources' in map && 'mappings' in map) return map as SourceMapPayload
  } catch (cause) {
    throw new SourceMapError(`the source map ${name} is not JSON`, { cause })
  }
  throw new SourceMapError(`the source map ${name} has no sources and mappings`)
}
