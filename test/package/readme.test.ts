// test/package/readme.test.ts: what the README shows is typed out, word by word, in a new user's project.

import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Campaign } from '../../reports/index.ts'
import { campaignOf, run, scratch } from '../harness/fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')
const MARK = 'without this line'

const blocks = [...readFileSync(join(PROJECT, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, text = '']) => text,
)

/** The only example with that text in it. */
function example(text: string): string {
  const found = blocks.filter((block) => block.includes(text))
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

/** A project with everything installed that this one has. */
function userProject(files: Readonly<Record<string, string>>): string {
  const cwd = scratch()
  const modules = join(cwd, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(PROJECT, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(PROJECT, 'node_modules', name), join(modules, name), 'dir')
  symlinkSync(PROJECT, join(modules, 'powercut'), 'dir')
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return cwd
}

const NOTES = example('// notes.scenario.ts')

const ORDER_STORE = `
import { scenario, step, times } from 'powercut/scenarios'
import * as fs from 'node:fs'
import { join } from 'node:path'

type Orders = Readonly<Record<string, number>>

class OrderStore {
  static open(directory: string): OrderStore { return new OrderStore(directory) }
  readonly directory: string
  constructor(directory: string) { this.directory = directory }
  async put(name: string, value: number): Promise<void> {
    const beside = join(this.directory, 'orders.new')
    const file = await fs.promises.open(beside, 'w')
    try {
      await file.writeFile(JSON.stringify({ ...this.all(), [name]: value }))
      await file.sync()
    } finally {
      await file.close()
    }
    await fs.promises.rename(beside, join(this.directory, 'orders'))
    const directory = await fs.promises.open(this.directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
  all(): Orders {
    const path = join(this.directory, 'orders')
    return fs.existsSync(path) ? (JSON.parse(fs.readFileSync(path, 'utf8')) as Orders) : {}
  }
  close(): void {}
}
`

describe('what the README shows', { tags: ['SCN-03'] }, () => {
  it('runs clean as it stands, and shows the note that gets lost without the line that it names', async () => {
    const cwd = userProject({ 'notes.scenario.ts': NOTES })
    const words = ['run', './notes.scenario.ts', '--faults', 'crash', '--workers', '1', '--out']
    expect((await run([...words, 'clean'], cwd, COMMAND)).code).toBe(0)
    expect(NOTES.split('\n').filter((line) => line.includes(MARK))).toHaveLength(1)
    const lines = NOTES.split('\n').filter((line) => !line.includes(MARK))
    writeFileSync(join(cwd, 'notes.scenario.ts'), lines.join('\n'))
    expect((await run([...words, 'lossy'], cwd, COMMAND)).code).toBe(1)
    const { violations } = campaignOf(join(cwd, 'lossy'))
    expect(violations.map(({ oracle }) => oracle)).toContain('recovered-state')
  })

  it('breaks a store over node:fs by the two lines that it names', { tags: ['NFS-01'] }, async () => {
    const cwd = userProject({ 'orders.scenario.ts': ORDER_STORE + example('usesNodeFs: true') })
    const words = ['run', './orders.scenario.ts', '--faults', 'crash', '--workers', '1', '--out']
    const passed = await run([...words, 'clean'], cwd, COMMAND)
    expect([passed.code, passed.stderr]).toEqual([0, ''])
    const lossy = ORDER_STORE.replace('await file.sync()', '') + example('usesNodeFs: true')
    writeFileSync(join(cwd, 'orders.scenario.ts'), lossy)
    expect((await run([...words, 'lossy'], cwd, COMMAND)).code).toBe(1)
  })

  it('is a suite of vitest that passes', { tags: ['VIT-01'] }, async () => {
    const cwd = userProject({ 'notes.scenario.ts': NOTES, 'store.test.ts': example('// store.test.ts') })
    const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs')
    const words = [vitest, 'run', '--root', cwd, '--reporter=json', '--outputFile=tests.json']
    await promisify(execFile)(process.execPath, words, { cwd, env: { ...process.env, VITEST: '' } })
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(join(cwd, 'tests.json'), 'utf8')) as Record<
      string,
      number
    >
    expect(numFailedTests).toBe(0)
    expect(numPassedTests).toBeGreaterThan(1)
  })

  it('gives a project its defaults', { tags: ['CLI-06'] }, async () => {
    const cwd = userProject({ 'notes.scenario.ts': NOTES, 'powercut.config.ts': example('defineConfig') })
    const words = ['run', '--set', 'notes=1', '--workers', '1', '--minimise-budget', '0', '--out', 'results']
    await run(words, cwd, COMMAND) // no matter what comes of it: the store lets go of nothing when a call fails
    const { scenarios, selection } = JSON.parse(readFileSync(join(cwd, 'results', 'campaign.json'), 'utf8')) as Campaign
    expect(scenarios.map(({ name, parameters }) => [name, parameters])).toEqual([['notes', { notes: 1 }]])
    expect(selection).toMatchObject({ families: ['io', 'crash'], budgetMs: 600_000 })
  })

  it('opens a database, and finds what was put there', async () => {
    const cwd = userProject({})
    writeFileSync(join(cwd, 'bank.mjs'), example('openOnDisk').replace('/var/lib/bank', cwd))
    const { stdout } = await promisify(execFile)(process.execPath, ['bank.mjs'], { cwd })
    expect(stdout).toBe('{ id: 1, balance: 100 }\n')
  })
})
