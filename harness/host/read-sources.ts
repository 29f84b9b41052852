// harness/host/read-sources.ts: source files below folders, and the parser that reads them.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { UsageError } from '../campaign/index.ts'
import type { SourceFile, SourceParser } from '../call-sites/index.ts'

const SOURCE = /\.[cm]?[jt]sx?$/
const NO_SOURCE = /\.d\.[cm]?ts$|\.(?:test|spec)\.[cm]?[jt]sx?$/
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', 'coverage'])

/** Sources below the folders (or the files themselves), by path from the working directory, with forward slashes. */
export function readSources(places: readonly string[], excluded: readonly string[] = []): readonly SourceFile[] {
  const files = new Map<string, SourceFile>()
  for (const place of places) {
    const found = sourcesAt(place)
    if (found.length === 0)
      throw new UsageError(`There is no source file below '${place}': name a folder of sources, or a file.`)
    for (const path of found) {
      const shown = shownPath(path)
      if (excluded.some((prefix) => shown === prefix || shown.startsWith(`${prefix.replace(/\/$/, '')}/`))) continue
      files.set(shown, { path: shown, text: readFileSync(path, 'utf8') })
    }
  }
  return [...files.values()].toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

function sourcesAt(place: string): string[] {
  const status = statSync(place, { throwIfNoEntry: false })
  if (status === undefined) throw new UsageError(`There is no '${place}': name a folder of sources, or a file.`)
  if (!status.isDirectory()) return [place]
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const path = join(place, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesAt(path)
    return SOURCE.test(entry.name) && !NO_SOURCE.test(entry.name) ? [path] : []
  })
}

function shownPath(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/')
}

/** The parser, an optional peer. Throws UsageError that says how it is installed. */
export async function loadParser(): Promise<SourceParser> {
  try {
    return await import('oxc-parser')
  } catch (error) {
    throw new UsageError('Reading sources needs a parser: npm install --save-dev oxc-parser', { cause: error })
  }
}

/** Throws UsageError if it can't be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`'${path}' can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
