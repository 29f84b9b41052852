// harness/coverage/merge.ts: several runs over the same sources as one.
//
// 1. Vectors and outcomes are added up, then everything is judged again: a condition whose pair comes from two runs is
//    covered by neither and by both.
// 2. Runs over different texts of a file can't be added up.

import type { Mcdc, McdcDecision, McdcFile, McdcValuePath } from '../../reports/index.ts'
import { judgeFile, sumTotals } from './report.ts'

export class MergeError extends Error {
  override readonly name = 'MergeError'
}

/** Throws MergeError if a file had another text in one of the runs. At least one run. Justifications are left out. */
export function mergeMcdc(runs: readonly Mcdc[]): Mcdc {
  const [first] = runs
  if (first === undefined) throw new MergeError('there is nothing to merge')
  const files = new Map<string, McdcFile>()
  for (const run of runs)
    for (const file of run.files) {
      const before = files.get(file.path)
      files.set(file.path, before === undefined ? file : mergeFile(before, file))
    }
  const merged = [...files.values()]
    .toSorted((left, right) => (left.path < right.path ? -1 : 1))
    .map((file) => judgeFile(withoutJustifications(file)))
  const problems = runs.flatMap((run) => run.problems.filter(({ kind }) => kind !== 'justification'))
  const distinct = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
  return {
    ...first,
    runs: runs.flatMap((run) => run.runs),
    include: [...new Set(runs.flatMap(({ include }) => include))],
    exclude: [...new Set(runs.flatMap(({ exclude }) => exclude))],
    complete: distinct.length === 0,
    problems: distinct,
    totals: sumTotals(merged.map(({ totals }) => totals)),
    files: merged,
  }
}

function mergeFile(left: McdcFile, right: McdcFile): McdcFile {
  if (left.sha256 !== right.sha256)
    throw new MergeError(`${left.path} is not the same text in all runs: measure again what is older`)
  return {
    ...left,
    loaded: left.loaded || right.loaded,
    decisions: left.decisions.map((decision, index) => mergeDecision(decision, right.decisions[index])),
    valuePaths: left.valuePaths.map((path, index) => mergeValuePath(path, right.valuePaths[index])),
  }
}

/** What is known of an item that only one of two runs found. */
function unmeasuredOf<Kind extends string>(left: Kind | undefined, right: Kind | undefined): { unmeasured?: Kind } {
  const unmeasured = left === 'not-found' ? right : right === 'not-found' ? left : (left ?? right)
  const both = left === 'not-found' && right === 'not-found' ? left : unmeasured
  return both === undefined ? {} : { unmeasured: both }
}

function mergeDecision(left: McdcDecision, right: McdcDecision | undefined): McdcDecision {
  if (right === undefined || right.tree !== left.tree) throw new MergeError('the runs are of different versions')
  const vectors = new Map(left.vectors.map((vector) => [vector.conditions, vector]))
  for (const vector of right.vectors) {
    const before = vectors.get(vector.conditions)
    vectors.set(vector.conditions, before === undefined ? vector : { ...vector, count: before.count + vector.count })
  }
  const { unmeasured: _, ...rest } = left
  return {
    ...rest,
    ...unmeasuredOf(left.unmeasured, right.unmeasured),
    evaluations: left.evaluations + right.evaluations,
    aborted: left.aborted + right.aborted,
    vectors: [...vectors.values()].toSorted((a, b) => (a.conditions < b.conditions ? -1 : 1)),
  }
}

function mergeValuePath(left: McdcValuePath, right: McdcValuePath | undefined): McdcValuePath {
  if (right === undefined || right.outcomes.length !== left.outcomes.length)
    throw new MergeError('the runs are of different versions')
  const { unmeasured: _, ...rest } = left
  return {
    ...rest,
    ...unmeasuredOf(left.unmeasured, right.unmeasured),
    outcomes: left.outcomes.map(({ name, count }, index) => ({
      name,
      count: count + (right.outcomes[index]?.count ?? 0),
    })),
  }
}

function withoutJustifications(file: McdcFile): McdcFile {
  return {
    ...file,
    decisions: file.decisions.map((decision) => ({
      ...decision,
      conditions: decision.conditions.map((condition) => ({ ...condition, justified: undefined })),
    })),
    valuePaths: file.valuePaths.map((path) => ({
      ...path,
      outcomes: path.outcomes.map(({ name, count }) => ({ name, count })),
    })),
  }
}
