import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport, writeReports, type Campaign } from '../../../reports/index.ts'
import { html, jsonForScript } from '../../../reports/html/html.ts'
import { SCRIPT } from '../../../reports/html/script.ts'
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
    const text = page()
    expect(text).not.toMatch(/(src|href|action)\s*=|url\(|@import|https?:|fetch\(|XMLHttpRequest/)
    expect(text).toContain("default-src 'none'")
  })

  it('lets no text of a scenario become a tag or end an attribute', () => {
    const evil = `"><script>alert(1)</script><img onerror='x' \u2028`
    const text = htmlReport(violating(evil), none)
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

  it('has a script that parses and data for every time line', () => {
    const text = page()
    expect(() => runInNewContext(`(function () {${SCRIPT}})`)).not.toThrow()
    const data = /<script type="application\/json" id="time-lines">([^<]*)<\/script>/.exec(text)?.[1] ?? ''
    const lines = Object.keys(JSON.parse(data) as object)
    expect(lines).toEqual([...text.matchAll(/data-time-line="([^"]*)"/g)].map(([, id]) => id))
    expect(lines.length).toBeGreaterThan(0)
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
      for (const id of ['totals', 'violations', 'crash-points', 'call-sites', 'recovery', 'coverage', 'details'])
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
