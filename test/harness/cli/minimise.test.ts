// `powercut run` makes what it found smaller before it prints it; over a core without a store.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { campaignSchema, type MinimisedCase } from '../../../reports/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const FAILING = [
  'run',
  'bank',
  '--faults',
  'io',
  '--set',
  'failEvery=7',
  '--set',
  'units=1',
  '--workers',
  '1',
  '--out',
  'results',
]

function casesOf(directory: string): readonly (MinimisedCase | undefined)[] {
  const campaign = campaignSchema.parse(JSON.parse(readFileSync(join(directory, 'results/campaign.json'), 'utf8')))
  return campaign.violations.map(({ minimised }) => minimised)
}

describe('powercut run', { tags: ['MIN-01'] }, () => {
  it('prints the smallest case of each violation before the first one, and both replay', async () => {
    const directory = scratch()
    const { code, stdout } = await run(FAILING, directory)
    expect(code).toBe(1)
    const cases = casesOf(directory)
    expect(cases).toHaveLength(1)
    for (const minimised of cases)
      expect(minimised).toMatchObject({ stepsBefore: 2, stepsAfter: 1, steps: ['one'], complete: true })
    expect(stdout).toMatch(/smallest case: 1 of 2 steps \(one\), 1 fault, plans=7/)
    const commands = [...stdout.matchAll(/npx powercut replay (\S+)/g)].map(([, token]) => token ?? '')
    expect(commands[0]).toBe(cases[0]?.token)
    expect(commands[1]).not.toBe(commands[0])
    for (const file of ['report.html', 'junit.xml', 'summary.md'])
      expect(readFileSync(join(directory, 'results', file), 'utf8')).toContain(cases[0]?.token)
  })

  it('says of each violation that it was not minimised, when it was told not to', async () => {
    const directory = scratch()
    const { stdout } = await run([...FAILING, '--minimise-budget', '0'], directory)
    expect(casesOf(directory).every((minimised) => minimised === undefined)).toBe(true)
    expect(stdout.match(/^ {2}not minimised$/gm)).toHaveLength(1)
    expect(stdout).toContain('--minimise-budget 0')
  })

  it('says why a violation is not minimised, where nothing smaller can be tried', async () => {
    const { stdout } = await run(['run', 'bank', '--set', 'findings=1', '--bail', '1'], scratch())
    expect(stdout).toMatch(/not minimised: what 'nondeterminism' demands is judged of the whole scenario/)
  })

  it('refuses a budget that is no duration', { tags: ['CLI-02'] }, async () => {
    const { code, stderr } = await run([...FAILING, '--minimise-budget', 'soon'], scratch())
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--minimise-budget takes a duration such as 90s/)])
  })
})
