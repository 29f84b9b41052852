import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from './compiled-engine.ts'
import { complaints, coverageSchema, figuresOf, onlyBy, percentText, type Coverage } from './figures.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const LEAST = { statements: 50, branches: 50, functions: 50 }

const placeOf = (_count: number, index: number) => ({ start: { line: index + 1 } })

/** A file whose statements, one a line, were reached so often; each is a function and a branch too. */
function coverageOf(hits: Readonly<Record<string, readonly number[]>>): Coverage {
  const byFile = Object.entries(hits).map(([path, counts]) => {
    const each = <T>(value: (count: number, index: number) => T): Record<string, T> =>
      Object.fromEntries(counts.map((count, index) => [String(index), value(count, index)]))
    return [
      path,
      {
        statementMap: each(placeOf),
        s: each((count) => count),
        f: each((count) => count),
        fnMap: each((count, index) => ({ name: `f${index}`, loc: placeOf(count, index) })),
        b: each((count) => [count]),
      },
    ]
  })
  return coverageSchema.parse(Object.fromEntries(byFile))
}

describe('the gate of coverage', { tags: ['COV-01'] }, () => {
  const whole = coverageOf({ 'a.ts': [3, 0, 1, 1], 'b.ts': [0, 0] })

  it('passes what reaches enough, and names each figure that does not', () => {
    expect(figuresOf(Object.values(whole)).statements).toEqual({ covered: 3, total: 6 })
    expect(complaints({ tests: whole }, whole, LEAST)).toEqual([])
    expect(complaints({ tests: whole }, whole, { ...LEAST, branches: 51 })).toEqual([
      '50.0 % of branches were reached; 51 % are wanted',
    ])
  })

  it('does not pass on nothing: no file, no statement that was reached, or a part without data', () => {
    const unreached = coverageOf({ 'a.ts': [0, 0, 0, 0], 'b.ts': [0, 0] })
    const free = { statements: 0, branches: 0, functions: 0 }
    expect(complaints({ tests: {} }, {}, free)).toHaveLength(2)
    expect(complaints({ tests: unreached }, unreached, free)).toHaveLength(2)
    expect(complaints({ tests: whole, campaigns: unreached }, whole, free)).toEqual([
      'campaigns: not one statement was reached; the data of V8 is missing',
    ])
  })

  it('never rounds up to all', () => {
    expect([percentText({ covered: 9999, total: 10_000 }), percentText({ covered: 0, total: 0 })]).toEqual([
      '99.9',
      '-',
    ])
  })
})

describe('what only one part reaches', { tags: ['COV-01'] }, () => {
  it('is told by file, in ranges of lines', () => {
    const faults = coverageOf({ 'a.ts': [1, 1, 1, 0, 1], 'b.ts': [1], 'c.ts': [1, 1] })
    const plain = coverageOf({ 'a.ts': [1, 0, 0, 0, 0], 'b.ts': [2] })
    expect(onlyBy(faults, [plain])).toEqual(
      new Map([
        ['a.ts', ['2-3', '5']],
        ['c.ts', ['1-2']],
      ]),
    )
    expect(onlyBy(faults, [plain, faults])).toEqual(new Map())
  })
})

describe('tests under V8 coverage', { tags: ['COV-01'] }, () => {
  it('load the compiled engine, and every other source as it is', () => {
    const { resolveId } = compiledEngine()
    const importer = join(PROJECT, 'test/engine/machine.ts')
    expect(resolveId('../../engine/index.ts', `${importer}?v=1`)).toBe(join(PROJECT, 'dist/engine/index.js'))
    expect(resolveId('../../faults/index.ts', importer)).toBeUndefined()
    expect(resolveId('vitest', importer)).toBeUndefined()
    expect(resolveId('./engine/index.ts', undefined)).toBeUndefined()
  })
})

describe('the trap of a gate over workers that die before V8 writes', { tags: ['COV-01'] }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'powercut-c8-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("is one for c8's own check, which passes on nothing, and none for this gate", () => {
    mkdirSync(join(folder, 'lib'))
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'lib/half.js'), 'export function half(n) {\n  return n / 2\n}\n')
    writeFileSync(
      join(folder, 'half.test.js'),
      `import { expect, it } from 'vitest'
       import { half } from './lib/half.js'
       it('halves', () => expect(half(4)).toBe(2))`,
    )
    const { NODE_V8_COVERAGE: _, POWERCUT_MCDC: __, NODE_OPTIONS: ___, ...environment } = process.env
    const c8 = (words: readonly string[]) =>
      spawnSync('npx', ['c8', ...words, 'npx', 'vitest', 'run', '--pool', 'forks'], {
        cwd: folder,
        env: environment,
        encoding: 'utf8',
      })
    const trapped = c8(['--check-coverage', '--lines', '90', '--include', 'lib/**'])
    expect({ status: trapped.status, found: /half\.js/.test(trapped.stdout) }).toEqual({ status: 0, found: false })
    c8(['--reporter', 'json', '--all', '--src', 'lib', '--include', 'lib/**'])
    const text = readFileSync(join(folder, 'coverage/coverage-final.json'), 'utf8')
    const coverage = coverageSchema.parse(JSON.parse(text))
    expect(Object.keys(coverage)).toHaveLength(1)
    expect(complaints({ tests: coverage }, coverage, LEAST)).toHaveLength(2)
  })
})
