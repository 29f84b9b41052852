// The shell around a campaign, over a core without a store: options, results, exit codes.
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { campaignOf, recordsOf, run, scratch } from '../fixtures/command.ts'

describe('powercut run', { tags: ['CLI-03'] }, () => {
  it('runs every point, writes the result folder and exits 0', { tags: ['RES-05'] }, async () => {
    const cwd = scratch()
    const { code, stdout } = await run(['run', 'bank'], cwd)
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe('npx powercut run bank --faults allocation,io,crash --mode once,from --seed 1')
    const directory = join(cwd, 'powercut-results', 'bank-1')
    const campaign = campaignOf(directory)
    expect(campaign).toMatchObject({ complete: true, incomplete: [], violations: [], traceHash: 'hash-bank-1' })
    expect(campaign.families['crash']).toMatchObject({
      planned: 100,
      run: 80,
      merged: 20,
      skipped: 0,
      exhaustive: true,
    })
    expect(recordsOf(directory).length).toBe(280)
    expect(readlinkSync(join(cwd, 'powercut-results', 'latest'))).toBe('bank-1')
    for (const file of ['report.html', 'junit.xml']) expect(existsSync(join(directory, file))).toBe(true)
  })

  it('gives the same records with one worker and with two', { tags: ['DET-01'] }, async () => {
    const cwd = scratch()
    const words = ['run', 'bank', '--set', 'failEvery=7', '--set', 'units=6']
    await Promise.all([
      run([...words, '--workers', '1', '--out', 'one'], cwd),
      run([...words, '--workers', '2', '--out', 'two'], cwd),
    ])
    expect(recordsOf(join(cwd, 'one'))).toEqual(recordsOf(join(cwd, 'two')))
    expect(campaignOf(join(cwd, 'one')).families).toEqual(campaignOf(join(cwd, 'two')).families)
  })

  it(
    'exits 1 with token and replay command when an oracle complained, and the token fails again',
    { tags: ['CLI-01', 'TOK-02', 'QA-17'] },
    async () => {
      const cwd = scratch()
      const { code, stdout } = await run(['run', 'bank', '--faults', 'io', '--set', 'failEvery=40'], cwd)
      expect(code).toBe(1)
      const [violation] = campaignOf(join(cwd, 'powercut-results', 'latest')).violations
      expect(violation?.oracle).toBe('no-leak')
      expect(stdout).toContain(`powercut replay ${violation?.token}`)
      expect((await run(['replay', violation?.token ?? ''], cwd)).code).toBe(1)
      expect((await run(['replay', 'latest'], cwd)).code).toBe(1)
    },
  )

  it('runs exactly the points that are asked for', { tags: ['QA-12', 'QA-13', 'QA-14', 'QA-22'] }, async () => {
    const cwd = scratch()
    const picks = [
      [['--at', '17'], 1],
      [['--points', '10..20'], 11],
      [['--from', '30'], 71],
    ] as const
    for (const [words, count] of picks) {
      const { code, stdout } = await run(
        ['run', 'bank', '--faults', 'allocation', '--mode', 'once', ...words, '--json'],
        cwd,
      )
      expect(code).toBe(0)
      const campaign = JSON.parse(stdout) as ReturnType<typeof campaignOf>
      expect(campaign.families['allocation']).toMatchObject({ planned: count, run: count, exhaustive: false })
      expect(campaign.complete).toBe(true)
    }
  })

  it('takes points of the allocation family unless another is named', { tags: ['QA-13'] }, async () => {
    const cwd = scratch()
    const { code, stdout } = await run(['run', 'bank', '--points', '1..20'], cwd)
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toContain('--faults allocation ')
    const campaign = campaignOf(join(cwd, 'powercut-results', 'latest'))
    expect(Object.keys(campaign.families)).toEqual(['allocation'])
    expect(campaign.complete).toBe(true)
  })

  it(
    'tells wrong use in one sentence that says what is valid, exits 2 and makes no folder',
    { tags: ['CLI-02'] },
    async () => {
      const cwd = scratch()
      const wrong: readonly (readonly [readonly string[], RegExp])[] = [
        [['run', 'bnak'], /no scenario 'bnak': valid are core20, bank.*Did you mean 'bank'\?/],
        [['run', './no.scenario.ts'], /no scenario module at \.\/no\.scenario\.ts/],
        [['run', 'bank', '--faults', 'allocation,nosuch'], /does not know 'nosuch': valid are allocation, io, crash/],
        [['run', 'bank', '--mode', 'onse'], /'onse': valid are once, from, budget, random\. Did you mean 'once'\?/],
        [['run', 'bank', '--nosuch'], /no option '--nosuch': valid are .*--seed/],
        [['run', 'bank', '--sead', '1'], /Did you mean '--seed'\?/],
        [['nosuch'], /no command 'nosuch': valid are run, count/],
        [['run', 'bank', '--faults', 'allocation', '--at', '0'], /--at 0 is outside .* valid are 1 to 100/],
        [['run', 'bank', '--faults', 'io', '--at', '999999'], /valid are 1 to 100/],
        [['run', 'bank', '--faults', 'io,crash', '--at', '3'], /one family/],
        [['run', 'bank', '--set', 'nope=1'], /no parameter 'nope': valid are units/],
        [['run', 'bank', '--set', 'units=many'], /'units' .* is a number, not 'many'/],
        [['run', 'bank', '--set', 'units'], /name=value/],
        [['run', 'bank', '--seed', '-1'], /--seed takes an integer from 0/],
        [['run', 'bank', '--seeds', '3..1'], /--seeds takes a range/],
        [['run', 'bank', '--mode', 'budget'], /--bytes/],
        [['run', 'bank', '--model', 'tape'], /'tape': valid are posix-minimal/],
        [['run', 'bank', '--model', 'ext4-ordered'], /no promise under the model 'ext4-ordered'/],
        [['run', 'bank', '--sector', '100'], /valid are 512, 4096/],
        [['run', 'bank', '--budget', 'soon'], /90s/],
        [['run', 'bank', '--mutant', 'nosuch'], /no mutant 'nosuch'/],
        [['run', 'bank', '--resume'], /no results/],
        [['run', 'rows'], /refused/],
      ]
      for (const [words, sentence] of wrong) {
        const { code, stderr } = await run(words, cwd)
        expect([words, code]).toEqual([words, 2])
        expect(stderr).toMatch(sentence)
        expect(stderr.trimEnd().split('\n')).toHaveLength(1)
      }
      expect(readdirSync(cwd)).toEqual([])
    },
  )

  it('refuses a result folder that holds something', { tags: ['CLI-02'] }, async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'kept'), 'mine')
    const { code, stderr } = await run(['run', 'bank', '--out', '.'], cwd)
    expect(code).toBe(2)
    expect(stderr).toMatch(/exists and is not empty/)
    expect(readdirSync(cwd)).toEqual(['kept'])
  })

  it('says how many runs there would be, and runs none, with --plan', async () => {
    const cwd = scratch()
    const { code, stdout } = await run(['run', 'bank', '--plan', '--json'], cwd)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      plan: [{ name: 'bank', planned: { allocation: 100, io: 100, crash: 100 } }],
    })
    expect(readdirSync(cwd)).toEqual([])
  })

  it(
    'runs several scenarios and seeds as one campaign, each with its own trace hash',
    { tags: ['QA-21'] },
    async () => {
      const cwd = scratch()
      await run(['run', 'bank', 'core20', '--seeds', '3..4', '--set', 'units=1', '--out', 'both'], cwd)
      const campaign = campaignOf(join(cwd, 'both'))
      expect(campaign.scenarios.map(({ name, traceHash }) => [name, traceHash])).toEqual([
        ['bank seed 3', 'hash-bank-3'],
        ['bank seed 4', 'hash-bank-4'],
        ['core20 seed 3', 'hash-core20-3'],
        ['core20 seed 4', 'hash-core20-4'],
      ])
      expect(campaign.families['io']).toMatchObject({ planned: 100, run: 100 })
      const records = recordsOf(join(cwd, 'both'))
      expect(new Set(records.map(({ order }) => order)).size).toBe(records.length)
      expect(new Set(records.map(({ token }) => token)).size).toBe(records.length)
    },
  )

  it(
    'is incomplete, exit 3, when a milestone is missing, and exits 0 with --allow-incomplete',
    { tags: ['CLI-01', 'RES-03'] },
    async () => {
      const cwd = scratch()
      const words = ['run', 'bank', '--set', 'missing=true', '--set', 'units=1']
      expect((await run(words, cwd)).code).toBe(3)
      expect((await run([...words, '--allow-incomplete'], cwd)).code).toBe(0)
      expect(campaignOf(join(cwd, 'powercut-results', 'latest')).incomplete.join()).toMatch(/rollOvers/)
    },
  )

  it('counts what the counting run found as violations', async () => {
    const cwd = scratch()
    const { code } = await run(['run', 'bank', '--set', 'findings=2', '--set', 'units=1'], cwd)
    expect(code).toBe(1)
    expect(campaignOf(join(cwd, 'powercut-results', 'latest')).violations.length).toBe(2)
  })

  it('runs again only what failed, with --rerun', { tags: ['QA-22'] }, async () => {
    const cwd = scratch()
    await run(['run', 'bank', '--set', 'failEvery=10', '--out', 'first'], cwd)
    const { code } = await run(['run', '--rerun', 'first', '--out', 'again'], cwd)
    expect(code).toBe(1)
    expect(recordsOf(join(cwd, 'again')).length).toBe(10)
    expect(campaignOf(join(cwd, 'again')).families).toMatchObject({ io: { planned: 10, run: 10, violations: 10 } })
  })
})
