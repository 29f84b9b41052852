import { describe, expect, it } from 'vitest'
import { consoleSummary, htmlReport, markdownSummary, type Campaign } from '../../../reports/index.ts'
import { sampleFolder } from '../sample-folder.ts'

const clean = sampleFolder.bind(undefined, { scenario: 'core20', runs: 400, badEvery: 0 })
const bad = sampleFolder.bind(undefined, { scenario: 'core20', runs: 400, badEvery: 7 })
const ESCAPE = '\u001b['

describe('the console summary', { tags: ['RES-08'] }, () => {
  it('ends with the verdict, after the folder', () => {
    const lines = consoleSummary(clean().campaign, { colors: false, directory: 'results/a' }).trimEnd().split('\n')
    expect(lines.at(-2)).toBe('results in results/a')
    expect(lines.at(-1)).toMatch(/^No violation in 400 runs \(/)
  })

  it('gives every violation with its replay command, up to a bound', () => {
    const { campaign } = bad()
    const all = consoleSummary(campaign, { colors: false, violationsMax: 1000 })
    for (const { token } of campaign.violations) expect(all).toContain(`npx powercut replay ${token}\n`)
    const two = consoleSummary(campaign, { colors: false, violationsMax: 2 })
    expect(two.match(/powercut replay/g)?.length).toBe(2)
    expect(two).toMatch(/and \d+ more/)
  })

  it('says what was not covered', () => {
    const { campaign } = bad({ milestones: {} })
    expect(consoleSummary(campaign, { colors: false })).toMatch(/Not covered:[^]*Milestone 'rollOver' was met 0 times/)
  })

  it('is coloured only when asked', () => {
    const { campaign } = bad()
    expect(consoleSummary(campaign, { colors: true })).toContain(ESCAPE)
    expect(consoleSummary(campaign, { colors: false })).not.toContain(ESCAPE)
  })
})

describe('summary.md', { tags: ['RES-08'] }, () => {
  it('has a row for each family and each violation with its command', () => {
    const { campaign } = bad()
    const text = markdownSummary(campaign)
    for (const name of ['Allocation', 'File-system call', 'Crash']) expect(text).toContain(`| ${name} |`)
    for (const { token } of campaign.violations) expect(text).toContain(`npx powercut replay ${token}\n`)
  })

  it('lets no message out of its fence and no name make a table or a tag', () => {
    const { campaign } = bad()
    const [first] = campaign.violations
    if (first === undefined) throw new Error('the sample has violations')
    const row = { ...first, oracle: '<b>|x', message: 'a\n```\n# not a heading\n````', fingerprint: '`f`' }
    const text = markdownSummary({ ...campaign, violations: [row] })
    expect(text).toContain('### \\<b\\>\\|x')
    expect(text).toContain('`````\na\n```\n# not a heading\n````\n`````')
    expect(text).toContain('`` `f` ``')
  })
})

describe('a campaign of several scenarios', { tags: ['RES-08'] }, () => {
  it('says of each violation whose it is, and one of a single scenario does not', () => {
    const { campaign } = bad()
    const [one] = campaign.scenarios
    if (one === undefined) throw new Error('the sample has a scenario')
    const several = { ...campaign, scenarios: [one, { ...one, name: 'bank' }] }
    const reports = [
      (of: Campaign) => consoleSummary(of, { colors: false }),
      markdownSummary,
      (of: Campaign) => htmlReport(of, { records: [], total: 0 }),
    ]
    for (const report of reports) {
      expect(report(several)).toMatch(/core20, (allocation|Allocation)/)
      expect(report(campaign)).not.toMatch(/core20, (allocation|Allocation)/)
    }
  })
})
