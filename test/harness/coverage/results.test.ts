import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathTest, shapeOf, treeOfShape } from '../../../harness/coverage/index.ts'
import { instrument, justify, mergeMcdc, reportFile, sumTotals } from '../../../harness/coverage/index.ts'
import { booleanTrees } from '../../../harness/coverage/kit/trees.ts'
import { conditionGaps, mcdcLcov, mcdcSchema, mcdcTable, type Mcdc } from '../../../reports/index.ts'

const TEXT = 'export const f = (a, b) => a && b ? 1 : (a ?? 2)\nexport const g = (a, b) => a || b\n'

/** A result in which the slots of `counts` were counted, by item and slot. */
function resultOf(counts: Readonly<Record<number, readonly number[]>>, text = TEXT): Mcdc {
  const { items } = instrument(text, { language: 'js', module: 'module', key: '' })
  const loaded = Object.keys(counts).length > 0
  const file = reportFile({
    path: 'src/f.js',
    text,
    loaded,
    items,
    counts: items.map((_, i) => counts[i] ?? (loaded ? [] : undefined)),
  })
  return mcdcSchema.parse({
    formatVersion: 1,
    form: 'masking',
    tool: { name: 'powercut', version: '0', parser: 'p', node: 'n' },
    runs: [{ command: ['x'], exitCode: 0, processes: 1, processesLost: 0 }],
    include: [],
    exclude: [],
    complete: true,
    problems: [],
    totals: sumTotals([file.totals]),
    files: [file],
  })
}

// Slots of `a && b`: began, F-, (unused), TF, TT. Of `a || b`: began, (unused), T-, FF, FT.
const FIRST = { 0: [2, 1, 0, 0, 1], 1: [1, 0], 2: [1, 0, 1, 0, 0] }
const SECOND = { 0: [1, 0, 0, 1, 0], 1: [0, 0], 2: [3, 0, 0, 1, 1] }

describe('results', { tags: ['MCD-04'] }, () => {
  it('name vectors, pairs and what is missing', () => {
    const [file] = resultOf(FIRST).files
    const [decision] = file?.decisions ?? []
    expect(decision?.vectors.map(({ conditions, outcome, count }) => [conditions, outcome, count])).toEqual([
      ['F-', false, 1],
      ['TT', true, 1],
    ])
    expect(decision?.conditions.map(({ covered, pair, missing }) => [covered, pair, missing])).toEqual([
      [true, [0, 1], []],
      [false, undefined, [{ value: false, vectors: ['TF'] }]],
    ])
    expect(file?.decisions[1]).toMatchObject({ evaluations: 1, aborted: 0 })
    expect(conditionGaps(file ?? expect.fail()).map(({ message }) => message)).toEqual([
      "'b' of 'a && b' never decided as false (needs TF)",
      "'a' of 'a || b' never decided as false (needs FF)",
      "'b' of 'a || b' never decided as false or true (needs FF)",
    ])
  })

  it('of several runs are judged as one: a pair may come from two of them', () => {
    const merged = mergeMcdc([resultOf(FIRST), resultOf(SECOND), resultOf({})])
    expect(merged.totals).toMatchObject({ decisions: 2, decisionsCovered: 2, conditions: 4, conditionsCovered: 4 })
    expect(merged.totals).toMatchObject({ aborted: 1, files: 1, filesLoaded: 1, outcomes: 2, outcomesCovered: 1 })
    expect(merged.runs).toHaveLength(3)
    expect(mergeMcdc([merged]).totals).toEqual(merged.totals)
    expect(() => mergeMcdc([merged, resultOf(FIRST, `${TEXT}\n`)])).toThrow(/src\/f\.js is not the same text/)
  })

  it('that were not loaded are not covered', () => {
    const { totals, files } = resultOf({})
    expect(totals).toMatchObject({ files: 1, filesLoaded: 0, conditions: 4, conditionsCovered: 0 })
    expect(mcdcTable(resultOf({}), { gapsMax: 9 })).toContain('src/f.js (not loaded)')
    expect(mcdcTable(resultOf({}), { gapsMax: 9 })).toContain('4 conditions not covered:')
    expect(mcdcTable(resultOf({}), { gapsMax: 1 })).toContain('4 conditions not covered, the first 1:')
    expect(mcdcTable(resultOf({}), { gapsMax: 0 })).toMatch(/4 conditions not covered$/m)
    expect(conditionGaps(files[0] ?? expect.fail())[0]?.message).toContain('was not loaded')
  })

  it('take justifications that hold, and tell those that do not', () => {
    const result = resultOf(FIRST)
    const [decision, other] = result.files[0]?.decisions ?? []
    const entry = {
      file: 'src/f.js',
      function: 'f',
      text: 'a && b',
      hash: decision?.hash ?? '',
      occurrence: 1,
      class: 'infeasible' as const,
      reason: 'b follows from a',
    }
    const held = justify(result, { formatVersion: 1, justifications: [entry] })
    expect([held.complete, held.totals.conditionsJustified, held.totals.conditionsCovered]).toEqual([true, 1, 1])
    const told = (changed: object) =>
      justify(result, { formatVersion: 1, justifications: [{ ...entry, ...changed }] }).problems.map(
        ({ message }) => message,
      )
    expect(told({ hash: 'f00' })[0]).toMatch(/code has changed or is gone/)
    expect(told({ file: 'src/gone.js' })[0]).toMatch(/not measured/)
    expect(told({ function: 'g' })[0]).toMatch(/code has changed or is gone/)
    expect(told({ gaps: ['a'] })[0]).toMatch(/'a' is covered; take it out/)
    expect(told({ gaps: ['c'] })[0]).toMatch(/has no 'c'/)
    const all = mergeMcdc([result, resultOf(SECOND)])
    expect(justify(all, { formatVersion: 1, justifications: [entry] }).problems[0]?.message).toMatch(
      /all of it is covered/,
    )
    expect(other?.hash).not.toBe(decision?.hash)
  })

  it('are LCOV records that tell each condition twice, and groups of a line apart', () => {
    const text = 'export const f = (a, b, c, d) => [a && b, c && d, a || b || c]\nexport const g = (a) => !a\n'
    const lines = mcdcLcov(resultOf({ 0: [2, 1, 0, 0, 1] }, text)).split('\n')
    const records = lines.flatMap((line) => {
      const parts = /^MCDC:(\d+),(\d+),([tf]),(\d+),(\d+),(.+)$/.exec(line)
      return parts === null
        ? []
        : [
            {
              group: `${parts[1]} ${parts[2]}`,
              size: Number(parts[2]),
              index: Number(parts[5]),
              taken: parts[4] !== '0',
            },
          ]
    })
    for (const [group, own] of groupsOf(records)) {
      const [first] = own
      expect([group, own.length]).toEqual([group, 2 * (first?.size ?? 0)])
      expect(new Set(own.map(({ index }) => index)).size).toBe(first?.size)
    }
    expect(lines).toContain(`MCF:${records.length}`)
    expect(lines).toContain(`MCH:${records.filter(({ taken }) => taken).length}`)
    expect(records.filter(({ taken }) => taken)).toHaveLength(3)
  })

  it('keep trees as words that can be read back', () => {
    fc.assert(fc.property(booleanTrees(8), (tree) => void expect(treeOfShape(shapeOf(tree))).toEqual(tree)))
    for (const wrong of ['', '0 &&', '(0', '0 1', '0 && 1 && 2', 'a'])
      expect(() => treeOfShape(wrong)).toThrow(TypeError)
  })
})

function groupsOf<Row extends { group: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  return groups
}

describe('patterns', { tags: ['MCD-04'] }, () => {
  it('match paths as in other tools', () => {
    const yes: readonly (readonly [string, string])[] = [
      ['src/**', 'src/a/b.ts'],
      ['src/*.ts', 'src/a.ts'],
      ['**/*.{ts,js}', 'a.js'],
      ['**/x', 'a/x/b.ts'],
      ['src', 'src/a/b.ts'],
      ['./src/a?.ts', 'src/ab.ts'],
      ['a+(b)[c].ts', 'a+(b)[c].ts'],
    ]
    const no: readonly (readonly [string, string])[] = [
      ['src/*.ts', 'src/a/b.ts'],
      ['src', 'srcs/a.ts'],
      ['**/*.{ts,js}', 'a.jsx'],
      ['a.ts', 'axts'],
    ]
    for (const [pattern, path] of yes) expect([pattern, path, pathTest([pattern])(path)]).toEqual([pattern, path, true])
    for (const [pattern, path] of no) expect([pattern, path, pathTest([pattern])(path)]).toEqual([pattern, path, false])
  })
})
