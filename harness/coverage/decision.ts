// harness/coverage/decision.ts: finds the tree of a decision and writes its counting.
//
//   if (a && !b)   if ((($c[7]++, $t = 8, (a && ($t += 2, true)) && !b) ? ($c[$t + 1]++, true) : ($c[$t]++, false)))
//   x = a || b     x = $d(($c[7]++, $t = 8, (a || ($t += 2, false)) || b), $t)    $d counts by the value and gives it
//   if (a)         if (((a) ? ($c[8]++, true) : ($c[7]++, false)))
//
// 1. An expression whose value is used gives the value that it gave: see boolean-tree.ts, 1.
// 2. What begins a statement begins with a name, so no line joins the one before.
// 3. An evaluation that throws, or is left by a generator, has counted its beginning and no path.

import { numberPaths, shapeOf, type BooleanTree } from './boolean-tree.ts'
import type { Condition, DecisionKind } from './items.ts'
import { child, unwrap, type SyntaxNode } from './syntax.ts'
import { deeper, functionNameOf, type Place, type Walk } from './walk.ts'

/** What is tested alone and is no decision. */
const CONSTANTS: readonly string[] = ['Literal']

type Leaf = Condition & Readonly<{ node: SyntaxNode }>

/** Measures the expression as a decision. `kind` 'value' is for trees whose value is used. */
export function visitDecision(walk: Walk, root: SyntaxNode, kind: DecisionKind, place: Place): void {
  const leaves: Leaf[] = []
  const tree = treeOf(root, leaves)
  const [only] = leaves
  if (only === undefined || (tree.kind === 'condition' && only.constant)) {
    walk.visit(root, place)
    return
  }
  const numbering = numberPaths(tree)
  const isOne = leaves.length === 1
  const base = walk.takeSlots((numbering?.slots ?? 2) + (isOne ? 0 : 1))
  const pathBase = isOne ? base : base + 1
  const inner = deeper(place, isOne || numbering === undefined ? 0 : 1)
  for (const { node } of leaves) walk.visit(node, inner)
  walk.add({
    metric: 'decision',
    kind,
    span: { start: root.start, end: root.end },
    functionName: functionNameOf(place),
    base,
    shape: shapeOf(tree),
    points: leaves.map(({ outer }) => outer),
    tree,
    conditions: leaves.map(({ outer, inner: span, constant }) => ({ outer, inner: span, constant })),
    startedSlot: isOne ? undefined : base,
    pathBase,
    unmeasured: numbering === undefined ? 'too-large' : undefined,
  })
  const { counts, decide } = walk.names
  let begin = isOne ? '' : `${counts}[${base}]++, `
  let slot = String(pathBase)
  if (!isOne && numbering !== undefined) {
    const local = place.scope.local(place.depth)
    leaves.forEach(({ outer }, index) => {
      const { edge, weight } = numbering.weights[index] ?? { edge: 'none', weight: 0 }
      if (edge === 'none') return
      const operator = edge === 'true' ? '&&' : '||'
      walk.edits.around(outer, '(', ` ${operator} (${local} += ${2 * weight}, ${edge}))`)
    })
    begin += `${local} = ${pathBase}, `
    slot = local
  }
  if (kind === 'value' || walk.statementStarts.has(root.start))
    walk.edits.around(root, ` ${decide}((${begin}`, `), ${slot})`)
  else {
    const next = slot === String(pathBase) ? String(pathBase + 1) : `${slot} + 1`
    walk.edits.around(root, `((${begin}`, `) ? (${counts}[${next}]++, true) : (${counts}[${slot}]++, false))`)
  }
}

/** The tree of `&&`, `||` and `!` below an expression; its leaves are appended in the order of the text. */
function treeOf(expression: SyntaxNode, leaves: Leaf[]): BooleanTree {
  const node = unwrap(expression)
  const left = child(node, 'left')
  const right = child(node, 'right')
  if (isBooleanLogic(node) && left !== undefined && right !== undefined)
    return {
      kind: node['operator'] === '&&' ? 'and' : 'or',
      left: treeOf(left, leaves),
      right: treeOf(right, leaves),
    }
  const argument = child(node, 'argument')
  if (isNegation(node) && argument !== undefined) return { kind: 'not', operand: treeOf(argument, leaves) }
  leaves.push({
    node: expression,
    outer: { start: expression.start, end: expression.end },
    inner: { start: node.start, end: node.end },
    constant: CONSTANTS.includes(node.type),
  })
  return { kind: 'condition', index: leaves.length - 1 }
}

export function isBooleanLogic(node: SyntaxNode): boolean {
  return node.type === 'LogicalExpression' && (node['operator'] === '&&' || node['operator'] === '||')
}

export function isNegation(node: SyntaxNode): boolean {
  return node.type === 'UnaryExpression' && node['operator'] === '!'
}

const BOOLEAN_OPERATORS: readonly unknown[] = ['==', '!=', '===', '!==', '^', '&', '|']
const COMPARISONS: readonly unknown[] = [...BOOLEAN_OPERATORS.slice(0, 4), '<', '<=', '>', '>=', 'in', 'instanceof']

/** An operator without a short circuit that joins Boolean expressions, as far as syntax shows. */
export function joinsBooleans(node: SyntaxNode): boolean {
  if (node.type !== 'BinaryExpression' || !BOOLEAN_OPERATORS.includes(node['operator'])) return false
  const sides = [child(node, 'left'), child(node, 'right')]
  return sides.some((side) => side !== undefined && isBoolean(unwrap(side)))
}

/** An expression whose value can only be true or false. */
function isBoolean(node: SyntaxNode): boolean {
  if (isNegation(node)) return true
  if (node.type === 'BinaryExpression') return COMPARISONS.includes(node['operator'])
  if (!isBooleanLogic(node)) return false
  return [child(node, 'left'), child(node, 'right')].every((side) => side !== undefined && isBoolean(unwrap(side)))
}

/** Lists such an operator as what it is: a decision that is not measured. */
export function addUnmeasured(walk: Walk, node: SyntaxNode, place: Place): void {
  const span = { start: node.start, end: node.end }
  const base = walk.takeSlots(0)
  const tree: BooleanTree = { kind: 'condition', index: 0 }
  walk.add({
    metric: 'decision',
    kind: 'operator',
    span,
    functionName: functionNameOf(place),
    base,
    shape: shapeOf(tree),
    points: [span],
    tree,
    conditions: [{ outer: span, inner: span, constant: false }],
    startedSlot: undefined,
    pathBase: base,
    unmeasured: 'boolean-operator',
  })
}
