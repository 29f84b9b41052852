// harness/coverage/scope.ts: where the locals live in which a path's sum grows.
//
// 1. A local belongs to one activation: recursion, generators and async functions can't mix their paths.
// 2. Expressions that are evaluated at the same time have locals of their own, by their depth; one after the other they
//    share them.
// 3. Where no statement can stand (defaults of parameters, class fields) the expression becomes an arrow function's body,
//    which keeps `this`, `super` and `arguments`, and the locals are its parameters.

import type { Edits, Names } from './edits.ts'
import { child, children, type SyntaxNode } from './syntax.ts'

export class Scope {
  readonly #names: Names
  #locals = 0
  #statements = ''

  constructor(names: Names) {
    this.#names = names
  }

  /** The local of a depth. */
  local(depth: number): string {
    this.#locals = Math.max(this.#locals, depth + 1)
    return `${this.#names.local}${depth}`
  }

  /** A statement for the beginning of the scope; not for an expression's. */
  begin(statement: string): void {
    this.#statements += statement
  }

  /** Writes what the scope needs at the beginning of a list of statements, which ends at `endOffset`. */
  closeStatements(edits: Edits, body: readonly SyntaxNode[], endOffset: number): void {
    const text = this.#opening()
    if (text !== '') edits.before(statementsStart(body, endOffset), text)
  }

  /** Makes a block of an arrow function's body, if the scope needs one. */
  closeArrow(edits: Edits, body: SyntaxNode): void {
    const text = this.#opening()
    if (text !== '') edits.around(body, `{ ${text}return (`, ') }')
  }

  closeExpression(edits: Edits, expression: SyntaxNode): void {
    if (this.#locals > 0) edits.around(expression, ` ((${this.#list()}) => (`, '))()')
  }

  #opening(): string {
    return (this.#locals > 0 ? `let ${this.#list()};` : '') + this.#statements
  }

  #list(): string {
    return Array.from({ length: this.#locals }, (_, depth) => `${this.#names.local}${depth} = 0`).join(', ')
  }
}

/** Behind the directives of a list of statements. */
export function statementsStart(body: readonly SyntaxNode[], endOffset: number): number {
  const first = body.find((statement) => typeof statement['directive'] !== 'string')
  return first?.start ?? endOffset
}

/** The statements of a block, and where they end. */
export function blockOf(block: SyntaxNode): Readonly<{ body: readonly SyntaxNode[]; endOffset: number }> {
  const inner = child(block, 'body') ?? block
  return { body: children(inner, 'body'), endOffset: inner.end - 1 }
}
