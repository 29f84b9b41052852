import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runKnownAnswers, type KitOptions, type KitResult } from '../../../harness/coverage/kit/index.ts'

const DIST = resolve(import.meta.dirname, '../../../dist')

/** Each is a defect of the instrumenter or the analysis that the kit has to see. */
const DEFECTS: readonly (readonly [name: string, file: string, found: string, planted: string])[] = [
  ['masking is not asked about', 'analyse.js', 'return right !== forcing && ', 'return '],
  [
    'what || forces is taken for what && forces',
    'analyse.js',
    "const forcing = tree.kind === 'or'",
    "const forcing = tree.kind === 'and'",
  ],
  [
    'unique cause looks at one condition too few',
    'analyse.js',
    'a.verdicts.every((value, index)',
    'a.verdicts.slice(1).every((value, index)',
  ],
  [
    'two paths have one number',
    'boolean-tree.js',
    'weights[index] = { edge: step.edge, weight }',
    'weights[index] = { edge: step.edge, weight: 1 }',
  ],
  [
    'a negation turns the wrong edge',
    'boolean-tree.js',
    'place(node.operand, onFalse, onTrue',
    'place(node.operand, onTrue, onFalse',
  ],
  [
    'the weight is on the edge that gives the value',
    'boolean-tree.js',
    "place(node.left, onTrue, firstOf(node.right), 'false')",
    "place(node.left, onTrue, firstOf(node.right), 'true')",
  ],
  ['a decision of one condition is left out', 'decision.js', 'if (only === undefined ||', 'if (leaves.length === 1 ||'],
  ['a constant is left out', 'decision.js', 'constant: CONSTANTS.includes(node.type)', 'constant: false'],
  ['operators between Booleans are not listed', 'instrument.js', 'if (joinsBooleans(node))', 'if (false)'],
  ['a bracket begins a statement', 'decision.js', 'walk.statementStarts.has(root.start)', 'false'],
  ['locals are shared by what is evaluated at one time', 'walk.js', 'depth: place.depth + by', 'depth: place.depth'],
  ['a name is lost', 'value-path.js', "node.type === 'ArrowFunctionExpression'", 'false'],
  ['a label that is fallen into counts', 'value-path.js', '${local} = 1; ', ''],
  ['tokens run together', 'decision.js', '` ${decide}((', '`${decide}(('],
  [
    'an optional call loses its this',
    'value-path.js',
    "'TSNonNullExpression', 'ChainExpression'",
    "'TSNonNullExpression'",
  ],
]

describe('the known-answer kit', { tags: ['MCD-02'] }, () => {
  it('agrees with every known answer', async () => {
    const result = await runKnownAnswers({ expressions: 60, conditionsMax: 8, seed: 7 })
    expect(result.examples).toEqual([])
    expect(result.mismatches).toBe(0)
    expect(result.comparisons).toBeGreaterThan(10_000)
    expect(Object.keys(result.byKind)).toContain('masking verdict')
  })

  for (const [name, file, found, planted] of DEFECTS)
    it(`sees that ${name}`, async () => {
      const folder = mkdtempSync(join(DIST, '.kit-'))
      try {
        cpSync(join(DIST, 'harness/coverage'), join(folder, 'coverage'), { recursive: true })
        const path = join(folder, 'coverage', file)
        const text = readFileSync(path, 'utf8')
        expect(text.split(found)).toHaveLength(2)
        writeFileSync(
          path,
          text.replace(found, () => planted),
        )
        const kit = (await import(pathToFileURL(join(folder, 'coverage/kit/index.js')).href)) as {
          runKnownAnswers: (options: KitOptions) => Promise<KitResult>
        }
        const outcome = await kit.runKnownAnswers({ expressions: 25, conditionsMax: 5, seed: 7 }).then(
          ({ mismatches }) => mismatches,
          (error: unknown) => String(error),
        )
        expect(outcome).not.toBe(0)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
})
