// harness/coverage/instrument.ts: a text in which every decision and value path is counted, and the list of them.
//
// 1. The instrumented program does what the text does: same values, same order, same names of functions, same lines.
//    What can tell them apart: `toString` of a function, columns and wording of V8's own messages, and time.
// 2. The list follows from the text alone. The same text, the same items and slots, in every process.
// 3. Types, declarations and enums of TypeScript are left alone.

import { addUnmeasured, isBooleanLogic, isNegation, joinsBooleans, visitDecision } from './decision.ts'
import { Edits, freshNames, type Names } from './edits.ts'
import type { DecisionKind, Item } from './items.ts'
import { prologue } from './prologue.ts'
import { blockOf, Scope, statementsStart } from './scope.ts'
import {
  child,
  children,
  childrenOf,
  isWrapper,
  parseSource,
  unwrap,
  type Language,
  type SyntaxNode,
} from './syntax.ts'
import {
  countAtStart,
  visitChain,
  visitLogicalAssignment,
  visitNullish,
  visitPattern,
  visitSwitch,
} from './value-path.ts'
import type { Place, Walk } from './walk.ts'

export type InstrumentOptions = Readonly<{
  language: Language
  /** How the text is loaded: it decides how it finds its counters. */
  module: 'module' | 'commonjs'
  /** What the counters are asked for by: the text's key. */
  key: string
}>

export type Instrumented = Readonly<{
  items: readonly Item[]
  slots: number
  /** The text with its counting; the text itself if there is nothing to count. */
  code: string
  /** The source map from `code` to the text. */
  map(source: string): string
}>

/** Throws UnparsableError. */
export function instrument(text: string, options: InstrumentOptions): Instrumented {
  const program = parseSource(text, { language: options.language, sourceType: options.module })
  const instrumenter = new Instrumenter(text)
  instrumenter.program(program, options)
  const { items, slots, edits } = instrumenter
  return {
    items: items.toSorted((left, right) => left.span.start - right.span.start || right.span.end - left.span.end),
    slots,
    code: slots === 0 ? text : edits.text(),
    map: (source) => edits.map(source),
  }
}

const TESTS: Readonly<Record<string, DecisionKind>> = {
  IfStatement: 'if',
  WhileStatement: 'loop',
  DoWhileStatement: 'loop',
  ForStatement: 'loop',
  ConditionalExpression: 'ternary',
}

class Instrumenter implements Walk {
  readonly text: string
  readonly edits: Edits
  readonly names: Names
  readonly items: Item[] = []
  readonly statementStarts = new Set<number>()
  slots = 0

  constructor(text: string) {
    this.text = text
    this.edits = new Edits(text)
    this.names = freshNames(text)
  }

  takeSlots(count: number): number {
    this.slots += count
    return this.slots - count
  }

  add(item: Item): void {
    this.items.push(item)
  }

  program(program: SyntaxNode, options: InstrumentOptions): void {
    const place: Place = { scope: new Scope(this.names), depth: 0, path: [] }
    const body = children(program, 'body')
    for (const statement of body) this.visit(statement, place)
    place.scope.closeStatements(this.edits, body, program.end)
    if (this.slots > 0) this.edits.before(statementsStart(body, program.end), prologue(this.names, this.slots, options))
  }

  visit(node: SyntaxNode, place: Place): void {
    if (node['declare'] === true) return
    const testKind = TESTS[node.type]
    if (testKind !== undefined) {
      this.#visitTested(node, testKind, place)
      return
    }
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#visitFunction(node, place)
        return
      case 'ExpressionStatement':
        this.statementStarts.add(node.start)
        this.visitChildren(node, place)
        return
      case 'LogicalExpression': {
        const left = child(node, 'left')
        const right = child(node, 'right')
        if (isBooleanLogic(node)) visitDecision(this, node, 'value', place)
        else if (left !== undefined && right !== undefined) visitNullish(this, node, left, right, place)
        return
      }
      case 'UnaryExpression':
        this.#visitUnary(node, place)
        return
      case 'BinaryExpression':
        if (joinsBooleans(node)) addUnmeasured(this, node, place)
        this.visitChildren(node, place)
        return
      case 'ChainExpression':
        visitChain(this, node, node, place)
        return
      case 'CallExpression':
      case 'TaggedTemplateExpression': {
        const callee = child(node, 'callee') ?? child(node, 'tag')
        const chain = callee !== undefined && isWrapper(callee) ? unwrap(callee) : undefined
        if (chain?.type === 'ChainExpression') visitChain(this, chain, node, place)
        else this.visitChildren(node, place)
        return
      }
      case 'AssignmentExpression':
        this.#visitAssignment(node, place)
        return
      case 'SwitchStatement':
        visitSwitch(this, node, place)
        return
      case 'VariableDeclaration':
        this.#visitDeclaration(node, node.end, place)
        return
      case 'ExportNamedDeclaration': {
        const declaration = child(node, 'declaration')
        if (declaration?.type === 'VariableDeclaration') this.#visitDeclaration(declaration, node.end, place)
        else if (declaration !== undefined) this.visit(declaration, place)
        return
      }
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#visitForEach(node, place)
        return
      case 'CatchClause':
        this.#visitCatch(node, place)
        return
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.visitChildren(node, named(place, child(node, 'id')))
        return
      case 'MethodDefinition':
      case 'Property':
        this.visitChildren(node, named(place, child(node, 'key')))
        return
      case 'PropertyDefinition':
      case 'AccessorProperty':
        this.#visitField(node, place)
        return
      case 'StaticBlock': {
        const inner: Place = { scope: new Scope(this.names), depth: 0, path: [...place.path, 'static'] }
        const { body, endOffset } = { body: children(node, 'body'), endOffset: node.end - 1 }
        for (const statement of body) this.visit(statement, inner)
        inner.scope.closeStatements(this.edits, body, endOffset)
        return
      }
      case 'TSModuleDeclaration': {
        const body = child(node, 'body')
        if (body !== undefined) this.#visitNamespace(body, named(place, child(node, 'id')))
        return
      }
      case 'TSExportAssignment':
        this.visitChildren(node, place)
        return
      default:
        if (!node.type.startsWith('TS') || isWrapper(node)) this.visitChildren(node, place)
    }
  }

  visitChildren(node: SyntaxNode, place: Place): void {
    for (const inner of childrenOf(node)) this.visit(inner, place)
  }

  /** A statement or expression with a `test`. */
  #visitTested(node: SyntaxNode, kind: DecisionKind, place: Place): void {
    const test = child(node, 'test')
    for (const part of childrenOf(node))
      if (part === test) visitDecision(this, part, kind, place)
      else if (node.type === 'ForStatement' && part.type === 'VariableDeclaration')
        this.#visitDeclaration(part, undefined, place)
      else this.visit(part, place)
  }

  #visitUnary(node: SyntaxNode, place: Place): void {
    const argument = child(node, 'argument')
    const chain = argument === undefined ? undefined : unwrap(argument)
    if (isNegation(node)) visitDecision(this, node, 'value', place)
    else if (node['operator'] === 'delete' && chain?.type === 'ChainExpression') visitChain(this, chain, node, place)
    else this.visitChildren(node, place)
  }

  #visitAssignment(node: SyntaxNode, place: Place): void {
    const left = child(node, 'left')
    const right = child(node, 'right')
    if (left === undefined || right === undefined) return
    const inner = left.type === 'Identifier' ? named(place, left) : place
    if (['??=', '||=', '&&='].includes(String(node['operator']))) {
      visitLogicalAssignment(this, node, left, right, inner)
      return
    }
    this.visit(right, inner)
    if (left.type !== 'ObjectPattern' && left.type !== 'ArrayPattern') {
      this.visit(left, place)
      return
    }
    const bound = visitPattern(this, left, place, (value) => this.visit(value, place))
    if (bound !== undefined) this.edits.around(node, ` ${this.names.settle}((`, `), ${bound})`)
  }

  /** `endOffset` is where a statement can follow; undefined in the head of a loop. */
  #visitDeclaration(node: SyntaxNode, endOffset: number | undefined, place: Place): void {
    if (node['declare'] === true) return
    for (const declarator of children(node, 'declarations')) {
      const id = child(declarator, 'id')
      const init = child(declarator, 'init')
      if (init !== undefined) this.visit(init, named(place, id))
      const bound = id && visitPattern(this, id, place, (value) => this.visit(value, place))
      if (bound === undefined) continue
      const { counts, local } = this.names
      if (endOffset === undefined) this.edits.after(declarator.end, `, ${local}x${bound} = ${counts}[${bound}]++`)
      else this.edits.after(endOffset, `;${counts}[${bound}]++;`)
    }
  }

  #visitForEach(node: SyntaxNode, place: Place): void {
    const left = child(node, 'left')
    const right = child(node, 'right')
    const body = child(node, 'body')
    if (left === undefined || right === undefined || body === undefined) return
    this.visit(right, place)
    this.visit(body, place)
    let bound: number | undefined
    for (const pattern of left.type === 'VariableDeclaration' ? children(left, 'declarations') : [left])
      bound = visitPattern(this, child(pattern, 'id') ?? pattern, place, (value) => this.visit(value, place), bound)
    if (bound !== undefined) countAtStart(this, body, bound)
  }

  #visitCatch(node: SyntaxNode, place: Place): void {
    const parameter = child(node, 'param')
    const body = child(node, 'body')
    if (body === undefined) return
    this.visit(body, place)
    if (parameter === undefined) return
    const bound = visitPattern(this, parameter, place, (value) => this.visit(value, place))
    if (bound !== undefined) countAtStart(this, body, bound)
  }

  #visitField(node: SyntaxNode, place: Place): void {
    const key = child(node, 'key')
    const value = child(node, 'value')
    for (const decorator of children(node, 'decorators')) this.visit(decorator, place)
    if (key !== undefined && node['computed'] === true) this.visit(key, place)
    if (value !== undefined) this.#visitExpression(value, named(place, key))
  }

  /** An expression that no statement surrounds. */
  #visitExpression(node: SyntaxNode, place: Place): void {
    const inner: Place = { ...place, scope: new Scope(this.names), depth: 0 }
    this.visit(node, inner)
    inner.scope.closeExpression(this.edits, node)
  }

  #visitNamespace(body: SyntaxNode, place: Place): void {
    if (body.type === 'TSModuleDeclaration') {
      this.visit(body, place)
      return
    }
    const statements = children(body, 'body')
    const inner: Place = { ...place, scope: new Scope(this.names), depth: 0 }
    for (const statement of statements) this.visit(statement, inner)
    inner.scope.closeStatements(this.edits, statements, body.end - 1)
  }

  #visitFunction(node: SyntaxNode, around: Place): void {
    const body = child(node, 'body')
    if (body === undefined) return
    const id = child(node, 'id')
    const place = id === undefined || around.path.at(-1) === nameOf(id) ? around : named(around, id)
    let bound: number | undefined
    for (const parameter of children(node, 'params'))
      bound = visitPattern(this, parameter, place, (value) => this.#visitExpression(value, place), bound)
    const inner: Place = { scope: new Scope(this.names), depth: 0, path: place.path }
    if (bound !== undefined) inner.scope.begin(`${this.names.counts}[${bound}]++;`)
    if (body.type !== 'BlockStatement' && body.type !== 'FunctionBody') {
      this.visit(body, inner)
      inner.scope.closeArrow(this.edits, body)
      return
    }
    const { body: statements, endOffset } = blockOf(body)
    for (const statement of statements) this.visit(statement, inner)
    inner.scope.closeStatements(this.edits, statements, endOffset)
  }
}

function nameOf(node: SyntaxNode | undefined): string | undefined {
  const name = node?.['name'] ?? node?.['value']
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined
}

function named(place: Place, id: SyntaxNode | undefined): Place {
  const name = nameOf(id)
  return name === undefined ? place : { ...place, path: [...place.path, name] }
}
