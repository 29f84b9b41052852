// harness/coverage/syntax.ts: source text as a syntax tree (ESTree, as oxc-parser gives it), read without its types.
//
// 1. Positions are UTF-16 offsets into the text that was parsed.
// 2. A text with a syntax error is refused: a tree that was mended by a parser would measure another program.

import { parseSync } from 'oxc-parser'

export type SyntaxNode = Readonly<{ type: string; start: number; end: number; [key: string]: unknown }>

export type Language = 'js' | 'jsx' | 'ts' | 'tsx'

/** A text that can't be measured. `offset` is where the first error is. */
export class UnparsableError extends Error {
  override readonly name = 'UnparsableError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export type ParseOptions = Readonly<{
  language: Language
  /** 'commonjs' allows a `return` outside of functions. */
  sourceType: 'module' | 'commonjs' | 'script' | 'unambiguous'
}>

/** The program. Throws UnparsableError. */
export function parseSource(text: string, options: ParseOptions): SyntaxNode {
  const { program, errors } = parseSync('source', text, {
    lang: options.language,
    sourceType: options.sourceType,
    preserveParens: true,
    range: false,
  })
  const [error] = errors.filter(({ severity }) => severity === 'Error')
  if (error !== undefined) throw new UnparsableError(error.message, error.labels[0]?.start ?? 0)
  if (!isNode(program)) throw new UnparsableError('the parser gave no program', 0)
  return program
}

/** The language that a file's name says; undefined if it says none that is measured. */
export function languageOf(path: string): Language | undefined {
  switch (/\.([^./\\]+)$/.exec(path)?.[1]) {
    case 'js':
    case 'mjs':
    case 'cjs':
    case 'jsx':
      return 'jsx'
    case 'ts':
    case 'mts':
    case 'cts':
      return 'ts'
    case 'tsx':
      return 'tsx'
    default:
      return undefined
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value
  )
}

/** The node under a key; undefined if there is none. */
export function child(node: SyntaxNode, key: string): SyntaxNode | undefined {
  const value = node[key]
  return isNode(value) ? value : undefined
}

/** The nodes of a list under a key; holes are left out. */
export function children(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** Every node right below this one, in the order of the text. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (const value of Object.values(node)) {
    if (isNode(value)) found.push(value)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) found.push(item)
  }
  return found.toSorted((left, right) => left.start - right.start)
}

/** Wrappers that change nothing at run time: parentheses, and what TypeScript says of a type. */
const WRAPPERS: readonly string[] = [
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
]

export function isWrapper(node: SyntaxNode): boolean {
  return WRAPPERS.includes(node.type)
}

/** What is inside of parentheses and type assertions. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let inner = node
  while (isWrapper(inner)) {
    const next = child(inner, 'expression')
    if (next === undefined) return inner
    inner = next
  }
  return inner
}
