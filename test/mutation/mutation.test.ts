import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { recognise } from '../../reports/evidence/index.ts'
import { readText } from '../architecture/source.ts'
import { MutationFolder, type JournalLine, type Verdict } from './journal.ts'
import { JudgeProcess } from './judge-process.ts'
import { keyOf, placesIn, type MutantPlace } from './mutant-place.ts'
import { countVerdicts, gateProblems, reportOf, scoreOf, type Judged } from './outcome.ts'
import { isRun, SHORT_PIECES } from './pieces.ts'
import { reasonProblems, REASONS_FILE, SURVIVOR_CLASSES, type Reason, type ReasonsFile } from './reasons.ts'
import { allMutants, draw } from './sample.ts'
import { TEST_JUDGE, TestStage } from './test-stage.ts'

const PROJECT = join(import.meta.dirname, '../..')
const FILE = 'engine/pack/io.ts'
const folder = mkdtempSync(join(tmpdir(), 'powercut-mutation-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const mutants = await allMutants(PROJECT, [FILE, 'engine/format/commit-mark.ts'])

function judgedOf(mutant: MutantPlace, verdict: Verdict, reason = ''): Judged {
  const line: JournalLine = {
    key: keyOf(mutant),
    verdict,
    stage: 'short campaign',
    by: 'a piece',
    complaint: '',
    seconds: 1,
    engine: 'e',
    judges: 'j',
  }
  return { mutant, line, reason }
}

function some(count: number): readonly MutantPlace[] {
  return mutants.slice(0, count)
}

/** Lines and columns from 0. */
function sumAt(line: number, from: number, to: number) {
  return {
    fileName: 'a.ts',
    mutatorName: 'ArithmeticOperator',
    replacement: '-',
    location: { start: { line, column: from }, end: { line, column: to } },
  }
}

describe('the names of mutants', { tags: ['MUT-05'] }, () => {
  it('are different for different mutants', () => {
    expect(mutants.length).toBeGreaterThan(100)
    expect(new Set(mutants.map(keyOf)).size).toBe(mutants.length)
  })

  it('say what stands at their place', () => {
    const source = readText(FILE)
    const lines = source.split('\n')
    for (const { file, text, location } of mutants.filter((mutant) => mutant.file === FILE)) {
      expect(file).toBe(FILE)
      const line = lines[location.start.line - 1] ?? ''
      expect(line.slice(location.start.column - 1)).toContain(text.split('\n')[0])
    }
  })

  it('change with the function around the mutant, and with no other', () => {
    const source = 'export function first() { return 1 + 2 }\nclass A { second() { return 3 + 4 } }\n'
    const nameIn = placesIn('a.ts', source)
    const changed = placesIn('a.ts', source.replace('1 + 2', '1 + 3'))
    const inFirst = sumAt(0, 33, 38)
    const inSecond = sumAt(1, 28, 33)
    expect([nameIn(inFirst).function, nameIn(inSecond).function]).toEqual(['first', 'A.second'])
    expect(keyOf(changed(inFirst))).not.toBe(keyOf(nameIn(inFirst)))
    expect(keyOf(changed(inSecond))).toBe(keyOf(nameIn(inSecond)))
  })
})

describe('a sample', { tags: ['MUT-05'] }, () => {
  it('has the size that was asked for, is the same for the same seed and another for another', () => {
    fc.assert(
      fc.property(fc.nat(mutants.length), fc.nat(1000), (size, seed) => {
        const drawn = draw(mutants, size, seed)
        expect(drawn).toHaveLength(size)
        expect(draw(mutants, size, seed)).toEqual(drawn)
      }),
      { numRuns: 20 },
    )
    expect(draw(mutants, 40, 1)).not.toEqual(draw(mutants, 40, 2))
  })

  it('keeps what it had when mutants come that are drawn later, and only swaps for those that are drawn earlier', () => {
    const half = mutants.filter((_, index) => index % 2 === 0)
    const before = new Set(draw(half, 30, 1).map(keyOf))
    const after = draw(mutants, 30, 1)
      .map(keyOf)
      .filter((key) => half.some((mutant) => keyOf(mutant) === key))
    expect(after.every((key) => before.has(key))).toBe(true)
  })
})

describe('the plans of a piece', { tags: ['MUT-05'] }, () => {
  it('are at most so many of a unit, spread over it, and at least one', () => {
    const [piece] = SHORT_PIECES
    if (piece === undefined) throw new Error('there is no piece')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 9 }),
        (planned, index, most) => {
          const unit = { index, family: 'io', form: 'linear', phase: 'open', firstOrder: 7, planned } as const
          const orders = Array.from({ length: planned }, (_, i) => 7 + i)
          const run = orders.filter((order) => isRun({ ...piece, plansPerUnit: most }, unit, order))
          expect(run.length).toBeGreaterThan(0)
          expect(run.length).toBeLessThanOrEqual(most)
        },
      ),
    )
  })
})

describe('the score', { tags: ['MUT-05'] }, () => {
  it('counts a survivor as one, whether or not it has a reason', () => {
    const [a, b, c, d] = some(4)
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('too few mutants')
    const judged = [
      judgedOf(a, 'killed'),
      judgedOf(b, 'timeout'),
      judgedOf(c, 'survived', 'equivalent: …'),
      judgedOf(d, 'not-executed'),
    ]
    expect(scoreOf(judged)).toBe(0.5)
    expect(countVerdicts(judged)).toEqual({ killed: 1, timeout: 1, survived: 1, 'not-executed': 1 })
  })

  it('is not enough without a mutant, below the least one, or with a survivor that nobody explained', () => {
    const judged = some(20).map((mutant, i) =>
      judgedOf(mutant, i < 17 ? 'killed' : 'survived', i < 17 ? '' : 'a reason'),
    )
    expect(gateProblems(judged, 0.85)).toEqual([])
    expect(gateProblems(judged, 0.86)).toEqual(['the score is 85.0 %, wanted are 86.0 %'])
    expect(
      gateProblems(
        judged.map((one) => ({ ...one, reason: '' })),
        0.85,
      ),
    ).toEqual(['3 survivors have no written reason'])
    expect(gateProblems([], 0)).toEqual(['no mutant was judged: that shows nothing'])
  })

  it('is in a report that the evidence bundle reads, with the survivors and their reasons', () => {
    const judged = some(3).map((mutant, i) =>
      judgedOf(mutant, i < 2 ? 'killed' : 'survived', i < 2 ? '' : 'no run differs'),
    )
    const report = reportOf(judged, new Map([[FILE, readText(FILE)]]), 0.85, { seed: 1 })
    const input = recognise('mutants.json', JSON.stringify(report))
    expect(input).toMatchObject({ kind: 'mutation', facts: { statuses: { Killed: 2, Survived: 1 } } })
    expect(JSON.stringify(input)).toContain('no run differs')
  })
})

describe('a reason', { tags: ['MUT-05'] }, () => {
  const [mutant, other] = some(2)
  if (mutant === undefined || other === undefined) throw new Error('too few mutants')
  const reason: Reason = { ...mutant, class: 'equivalent', reason: 'no run can differ' }
  const none = new Set<string>()

  it('is taken for a mutant that is there', () => {
    expect(reasonProblems([reason], mutants, none)).toEqual([])
  })

  it.each([
    ['stale', 'in its text', { ...reason, hash: '0123456789ab' }, none],
    ['stale', 'in its replacement', { ...reason, replacement: 'something else' }, none],
    ['empty', 'of words', { ...reason, reason: ' ' }, none],
    ['killed', 'by a test', reason, new Set([keyOf(mutant)])],
  ])('that is %s, %s, is an error', (word, _where, wrong, killed) => {
    expect(reasonProblems([wrong], mutants, killed).join()).toContain(word)
  })

  it('that stands there twice is an error', () => {
    expect(reasonProblems([reason, reason], mutants, none).join()).toContain('twice')
  })

  it('of a file that was not asked for is left alone', () => {
    expect(reasonProblems([{ ...reason, file: 'engine/else.ts' }], mutants, none)).toEqual([])
  })

  it('of the engine fits the engine', async () => {
    const { survivors } = JSON.parse(readText(REASONS_FILE)) as ReasonsFile
    const files = [...new Set(survivors.map(({ file }) => file))]
    expect(survivors.every((entry) => SURVIVOR_CLASSES.includes(entry.class))).toBe(true)
    expect(reasonProblems(survivors, await allMutants(PROJECT, files), none)).toEqual([])
  })
})

describe('the journal', { tags: ['MUT-05'] }, () => {
  it('gives the newest line of each mutant, and no torn one', () => {
    const [a, b] = some(2).map((mutant) => judgedOf(mutant, 'survived').line)
    if (a === undefined || b === undefined) throw new Error('too few mutants')
    const journal = new MutationFolder(folder)
    journal.add(a)
    journal.add(b)
    journal.add({ ...a, verdict: 'killed' })
    const whole = journal.lines()
    expect([...whole.values()].map(({ verdict }) => verdict)).toEqual(['killed', 'survived'])
    writeFileSync(join(folder, 'verdicts.ndjson'), `${JSON.stringify(a)}\n${JSON.stringify(b).slice(0, -9)}`)
    expect([...journal.lines().keys()]).toEqual([a.key])
  })
})

describe('a judging process', { tags: ['MUT-05'] }, () => {
  const task = { kind: 'judge', mutant: '1', pieces: [], cpuMs: 1, hitsMax: {} } as const

  it.each([
    ['says nothing', 'setInterval(() => {}, 1000)', 500, { kind: 'hung' }],
    ['ends', 'process.on("message", () => process.exit(3))', 120_000, { kind: 'died', how: 'exit code 3' }],
  ])('that %s is told apart from one that judges', async (name, text, silenceMs, answer) => {
    const file = join(folder, `${name.replace(' ', '-')}.mjs`)
    writeFileSync(file, text)
    const judge = new JudgeProcess(file)
    expect(await judge.ask(task, undefined, silenceMs)).toEqual(answer)
    await judge.end()
  })

  it('is replaced when it has said that a mutant spoilt it, and kept when not', async () => {
    const file = join(folder, 'counts.mjs')
    writeFileSync(
      file,
      'let n = 0; process.on("message", ({ cpuMs }) => process.send({ kind: "judged", verdict: "survived", piece: "", complaint: "", runs: ++n, isClean: cpuMs === 1 }))',
    )
    const judge = new JudgeProcess(file)
    const runs = []
    for (const cpuMs of [1, 2, 1]) {
      const answer = await judge.ask({ ...task, cpuMs })
      runs.push(answer.kind === 'judged' ? answer.runs : answer.kind)
    }
    expect(runs).toEqual([1, 2, 1])
    await judge.end()
  })
})

/** A project of two tests: each fails while the mutant of its name is active, and executes both of them. */
function projectOfTwo(): string {
  // Below this project, so that vitest is found.
  mkdirSync(join(PROJECT, 'coverage'), { recursive: true })
  const project = mkdtempSync(join(PROJECT, 'coverage', 'two-tests-'))
  mkdirSync(join(project, 'test/mutation'), { recursive: true })
  const setup = join(PROJECT, 'test/mutation/mutant-setup.ts')
  writeFileSync(
    join(project, 'test/mutation/vitest.config.ts'),
    `export default { test: { root: ${JSON.stringify(project)}, pool: 'forks', isolate: false, maxWorkers: 1, setupFiles: [${JSON.stringify(setup)}] } }`,
  )
  for (const name of ['first', 'second'])
    writeFileSync(
      join(project, `test/${name}.test.ts`),
      `import { expect, it } from 'vitest'
it('${name}', () => {
  const shared = globalThis.__stryker__
  const hits = ((shared.mutantCoverage ??= { static: {}, perTest: {} }).perTest[shared.currentTestId] ??= {})
  for (const mutant of ['first', 'second', 'neither', 'endless']) hits[mutant] = 1
  while (shared.activeMutant === 'endless' && '${name}' === 'second');
  expect(shared.activeMutant).not.toBe('${name}')
})`,
    )
  return project
}

describe('the tests of a project', { tags: ['MUT-05'] }, () => {
  it('judge each mutant by what fails for it, not by what failed for one before', async () => {
    const project = projectOfTwo()
    const stage = new TestStage(project, join(PROJECT, TEST_JUDGE), { startMs: 20_000, nextMs: 500, slower: 10 })
    try {
      const covered = await stage.cover()
      expect(covered.map(({ file }) => file).toSorted()).toEqual(['test/first.test.ts', 'test/second.test.ts'])
      const said: string[] = []
      for (const mutant of ['first', 'neither', 'endless', 'second', 'first', 'elsewhere']) {
        const answer = await stage.judge(mutant)
        said.push(answer.kind === 'killed' ? answer.by : answer.kind)
      }
      expect(said).toEqual(['first', 'survived', 'hung', 'second', 'first', 'survived'])
    } finally {
      stage.end()
      rmSync(project, { recursive: true, force: true })
    }
  })
})
