// harness/call-sites/static-sites.ts: where the code under test can meet a fault, from its source alone: the denominator
// of fault coverage, so that a call that nothing ever reached is in the report too.
//
// 1. A call site is a call expression `receiver.method(…)` where some type that is watched has the method, and the
//    receiver is of that type: by an annotation of its name in the same file, else anywhere in the sources; by the result
//    type of the function or method that it comes from; as an import of a watched module; or by its name alone.
// 2. A site's id is `file#function#receiver.method` and, from the second such call on, `#n`: it survives what moves lines.
// 3. No type checker: an object that goes by another name is missed. So the list is held against what runs met; a place
//    that was met and is not in it is an error of the list, and is told.

import type { Node, Program, VisitorObject } from 'oxc-parser'
import { UsageError } from '../campaign/index.ts'

/** What can be failed: methods of a type (all of them if none are named), or the functions of a module. */
export type WatchedCalls = Readonly<{
  family: string
  type?: string
  module?: string
  methods?: readonly string[]
  /** Names that are taken for the type where nothing says otherwise. */
  names?: readonly string[]
  /** Methods that give an object of another type that is watched. */
  gives?: Readonly<Record<string, string>>
}>

export type SourceFile = Readonly<{ path: string; text: string }>

export type StaticSite = Readonly<{
  id: string
  family: string
  /** Method or function. */
  call: string
  path: string
  /** Of the method's name, from 1. */
  line: number
  column: number
}>

export type SourceParser = Pick<typeof import('oxc-parser'), 'parseSync' | 'Visitor'>

type Types = Map<string, Set<string>>

type Parsed = Readonly<{
  file: SourceFile
  program: Program
  /** Types of names in this file. */
  types: Types
  /** Modules that names were imported from. */
  imports: Map<string, string>
}>

/** All call sites of the sources, in the order of files and lines. Throws UsageError for a source that does not parse. */
export function findCallSites(
  parser: SourceParser,
  files: readonly SourceFile[],
  watched: readonly WatchedCalls[],
): readonly StaticSite[] {
  const parsed = files.map((file) => parse(parser, file, watched))
  const everywhere: Types = new Map()
  for (const { type, names = [] } of watched)
    for (const name of names) if (type !== undefined) addType(everywhere, name, type)
  for (const { types } of parsed)
    for (const [name, found] of types) for (const type of found) addType(everywhere, name, type)
  return parsed.flatMap((one) => sitesOf(parser, one, everywhere, watched))
}

function parse(parser: SourceParser, file: SourceFile, watched: readonly WatchedCalls[]): Parsed {
  const { program, errors } = parser.parseSync(file.path, file.text)
  const [error] = errors
  if (error !== undefined) throw new UsageError(`${file.path}: ${error.message}`)
  const wanted = new Set(watched.flatMap(({ type }) => (type === undefined ? [] : [type])))
  const modules = new Set(watched.flatMap(({ module }) => (module === undefined ? [] : [module])))
  const types: Types = new Map()
  const imports = new Map<string, string>()
  const typed = (name: string | undefined, annotation: unknown): void => {
    if (name === undefined) return
    for (const type of typeNames(annotation)) if (wanted.has(type)) addType(types, name, type)
  }
  const visitor: VisitorObject = {
    Identifier(node) {
      const { typeAnnotation } = node as { typeAnnotation?: unknown }
      if (typeAnnotation) typed(node.name, typeAnnotation)
    },
    TSPropertySignature: (node) => typed(keyName(node.key), node.typeAnnotation),
    PropertyDefinition: (node) => typed(keyName(node.key), node.typeAnnotation),
    TSMethodSignature: (node) => typed(keyName(node.key), node.returnType),
    MethodDefinition: (node) => typed(keyName(node.key), node.value.returnType),
    FunctionDeclaration: (node) => typed(node.id?.name, node.returnType),
    TSDeclareFunction: (node) => typed(node.id?.name, node.returnType),
    VariableDeclarator(node) {
      if (node.id.type !== 'Identifier') return
      const { init } = node
      if (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression')
        typed(node.id.name, init.returnType)
      if (init?.type === 'CallExpression' && isRequire(init)) importedBy(node.id, requireTarget(init))
      const given = init === null ? undefined : typeGiven(init, watched)
      if (given !== undefined) addType(types, node.id.name, given)
    },
    ImportDeclaration(node) {
      if (!modules.has(node.source.value)) return
      for (const specifier of node.specifiers) imports.set(specifier.local.name, node.source.value)
    },
  }
  const importedBy = (id: { name: string }, module: string | undefined): void => {
    if (module !== undefined && modules.has(module)) imports.set(id.name, module)
  }
  new parser.Visitor(visitor).visit(program)
  return { file, program, types, imports }
}

function sitesOf(
  parser: SourceParser,
  { file, program, types, imports }: Parsed,
  everywhere: Types,
  watched: readonly WatchedCalls[],
): StaticSite[] {
  const sites: StaticSite[] = []
  const lines = lineStarts(file.text)
  const scopes: string[] = []
  const counts = new Map<string, number>()
  const add = (family: string, receiver: string, call: string, offset: number): void => {
    const name = `${file.path}#${scopes.join('.') || 'module'}#${receiver === '' ? '' : `${receiver}.`}${call}`
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    const line = lineOf(lines, offset)
    const id = nth === 1 ? name : `${name}#${nth}`
    sites.push({ id, family, call, path: file.path, line, column: offset - (lines[line - 1] ?? 0) + 1 })
  }
  const open = (name: string | undefined): void => void scopes.push(name ?? '')
  const close = (): void => void scopes.pop()
  const visitor: VisitorObject = {
    ClassDeclaration: (node) => open(node.id?.name),
    'ClassDeclaration:exit': close,
    FunctionDeclaration: (node) => open(node.id?.name),
    'FunctionDeclaration:exit': close,
    MethodDefinition: (node) => open(keyName(node.key)),
    'MethodDefinition:exit': close,
    CallExpression(node) {
      const callee = node.callee.type === 'ParenthesizedExpression' ? node.callee.expression : node.callee
      if (callee.type === 'Identifier') {
        const module = imports.get(callee.name)
        for (const { family, methods, module: from } of watched)
          if (module !== undefined && from === module && (methods?.includes(callee.name) ?? true))
            add(family, '', callee.name, callee.start)
        return
      }
      if (callee.type !== 'MemberExpression' || callee.computed) return
      const call = keyName(callee.property)
      const receiver = receiverName(callee.object)
      if (call === undefined || receiver === undefined) return
      const found = types.get(receiver) ?? everywhere.get(receiver)
      const module = imports.get(rootName(callee.object) ?? '')
      for (const { family, type, module: from, methods } of watched) {
        const isOfType = type !== undefined && found?.has(type) === true
        const isOfModule = from !== undefined && module === from
        if ((isOfType || isOfModule) && (methods?.includes(call) ?? true)) {
          add(family, receiver, call, callee.property.start)
          return
        }
      }
    },
  }
  new parser.Visitor(visitor).visit(program)
  return sites
}

function addType(types: Types, name: string, type: string): void {
  const found = types.get(name)
  if (found === undefined) types.set(name, new Set([type]))
  else found.add(type)
}

/** Names of the types in an annotation: of a reference, of the members of a union, of what a promise or Readonly holds. */
function typeNames(annotation: unknown): string[] {
  if (!isNode(annotation)) return []
  const node = annotation as { type: string; [key: string]: unknown }
  switch (node.type) {
    case 'TSTypeAnnotation':
      return typeNames(node['typeAnnotation'])
    case 'TSUnionType':
      return (node['types'] as unknown[]).flatMap(typeNames)
    case 'TSTypeReference': {
      const name = node['typeName'] as { type: string; name?: string }
      const inner = node['typeArguments'] as { params?: unknown[] } | null | undefined
      const own = name.type === 'Identifier' && name.name !== undefined ? [name.name] : []
      return [...own, ...(inner?.params ?? []).flatMap(typeNames)]
    }
    default:
      return []
  }
}

function isNode(value: unknown): value is { type: string } {
  return typeof value === 'object' && value !== null && 'type' in value
}

function keyName(key: unknown): string | undefined {
  if (!isNode(key)) return undefined
  const { type, name } = key as { type: string; name?: unknown }
  return (type === 'Identifier' || type === 'PrivateIdentifier') && typeof name === 'string' ? name : undefined
}

/** The last name of what a method is called on; of a call, the function's. */
function receiverName(node: Node): string | undefined {
  switch (node.type) {
    case 'Identifier':
      return node.name
    case 'MemberExpression':
      return node.computed ? undefined : keyName(node.property)
    case 'CallExpression':
      return receiverName(node.callee)
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
      return receiverName(node.expression)
    case 'AwaitExpression':
      return receiverName(node.argument)
    case 'ChainExpression':
      return receiverName(node.expression)
    default:
      return undefined
  }
}

/** The first name of `a.b.c`. */
function rootName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression') return rootName(node.object)
  return undefined
}

/** What `x.open(…)`, awaited or not, gives. */
function typeGiven(init: Node, watched: readonly WatchedCalls[]): string | undefined {
  const call = init.type === 'AwaitExpression' ? init.argument : init
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression' || call.callee.computed)
    return undefined
  const method = keyName(call.callee.property) ?? ''
  return watched.map(({ gives = {} }) => (Object.hasOwn(gives, method) ? gives[method] : undefined)).find(Boolean)
}

function isRequire(node: { callee: Node }): boolean {
  return node.callee.type === 'Identifier' && node.callee.name === 'require'
}

function requireTarget(node: { arguments: readonly Node[] }): string | undefined {
  const [target] = node.arguments
  return target?.type === 'Literal' && typeof target.value === 'string' ? target.value : undefined
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
