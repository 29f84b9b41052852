// test/mutation/mutant-place.ts: which mutant that is, whatever number the instrumenter gives it.
//
// A mutant is named by its file, the innermost named function or top-level statement around it, its place in that text and
// what it puts there. The hash of that text binds what is said about it: code elsewhere in the file may change.

import { createHash } from 'node:crypto'
import { parseSync } from 'oxc-parser'

export type Place = Readonly<{ line: number; column: number }>

export type RawMutant = Readonly<{
  fileName: string
  mutatorName: string
  replacement: string
  /** Lines and columns from 0. */
  location: Readonly<{ start: Place; end: Place }>
}>

/** What names a mutant as long as the function around it is the same. */
export type MutantName = Readonly<{
  /** Relative to the project, with slashes. */
  file: string
  function: string
  /** Of the function's text: 12 hexadecimal digits. */
  hash: string
  /** Where it begins and ends in the function's text, in characters. */
  at: string
  mutator: string
  /** What stands there. */
  text: string
  replacement: string
}>

export type MutantPlace = MutantName &
  Readonly<{
    /** Lines and columns from 1, as people and reports count. */
    location: Readonly<{ start: Place; end: Place }>
  }>

/** What tells mutants apart: the same for the same mutant of the same text. */
export function keyOf({ file, function: name, hash, at, mutator, replacement }: MutantName): string {
  return JSON.stringify([file, name, hash, at, mutator, replacement])
}

/** Names the mutants of one file. */
export function placesIn(file: string, source: string): (mutant: RawMutant) => MutantPlace {
  const functions = namedFunctions(file, source)
  const lines = lineStarts(source)
  const offsetOf = ({ line, column }: Place): number => (lines[line] ?? source.length) + column
  return ({ location, mutatorName, replacement }) => {
    const from = offsetOf(location.start)
    const to = offsetOf(location.end)
    const around = functions
      .filter(({ start, end }) => start <= from && to <= end)
      .reduce((best, next) => (next.end - next.start <= best.end - best.start ? next : best), {
        name: '<module>',
        start: 0,
        end: source.length,
      })
    const text = source.slice(around.start, around.end)
    return {
      file,
      function: around.name,
      hash: createHash('sha256').update(text).digest('hex').slice(0, 12),
      at: `${from - around.start}-${to - around.start}`,
      mutator: mutatorName,
      text: source.slice(from, to),
      replacement,
      location: { start: fromOne(location.start), end: fromOne(location.end) },
    }
  }
}

function fromOne({ line, column }: Place): Place {
  return { line: line + 1, column: column + 1 }
}

/** Offsets at which lines begin; the instrumenter's lines count from 0. */
function lineStarts(source: string): number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

type Named = Readonly<{ name: string; start: number; end: number }>

function namedFunctions(file: string, source: string): readonly Named[] {
  const { program, errors } = parseSync(file, source)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} can't be parsed: ${error.message}`)
  const found: Named[] = []
  const add = (node: unknown, path: string): void => {
    if (!isNode(node)) return
    if (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration')
      return add(node['declaration'], path)
    const own = nameIn(node)
    if (node.type === 'ClassDeclaration') {
      const body = node['body']
      const members = isNode(body) && Array.isArray(body['body']) ? body['body'] : []
      for (const member of members) add(member, own)
      return
    }
    const name = path === '' ? own : `${path}.${own}`
    found.push({ name, start: node.start, end: node.end })
  }
  for (const statement of program.body) add(statement, '')
  return found
}

type SyntaxNode = Readonly<{ type: string; start: number; end: number }> & Readonly<Record<string, unknown>>

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
}

function nameIn(node: SyntaxNode): string {
  for (const part of ['id', 'key']) {
    const name = node[part]
    if (!isNode(name) || typeof name['name'] !== 'string') continue
    return name.type === 'PrivateIdentifier' ? `#${name['name']}` : name['name']
  }
  const [declarator] = Array.isArray(node['declarations']) ? node['declarations'] : []
  return isNode(declarator) ? nameIn(declarator) : node.type
}
