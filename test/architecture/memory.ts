// test/architecture/memory.ts: bytes and collections that the engine would hold without its allocator knowing.
//
// 1. Bytes come from blocks. Only the allocators, the adapters and the bytes handed to the caller are made elsewhere.
// 2. A collection that lives as long as an object or a module says, in a comment that begins `charged:` on its line or the
//    one above, which block is charged for it, or why its size does not depend on data; one comment may stand above
//    several collections that follow each other.
// 3. Bytes whose number no data can change (a table of the algorithm) say so there: `charged: nothing, because …`.
//
// Not covered: arrays that live as long as a call; what a library makes.

import { at, child, isNode, lineOf, nameOf, walk, type Source, type SyntaxNode } from './source.ts'

const BYTES_ALLOWED = ['engine/memory/', 'engine/adapters/', 'engine/format/caller-bytes.ts'] as const
const COLLECTIONS_ALLOWED = ['engine/memory/', 'engine/adapters/', 'engine/tools/', 'engine/examples/'] as const

const BYTE_CLASSES: readonly string[] = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Buffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]
/** Static members that make bytes. */
const BYTE_MAKERS: readonly string[] = [
  'alloc',
  'allocUnsafe',
  'allocUnsafeSlow',
  'concat',
  'from',
  'of',
  'copyBytesFrom',
]
/** What names of byte arrays end in, for the one maker that arrays and strings have too. */
const BYTES_NAME = /(bytes|buffer|chunk|block)$/i

/** Every place in the engine where bytes are made outside blocks. */
export function byteProblems(source: Source): string[] {
  if (BYTES_ALLOWED.some((path) => source.path.startsWith(path))) return []
  const problems: string[] = []
  walk(source.program, (node) => {
    const what = bytesMade(node)
    if (what === undefined) return
    const isConstant = chargedAt(source, lineOf(source, node.start))?.startsWith('nothing') === true
    if (!isConstant) problems.push(at(source, node, what))
  })
  return problems
}

function bytesMade(node: SyntaxNode): string | undefined {
  const callee = child(node, 'callee')
  if (node.type === 'NewExpression') {
    const name = nameOf(callee)
    if (name === undefined) return undefined
    return BYTE_CLASSES.includes(name) || name === 'TextEncoder' ? `new ${name}` : undefined
  }
  if (node.type !== 'CallExpression' || callee?.type !== 'MemberExpression') return undefined
  const object = child(callee, 'object')
  const method = nameOf(child(callee, 'property'))
  if (object === undefined || method === undefined) return undefined
  const owner = nameOf(object) ?? nameOf(child(object, 'property'))
  if (owner === undefined) return undefined
  if (BYTE_CLASSES.includes(owner) && BYTE_MAKERS.includes(method)) return `${owner}.${method}`
  return method === 'slice' && BYTES_NAME.test(owner) ? `${owner}.slice` : undefined
}

export type Collection = Readonly<{ place: string; name: string; charged: string | undefined }>

/** Every collection of the engine that outlives a call, with what its comment says of its memory. */
export function collectionsOf(source: Source): Collection[] {
  if (COLLECTIONS_ALLOWED.some((path) => source.path.startsWith(path))) return []
  const found: Collection[] = []
  const byLine = new Map<number, string>()
  const add = (node: SyntaxNode, name: string): void => {
    const line = lineOf(source, node.start)
    const charged = chargedAt(source, line) ?? byLine.get(line - 1)
    if (charged !== undefined) byLine.set(line, charged)
    found.push({ place: `${source.path}:${line}`, name, charged })
  }
  walk(source.program, (node, around) => {
    if (node.type === 'PropertyDefinition') {
      if (isCollection(child(node, 'value')) || isCollectionType(child(node, 'typeAnnotation')))
        add(node, nameOf(child(node, 'key')) ?? '?')
    } else if (node.type === 'AssignmentExpression') {
      const left = child(node, 'left')
      const isField = left?.type === 'MemberExpression' && child(left, 'object')?.type === 'ThisExpression'
      if (isField && isCollection(child(node, 'right'))) add(node, nameOf(child(left, 'property')) ?? '?')
    } else if (node.type === 'VariableDeclarator' && isOfModule(around) && isEmptyCollection(child(node, 'init')))
      add(node, nameOf(child(node, 'id')) ?? '?')
  })
  // A field that is declared with its collection and then given a new one is charged where it is declared.
  const explained = new Set(found.filter((one) => one.charged !== undefined).map(({ name }) => name))
  return found.filter((one) => one.charged !== undefined || !explained.has(one.name))
}

const COLLECTION_CLASSES: readonly string[] = [
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Array',
  'ReadonlyMap',
  'ReadonlySet',
]

function isCollection(node: SyntaxNode | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'ArrayExpression') return true
  const callee = child(node, 'callee')
  const name = nameOf(callee) ?? (callee === undefined ? undefined : nameOf(child(callee, 'object')))
  return (node.type === 'NewExpression' || node.type === 'CallExpression') && COLLECTION_CLASSES.includes(name ?? '')
}

function isEmptyCollection(node: SyntaxNode | undefined): boolean {
  if (!isCollection(node)) return false
  const content = node?.['elements'] ?? node?.['arguments']
  return Array.isArray(content) && content.length === 0
}

/** An annotation `T[]`, `Map<…>`, `Set<…>`, and `… | undefined` of them; read-only ones are another's. */
function isCollectionType(node: SyntaxNode | undefined): boolean {
  if (node === undefined) return false
  switch (node.type) {
    case 'TSTypeAnnotation':
      return isCollectionType(child(node, 'typeAnnotation'))
    case 'TSArrayType':
      return true
    case 'TSTypeReference':
      return ['Map', 'Set', 'WeakMap', 'WeakSet', 'Array'].includes(nameOf(child(node, 'typeName')) ?? '')
    case 'TSUnionType':
      return Array.isArray(node['types']) && node['types'].some((part) => isNode(part) && isCollectionType(part))
    default:
      return false
  }
}

const MODULE_LEVEL: readonly string[] = [
  'Program',
  'ExportNamedDeclaration',
  'VariableDeclaration',
  'VariableDeclarator',
]

function isOfModule(around: readonly SyntaxNode[]): boolean {
  return around.every(({ type }) => MODULE_LEVEL.includes(type))
}

function chargedAt(source: Source, line: number): string | undefined {
  for (const comment of source.comments) {
    const first = lineOf(source, comment.start)
    const last = lineOf(source, comment.end)
    const text = /(?:^|[\s*])charged: (.*)/.exec(comment.value)?.[1]
    if (text !== undefined && first <= line && last >= line - 1) return text.trim()
  }
  return undefined
}
