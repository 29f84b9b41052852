// test/architecture/layout.ts: what the project's folder holds, and what its files may not say.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT, readText } from './source.ts'

export const FOLDERS = ['engine', 'faults', 'harness', 'reports', 'scenarios', 'test'] as const

const PACKAGE_FILES: readonly RegExp[] = [
  /^(README|CHANGELOG|CONTRIBUTING)\.md$/,
  /^LICENSE$/,
  /^package(-lock)?\.json$/,
  /^tsconfig(\.\w+)?\.json$/,
  /^vitest\.config\.ts$/,
]

/** Names at the top level, without hidden ones and those that git ignores. */
export function topLevelNames(): string[] {
  const ignored = readText('.gitignore')
    .split('\n')
    .map((line) => line.trim().replaceAll(/^\/|\/$/g, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((glob) => new RegExp(`^${glob.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')}$`))
  return readdirSync(PROJECT).filter((name) => !name.startsWith('.') && !ignored.some((glob) => glob.test(name)))
}

/** Names that have no place at the top level. */
export function strangers(names: readonly string[]): string[] {
  const folders: readonly string[] = FOLDERS
  return names.filter((name) => !folders.includes(name) && !PACKAGE_FILES.some((file) => file.test(name)))
}

/** What a room's README leaves out of: a drawing of its insides, the way in, and each of its folders. */
export function readmeProblems(text: string, insides: readonly string[]): string[] {
  const drawing = /```[^`]*```/.exec(text)?.[0]
  const problems: string[] = []
  if (!/^# \S/.test(text)) problems.push('does not begin with a title')
  if (drawing === undefined) problems.push('draws nothing')
  if (!/way in/i.test(text)) problems.push('does not name the way in')
  for (const name of insides) if (drawing?.includes(name) !== true) problems.push(`does not draw ${name}/`)
  return problems
}

/** Folders directly in a room. */
export function foldersIn(room: string): string[] {
  return readdirSync(join(PROJECT, room))
    .filter((name) => name !== 'node_modules' && statSync(join(PROJECT, room, name)).isDirectory())
    .toSorted()
}

const PLACES: readonly Readonly<{ what: string; pattern: RegExp }>[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.])\/(?:work|home|Users)\/[\w.]/ },
  { what: 'a path of one machine', pattern: /\b[A-Z]:\\(?:Users|work)\\/ },
  {
    what: 'the address of a registry',
    pattern: /\bregistry\.[a-z]|\b(?:artifactor[y]|verdacci[o]|nexu[s])\b|_auth[T]oken/i,
  },
]

/** Lines that name a place which only one machine has. */
export function placeProblems(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const place = PLACES.find(({ pattern }) => pattern.test(line))
    return place === undefined ? [] : [`${path}:${index + 1}: names ${place.what}`]
  })
}
