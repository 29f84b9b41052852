// `powercut compare` over real campaigns of the built-in `bank`: how it ends, and what a change of the code looks like.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, scratch } from '../fixtures/command.ts'

const POWERCUT = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))
const SMALL = [
  '--faults',
  'io',
  '--points',
  '17..30',
  '--mode',
  'once',
  '--set',
  'transfers=1',
  '--set',
  'accounts=2',
  '--workers',
  '1',
]

describe('powercut compare', { tags: ['CLI-04', 'CLI-01'] }, () => {
  it('exits 0 for two campaigns of the same code, and 1 for a violation that is new', async () => {
    const cwd = scratch()
    await run(['run', 'bank', ...SMALL, '--out', 'clean', '--allow-incomplete'], cwd, POWERCUT)
    const words = ['--mutant', 'interruption-reported', '--minimise-budget', '0', '--allow-incomplete']
    await run(['run', 'bank', ...SMALL, ...words], cwd, POWERCUT)
    const same = await run(['compare', 'clean', 'clean', '--strict'], cwd, POWERCUT)
    expect([same.code, same.stdout]).toEqual([0, expect.stringMatching(/^0 new violations, 0 fixed/m)])
    const worse = await run(['compare', 'clean', 'latest', '--json'], cwd, POWERCUT)
    expect(worse.code).toBe(1)
    const comparison = JSON.parse(worse.stdout) as {
      violations: { new: readonly unknown[] }
      points: { old: number; new: number; failing: { count: number } }
    }
    expect(comparison.violations.new.length).toBeGreaterThan(0)
    expect(comparison.points.failing.count).toBeGreaterThan(0)
    expect((await run(['compare', 'latest', 'clean'], cwd, POWERCUT)).code).toBe(0)
  })

  it('exits 2 for a folder without results, 3 for results that can not be read', async () => {
    const cwd = scratch()
    expect((await run(['compare', 'none', 'latest'], cwd, POWERCUT)).code).toBe(2)
    expect((await run(['compare', 'only-one'], cwd, POWERCUT)).code).toBe(2)
    writeFileSync(join(cwd, 'campaign.json'), '{')
    const { code, stderr } = await run(['compare', '.', '.'], cwd, POWERCUT)
    expect([code, stderr]).toEqual([3, expect.stringMatching(/campaign\.json is no JSON/)])
  })
})
