// harness/coverage/shape.ts: reads a tree back from its words, as shapeOf in boolean-tree.ts writes them.

import type { BooleanTree } from './boolean-tree.ts'

/** Throws TypeError if the words are no tree. */
export function treeOfShape(shape: string): BooleanTree {
  const tokens = shape.match(/\d+|&&|\|\||[!()]/g) ?? []
  let at = 0
  const take = (): string => {
    const token = tokens[at]
    if (token === undefined) throw new TypeError(`this is no tree of conditions: ${shape}`)
    at += 1
    return token
  }
  const operand = (): BooleanTree => {
    const token = take()
    if (token === '!') return { kind: 'not', operand: operand() }
    if (token === '(') {
      const inner = expression()
      if (take() !== ')') throw new TypeError(`this is no tree of conditions: ${shape}`)
      return inner
    }
    if (!/^\d+$/.test(token)) throw new TypeError(`this is no tree of conditions: ${shape}`)
    return { kind: 'condition', index: Number(token) }
  }
  const expression = (): BooleanTree => {
    const left = operand()
    const operator = tokens[at]
    if (operator !== '&&' && operator !== '||') return left
    at += 1
    return { kind: operator === '&&' ? 'and' : 'or', left, right: operand() }
  }
  const tree = expression()
  if (at !== tokens.length) throw new TypeError(`this is no tree of conditions: ${shape}`)
  return tree
}
