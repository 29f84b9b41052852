// harness/coverage/kit/trees.ts: random decisions, and what brute force says of them.
//
// The oracle shares nothing with the analysis but the tree: JavaScript's own operators say what is evaluated, and a
// condition decides if turning it alone turns the value of the whole, under some completion of what was left out.

import { compileFunction } from 'node:vm'
import fc from 'fast-check'
import { conditionCount, evaluate, type BooleanTree, type Path } from '../boolean-tree.ts'

type Shape = Readonly<{ kind: 'condition' | 'not' | 'and' | 'or'; parts: readonly Shape[] }>

const LEAF: Shape = { kind: 'condition', parts: [] }

/** Decisions of 1 to `conditionsMax` conditions. */
export function booleanTrees(conditionsMax: number): fc.Arbitrary<BooleanTree> {
  const shape: fc.Memo<Shape> = fc.memo((depth) =>
    depth <= 1
      ? fc.constant(LEAF)
      : fc.oneof(
          { weight: 1, arbitrary: fc.constant(LEAF) },
          { weight: 1, arbitrary: shape(depth - 1).map((part): Shape => ({ kind: 'not', parts: [part] })) },
          {
            weight: 5,
            arbitrary: fc
              .tuple(fc.constantFrom<'and' | 'or'>('and', 'or'), shape(depth - 1), shape(depth - 1))
              .map(([kind, left, right]): Shape => ({ kind, parts: [left, right] })),
          },
        ),
  )
  return shape(5)
    .map(numbered)
    .filter((tree) => conditionCount(tree) <= conditionsMax)
}

function numbered(root: Shape): BooleanTree {
  let next = 0
  const go = ({ kind, parts: [left, right] }: Shape): BooleanTree => {
    if (kind === 'condition' || left === undefined) {
      next += 1
      return { kind: 'condition', index: next - 1 }
    }
    if (kind === 'not' || right === undefined) return { kind: 'not', operand: go(left) }
    const first = go(left)
    return { kind, left: first, right: go(right) }
  }
  return go(root)
}

/** Every assignment of `count` conditions. */
export function assignmentsOf(count: number): readonly (readonly boolean[])[] {
  return Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (__, index) => Math.floor(bits / 2 ** index) % 2 === 1),
  )
}

/** The decision as JavaScript, over a function `c(index)`. */
export function sourceOf(tree: BooleanTree): string {
  switch (tree.kind) {
    case 'condition':
      return `c(${tree.index})`
    case 'not':
      return tree.operand.kind === 'condition' ? `!${sourceOf(tree.operand)}` : `!(${sourceOf(tree.operand)})`
    case 'and':
    case 'or': {
      const operator = tree.kind === 'and' ? '&&' : '||'
      return `(${sourceOf(tree.left)} ${operator} ${sourceOf(tree.right)})`
    }
    default:
      return tree satisfies never
  }
}

/** What is evaluated, and what comes out; `order` is the order of evaluation. */
export type Evaluation = Readonly<{
  verdicts: Path['verdicts']
  outcome: boolean
  value: unknown
  order: readonly number[]
}>

/** Evaluates a text over `c(index)` with values that stand for an assignment. */
export function evaluator(
  text: string,
  count: number,
  values: (index: number, truth: boolean) => unknown,
): (assignment: readonly boolean[]) => Evaluation {
  const run: unknown = compileFunction(text, ['c'])
  if (typeof run !== 'function') throw new TypeError('a function is compiled')
  return (assignment) => {
    const verdicts: (boolean | undefined)[] = Array.from({ length: count }, () => undefined)
    const order: number[] = []
    const value: unknown = run((index: number) => {
      const truth = assignment[index] === true
      verdicts[index] = truth
      order.push(index)
      return values(index, truth)
    })
    return { verdicts, outcome: Boolean(value), value, order }
  }
}

/** By brute force: some completion of what was evaluated lets the condition alone turn the decision. */
export function decides(tree: BooleanTree, verdicts: Path['verdicts'], condition: number): boolean {
  if (verdicts[condition] === undefined) return false
  const open = verdicts.flatMap((verdict, index) => (verdict === undefined ? [index] : []))
  return assignmentsOf(open.length).some((completion) => {
    const full = verdicts.map((verdict, index) => verdict ?? completion[open.indexOf(index)] === true)
    const now = evaluate(tree, (index) => full[index] === true)
    const turned = evaluate(tree, (index) => (full[index] === true) !== (index === condition))
    return now !== turned
  })
}
