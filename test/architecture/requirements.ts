// test/architecture/requirements.ts: which requirements the tests name, read from their source.
//
// A test names ids in the `tags` of `it` and `describe`. What is declared in loops and tables counts once. What was
// executed, and with which result, only a run can tell: `npm run trace`.

import { argumentsOf, child, isNode, lineOf, nameOf, walk, type Source, type SyntaxNode } from './source.ts'

export type NamedId = Readonly<{ id: string; place: string }>

/** Ids in the tags of a file's tests, with their places. */
export function namedIds(source: Source): NamedId[] {
  const found: NamedId[] = []
  walk(source.program, (node) => {
    if (node.type !== 'CallExpression' || !isTestCall(child(node, 'callee'))) return
    for (const options of argumentsOf(node).filter(({ type }) => type === 'ObjectExpression'))
      for (const { id, at } of tagsOf(options)) found.push({ id, place: `${source.path}:${lineOf(source, at)}` })
  })
  return found
}

/** Places of tests that name no requirement, nor does a suite around them. */
export function unnamedTests(source: Source): string[] {
  const found: string[] = []
  walk(source.program, (node, around) => {
    if (!isTest(node) || [...around, node].some((one) => namesRequirement(one))) return
    found.push(`${source.path}:${lineOf(source, node.start)}`)
  })
  return found
}

/** A call that makes a test: `it('…', …)`, `it.each(rows)('…', …)`; not `it.each(rows)` alone, nor a suite. */
function isTest(node: SyntaxNode): boolean {
  if (node.type !== 'CallExpression' || argumentsOf(node).length < 2) return false
  const callee = child(node, 'callee')
  return isTestCall(callee) && !isTestCall(callee, ['describe'])
}

function namesRequirement(node: SyntaxNode): boolean {
  if (node.type !== 'CallExpression' || !isTestCall(child(node, 'callee'))) return false
  return argumentsOf(node).some((options) => options.type === 'ObjectExpression' && tagsOf(options).length > 0)
}

/** `it`, `describe`, and what is made of them: `it.each(rows)`, `describe.skipIf(condition)`. */
function isTestCall(callee: SyntaxNode | undefined, names: readonly string[] = ['it', 'describe', 'test']): boolean {
  if (callee === undefined) return false
  const name = nameOf(callee)
  if (name !== undefined) return names.includes(name)
  return isTestCall(child(callee, 'object') ?? child(callee, 'callee') ?? child(callee, 'tag'), names)
}

function tagsOf(options: SyntaxNode): { id: string; at: number }[] {
  const properties = options['properties']
  if (!Array.isArray(properties)) return []
  return properties
    .filter(isNode)
    .filter((property) => nameOf(child(property, 'key')) === 'tags')
    .flatMap((property) => {
      const value = child(property, 'value')
      const items = value?.['elements']
      return Array.isArray(items) ? items.filter(isNode) : value === undefined ? [] : [value]
    })
    .flatMap((item) => {
      const id = nameOf(item)
      return id === undefined ? [] : [{ id, at: item.start }]
    })
}
