// harness/coverage/analyse.ts: which conditions of a decision were shown to decide it, from the paths that were taken.
//
// Masking MC/DC (DO-178C with CAST-6): a condition is covered if it was seen true and seen false while nothing that was
// evaluated beside it kept it from deciding. Unique-cause MC/DC, the stricter form, is told beside it: the two
// evaluations agree in every other condition that both evaluated; what a short circuit left out may be anything.
//
// 1. A condition is masked on a path if, somewhere between it and the root, the operand to the right was evaluated too and
//    has the value that forces its operator. An operand to the left never has, or the condition had not been evaluated.
// 2. Unmasked, a condition's value is the decision's outcome, negated or not; so two paths that are unmasked and differ in
//    the condition differ in the outcome: a pair.
// 3. Whoever is covered by unique cause is covered by masking.
// 4. Each occurrence of a condition is a condition of its own, also if another one has the same text.

import { conditionCount, type BooleanTree, type Path } from './boolean-tree.ts'

/** A pair of paths, as indices: the condition false in the first, true in the second. */
export type Pair = readonly [whenFalse: number, whenTrue: number]

export type ConditionVerdict = Readonly<{
  covered: boolean
  uniqueCause: boolean
  /** Of taken paths; one of unique cause if there is one. */
  pair: Pair | undefined
  /** Values that it was not seen with while it decided. */
  missing: readonly boolean[]
}>

/** Whether the condition decided the outcome of the path; undefined if it was not evaluated. */
export function isUnmasked(tree: BooleanTree, { verdicts }: Path, condition: number): boolean | undefined {
  if (verdicts[condition] === undefined) return undefined
  return unmaskedIn(tree, 0, verdicts, condition)
}

function unmaskedIn(tree: BooleanTree, first: number, verdicts: Path['verdicts'], condition: number): boolean {
  switch (tree.kind) {
    case 'condition':
      return true
    case 'not':
      return unmaskedIn(tree.operand, first, verdicts, condition)
    case 'and':
    case 'or': {
      const middle = first + conditionCount(tree.left)
      if (condition >= middle) return unmaskedIn(tree.right, middle, verdicts, condition)
      const right = valueOf(tree.right, verdicts)
      const forcing = tree.kind === 'or'
      return right !== forcing && unmaskedIn(tree.left, first, verdicts, condition)
    }
    default:
      return tree satisfies never
  }
}

/** The value of a part on a path; undefined if it was not evaluated. */
function valueOf(tree: BooleanTree, verdicts: Path['verdicts']): boolean | undefined {
  switch (tree.kind) {
    case 'condition':
      return verdicts[tree.index]
    case 'not': {
      const value = valueOf(tree.operand, verdicts)
      return value === undefined ? undefined : !value
    }
    case 'and':
    case 'or': {
      const left = valueOf(tree.left, verdicts)
      if (left === undefined || left === (tree.kind === 'or')) return left
      return valueOf(tree.right, verdicts)
    }
    default:
      return tree satisfies never
  }
}

/** The verdict on each condition, from the paths that were taken. Pairs are indices into `taken`. */
export function judgeConditions(tree: BooleanTree, taken: readonly Path[]): readonly ConditionVerdict[] {
  return Array.from({ length: conditionCount(tree) }, (_, condition) => {
    const seen = (value: boolean) =>
      taken.flatMap((path, index) =>
        path.verdicts[condition] === value && isUnmasked(tree, path, condition) === true ? [index] : [],
      )
    const [whenFalse, whenTrue] = [seen(false), seen(true)]
    const [firstFalse, firstTrue] = [whenFalse[0], whenTrue[0]]
    const unique = uniquePair(taken, condition, whenFalse, whenTrue)
    const masking: Pair | undefined =
      firstFalse === undefined || firstTrue === undefined ? undefined : [firstFalse, firstTrue]
    return {
      covered: masking !== undefined,
      uniqueCause: unique !== undefined,
      pair: unique ?? masking,
      missing: [...(firstFalse === undefined ? [false] : []), ...(firstTrue === undefined ? [true] : [])],
    }
  })
}

function uniquePair(
  taken: readonly Path[],
  condition: number,
  whenFalse: readonly number[],
  whenTrue: readonly number[],
): Pair | undefined {
  for (const left of whenFalse)
    for (const right of whenTrue) {
      const [a, b] = [taken[left], taken[right]]
      if (a !== undefined && b !== undefined && differOnlyIn(a, b, condition)) return [left, right]
    }
  return undefined
}

function differOnlyIn(a: Path, b: Path, condition: number): boolean {
  return (
    a.outcome !== b.outcome &&
    a.verdicts.every((value, index) => {
      const other = b.verdicts[index]
      return index === condition || value === undefined || other === undefined || value === other
    })
  )
}

function evaluatedIn({ verdicts }: Path): number {
  return verdicts.filter((verdict) => verdict !== undefined).length
}

/** The paths, of all that there are, that would show a condition deciding with a value; shortest first. */
export function pathsToTake(
  tree: BooleanTree,
  paths: readonly Path[],
  condition: number,
  value: boolean,
): readonly Path[] {
  return paths
    .filter((path) => path.verdicts[condition] === value && isUnmasked(tree, path, condition) === true)
    .toSorted((left, right) => evaluatedIn(left) - evaluatedIn(right))
}
