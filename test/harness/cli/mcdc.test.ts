import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CORE_MODULE, Machine, main } from '../../../harness/index.ts'
import { mcdcSchema, type Mcdc } from '../../../reports/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')

/** A project in a folder of its own. */
function project(files: Readonly<Record<string, string>>): string {
  const cwd = scratch()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  return cwd
}

/** `powercut mcdc` with its result. */
async function measure(cwd: string, options: readonly string[], command: readonly string[]) {
  const out = `out-${Math.random().toString(36).slice(2)}`
  const ended = await run(['mcdc', '--out', out, ...options, '--', ...command], cwd, COMMAND)
  return { ...ended, out, result: resultIn(cwd, out) }
}

function resultIn(cwd: string, out: string): Mcdc | undefined {
  try {
    return mcdcSchema.parse(JSON.parse(readFileSync(join(cwd, out, 'mcdc.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** The command line in this process. */
async function here(words: readonly string[]) {
  let stderr = ''
  const terminal = { out: () => {}, error: (text: string) => void (stderr += text), interactive: false, colors: false }
  const code = await main(words, { terminal, host: new Machine(CORE_MODULE), coreModule: CORE_MODULE })
  return { code, stderr }
}

const vectorsOf = (result: Mcdc | undefined, path: string): readonly string[] =>
  result?.files.find((file) => file.path === path)?.decisions[0]?.vectors.map(({ conditions }) => conditions) ?? []

const PLACE = 'export const place = (a: number, b: number) => (a && !b) ? new Error("here").stack : undefined'
const COLUMN = PLACE.indexOf('new Error') + 1
const EITHER = 'export const either = (a, b) => a || b\n'

describe('powercut mcdc', { tags: ['MCD-03'] }, () => {
  it('lets nothing be open in files that are called critical, and does not pass if they name none', async () => {
    const cwd = project({
      'whole.mjs': 'export const whole = (a) => (a ? 1 : 2)\n',
      'open.mjs': EITHER,
      'main.mjs': `
        import { whole } from './whole.mjs'
        import { either } from './open.mjs'
        whole(true); whole(false); either(true, false)
      `,
    })
    const files = ['--include', '*.mjs']
    const whole = await measure(cwd, [...files, '--critical', 'whole.mjs'], ['node', 'main.mjs'])
    expect(whole.code).toBe(0)
    const open = await measure(cwd, [...files, '--critical', '*.mjs'], ['node', 'main.mjs'])
    expect([open.code, open.stdout]).toEqual([1, expect.stringContaining('open.mjs:1:33 is critical')])
    const none = await measure(cwd, [...files, '--critical', 'hole.mjs'], ['node', 'main.mjs'])
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('--critical hole.mjs names no file')])
  })

  it('measures modules and scripts, in processes and threads, however they end', async () => {
    const cwd = project({
      'lib.mjs': EITHER,
      'lib.cjs': 'exports.both = (a, b) => a && b\n',
      'main.mjs': `
        import { spawnSync } from 'node:child_process'
        import { once } from 'node:events'
        import { Worker } from 'node:worker_threads'
        import { either } from './lib.mjs'
        import { both } from './lib.cjs'
        console.log('main', either(1, 0), both(1, 1))
        const worker = new Worker(new URL('./thread.mjs', import.meta.url))
        await once(worker, 'message')
        await worker.terminate()
        spawnSync(process.execPath, ['killed.cjs'], { stdio: 'inherit' })`,
      'thread.mjs': `
        import { parentPort } from 'node:worker_threads'
        import { either } from './lib.mjs'
        either(0, 1)
        parentPort.postMessage('done')
        setInterval(() => {}, 1000)`,
      'killed.cjs': `
        const { both } = require('./lib.cjs')
        both(1, 0)
        import('./lib.mjs').then(({ either }) => { either(0, 0); process.kill(process.pid, 'SIGKILL') })`,
    })
    const { code, result, stdout } = await measure(cwd, ['--include', 'lib.*'], ['node', 'main.mjs'])
    expect([code, result?.complete]).toEqual([0, true])
    expect(stdout).toContain('main 1 1\n')
    expect(vectorsOf(result, 'lib.mjs')).toEqual(['FF', 'FT', 'T-'])
    expect(vectorsOf(result, 'lib.cjs')).toEqual(['TF', 'TT'])
    expect(result?.runs).toMatchObject([{ command: ['node', 'main.mjs'], exitCode: 0, processes: 3, processesLost: 0 }])
  })

  it('measures what tsc compiled in its source, and lists what was never loaded', async () => {
    const cwd = project({
      'src/a.ts': `export function f(a: boolean, b?: string): string {
  if ((a as boolean) && !(b === undefined)) return b!
  return b ?? 'none'
}
`,
      'src/b.ts': `console.log((await import('./a.ts')).f(true, 'x'))\n`,
      'src/unused.ts': 'export const u = (a: number) => a > 1 || a < -1\n',
      'src/types.d.ts': 'export declare const x: 1 | 2\n',
      'package.json': '{"type":"module"}',
    })
    const { code, stderr } = await run(
      ['-p', '.', '--outDir', 'dist', '--rootDir', 'src']
        .slice(2)
        .concat(
          '--rewriteRelativeImportExtensions',
          '--module',
          'nodenext',
          '--target',
          'es2022',
          '--sourceMap',
          '--skipLibCheck',
          '--types',
          '',
          'src/a.ts',
          'src/b.ts',
          'src/unused.ts',
        ),
      cwd,
      join(PROJECT, 'node_modules/@typescript/native/bin/tsc'),
    )
    expect([code, stderr]).toEqual([0, ''])
    const options = ['--include', 'src/**', '--threshold', '50', '--format', 'json,lcov']
    const measured = await measure(cwd, options, ['node', 'dist/b.js'])
    expect([measured.code, measured.result?.problems]).toEqual([1, []])
    expect(measured.result?.files.map(({ path, loaded }) => [path, loaded])).toEqual([
      ['src/a.ts', true],
      ['src/b.ts', true],
      ['src/unused.ts', false],
    ])
    expect(measured.result?.files[0]?.decisions[0]).toMatchObject({
      line: 2,
      column: 7,
      text: '(a as boolean) && !(b === undefined)',
      vectors: [{ conditions: 'TF', outcome: true, count: 1 }],
    })
    expect(measured.stdout).toMatch(/--threshold asks for 50 %/)
    expect(readFileSync(join(cwd, measured.out, 'mcdc.info'), 'utf8')).toContain(
      'SF:src/a.ts\nMCDC:2,2,t,1,0,a\nMCDC:2,2,f,0,0,a\n',
    )

    rmSync(join(cwd, 'dist/a.js.map'))
    const lost = await measure(cwd, ['--include', 'src/**'], ['node', 'dist/b.js'])
    expect(lost.code).toBe(3)
    expect(lost.result?.problems).toMatchObject([{ kind: 'no-source-map', path: 'dist/a.js' }])
  })

  it("passes on the command's exit code, and can not pass on nothing", async () => {
    const cwd = project({
      'lib.mjs': EITHER,
      'fails.mjs': "import './lib.mjs'\nprocess.exitCode = 7",
      'empty.mjs': '1',
    })
    const failed = await measure(cwd, ['--include', 'lib.mjs'], ['node', 'fails.mjs'])
    expect([failed.code, failed.result?.runs[0]?.exitCode, failed.result?.files.length]).toEqual([7, 7, 1])
    for (const [pattern, sentence] of [
      ['lib.mjs', /no file of lib\.mjs was loaded/],
      ['nowhere/**', /no file of nowhere\/\*\* was found or loaded/],
      ['empty.mjs', /no file of empty\.mjs has a decision/],
    ] as const) {
      const { code, stderr } = await measure(cwd, ['--include', pattern, '--threshold', '0'], ['node', 'empty.mjs'])
      expect([pattern, code]).toEqual([pattern, 3])
      expect(stderr).toMatch(sentence)
    }
  })

  it('tells in one sentence what is wrong with what it was given', { tags: ['CLI-02'] }, async () => {
    const cwd = project({
      'lib.mjs': EITHER,
      'damaged.json': '{"formatVersion":1}',
      'newer.json': '{"formatVersion":9}',
    })
    const uses: readonly (readonly [readonly string[], RegExp])[] = [
      [['mcdc'], /takes a command to measure/],
      [['mcdc', '--out', join(cwd, 'out'), '--', './nothing-there'], /'\.\/nothing-there' can't be started/],
      [['mcdc', '--threshold', '101', '--', 'node', 'lib.mjs'], /--threshold takes a percentage from 0 to 100/],
      [['mcdc', '--format', 'xml', '--', 'node', 'lib.mjs'], /--format does not know 'xml'/],
      [['mcdc', '--justifications', 'gone.json', '--', 'node', 'lib.mjs'], /gone\.json is not there/],
      [['mcdc', '--justifications', 'newer.json', '--', 'node', 'lib.mjs'], /format version 9/],
      [['mcdc', 'merge', 'gone'], /gone is not there/],
    ]
    for (const [words, sentence] of uses) {
      const { code, stderr } = await here(words.map((word) => (word.endsWith('.json') ? join(cwd, word) : word)))
      expect([words, code]).toEqual([words, 2])
      expect(stderr).toMatch(sentence)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    const { code, stderr } = await here(['mcdc', 'merge', join(cwd, 'damaged.json')])
    expect([code, stderr]).toMatchObject([3, expect.stringMatching(/damaged\.json is no result of mcdc/)])
  })

  it(
    'tells of texts that can not be measured, and of justifications that do not hold',
    { tags: ['MCD-04'] },
    async () => {
      const cwd = project({
        'lib.mjs': EITHER,
        'broken.mjs': 'export const x = (a || )\n',
        'main.mjs': "import { either } from './lib.mjs'\neither(1, 0); either(0, 1); either(0, 0)\n",
      })
      const broken = await measure(cwd, ['--include', '*.mjs'], ['node', 'main.mjs'])
      expect(broken.code).toBe(3)
      expect(broken.result?.problems).toMatchObject([
        { kind: 'unparsable', path: 'broken.mjs', message: expect.stringMatching(/line 1, column 2\d/) },
      ])
      const part = "import { either } from './lib.mjs'\neither(1, 0)\n"
      writeFileSync(join(cwd, 'part.mjs'), part)
      const open = await measure(cwd, ['--include', 'lib.mjs'], ['node', 'part.mjs'])
      const [decision] = open.result?.files[0]?.decisions ?? []
      const entry = {
        file: 'lib.mjs',
        function: 'either',
        text: 'a || b',
        hash: decision?.hash,
        class: 'defensive',
        reason: 'only ever called so',
      }
      mkdirSync(join(cwd, 'evidence'))
      const write = (changed: object) =>
        writeFileSync(
          join(cwd, 'evidence/justifications.json'),
          JSON.stringify({ formatVersion: 1, justifications: [{ ...entry, ...changed }] }),
        )
      write({})
      const all = ['--include', 'lib.mjs', '--threshold', '100']
      expect((await measure(cwd, all, ['node', 'part.mjs'])).code).toBe(0)
      writeFileSync(join(cwd, 'lib.mjs'), EITHER.replace('a || b', 'a  || b'))
      const stale = await measure(cwd, all, ['node', 'part.mjs'])
      expect([stale.code, stale.result?.problems[0]?.kind]).toEqual([3, 'justification'])
    },
  )

  it('adds up results of several commands, but not over different texts', async () => {
    const cwd = project({
      'lib.mjs': EITHER,
      'one.mjs': "import { either } from './lib.mjs'\neither(1, 0); either(0, 0)\n",
      'two.mjs': "import { either } from './lib.mjs'\neither(0, 1)\n",
    })
    const one = await measure(cwd, ['--include', 'lib.mjs'], ['node', 'one.mjs'])
    const two = await measure(cwd, ['--include', 'lib.mjs'], ['node', 'two.mjs'])
    const words = ['mcdc', 'merge', one.out, join(two.out, 'mcdc.json'), '--out', 'both', '--threshold', '100']
    expect((await run(words, cwd, COMMAND)).code).toBe(0)
    expect(resultIn(cwd, 'both')?.totals).toMatchObject({ conditions: 2, conditionsCovered: 2 })
    expect([one.result?.totals.conditionsCovered, two.result?.totals.conditionsCovered]).toEqual([1, 0])
    writeFileSync(join(cwd, 'lib.mjs'), `${EITHER}// changed\n`)
    const changed = await measure(cwd, ['--include', 'lib.mjs'], ['node', 'one.mjs'])
    const refused = await run(['mcdc', 'merge', one.out, changed.out], cwd, COMMAND)
    expect([refused.code, refused.stderr]).toMatchObject([2, expect.stringMatching(/lib\.mjs is not the same text/)])
  })

  it('measures vitest through its plugin, in every pool, and positions in messages stay right', async () => {
    const cwd = project({
      'vitest.config.mjs': `
        import { mcdc } from ${JSON.stringify(join(PROJECT, 'dist/harness/host/mcdc/index.js'))}
        export default { plugins: [mcdc()], test: { pool: process.env.POOL, isolate: process.env.POOL !== 'forks' } }`,
      'src/either.ts': `export const either = (a: number, b?: number): number | undefined => a || b\n${PLACE}\n`,
      'one.test.ts': `
        import { expect, it } from 'vitest'
        import { either, place } from './src/either.ts'
        it('one', () => { either(1); expect(place(1, 0)).toContain('either.ts:2:' + ${COLUMN}) })`,
      'two.test.ts': `
        import { it } from 'vitest'
        import { either } from './src/either.ts'
        it('two', () => void [either(0, 1), either(0)])`,
    })
    symlinkSync(join(PROJECT, 'node_modules'), join(cwd, 'node_modules'))
    for (const pool of ['forks', 'vmThreads']) {
      const words = [
        '--input-type=module',
        '--eval',
        `process.env.POOL = '${pool}'; process.argv = ['', '', 'run']; await import('vitest/node').then(async ({ startVitest }) => { const v = await startVitest('test', [], { watch: false }); await v.close() })`,
      ]
      const { code, result, stdout, stderr } = await measure(cwd, ['--include', 'src/**'], ['node', ...words])
      expect([pool, code, code === 0 ? '' : stdout + stderr]).toEqual([pool, 0, ''])
      expect([pool, vectorsOf(result, 'src/either.ts')]).toEqual([pool, ['FF', 'FT', 'T-']])
    }
  })

  it(
    'leaves campaigns as they are: same traces, planted defects in place',
    { tags: ['MCD-01', 'DET-01'] },
    async () => {
      const cwd = scratch()
      const campaign = (out: string, ...more: readonly string[]) => [
        'run',
        'atomic-file',
        '--faults',
        'crash',
        '--workers',
        '1',
        '--minimise-budget',
        '0',
        '--out',
        join(cwd, out),
        ...more,
      ]
      const traceOf = (out: string): unknown =>
        JSON.parse(readFileSync(join(cwd, out, 'campaign.json'), 'utf8')).traceHash
      expect((await run(campaign('plain'), PROJECT, COMMAND)).code).toBe(0)
      const out = ['--out', join(cwd, 'mcdc'), '--include', 'faults/disk/**', '--include', 'scenarios/atomic-file/**']
      const ended = await run(['mcdc', ...out, '--', 'node', COMMAND, ...campaign('measured')], PROJECT, COMMAND)
      expect([ended.code, traceOf('measured')]).toEqual([0, traceOf('plain')])
      const result = resultIn(cwd, 'mcdc')
      expect([result?.complete, result?.runs[0]?.processesLost]).toEqual([true, 0])
      expect(result?.totals.conditionsCovered).toBeGreaterThan(4)
      const words = [
        'run',
        'bank',
        '--faults',
        'crash',
        '--points',
        '1..1',
        '--workers',
        '1',
        '--mutant',
        'sync-left-out',
        '--bail',
        '1',
        '--minimise-budget',
        '0',
        '--out',
        join(cwd, 'mutant'),
      ]
      const mutant = ['--out', join(cwd, 'mcdc-mutant'), '--include', 'engine/pack/**', '--', 'node', COMMAND, ...words]
      expect((await run(['mcdc', ...mutant], PROJECT, COMMAND)).code).toBe(1)
      expect(JSON.parse(readFileSync(join(cwd, 'mutant/campaign.json'), 'utf8')).violations.length).toBeGreaterThan(0)
    },
  )
})
