// Campaigns that are stopped, killed, or lose their workers.
import { appendFileSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { campaignOf, recordsOf, run, scratch, start } from '../fixtures/command.ts'

const SLOW = ['run', 'bank', '--set', 'slowMs=5', '--set', 'failEvery=30', '--workers', '2']

/** Fulfilled when the campaign has `count` records in its folder. */
async function untilRecords(directory: string, count: number, ended: Promise<unknown>): Promise<void> {
  const state = { over: false }
  void ended.then(() => {
    state.over = true
  })
  const path = join(directory, 'runs.ndjson')
  while (!state.over && (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length <= count)) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a campaign', { tags: ['LIF-01'] }, () => {
  it(
    'that was killed at any moment and resumed has the records of an undisturbed one',
    { tags: ['QA-14'] },
    async () => {
      const cwd = scratch()
      await run([...SLOW, '--out', 'whole'], cwd)
      for (const [index, count] of [1, 90, 200].entries()) {
        const out = `killed-${index}`
        const { child, ended } = start([...SLOW, '--out', out], cwd)
        await untilRecords(join(cwd, out), count, ended)
        child.kill('SIGKILL')
        expect((await ended).signal).toBe('SIGKILL')
        appendFileSync(join(cwd, out, 'runs.ndjson'), '{"order":3,"token":"pc1-')
        appendFileSync(join(cwd, out, 'units.ndjson'), '{"unit":9')
        const { code, stderr } = await run([...SLOW, '--out', out, '--resume'], cwd)
        expect([code, stderr]).toEqual([1, ''])
        expect(recordsOf(join(cwd, out))).toEqual(recordsOf(join(cwd, 'whole')))
        expect(campaignOf(join(cwd, out)).families).toEqual(campaignOf(join(cwd, 'whole')).families)
      }
    },
  )

  it(
    'ends the runs in hand at Ctrl-C, says how to go on, exits 3, and goes on with that',
    { tags: ['QA-14'] },
    async () => {
      const cwd = scratch()
      const words = ['run', 'bank', '--set', 'slowMs=5', '--run-limit', '90s']
      const { child, ended } = start([...words, '--out', 'stopped'], cwd)
      await untilRecords(join(cwd, 'stopped'), 20, ended)
      child.kill('SIGINT')
      const { code, stdout } = await ended
      expect(code).toBe(3)
      expect(campaignOf(join(cwd, 'stopped'))).toMatchObject({ complete: false })
      expect(campaignOf(join(cwd, 'stopped')).incomplete).toContain('Interrupted by Ctrl-C.')
      const resume = /To go on: npx powercut (.*)/.exec(stdout)?.[1]?.split(' ') ?? []
      expect(resume.join(' ')).toContain('--run-limit 90000ms')
      expect((await run(resume, cwd)).code).toBe(0)
      expect(campaignOf(join(cwd, 'stopped'))).toMatchObject({ complete: true })
    },
  )

  it('refuses to resume another campaign, and says which one is there', async () => {
    const cwd = scratch()
    await run(['run', 'bank', '--set', 'units=1', '--out', 'mine'], cwd)
    const { code, stderr } = await run(['run', 'bank', '--set', 'units=2', '--out', 'mine', '--resume'], cwd)
    expect(code).toBe(2)
    expect(stderr).toMatch(/is another one: resume it with 'npx powercut run bank .*units=1/)
  })

  it(
    'stops in order when its budget is spent, and exits 3 unless incomplete is allowed',
    { tags: ['CLI-01'] },
    async () => {
      const cwd = scratch()
      const words = ['run', 'bank', '--set', 'slowMs=10', '--budget', '700ms']
      expect((await run([...words, '--out', 'a'], cwd)).code).toBe(3)
      expect(campaignOf(join(cwd, 'a')).incomplete.join(' ')).toMatch(/budget of 0\.7 s was spent.*planned/)
      expect((await run([...words, '--out', 'b', '--allow-incomplete'], cwd)).code).toBe(0)
    },
  )

  it('stops at the first violation with --bail 1', { tags: ['CLI-03'] }, async () => {
    const cwd = scratch()
    const words = ['run', 'bank', '--set', 'failEvery=3', '--set', 'slowMs=1', '--bail', '1', '--out', 'a']
    expect((await run(words, cwd)).code).toBe(1)
    expect(recordsOf(join(cwd, 'a')).length).toBeLessThan(200)
  })

  it('tries a run again whose worker died, and forgets the first time', { tags: ['LIF-02'] }, async () => {
    const cwd = scratch()
    const words = ['run', 'bank', '--set', 'dieAt=120', '--set', `marker=${join(cwd, 'died')}`, '--out', 'a']
    expect((await run(words, cwd)).code).toBe(0)
    expect(existsSync(join(cwd, 'died'))).toBe(true)
    expect(recordsOf(join(cwd, 'a')).length).toBe(280)
  })

  it(
    'records a run whose worker died twice as harness-failure, does all others, and exits 3',
    { tags: ['LIF-02', 'CLI-01'] },
    async () => {
      const cwd = scratch()
      expect((await run(['run', 'bank', '--set', 'dieAt=120', '--out', 'a'], cwd)).code).toBe(3)
      const records = recordsOf(join(cwd, 'a'))
      expect(records.length).toBe(280)
      expect(records.filter(({ outcome }) => outcome !== 'passed')).toMatchObject([
        { order: 120, outcome: 'harness-failure', oracle: 'harness', point: 21, family: 'io' },
      ])
    },
  )

  it('goes on when nobody reads its output any more, and its exit code stands', async () => {
    const cwd = scratch()
    const words = ['run', 'bank', '--set', 'failEvery=40', '--set', 'slowMs=1', '--out', 'a']
    const { child, ended } = start(words, cwd)
    child.stdout?.destroy()
    child.stderr?.destroy()
    expect((await ended).code).toBe(1)
    expect(campaignOf(join(cwd, 'a'))).toMatchObject({ complete: true })
  })

  it.skipIf(!existsSync('/dev/full'))(
    'whose output cannot be written fails with exit 3, which says nothing of violations',
    { tags: ['CLI-01'] },
    async () => {
      const full = openSync('/dev/full', 'w')
      onTestFinished(() => closeSync(full))
      const { code, stderr } = await start(['list'], scratch(), { stdout: full }).ended
      expect([code, stderr]).toEqual([3, expect.stringMatching(/^powercut: the harness failed: .*ENOSPC/)])
    },
  )

  it('ends a run that hangs, records it as a finding, and does all others', { tags: ['LIF-02'] }, async () => {
    const cwd = scratch()
    const words = ['run', 'bank', '--set', 'hangAt=30', '--run-limit', '400ms', '--out', 'a']
    expect((await run(words, cwd)).code).toBe(1)
    const records = recordsOf(join(cwd, 'a'))
    expect(records.length).toBe(280)
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toMatchObject([
      { order: 30, outcome: 'scenario-failure', oracle: 'hang' },
    ])
  })
})
