// harness/coverage/kit/expressions.ts: random decisions, instrumented, run under every assignment and judged by brute force.
//
// 1. The instrumented expression evaluates the same conditions in the same order and gives the same value as the plain one.
// 2. Each evaluation counts one path, the one that was taken.
// 3. Verdicts on random subsets of what can happen are those of brute force, in both forms; on all of it every condition
//    is covered; and what is covered by unique cause is covered by masking.

import fc from 'fast-check'
import { judgeConditions } from '../analyse.ts'
import { conditionCount, numberPaths, pathsOf, type BooleanTree, type Path } from '../boolean-tree.ts'
import { executable } from './execute.ts'
import type { Tally } from './tally.ts'
import { assignmentsOf, booleanTrees, decides, evaluator, sourceOf } from './trees.ts'

/** Values that are no Booleans, so that one that is lost shows. */
const FALSY: readonly unknown[] = [0, '', null, undefined, Number.NaN, false, -0]

const CONTEXTS = {
  if: (text: string) => `if (${text}) return true; return false`,
  while: (text: string) => `while (${text}) { return true } return false`,
  ternary: (text: string) => `return ${text} ? true : false`,
  value: (text: string) => `return ${text}`,
  argument: (text: string) => `return (value => value)(${text})`,
  arrow: (text: string) => `return (() => ${text})()`,
} as const

const SUBSETS = 3

/** Compares `expressions` random decisions, drawn from `seed`. */
export function compareExpressions(
  tally: Tally,
  options: Readonly<{ expressions: number; conditionsMax: number; seed: number }>,
): void {
  const contexts = Object.entries(CONTEXTS)
  const drawn = fc.sample(
    fc.tuple(
      booleanTrees(options.conditionsMax),
      fc.nat({ max: contexts.length - 1 }),
      fc.infiniteStream(fc.nat({ max: 99 })),
    ),
    { numRuns: options.expressions, seed: options.seed },
  )
  for (const [tree, chosen, dice] of drawn) {
    const [name, context] = contexts[chosen] ?? ['if', CONTEXTS.if]
    compareExpression(tally, tree, `${name}: ${sourceOf(tree)}`, context(sourceOf(tree)), () =>
      Number(dice.next().value ?? 0),
    )
  }
}

/** What stands for a condition's truth. */
function values(index: number, truth: boolean): unknown {
  return truth ? 10 + index : FALSY[index % FALSY.length]
}

function compareExpression(tally: Tally, tree: BooleanTree, name: string, text: string, die: () => number): void {
  const count = conditionCount(tree)
  const plain = evaluator(text, count, values)
  const bare = evaluator(`return ${sourceOf(tree)}`, count, (_, truth) => truth)
  const subject = executable(text, ['c'])
  const [item] = subject.items
  tally.same('one decision found', () => name, subject.items.length, isPlainValue(tree, text) ? 0 : 1)
  if (item?.metric !== 'decision') return
  tally.same('conditions found', () => name, item.conditions.length, count)
  const numbering = numberPaths(item.tree)
  if (numbering === undefined) return
  const paths = pathsOf(item.tree, numbering)
  const taken = new Map<number, Path>()
  for (const assignment of assignmentsOf(count)) {
    const expected = plain(assignment)
    const before = paths.map(({ slot }) => subject.count(item.pathBase + slot))
    const order: number[] = []
    const value = subject.run({
      c: (index: number) => {
        order.push(index)
        return values(index, assignment[index] === true)
      },
    })
    tally.same('value of the expression', () => name, value, expected.value)
    tally.same('order of evaluation', () => name, order, expected.order)
    const hit = paths.filter(({ slot }, index) => subject.count(item.pathBase + slot) !== before[index])
    tally.same(
      'path that was counted',
      () => name,
      hit.map((path) => path.verdicts),
      [expected.verdicts],
    )
    const [path] = hit
    if (path === undefined) continue
    tally.same('outcome of the path', () => name, path.outcome, bare(assignment).outcome)
    taken.set(path.slot, path)
  }
  tally.same('every path can be taken', () => name, taken.size, paths.length)
  const all = [...taken.values()].map((path): Judged => ({
    ...path,
    decides: path.verdicts.map((_, condition) => decides(tree, path.verdicts, condition)),
  }))
  compareVerdicts(tally, tree, name, all, true)
  for (let subset = 0; subset < SUBSETS; subset += 1) {
    const threshold = 15 + 30 * subset
    compareVerdicts(
      tally,
      tree,
      name,
      all.filter(() => die() < threshold),
      false,
    )
  }
}

/** A path with what brute force says of each of its conditions. */
type Judged = Path & Readonly<{ decides: readonly boolean[] }>

/** A single condition whose value is used is no decision. */
function isPlainValue(tree: BooleanTree, text: string): boolean {
  return tree.kind === 'condition' && !/^(if|while) |\?/.test(text)
}

function compareVerdicts(
  tally: Tally,
  tree: BooleanTree,
  name: string,
  taken: readonly Judged[],
  exhaustive: boolean,
): void {
  const verdicts = judgeConditions(tree, taken)
  const deciding = verdicts.map((_, condition) => taken.filter((path) => path.decides[condition] === true))
  verdicts.forEach(({ covered, uniqueCause }, condition) => {
    const [shown, unique] = pairsByBruteForce(deciding[condition] ?? [], taken, condition)
    tally.same('masking verdict', () => `${name}, condition ${condition}`, covered, shown)
    tally.same('unique-cause verdict', () => `${name}, condition ${condition}`, uniqueCause, unique)
    tally.same('unique cause implies masking', () => `${name}, condition ${condition}`, uniqueCause && !covered, false)
    if (exhaustive) tally.same('covered by everything', () => `${name}, condition ${condition}`, covered, true)
  })
}

function pairsByBruteForce(
  deciding: readonly Path[],
  taken: readonly Path[],
  condition: number,
): readonly [masking: boolean, unique: boolean] {
  const masking = deciding.some((a) =>
    deciding.some((b) => a.verdicts[condition] !== b.verdicts[condition] && a.outcome !== b.outcome),
  )
  const unique = taken.some((a) =>
    taken.some(
      (b) =>
        a.verdicts[condition] === false &&
        b.verdicts[condition] === true &&
        a.outcome !== b.outcome &&
        a.verdicts.every(
          (verdict, i) =>
            i === condition || verdict === undefined || b.verdicts[i] === undefined || verdict === b.verdicts[i],
        ),
    ),
  )
  return [masking, unique]
}
