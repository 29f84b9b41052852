import { describe, expect, it } from 'vitest'
import { fileFinder, isRequirementId, parseRequirements, trace } from '../../reports/index.ts'
import { BUILTIN_SCENARIOS } from '../../scenarios/index.ts'
import { namedIds, unnamedTests } from './requirements.ts'
import { PROJECT, filesBelow, parse, readText, sourcesOf } from './source.ts'

const FOLDERS = ['engine/requirements', 'harness/requirements']
const texts = FOLDERS.flatMap((folder) => filesBelow(folder, ['.json'])).map((path) => ({ path, text: readText(path) }))
const parsed = parseRequirements(texts)
const known = new Set(parsed.requirements.map(({ id }) => id))
const named = sourcesOf('test').flatMap(namedIds)

const inCode = (text: string): string[] => namedIds(parse('a.test.ts', text)).map(({ id }) => id)
const unnamedIn = (text: string): string[] => unnamedTests(parse('a.test.ts', text))

describe('the requirements of the project', { tags: ['TRC-01'] }, () => {
  it('are files that can be read, with ids that stand once, and files and ids that are there', () => {
    expect(parsed.requirements.length).toBeGreaterThan(300)
    const traced = trace({ parsed, evidence: [], claims: [], hasFile: fileFinder(PROJECT) })
    expect(traced.findings.filter(({ kind }) => kind !== 'untested' && kind !== 'no-results')).toEqual([])
  })

  it('are named by tests, each that is said to be built, and none that is said not to be', () => {
    const ids = new Set(named.map(({ id }) => id))
    const wrong = parsed.requirements.filter(({ id, status }) => (status !== 'not-built') !== ids.has(id))
    expect(wrong.map(({ id, title, status }) => `${id} (${title}) is ${status}`)).toEqual([])
  })

  it('are named by every test, or by a suite around it', () => {
    const files = sourcesOf('test').filter(({ path }) => path.endsWith('.test.ts'))
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap(unnamedTests)).toEqual([])
  })

  it('are all there are: no test names another id', () => {
    expect(named.length).toBeGreaterThan(0)
    expect(
      named.filter(({ id }) => isRequirementId(id) && !known.has(id)).map(({ id, place }) => `${place}: ${id}`),
    ).toEqual([])
  })

  it('are named by every built-in scenario', async () => {
    for (const [name, load] of Object.entries(BUILTIN_SCENARIOS)) {
      const { requirements = [] } = await load()
      expect({ name, ids: requirements.length > 0 && requirements.every((id) => known.has(id)) }).toEqual({
        name,
        ids: true,
      })
    }
  })
})

describe('the reader of tags', { tags: ['TRC-01'] }, () => {
  it('finds ids in tests, suites and tables, and nowhere else', () => {
    expect(inCode(`it('x', { tags: ['A-1', 'B-2'] }, () => {})`)).toEqual(['A-1', 'B-2'])
    expect(inCode(`describe('x', { tags: 'A-1' }, () => { it.each([1])('y', { tags: ['B-2'] }, f) })`)).toEqual([
      'A-1',
      'B-2',
    ])
    expect(inCode(`// it('x', { tags: ['A-1'] }, f)\nother('x', { tags: ['A-1'] }, f); it('tags', f)`)).toEqual([])
  })

  it('finds the tests that name none', () => {
    expect(unnamedIn(`describe('x', { tags: ['A-1'] }, () => { it('y', f); it.each([1])('z', f) })`)).toEqual([])
    expect(unnamedIn(`it('x', { tags: ['A-1'] }, f)\nit('y', f)`)).toEqual(['a.test.ts:2'])
    expect(unnamedIn(`describe('x', () => {\nit('y', { timeout: 9 }, f)\nit.each([1])('z', f) })`)).toEqual([
      'a.test.ts:2',
      'a.test.ts:3',
    ])
  })
})
