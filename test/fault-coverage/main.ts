// test/fault-coverage/main.ts: `npm run fault-coverage`: every allocation and every file-system call of the engine, failed in
// every context that a scenario reaches it in; or a written reason.
//
// 1. The campaigns are those of CAMPAIGNS, with small parameters: what is wanted is each call in each context, not many of
//    each. Families are allocation and I/O, whose counting runs are the contexts.
// 2. A campaign with a violation ends it with that campaign's exit code. Then the report judges: 1 if a call was not failed
//    from everywhere it was made, or if a reason is not so (`--gate`).
// 3. Further words go to each campaign: `-- --workers 1`, `-- --mode once`. Results go to coverage/faults, anew each time.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'

const PROJECT = resolve(import.meta.dirname, '../..')
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')
const OUT = 'coverage/faults'

type Campaign = Readonly<{ scenario: string; set: Readonly<Record<string, number | string>> }>

const CAMPAIGNS: readonly Campaign[] = [
  { scenario: 'core20', set: { iterations: 6 } },
  { scenario: 'bank', set: { accounts: 4, transfers: 4 } },
  { scenario: 'rows', set: { rows: 6, longBytes: 700 } },
  { scenario: 'group', set: { rounds: 2 } },
  { scenario: 'lazy-log', set: { entries: 6, syncEvery: 3 } },
  { scenario: 'upkeep', set: {} },
  { scenario: 'salvage', set: {} },
  { scenario: 'refusals', set: {} },
]

const SOURCES = ['--sources', 'engine', '--exclude', 'engine/adapters,engine/tools,engine/examples']

function powercut(words: readonly string[]): number {
  const { status, signal, error } = spawnSync(process.execPath, [COMMAND, ...words], { cwd: PROJECT, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (signal !== null) throw new Error(`powercut ${words[0]} was ended by ${signal}`)
  return status ?? 1
}

function run(more: readonly string[]): number {
  rmSync(join(PROJECT, OUT), { recursive: true, force: true })
  const folders: string[] = []
  for (const { scenario, set } of CAMPAIGNS) {
    const folder = `${OUT}/${scenario}`
    const parameters = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    // Milestones ask for more than a small scenario has.
    const words = ['run', scenario, ...parameters, '--faults', 'allocation,io', '--allow-incomplete', '--out', folder]
    const code = powercut([...words, ...more])
    if (code !== 0) return code
    folders.push(folder)
  }
  const reasons = ['--reasons', 'test/fault-coverage/reasons.json']
  return powercut(['fault-coverage', ...folders, ...SOURCES, ...reasons, '--gate', '--out', OUT])
}

const began = performance.now()
process.exitCode = run(process.argv.slice(2))
process.stdout.write(`${Math.round((performance.now() - began) / 1000)} s in all\n`)
