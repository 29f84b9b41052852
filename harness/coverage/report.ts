// harness/coverage/report.ts: from items and counts to what mcdc.json says of a file, and the verdicts on it.
//
// 1. Verdicts follow from the vectors in the file alone, so files that were added up are judged again as one.
// 2. A gap is what is neither covered nor justified. Totals count conditions and outcomes, each once.

import { createHash } from 'node:crypto'
import type { McdcDecision, McdcFile, McdcTotals, McdcValuePath } from '../../reports/index.ts'
import { judgeConditions, pathsToTake } from './analyse.ts'
import { numberPaths, pathsOf, shapeOf, type Path, type Verdict } from './boolean-tree.ts'
import type { DecisionItem, Item, ValuePathItem } from './items.ts'
import { Lines } from './positions.ts'
import { treeOfShape } from './shape.ts'

/** Counts of one item: slots from its base for a decision, outcomes for a value path. undefined: never found. */
export type ItemCounts = readonly number[] | undefined

export type FileCounts = Readonly<{
  path: string
  text: string
  loaded: boolean
  items: readonly Item[]
  counts: readonly ItemCounts[]
}>

const VECTORS_SUGGESTED_MAX = 3

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** What is known of a file, judged. */
export function reportFile({ path, text, loaded, items, counts }: FileCounts): McdcFile {
  const lines = new Lines(text)
  const seen = new Map<string, number>()
  const common = (item: Item) => {
    const own = text.slice(item.span.start, item.span.end)
    // A switch is written down by its head; what it chooses among belongs to it too.
    const names = item.metric === 'value-path' ? item.outcomes.map(({ name }) => name).join('\n') : ''
    const hash = sha256(item.kind === 'switch' ? `${own}\n${names}` : own)
    const key = `${item.functionName} ${hash}`
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    const { line, column } = lines.position(item.span.start)
    return { line: line + 1, column: column + 1, function: item.functionName, text: own, hash, occurrence }
  }
  const decisions: McdcDecision[] = []
  const valuePaths: McdcValuePath[] = []
  items.forEach((item, index) => {
    const itemCounts = counts[index]
    const missing = loaded && itemCounts === undefined && !isUncounted(item)
    if (item.metric === 'decision')
      decisions.push(decisionOf(item, common(item), text, lines, itemCounts ?? [], missing))
    else valuePaths.push(valuePathOf(item, common(item), itemCounts ?? [], missing))
  })
  return judgeFile({ path, sha256: sha256(text), loaded, totals: NO_TOTALS, decisions, valuePaths })
}

function isUncounted(item: Item): boolean {
  return item.metric === 'decision' && item.unmeasured === 'boolean-operator'
}

type Common = Pick<McdcDecision, 'line' | 'column' | 'function' | 'text' | 'hash' | 'occurrence'>

function decisionOf(
  item: DecisionItem,
  common: Common,
  text: string,
  lines: Lines,
  counts: readonly number[],
  missing: boolean,
): McdcDecision {
  const numbering = numberPaths(item.tree)
  const paths = item.unmeasured === undefined && numbering !== undefined ? pathsOf(item.tree, numbering) : []
  const offset = item.pathBase - item.base
  const vectors = paths.flatMap(({ slot, verdicts, outcome }) => {
    const count = counts[offset + slot] ?? 0
    return count === 0 ? [] : [{ conditions: lettersOf(verdicts), outcome, count }]
  })
  const ended =
    item.unmeasured === 'too-large'
      ? (counts[offset] ?? 0) + (counts[offset + 1] ?? 0)
      : vectors.reduce((sum, { count }) => sum + count, 0)
  const began = item.startedSlot === undefined ? ended : (counts[item.startedSlot - item.base] ?? 0)
  const unmeasured = missing ? 'not-found' : item.unmeasured
  return {
    kind: item.kind,
    ...common,
    tree: shapeOf(item.tree),
    ...(unmeasured === undefined ? {} : { unmeasured }),
    evaluations: ended,
    aborted: Math.max(0, began - ended),
    vectors,
    conditions: item.conditions.map(({ inner, constant }) => {
      const { line, column } = lines.position(inner.start)
      return {
        text: text.slice(inner.start, inner.end),
        line: line + 1,
        column: column + 1,
        constant,
        covered: false,
        uniqueCause: false,
        missing: [],
      }
    }),
  }
}

function valuePathOf(item: ValuePathItem, common: Common, counts: readonly number[], missing: boolean): McdcValuePath {
  return {
    kind: item.kind,
    ...common,
    ...(missing ? { unmeasured: 'not-found' as const } : {}),
    outcomes: item.outcomes.map(({ name }, index) => ({ name, count: counts[index] ?? 0 })),
  }
}

function lettersOf(verdicts: readonly Verdict[]): string {
  return verdicts.map((verdict) => (verdict === undefined ? '-' : verdict ? 'T' : 'F')).join('')
}

/** The file with verdicts on every condition, and its totals. */
export function judgeFile(file: McdcFile): McdcFile {
  const decisions = file.decisions.map(judgeDecision)
  return { ...file, decisions, totals: totalsOf({ ...file, decisions }) }
}

function judgeDecision(decision: McdcDecision): McdcDecision {
  const tree = treeOfShape(decision.tree)
  const taken = decision.vectors.map(({ conditions, outcome }): Path => ({
    slot: -1,
    outcome,
    verdicts: [...conditions].map((letter) => (letter === '-' ? undefined : letter === 'T')),
  }))
  const numbering = numberPaths(tree)
  const paths = numbering === undefined ? [] : pathsOf(tree, numbering)
  const verdicts = judgeConditions(tree, taken)
  return {
    ...decision,
    conditions: decision.conditions.map(({ text, line, column, constant, justified }, index) => {
      const { covered, uniqueCause, pair, missing } = verdicts[index] ?? NO_VERDICT
      return {
        text,
        line,
        column,
        constant,
        covered,
        uniqueCause,
        ...(pair === undefined ? {} : { pair: [pair[0], pair[1]] as [number, number] }),
        missing: missing.map((value) => ({
          value,
          vectors: pathsToTake(tree, paths, index, value)
            .slice(0, VECTORS_SUGGESTED_MAX)
            .map((path) => lettersOf(path.verdicts)),
        })),
        ...(justified === undefined ? {} : { justified }),
      }
    }),
  }
}

const NO_VERDICT = { covered: false, uniqueCause: false, pair: undefined, missing: [] } as const

export const NO_TOTALS: McdcTotals = {
  files: 0,
  filesLoaded: 0,
  decisions: 0,
  decisionsCovered: 0,
  conditions: 0,
  conditionsCovered: 0,
  conditionsUniqueCause: 0,
  conditionsJustified: 0,
  aborted: 0,
  outcomes: 0,
  outcomesCovered: 0,
  outcomesJustified: 0,
}

function totalsOf({ loaded, decisions, valuePaths }: McdcFile): McdcTotals {
  const conditions = decisions.flatMap((decision) => decision.conditions)
  const outcomes = valuePaths.flatMap((path) => path.outcomes)
  return {
    files: 1,
    filesLoaded: loaded ? 1 : 0,
    decisions: decisions.length,
    decisionsCovered: decisions.filter((decision) => decision.conditions.every(({ covered }) => covered)).length,
    conditions: conditions.length,
    conditionsCovered: conditions.filter(({ covered }) => covered).length,
    conditionsUniqueCause: conditions.filter(({ uniqueCause }) => uniqueCause).length,
    conditionsJustified: conditions.filter(({ covered, justified }) => !covered && justified !== undefined).length,
    aborted: decisions.reduce((sum, { aborted }) => sum + aborted, 0),
    outcomes: outcomes.length,
    outcomesCovered: outcomes.filter(({ count }) => count > 0).length,
    outcomesJustified: outcomes.filter(({ count, justified }) => count === 0 && justified !== undefined).length,
  }
}

export function sumTotals(all: readonly McdcTotals[]): McdcTotals {
  return all.reduce((sum, totals) => {
    const add = (key: keyof McdcTotals) => sum[key] + totals[key]
    return {
      files: add('files'),
      filesLoaded: add('filesLoaded'),
      decisions: add('decisions'),
      decisionsCovered: add('decisionsCovered'),
      conditions: add('conditions'),
      conditionsCovered: add('conditionsCovered'),
      conditionsUniqueCause: add('conditionsUniqueCause'),
      conditionsJustified: add('conditionsJustified'),
      aborted: add('aborted'),
      outcomes: add('outcomes'),
      outcomesCovered: add('outcomesCovered'),
      outcomesJustified: add('outcomesJustified'),
    }
  }, NO_TOTALS)
}
