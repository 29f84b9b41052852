import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport, writeReports, type Campaign } from '../../../reports/index.ts'
import { html, jsonForScript } from '../../../reports/html/html.ts'
import { sampleEvidence } from '../sample-evidence.ts'
import { sampleFolder } from '../sample-folder.ts'

const bad = { scenario: 'core20', runs: 400, badEvery: 7 }
const none = { records: [], total: 0 }

function page(options = bad, over: Parameters<typeof sampleFolder>[1] = {}): string {
  const { directory } = sampleFolder(options, over)
  writeReports(directory, ['html'])
  return readFileSync(join(directory, 'report.html'), 'utf8')
}

function violating(text: string): Campaign {
  const { campaign } = sampleFolder(bad)
  const row = { fingerprint: text, oracle: text, family: text, token: text, message: text, count: 1 }
  const scenarios = campaign.scenarios.map((scenario) => ({
    ...scenario,
    timeLines: scenario.timeLines.map((line) => ({
      ...line,
      buckets: line.buckets.map((each) => ({ ...each, phase: text })),
    })),
  }))
  return {
    ...campaign,
    scenarios,
    commandLine: text,
    violations: [{ ...row, scenario: text, phase: text, fault: text, site: text }],
  }
}

describe('html', { tags: ['RES-06'] }, () => {
  it('escapes every value and nothing of its own', () => {
    const inner = html`<i>${'<&>'}</i>`
    expect(html`<b title="${'"\''}">${inner}${[1, 'x']}${false}${undefined}</b>`.text).toBe(
      '<b title="&quot;&#39;"><i>&lt;&amp;&gt;</i>1x</b>',
    )
  })

  it('puts JSON into a script that no text can end, and that reads back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', '</script>', '<!--', '\u2028'), (value, tail) => {
        const { text } = jsonForScript([value, tail])
        expect(text).not.toMatch(/[<\u2028\u2029]/)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify([value, tail])))
      }),
    )
  })
})

describe('report.html', { tags: ['RES-06'] }, () => {
  it('loads nothing: no address of a network, no import, and a policy that forbids it', () => {
    const text = htmlReport(sampleFolder(bad).campaign, none)
    expect(text.replaceAll(/href="#[\w-]*"/g, '')).not.toMatch(
      /(src|href|action)\s*=|url\(|@import|https?:|fetch\(|XMLHttpRequest/,
    )
    expect(text).toContain("default-src 'none'")
  })

  it('lets no text of a scenario become a tag or end an attribute', () => {
    const evil = `"><script>alert(1)</script><img onerror='x' \u2028`
    const text = htmlReport(violating(evil), none, { script: 'void 0' })
    expect(text).not.toContain('<script>alert')
    expect(text).not.toContain('<img')
    expect(text.match(/<script/g)?.length).toBe(2)
  })

  it('shows each violation with the command that repeats it, and a button that copies it', () => {
    const { campaign } = sampleFolder(bad)
    const text = htmlReport(campaign, none)
    for (const { token } of campaign.violations) {
      expect(text).toContain(`data-copy="npx powercut replay ${token}"`)
      expect(text).toMatch(new RegExp(`<code[^>]*>npx powercut replay ${token}</code`))
    }
  })

  it('allows the one script that it was made with, by its hash, and has data for each chart', () => {
    const script = "document.title = '</script>'"
    const text = htmlReport(sampleFolder(bad).campaign, none, { script })
    const inline = /<script>([^]*?)<\/script>/.exec(text)?.[1] ?? ''
    expect(text).toContain(`script-src 'sha256-${createHash('sha256').update(inline).digest('base64')}'`)
    const data = /<script type="application\/json" id="chart-data">([^<]*)<\/script>/.exec(text)?.[1] ?? ''
    const charts = Object.keys(JSON.parse(data) as object)
    expect(charts).toEqual([...text.matchAll(/data-chart="([^"]*)"/g)].map(([, id]) => id))
    expect(charts.length).toBeGreaterThan(3)
  })

  it('without its script runs none, and says what it lacks', () => {
    const text = htmlReport(sampleFolder(bad).campaign, none)
    expect(text).toContain("script-src 'none'")
    expect(text).toContain('made without its script')
    expect(text).not.toContain('<script')
  })

  it('shows what was expected and found, the events, the disk and the stack of a violation', () => {
    const { campaign } = sampleFolder(bad)
    const [first] = campaign.violations
    if (first === undefined) throw new Error('the sample has no violation')
    const text = htmlReport({ ...campaign, violations: [{ ...first, evidence: sampleEvidence }] }, none)
    for (const part of ['[3].balance: 100', '[3].balance: 70', 'append of &#39;p1&#39; at 512', 'engine/commit.ts:41'])
      expect(text).toContain(part)
    for (const state of ['durable', 'kept', 'lost', 'torn']) expect(text).toContain(`sector-${state}`)
    expect(text).toContain('×40')
  })

  it('stays small and says what it leaves out, with a hundred thousand defects and names of any length', () => {
    const { campaign } = sampleFolder(bad)
    const [first] = campaign.violations
    if (first === undefined) throw new Error('the sample has no violation')
    const long = `<b>${'x'.repeat(20_000)}`
    const row = { ...first, message: long, phase: long, fault: long, site: long, evidence: sampleEvidence }
    const violations = Array.from({ length: 100_000 }, (_, at) => ({ ...row, fingerprint: `f${at}` }))
    const text = htmlReport({ ...campaign, scenario: long, violations }, none)
    expect(Buffer.byteLength(text)).toBeLessThan(5_000_000)
    expect(text).toContain('98,900 more defects not shown here: campaign.json has all of them.')
  })

  it('has all its sections, also for a campaign of nothing', () => {
    const { campaign } = sampleFolder(bad)
    const empty = {
      ...campaign,
      scenarios: [],
      families: {},
      violations: [],
      failures: [],
      milestones: {},
      retries: {},
    }
    const bytesRead = { count: 0, median: 0, maximum: 0, exact: true, histogram: [] }
    const recovery = { statesRun: 0, distinct: 0, bytesRead }
    for (const text of [page(), htmlReport({ ...empty, recovery }, none)])
      for (const id of [
        'totals',
        'violations',
        'crash-points',
        'call-sites',
        'recovery',
        'coverage',
        'not-run',
        'details',
      ])
        expect(text).toContain(`id="${id}"`)
  })

  it('names every table and chart for those who do not see it', () => {
    const text = page()
    for (const [, head = ''] of text.matchAll(/<thead>([^]*?)<\/thead>/g)) expect(head).toContain('scope="col"')
    for (const [plot] of text.matchAll(/<[^>]*role="img"[^>]*>/g)) expect(plot).toContain('aria-label="')
    expect(text).toContain('<html lang="en">')
  })

  it('says what was not covered, and says so when nothing was left out', () => {
    expect(page({ ...bad, badEvery: 0 })).toContain('Nothing of what was asked for was left out.')
    expect(page(bad, { milestones: {} })).toContain('Milestone &#39;rollOver&#39; was met 0 times')
  })

  it('does not grow with the number of runs', { tags: ['RES-04'] }, () => {
    const small = page({ ...bad, runs: 10_000, badEvery: 0 }).length
    const large = page({ ...bad, runs: 40_000, badEvery: 0 }).length
    expect(large).toBeLessThan(small * 2)
  })
})
