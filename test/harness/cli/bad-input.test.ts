import { mkdirSync, readFileSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { campaignOptions } from '../../../harness/cli/run-options.ts'
import { campaignOf, run, scratch } from '../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')

/** A store that is a variable: it takes nothing of its world. */
const IN_MEMORY = `
import { scenario, step } from 'powercut/scenarios'
let kept = 0
export default scenario({
  name: 'memory', summary: 'a variable', parameters: {},
  open: (world) => { kept = 0; return world },
  steps: () => [step('put', { run: () => { kept = 1 }, model: () => 1 })],
  initial: () => 0, read: () => kept, close: () => {},
})
`

/** A store that reads its file through a stream, and has no handler for that stream's errors: they end its process. */
const NO_HANDLER = `
import { createReadStream, existsSync, promises as fs } from 'node:fs'
import { scenario, step } from 'powercut/scenarios'
const read = (path) => new Promise((resolve) => {
  let text = ''
  if (!existsSync(path)) return resolve(text)
  createReadStream(path, 'utf8').on('data', (part) => { text += part }).on('close', () => resolve(text))
})
export default scenario({
  name: 'no-handler', summary: 'a stream without a handler', parameters: {}, usesNodeFs: true,
  open: async (world) => ({ path: world.directory + '/kept', text: await read(world.directory + '/kept') }),
  steps: () => ['a', 'b'].map((letter) => step('put ' + letter, {
    run: async (store) => { await fs.writeFile(store.path, (await read(store.path)).replace(letter, '') + letter) },
    model: (text) => text + letter,
    durability: 'kill-only',
  })),
  initial: () => '', read: ({ path }) => read(path), close: () => {},
})
`

/** A store that tries for ever what failed. */
const FOR_EVER = `
import { scenario, step } from 'powercut/scenarios'
export default scenario({
  name: 'for-ever', summary: 'a file, at any cost', parameters: {},
  open: (world) => world,
  steps: () => [step('create', {
    run: ({ fileSystem, directory }) => {
      try {
        fileSystem.create(directory + '/kept').close()
      } catch {
        for (;;);
      }
    },
    model: () => 1, durability: 'kill-only',
  })],
  initial: () => 0, read: ({ fileSystem, directory }) => fileSystem.list(directory).length, close: () => {},
})
`

/** A store whose file is made by a function that gives a promise; `work`: what its only step does. */
const inWorld = (work: string): string => `
import { scenario, step } from 'powercut/scenarios'
const create = async ({ fileSystem, directory }) => {
  fileSystem.create(directory + '/kept').close()
  fileSystem.syncDirectory(directory)
}
export default scenario({
  name: 'left-behind', summary: 'a file that nothing waits for', parameters: {},
  open: (world) => world,
  steps: () => [step('create', { run: ${work}, model: () => 1 })],
  initial: () => 0, read: ({ fileSystem, directory }) => fileSystem.list(directory).length, close: () => {},
})
`

/**
 * Stores that go on without what they started: nothing handles the promise that is rejected when a call fails. One gives a
 * promise itself, over `node:fs` and over the world's file system; one gives none.
 */
const LEFT_BEHIND = {
  'over node:fs': `
import { promises as fs } from 'node:fs'
import { scenario, step } from 'powercut/scenarios'
export default scenario({
  name: 'left-behind', summary: 'a write that nothing waits for', parameters: {}, usesNodeFs: true,
  open: (world) => world.directory + '/kept',
  steps: () => [step('put', {
    run: async (path) => {
      const written = fs.writeFile(path, 'x')
      written.then(() => {})
      await written.catch(() => {})
    },
    model: () => 1, durability: 'kill-only',
  })],
  initial: () => 0, read: (path) => fs.readFile(path, 'utf8').then((text) => text.length, () => 0), close: () => {},
})
`,
  "over the world's files": inWorld('async (world) => { create(world) }'),
  'by a step that gives no promise': inWorld('(world) => { create(world) }'),
} as const

describe("a user's module", { tags: ['CLI-02'] }, () => {
  it('that can not be loaded or is no scenario is wrong use, in one sentence, and makes no folder', async () => {
    const cwd = scratch()
    const modules: readonly (readonly [string, RegExp])[] = [
      ["import './nothing-there.mjs'", /scenario\.mjs can't be loaded: Cannot find module .*nothing-there/],
      ['export const x = 1', /no scenario as its default export: name, parameters, open/],
    ]
    for (const [text, sentence] of modules) {
      writeFileSync(join(cwd, 'scenario.mjs'), text)
      const { code, stderr } = await run(['run', './scenario.mjs', '--workers', '1'], cwd, COMMAND)
      expect([text, code]).toEqual([text, 2])
      expect(stderr).toMatch(sentence)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
    expect(readdirSync(cwd)).toEqual(['scenario.mjs'])
  })

  it(
    'whose store is out of reach of every fault does not pass: the campaign has no run',
    { tags: ['ORA-02'] },
    async () => {
      const cwd = scratch()
      mkdirSync(join(cwd, 'node_modules'))
      symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
      writeFileSync(join(cwd, 'memory.mjs'), IN_MEMORY)
      const { code, stdout } = await run(
        ['run', './memory.mjs', '--faults', 'crash', '--workers', '1', '--out', 'out'],
        cwd,
        COMMAND,
      )
      expect(code).toBe(1)
      expect(stdout).toContain('takes nothing of its world')
      expect(campaignOf(join(cwd, 'out')).violations.map(({ oracle }) => oracle)).toEqual(['scenario-contract'])
    },
  )
})

describe('an error that nothing catches', { tags: ['ORA-01'] }, () => {
  it("is the store's own: told with the call that failed, and no failure of the harness", async () => {
    const cwd = scratch()
    mkdirSync(join(cwd, 'node_modules'))
    symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
    writeFileSync(join(cwd, 'no-handler.mjs'), NO_HANDLER)
    const { code } = await run(
      [
        'run',
        './no-handler.mjs',
        '--faults',
        'io',
        '--mode',
        'once',
        '--points',
        '1..20',
        '--minimise-budget',
        '1s',
        '--workers',
        '1',
        '--out',
        'out',
      ],
      cwd,
      COMMAND,
    )
    expect(code).toBe(1)
    const { violations, failures } = campaignOf(join(cwd, 'out'))
    expect(failures).toEqual([])
    const text = readFileSync(join(cwd, 'out', 'campaign.json'), 'utf8')
    expect(text).toMatch(
      /read of 'kept' failed, and '[^']+' with another error: nothing caught an error, which ends a process: EIO/,
    )
    expect(new Set(violations.map(({ oracle }) => oracle))).toContain('failure-reported')
  })
})

describe('a store that never comes back from a failed call', { tags: ['LIF-02', 'TOK-02'] }, () => {
  it('hangs in the replay as in the campaign: both end, and both name the hang', async () => {
    const cwd = scratch()
    mkdirSync(join(cwd, 'node_modules'))
    symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
    writeFileSync(join(cwd, 'for-ever.mjs'), FOR_EVER)
    const limit = ['--run-limit', '500ms']
    const words = ['run', './for-ever.mjs', '--faults', 'io', '--mode', 'once', '--at', '1', '--minimise-budget', '0']
    expect((await run([...words, ...limit, '--workers', '1', '--out', 'out'], cwd, COMMAND)).code).toBe(1)
    const [hang] = campaignOf(join(cwd, 'out')).violations
    expect(hang?.oracle).toBe('hang')
    const again = await run(['replay', hang?.token ?? '', '--json', ...limit], cwd, COMMAND)
    expect([again.code, again.stderr]).toEqual([1, ''])
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'scenario-failure', oracle: 'hang' })
  })
})

describe('a rejected promise that nothing handles', { tags: ['ORA-01', 'CLI-02'] }, () => {
  for (const [store, text] of Object.entries(LEFT_BEHIND))
    it(`is a finding of the store that left it ${store}: the campaign goes on, and a replay says the same`, async () => {
      const cwd = scratch()
      mkdirSync(join(cwd, 'node_modules'))
      symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
      writeFileSync(join(cwd, 'left-behind.mjs'), text)
      const words = ['run', './left-behind.mjs', '--faults', 'io', '--mode', 'once', '--workers', '1', '--out', 'out']
      const { code, stderr } = await run(words, cwd, COMMAND)
      expect([code, stderr]).toEqual([1, expect.not.stringContaining('the harness failed')])
      const { violations, failures, families } = campaignOf(join(cwd, 'out'))
      expect(failures).toEqual([])
      const [left] = violations.filter(({ message }) =>
        message.includes('nothing caught an error, which ends a process'),
      )
      expect(left?.oracle).toBe('failure-reported')
      for (const { planned, run: done } of Object.values(families)) expect(done).toBe(planned)
      const again = await run(['replay', left?.token ?? ''], cwd, COMMAND)
      expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('nothing caught an error')])
    })
})

describe('a bundle of a result folder that is not as it was written', { tags: ['EVD-01', 'CLI-02'] }, () => {
  it('is made and says so, with exit code 3; without a result there is one sentence and no bundle', async () => {
    const cwd = scratch()
    const campaign = ['run', 'atomic-file', '--faults', 'io', '--points', '1..12', '--workers', '1', '--out', 'result']
    expect((await run([...campaign, '--allow-incomplete'], cwd, COMMAND)).code).toBe(0)
    const records = join(cwd, 'result/runs.ndjson')
    writeFileSync(records, readFileSync(records).subarray(0, -40))
    const torn = await run(['report', 'result', '--format', 'evidence', '--out', 'bundle'], cwd, COMMAND)
    expect(torn.code).toBe(3)
    expect(torn.stderr).toMatch(/^powercut: The last record of runs\.ndjson is torn/)
    expect(readFileSync(join(cwd, 'bundle/evidence.html'), 'utf8')).toContain('The last record of runs.ndjson is torn')
    unlinkSync(join(cwd, 'result/campaign.json'))
    const cut = await run(['report', 'result', '--format', 'evidence', '--out', 'other'], cwd, COMMAND)
    expect(cut).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^powercut: .*result holds runs\.ndjson and no/),
    })
    expect(readdirSync(cwd)).not.toContain('other')
  })
})

describe('a budget of zero', { tags: ['CLI-02'] }, () => {
  it('is wrong use, whichever budget it is', () => {
    const flags = [
      { budget: '0s' },
      { runLimit: '0s' },
      { mode: ['budget'], bytes: '0' },
      { bail: '0' },
      { workers: '0' },
    ]
    for (const given of flags) {
      expect(() => campaignOptions(['bank'], given), JSON.stringify(given)).toThrow(
        /^--(budget|run-limit|bytes|bail|workers) takes /,
      )
    }
  })
})
