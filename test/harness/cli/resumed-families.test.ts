// A campaign of recovery and damage by the real core, killed on its way and resumed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { campaignOf, recordsOf, run, scratch, start } from '../fixtures/command.ts'

const REAL = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))

const WORDS = ['run', 'atomic-file', '--faults', 'recovery,corruption', '--mode', 'once', '--set', 'updates=2']
const SMALL = ['--max-states', '60', '--workers', '1', '--minimise-budget', '0', '--no-config']

function linesIn(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0
}

describe('a campaign of recovery and corruption', { tags: ['LIF-01'] }, () => {
  it('that was killed in the middle of a unit and resumed has the records and the account of an undisturbed one', async () => {
    const cwd = scratch()
    // Plain files tell nothing of damage: that is found, and makes the exit code.
    expect((await run([...WORDS, ...SMALL, '--out', 'whole'], cwd, REAL)).code).toBe(1)
    const whole = recordsOf(join(cwd, 'whole'))
    expect(Object.keys(campaignOf(join(cwd, 'whole')).families)).toEqual(['recovery', 'corruption'])
    const records = join(cwd, 'killed', 'runs.ndjson')
    let before = 0
    // Once in the middle of the recovery family's runs, and once of the rest.
    for (const share of [0.2, 0.6]) {
      const { child, ended } = start([...WORDS, ...SMALL, '--out', 'killed', '--resume'], cwd, { entry: REAL })
      const state = { over: false }
      void ended.then(() => (state.over = true))
      while (!state.over && linesIn(records) < whole.length * share)
        await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      expect((await ended).signal).toBe('SIGKILL')
      expect(linesIn(records)).toBeGreaterThan(before)
      expect(linesIn(records)).toBeLessThan(whole.length)
      before = linesIn(records)
    }
    expect((await run([...WORDS, ...SMALL, '--out', 'killed', '--resume'], cwd, REAL)).code).toBe(1)
    expect(recordsOf(join(cwd, 'killed'))).toEqual(whole)
    const account = (name: string) =>
      Object.entries(campaignOf(join(cwd, name)).families).map(([family, totals]) => [family, { ...totals, runMs: 0 }])
    expect(account('killed')).toEqual(account('whole'))
  })
})
