// harness/coverage/boolean-tree.ts: a decision as a tree over its conditions, and the numbers of its paths.
//
// A path is one way through the short-circuit evaluation of a decision: which conditions were evaluated, and to what.
// Ball and Larus ("Efficient Path Profiling", 1996) number the paths of a graph so that adding a constant on some edges
// gives each path its own small number. Here the graph is the tree's, and each condition adds its weight on one edge:
//
// 1. A condition to the left of `&&` adds on true, one to the left of `||` on false (with negations in between, what is
//    left of `&&` or `||` counts, not the sign). On that edge its value does not become the decision's value, so the
//    added code can't change what the expression gives.
// 2. The last condition adds nothing: where it was evaluated, the decision's outcome is its value.
// 3. So (sum of weights, outcome) is a path, and `slot = 2 × sum + outcome`.
// 4. Numbers depend on the tree alone: the same decision has the same slots in TypeScript and in what was compiled of it.

export type BooleanTree =
  | Readonly<{ kind: 'condition'; index: number }>
  | Readonly<{ kind: 'not'; operand: BooleanTree }>
  | Readonly<{ kind: 'and' | 'or'; left: BooleanTree; right: BooleanTree }>

/** On which edge of a condition the weight is added; 'none' for the last one. */
export type WeightedEdge = 'true' | 'false' | 'none'

export type ConditionWeight = Readonly<{ edge: WeightedEdge; weight: number }>

export type Numbering = Readonly<{
  /** By condition. */
  weights: readonly ConditionWeight[]
  /** Slots that the paths of the decision need: 2 × sums. Some are never used. */
  slots: number
}>

/** A condition's part in a path; undefined: not evaluated. */
export type Verdict = boolean | undefined

export type Path = Readonly<{ slot: number; verdicts: readonly Verdict[]; outcome: boolean }>

/** More paths than this are not counted one by one: such a decision is told as too large, and never as covered. */
export const PATH_SUMS_MAX = 4096

export function conditionCount(tree: BooleanTree): number {
  switch (tree.kind) {
    case 'condition':
      return 1
    case 'not':
      return conditionCount(tree.operand)
    case 'and':
    case 'or':
      return conditionCount(tree.left) + conditionCount(tree.right)
    default:
      return tree satisfies never
  }
}

/** The value of a decision, with every condition known. */
export function evaluate(tree: BooleanTree, values: (index: number) => boolean): boolean {
  switch (tree.kind) {
    case 'condition':
      return values(tree.index)
    case 'not':
      return !evaluate(tree.operand, values)
    case 'and':
      return evaluate(tree.left, values) && evaluate(tree.right, values)
    case 'or':
      return evaluate(tree.left, values) || evaluate(tree.right, values)
    default:
      return tree satisfies never
  }
}

/** Where a decision goes after a condition: to another one, or to its end. */
type Target = number | boolean

type Step = { onTrue: Target; onFalse: Target; edge: WeightedEdge }

/** The short-circuit graph: a step for each condition, in the order of the text. */
function stepsOf(tree: BooleanTree): readonly Step[] {
  const steps: Step[] = []
  const place = (node: BooleanTree, onTrue: Target, onFalse: Target, edge: WeightedEdge): void => {
    switch (node.kind) {
      case 'condition':
        steps[node.index] = { onTrue, onFalse, edge }
        return
      case 'not':
        place(node.operand, onFalse, onTrue, edge === 'none' ? 'none' : edge === 'true' ? 'false' : 'true')
        return
      case 'and':
        place(node.left, firstOf(node.right), onFalse, 'true')
        place(node.right, onTrue, onFalse, edge)
        return
      case 'or':
        place(node.left, onTrue, firstOf(node.right), 'false')
        place(node.right, onTrue, onFalse, edge)
        return
      default:
        return node satisfies never
    }
  }
  place(tree, true, false, 'none')
  return steps
}

function firstOf(tree: BooleanTree): number {
  let node = tree
  while (node.kind !== 'condition') node = node.kind === 'not' ? node.operand : node.left
  return node.index
}

/** Weights and slots, or undefined if there are more than PATH_SUMS_MAX sums. */
export function numberPaths(tree: BooleanTree): Numbering | undefined {
  const steps = stepsOf(tree)
  const sums: number[] = []
  const weights: ConditionWeight[] = []
  const sumsOf = (target: Target): number => (typeof target === 'boolean' ? 1 : (sums[target] ?? 1))
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index]
    if (step === undefined) throw new TypeError('conditions are numbered without a gap')
    if (step.edge === 'none') {
      sums[index] = 1
      weights[index] = { edge: 'none', weight: 0 }
      continue
    }
    const weight = sumsOf(step.edge === 'true' ? step.onFalse : step.onTrue)
    sums[index] = weight + sumsOf(step.edge === 'true' ? step.onTrue : step.onFalse)
    weights[index] = { edge: step.edge, weight }
  }
  const total = sums[0] ?? 1
  return total > PATH_SUMS_MAX ? undefined : { weights, slots: 2 * total }
}

/** Every path of a decision, shortest first among those with the same beginning. */
export function pathsOf(tree: BooleanTree, numbering: Numbering): readonly Path[] {
  const steps = stepsOf(tree)
  const paths: Path[] = []
  const verdicts: Verdict[] = steps.map(() => undefined)
  const go = (target: Target, sum: number): void => {
    if (typeof target === 'boolean') {
      paths.push({ slot: 2 * sum + (target ? 1 : 0), verdicts: [...verdicts], outcome: target })
      return
    }
    const step = steps[target]
    const { edge, weight } = numbering.weights[target] ?? { edge: 'none', weight: 0 }
    if (step === undefined) throw new TypeError('a step leads to a condition')
    for (const value of [false, true]) {
      verdicts[target] = value
      go(value ? step.onTrue : step.onFalse, sum + (edge === String(value) ? weight : 0))
      verdicts[target] = undefined
    }
  }
  go(firstOf(tree), 0)
  return paths
}

/** The tree in words that need no source: `(0 && !1) || 2`. The same words, the same slots. */
export function shapeOf(tree: BooleanTree): string {
  switch (tree.kind) {
    case 'condition':
      return String(tree.index)
    case 'not':
      return tree.operand.kind === 'condition' ? `!${shapeOf(tree.operand)}` : `!(${shapeOf(tree.operand)})`
    case 'and':
    case 'or': {
      const operator = tree.kind === 'and' ? ' && ' : ' || '
      const part = (node: BooleanTree) =>
        node.kind === 'and' || node.kind === 'or' ? `(${shapeOf(node)})` : shapeOf(node)
      return `${part(tree.left)}${operator}${part(tree.right)}`
    }
    default:
      return tree satisfies never
  }
}
