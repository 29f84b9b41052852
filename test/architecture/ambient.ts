// test/architecture/ambient.ts: ambient time, randomness, timers and files: what makes a run differ from the one before.
//
// They come in through ports; only the adapters that ADAPTERS names may touch the real ones. Types don't count.

import { argumentsOf, at, child, importsOf, nameOf, walk, type Source, type SyntaxNode } from './source.ts'

/** Folders in which the outside world is met. */
export const ADAPTERS = ['engine/adapters/', 'faults/node-front/', 'harness/host/', 'reports/store/'] as const

/** Globals that may not be named at all. */
const GLOBALS: readonly string[] = ['performance', 'setTimeout', 'setInterval', 'setImmediate']

/** Properties of globals that may not be taken. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  process: ['hrtime', 'uptime'],
  crypto: ['getRandomValues', 'randomUUID'],
  globalThis: GLOBALS,
}

const MODULES = /^(node:)?(fs|fs\/promises|timers|timers\/promises|perf_hooks)$/
const CRYPTO = /^(node:)?crypto$/
const RANDOM_NAMES: readonly string[] = [
  'getRandomValues',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'webcrypto',
]

/** Every ambient thing that a file touches and may not. */
export function ambientProblems(source: Source): string[] {
  if (ADAPTERS.some((folder) => source.path.startsWith(folder))) return []
  const problems: string[] = []
  for (const { specifier, typeOnly, names, node } of importsOf(source)) {
    if (typeOnly) continue
    if (MODULES.test(specifier)) problems.push(at(source, node, `imports ${specifier}`))
    else if (CRYPTO.test(specifier))
      for (const name of names) if (RANDOM_NAMES.includes(name)) problems.push(at(source, node, `imports ${name}`))
  }
  walk(source.program, (node, around) => {
    const what = ambientUse(node, around.at(-1))
    if (what !== undefined) problems.push(at(source, node, what))
  })
  return problems
}

function ambientUse(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  const name = nameOf(node)
  if (node.type === 'Identifier' && name !== undefined && GLOBALS.includes(name) && !isLabel(node, parent)) return name
  if (node.type === 'MemberExpression') {
    const object = nameOf(child(node, 'object'))
    const property = nameOf(child(node, 'property'))
    if (object !== undefined && property !== undefined && Object.hasOwn(PROPERTIES, object))
      if (PROPERTIES[object]?.includes(property) === true) return `${object}.${property}`
    if (property !== undefined && RANDOM_NAMES.includes(property)) return property
  }
  const isDate = nameOf(child(node, 'callee')) === 'Date'
  if (isDate && node.type === 'NewExpression' && argumentsOf(node).length === 0) return 'new Date()'
  if (isDate && node.type === 'CallExpression') return 'Date()'
  return undefined
}

/** A name that is a property's or a declared field's, not a reference. */
function isLabel(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined) return false
  const isKey = child(parent, 'key') === node && parent['computed'] !== true && parent['shorthand'] !== true
  const isProperty = child(parent, 'property') === node && parent['computed'] !== true
  return isKey || isProperty || parent.type.startsWith('TS')
}
