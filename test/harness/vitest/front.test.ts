import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, scratch } from '../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')
const VITEST = join(PROJECT, 'node_modules/vitest/vitest.mjs')

type Case = Readonly<{ title: string; ancestorTitles: string[]; status: string; failureMessages: string[] }>

/** A user's project with the package, vitest and the sample; `lossy` is the sample without the line that matters. */
async function userProject(test: string): Promise<string> {
  const cwd = scratch()
  mkdirSync(join(cwd, 'node_modules'))
  symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
  symlinkSync(join(PROJECT, 'node_modules/vitest'), join(cwd, 'node_modules', 'vitest'), 'dir')
  await run(['init', '--ci', 'none'], cwd, COMMAND)
  const lines = readFileSync(join(cwd, 'notes.scenario.ts'), 'utf8').split('\n')
  writeFileSync(join(cwd, 'lossy.scenario.ts'), lines.filter((line) => !line.includes('try it')).join('\n'))
  writeFileSync(join(cwd, 'store.test.ts'), test)
  return cwd
}

function runVitest(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<readonly Case[]> {
  const words = [VITEST, 'run', '--reporter=json', '--outputFile=result.json']
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd, env: { ...process.env, ...env } }, () => {
      const result = JSON.parse(readFileSync(join(cwd, 'result.json'), 'utf8')) as {
        testResults: { assertionResults: Case[]; message: string }[]
      }
      resolve(result.testResults.flatMap(({ assertionResults }) => assertionResults))
    })
  })
}

const ofSuite = (cases: readonly Case[], name: string) =>
  cases.filter(({ ancestorTitles }) => ancestorTitles.includes(`powercut ${name}`))
const commandIn = (failed: Case | undefined) => /replay: (.*)/.exec(failed?.failureMessages.join() ?? '')?.[1] ?? ''

describe('the front for vitest', { tags: ['VIT-01'] }, () => {
  it('makes a campaign a suite, with a failed test for each defect and the command that replays it', async () => {
    const cwd = await userProject(`
      import { campaign } from 'powercut/vitest'
      import lossy from './lossy.scenario.ts'
      campaign('./notes.scenario.ts', { faults: ['crash'], set: { notes: 2 }, workers: 1 })
      campaign('./lossy.scenario.ts', { faults: ['crash'], set: { notes: 2 }, workers: 1 })
      campaign(lossy, { faults: ['crash'], set: { notes: 2 } })
      campaign('./no.scenario.ts')
    `)
    const cases = await runVitest(cwd)
    expect(ofSuite(cases, './notes.scenario.ts').map(({ status }) => status)).toEqual(['passed'])

    const byPath = ofSuite(cases, './lossy.scenario.ts')
    expect(new Set(byPath.map(({ status }) => status))).toEqual(new Set(['failed']))
    expect(new Set(byPath.map(({ title }) => title)).size).toBe(byPath.length)
    const [first] = byPath
    const words = commandIn(first).split(' ').slice(2)
    expect(words[0]).toBe('replay')
    expect((await run(words, cwd, COMMAND)).code).toBe(1)

    // The same defects from the object, replayed through the test file: the others have no part in it.
    const byObject = ofSuite(cases, 'notes')
    expect(byObject.map(({ title }) => title)).toEqual(byPath.map(({ title }) => title))
    const [setting, ...rest] = commandIn(byObject[0]).split(' ')
    expect(rest).toEqual(['npx', 'vitest', 'run', 'store.test.ts'])
    const token = setting?.split('=')[1] ?? ''
    const again = ofSuite(await runVitest(cwd, { POWERCUT_TOKEN: token }), 'notes')
    expect(again.map(({ title, status }) => [title.split(' ')[0], status])).toEqual([['replays', 'failed']])

    const [refused] = ofSuite(cases, './no.scenario.ts')
    expect(refused).toMatchObject({ title: 'can be run', status: 'failed' })
    expect(refused?.failureMessages.join()).toContain('There is no scenario module at ./no.scenario.ts')
  })

  it(
    'sweeps an ordinary test body, and tells a leak, a swallowed failure and a missing retry apart',
    { tags: ['QA-05', 'QA-06', 'QA-07', 'QA-09'] },
    async () => {
      const cwd = await userProject(`
      import { expect } from 'vitest'
      import { sweep } from 'powercut/vitest'
      import { createAllocator, systemChunks } from 'powercut/engine'
      const heap = (world) => world.wrapAllocator(createAllocator({ algorithm: 'buddy', memory: systemChunks() }))
      sweep('right', (world) => {
        const memory = heap(world)
        const one = memory.allocate(10, 'one')
        try {
          memory.free(memory.allocate(20, 'two'))
          expect(one.byteLength).toBe(10)
        } finally {
          memory.free(one)
        }
      })
      sweep('leaks', (world) => {
        const memory = heap(world)
        const one = memory.allocate(10, 'one')
        memory.free(memory.allocate(20, 'two'))
        memory.free(one)
      })
      sweep('swallows', (world) => {
        const memory = heap(world)
        try { memory.free(memory.allocate(10, 'one')) } catch {}
      })
      sweep('goes on allocating', (world) => {
        const memory = heap(world)
        try {
          memory.free(memory.allocate(10, 'one'))
        } catch (cause) {
          memory.free(memory.allocate(20, 'message'))
          throw new Error('wrapped', { cause })
        }
      }, { mode: ['once'] })
      sweep('gives up', async (world) => {
        world.fileSystem.stat(world.directory)
        const file = world.fileSystem.create(world.directory + '/a')
        try { file.sync() } finally { file.close() }
      }, { faults: ['io'], mode: ['once'] })
      sweep('takes nothing', () => {})
      let calls = 0
      sweep('is another each time', (world) => { if (calls++ % 2 === 0) world.fileSystem.list(world.directory) })
    `)
      const cases = await runVitest(cwd)
      const oracles = (name: string) =>
        ofSuite(cases, name).flatMap(({ title, status }) => (status === 'failed' ? [title.split(',')[0]] : []))
      expect(ofSuite(cases, 'right').map(({ title, status }) => [title, status])).toEqual([
        ['fails as intended in 4 allocation runs over 2 points', 'passed'],
      ])
      expect(new Set(oracles('leaks'))).toEqual(new Set(['no-leak']))
      expect(oracles('swallows')).toEqual(['failure-reported'])
      expect(oracles('goes on allocating')).toEqual(['no-allocation-after-failure'])
      expect(oracles('gives up')).toEqual(['survives'])
      expect(oracles('takes nothing')).toEqual(['scenario-contract'])
      expect(oracles('is another each time')).toEqual(['nondeterminism'])

      const leak = ofSuite(cases, 'leaks').find(({ status }) => status === 'failed')
      const token = commandIn(leak).split(' ')[0]?.split('=')[1] ?? ''
      const again = await runVitest(cwd, { POWERCUT_TOKEN: token })
      expect(again.filter(({ status }) => status === 'failed').map(({ title }) => title)).toEqual([leak?.title])
    },
  )
})
