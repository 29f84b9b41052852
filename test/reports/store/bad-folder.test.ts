// Result folders that are not as they were written: what is told, where, and what is still made of them.
import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  CampaignTotals,
  readCampaign,
  RecordWriter,
  ReportError,
  writeCampaign,
  writeReports,
  type Campaign,
} from '../../../reports/index.ts'
import { REPORT_FILES } from '../../../reports/store/index.ts'
import { sampleInput, sampleRecord } from '../sample-campaign.ts'
import { sampleFolder } from '../sample-folder.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const require = createRequire(import.meta.url)
const options = { scenario: 'core20', runs: 120, badEvery: 7 }
const shownIn = ['markdown', 'sarif', 'junit', 'html'] as const

function edit(directory: string, change: (campaign: Campaign) => Campaign): void {
  writeCampaign(directory, change(readCampaign(directory)))
}

describe('a result folder', { tags: ['RES-11'] }, () => {
  it('that is whole has no problem', () => {
    expect(writeReports(sampleFolder(options).directory).problems).toEqual([])
  })

  it('torn in the middle of its last record is reported as incomplete, in every report, with what was not used', () => {
    const { directory } = sampleFolder(options)
    const path = join(directory, 'runs.ndjson')
    const text = readFileSync(path, 'utf8')
    const last = text.trimEnd().lastIndexOf('\n') + 1
    truncateSync(path, last + 20)
    const { problems, campaign } = writeReports(directory)
    expect(problems).toEqual([
      'The last record of runs.ndjson is torn: 20 bytes after line 119 were not used.',
      expect.stringMatching(/^The result counts \d+ runs of family crash of 'core20', the records are \d+\.$/),
    ])
    expect(campaign.complete).toBe(false)
    for (const format of shownIn)
      expect(readFileSync(join(directory, REPORT_FILES[format]), 'utf8')).toContain(
        '20 bytes after line 119 were not used',
      )
  })

  it('torn in the middle of an earlier record is damage, with file, line and what to do', () => {
    const { directory } = sampleFolder(options)
    const path = join(directory, 'runs.ndjson')
    const lines = readFileSync(path, 'utf8').split('\n')
    lines[40] = (lines[40] ?? '').slice(0, 30)
    writeFileSync(path, lines.join('\n'))
    const error = thrown(() => writeReports(directory))
    expect(error).toMatchObject({ code: 'damaged', path, line: 41 })
    expect(error.message).toMatch(/line 41 is no record: run the campaign again, or restore the file$/)
  })

  it('without its records, or without its result, says so', () => {
    const { directory } = sampleFolder(options)
    rmSync(join(directory, 'runs.ndjson'))
    expect(writeReports(directory).problems).toEqual(['There is no runs.ndjson: 120 runs cannot be told one by one.'])
    const unfinished = sampleFolder(options).directory
    rmSync(join(unfinished, 'campaign.json'))
    const error = thrown(() => writeReports(unfinished))
    expect(error.code).toBe('unfinished')
    expect(error.message).toMatch(/holds runs\.ndjson and no campaign\.json: .*--resume/)
  })

  it('cut in the middle of its result, or of another version, is a typed error with the place', () => {
    const { directory } = sampleFolder(options)
    const path = join(directory, 'campaign.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(0, text.indexOf('"selection"')))
    const cut = thrown(() => readCampaign(directory))
    expect(cut).toMatchObject({
      code: 'damaged',
      path,
      line: text.slice(0, text.indexOf('"selection"')).split('\n').length,
    })
    writeFileSync(path, text.replace('"formatVersion": 1', '"formatVersion": 2'))
    expect(thrown(() => readCampaign(directory)).code).toBe('not-supported')
    writeFileSync(path, text.replace('"formatVersion": 1', '"formatVersion": 0'))
    expect(thrown(() => readCampaign(directory)).message).toMatch(/is no campaign \(formatVersion: /)
  })

  it('edited by hand is told: fewer runs, outcomes turned, a violation taken out, records of nothing', () => {
    const problemsOf = (change: (campaign: Campaign) => Campaign): readonly string[] => {
      const { directory } = sampleFolder(options)
      edit(directory, change)
      return writeReports(directory, ['markdown']).problems
    }
    const ofIo = (key: 'run' | 'delivered') =>
      changed(({ io }) => {
        if (io !== undefined) io[key] += 1
      })
    expect(problemsOf(ofIo('run'))).toEqual([expect.stringMatching(/^The result counts 25 runs of family io/)])
    expect(problemsOf(ofIo('delivered'))).toEqual([expect.stringMatching(/faults delivered of family io/)])
    const turned = changed(({ io }) => {
      if (io === undefined) return
      io.outcomes.passed += io.outcomes.violation
      io.outcomes.violation = 0
    })
    expect(problemsOf(turned)).toEqual([
      expect.stringMatching(/'passed' of family io/),
      expect.stringMatching(/^The result counts 0 'violation' of family io/),
    ])
    expect(problemsOf((campaign) => ({ ...campaign, violations: campaign.violations.slice(1) }))).toEqual([
      expect.stringMatching(/^Violation .* and not in the result\.$/),
    ])
    const { directory } = sampleFolder(options)
    appendFileSync(
      join(directory, 'runs.ndjson'),
      `${JSON.stringify({ ...sampleRecord(1, options), scenario: 'other' })}\n`,
    )
    expect(writeReports(directory, ['markdown']).problems).toEqual([
      "1 record of 'other' allocation are of nothing that the result tells of.",
    ])
  })

  it('of a clock that went back is reported, and says so', () => {
    const { directory } = sampleFolder(options)
    edit(directory, (campaign) => ({ ...campaign, startedAt: campaign.endedAt, endedAt: campaign.startedAt }))
    const { problems } = writeReports(directory)
    expect(problems).toEqual([])
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain("The machine's clock went back: the end")
    edit(directory, (campaign) => ({ ...campaign, endedAt: 'noon' }))
    writeReports(directory)
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).toContain("The campaign's times are none")
  })

  it('of tens of thousands of violations gives reports of bounded size', () => {
    const directory = temporaryFolder()
    const count = 20_000
    const totals = new CampaignTotals()
    const many = { scenario: 'core20', runs: count, badEvery: 0 }
    using writer = RecordWriter.create(directory)
    for (let order = 0; order < count; order += 1) {
      const record = {
        ...sampleRecord(order, many),
        outcome: 'violation' as const,
        oracle: 'model',
        message: `row ${order} is lost`,
        fingerprint: order.toString(16).padStart(12, '0'),
      }
      writer.append(record)
      totals.add(record)
    }
    writer.close()
    writeCampaign(directory, totals.result(sampleInput(many)))
    const { problems } = writeReports(directory, ['junit', 'sarif', 'codequality', 'markdown'])
    expect(problems).toEqual([])
    const size = (format: keyof typeof REPORT_FILES) => statSync(join(directory, REPORT_FILES[format])).size
    expect(size('markdown')).toBeLessThan(1024 * 1024)
    expect(size('sarif')).toBeLessThan(5 * 1024 * 1024)
    expect(size('codequality')).toBeLessThan(1024 * 1024)
    expect(size('junit')).toBeLessThan(16 * 1024 * 1024)
  })
})

describe('junit.xml', { tags: ['RES-07'] }, () => {
  it('is read by another reader with the totals and names that were written, whatever the names hold', async () => {
    const { parse } = (await import(require.resolve('junit2json'))) as { parse: (xml: string) => Promise<unknown> }
    const name = `a "quoted" <script>alert('1')</script> & more\nin a second line ]]>`
    const strange = { ...options, scenario: name }
    const { directory, campaign } = sampleFolder(strange)
    writeReports(directory)
    const read = (await parse(readFileSync(join(directory, 'junit.xml'), 'utf8'))) as Readonly<{
      name: string
      tests: number
      failures: number
      errors: number
      testsuite: readonly Readonly<{
        name: string
        tests: number
        testcase?: readonly Readonly<{ assertions: number; failure?: readonly unknown[]; error?: readonly unknown[] }>[]
      }>[]
    }>
    const cases = read.testsuite.flatMap(({ testcase = [] }) => testcase)
    expect(read.name).toBe(`powercut ${name}`)
    expect(read.testsuite.map(({ name: suite }) => suite)).toContain(`${name}.crash`)
    expect(cases.length).toBe(read.tests)
    expect(cases.filter(({ failure }) => failure !== undefined).length).toBe(read.failures)
    expect(cases.filter(({ error }) => error !== undefined).length).toBe(read.errors)
    expect(cases.reduce((sum, { assertions }) => sum + (assertions ?? 0), 0)).toBe(strange.runs)
    expect(read.failures).toBeGreaterThan(0)
    expect(campaign.violations.length).toBeGreaterThan(0)
    // No report has the name as markup of its own.
    const html = readFileSync(join(directory, 'report.html'), 'utf8')
    expect(html).not.toContain('<script>alert')
    expect(readFileSync(join(directory, 'summary.md'), 'utf8')).not.toMatch(/^[^`]*<script>/m)
    for (const file of ['results.sarif', 'codequality.json'])
      expect(JSON.stringify(JSON.parse(readFileSync(join(directory, file), 'utf8')))).toContain('alert')
  })
})

/** Changes what each scenario of a campaign says of its families. */
function changed(change: (families: Campaign['families']) => void): (campaign: Campaign) => Campaign {
  return (campaign) => {
    for (const { families } of campaign.scenarios) change(families)
    return campaign
  }
}

function thrown(call: () => unknown): ReportError {
  try {
    call()
  } catch (error) {
    if (error instanceof ReportError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
