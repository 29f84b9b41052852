// test/architecture/source.ts: the project's source files as syntax trees, for the tests that hold them against rules.
//
// 1. What is judged is syntax, never text: a rule is neither met nor broken in a comment or a string.
// 2. Every check is a function of a path and its source, so that each one can be shown to catch a planted defect.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Rooms with code that is shipped. */
export const ROOMS = ['engine', 'faults', 'scenarios', 'reports', 'harness'] as const

/** Any node of the tree. */
export type SyntaxNode = Readonly<{ type: string; start: number; end: number }> & { readonly [key: string]: unknown }

export type Comment = Readonly<{ value: string; start: number; end: number }>

export type Source = Readonly<{ path: string; text: string; program: SyntaxNode; comments: readonly Comment[] }>

/** Parses a file; `path` is relative to the project and tells the language. */
export function parse(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? 'does not parse'}`)
  if (!isNode(program)) throw new Error(`${path}: no syntax tree`)
  return { path, text, program, comments }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** A child that is one node. */
export function child(node: SyntaxNode, key: string): SyntaxNode | undefined {
  const value = node[key]
  return isNode(value) ? value : undefined
}

/** Name of an identifier, or the text of a string literal; undefined for everything else. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier')
    return typeof node['name'] === 'string' ? node['name'] : undefined
  return node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined
}

/** Visits every node with the nodes around it, the nearest last. */
export function walk(root: SyntaxNode, visit: (node: SyntaxNode, around: readonly SyntaxNode[]) => void): void {
  const around: SyntaxNode[] = []
  const enter = (node: SyntaxNode): void => {
    visit(node, around)
    around.push(node)
    for (const value of Object.values(node)) {
      if (isNode(value)) enter(value)
      else if (Array.isArray(value)) for (const item of value) if (isNode(item)) enter(item)
    }
    around.pop()
  }
  enter(root)
}

export function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length
}

/** `path:line: what`, as an editor understands it. */
export function at(source: Source, node: SyntaxNode, what: string): string {
  return `${source.path}:${lineOf(source, node.start)}: ${what}`
}

export type Import = Readonly<{
  specifier: string
  /** Vanishes when types are stripped. */
  typeOnly: boolean
  node: SyntaxNode
  names: readonly string[]
}>

/** Everything that a file takes from another: import, export … from, import(), import types, new URL(…, import.meta.url). */
export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  const add = (node: SyntaxNode, from: SyntaxNode | undefined, typeOnly: boolean, names: readonly string[]): void => {
    const specifier = nameOf(from)
    if (specifier !== undefined) found.push({ specifier, typeOnly, node, names })
  }
  walk(source.program, (node) => {
    const from = child(node, 'source')
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        add(node, from, isTypeOnly(node), specifierNames(node))
        break
      case 'ImportExpression':
        add(node, from, false, [])
        break
      case 'TSImportType':
        add(node, from ?? child(node, 'argument'), true, [])
        break
      case 'NewExpression': {
        const [first] = argumentsOf(node)
        if (
          nameOf(child(node, 'callee')) === 'URL' &&
          first !== undefined &&
          /^\.\.?\/.*\.[jt]s$/.test(nameOf(first) ?? '')
        )
          add(node, first, false, [])
        break
      }
      default:
        break
    }
  })
  return found
}

export function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const values = node['arguments']
  return Array.isArray(values) ? values.filter(isNode) : []
}

function specifiersOf(node: SyntaxNode): SyntaxNode[] {
  const values = node['specifiers']
  return Array.isArray(values) ? values.filter(isNode) : []
}

function specifierNames(node: SyntaxNode): string[] {
  return specifiersOf(node).flatMap((specifier) => nameOf(child(specifier, 'imported')) ?? [])
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true
  const specifiers = specifiersOf(node)
  return (
    specifiers.length > 0 &&
    specifiers.every((specifier) => specifier['importKind'] === 'type' || specifier['exportKind'] === 'type')
  )
}

/** Path of a relative import's target, relative to the project. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return relative(PROJECT, join(PROJECT, dirname(path), specifier))
}

/** Files below a folder of the project with one of the endings, in order; generated folders are left out. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  const names = readdirSync(join(PROJECT, folder)).toSorted()
  return names.flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`
    if (name === 'node_modules' || name === 'dist' || name === '.git') return []
    if (statSync(join(PROJECT, path)).isDirectory()) return filesBelow(path, endings)
    return endings.some((ending) => name.endsWith(ending)) ? [path] : []
  })
}

export function readText(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8')
}

/** All source files of a room, parsed. */
export function sourcesOf(room: string): Source[] {
  return filesBelow(room, ['.ts', '.tsx']).map((path) => parse(path, readText(path)))
}
