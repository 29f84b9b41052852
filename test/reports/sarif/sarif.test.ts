// results.sarif, judged by the published JSON Schema of SARIF 2.1.0.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sarifLog, writeReports, type Campaign, type SarifLog, type Violation } from '../../../reports/index.ts'
import { RESULTS_MAX } from '../../../reports/sarif/index.ts'
import { sampleInput } from '../sample-campaign.ts'
import { sampleFolder, sampleTotals } from '../sample-folder.ts'

const require = createRequire(import.meta.url)
const schemaFile = join(
  require.resolve('@microsoft/jest-sarif/package.json'),
  '..',
  'lib',
  'schemas',
  'sarif-2.1.0-rtm.5.json',
)
const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false }).compile(
  schema,
)

const options = { scenario: 'core20', runs: 400, badEvery: 7 }
const campaign = sampleTotals(options).result(sampleInput(options))

const stack = [
  { function: 'put', file: 'node_modules/a store/put.js', line: 3, column: 5, text: 'file.sync()' },
  { function: 'save', file: 'src/save.ts', line: 41, column: 9, text: 'await put(file)' },
]
const evidence: NonNullable<Violation['evidence']> = {
  stack,
  events: [
    { index: 7, kind: 'phase', phase: 'save 1', detail: 'save 1' },
    {
      index: 8,
      kind: 'sync',
      phase: 'save 1',
      detail: "sync of 'a' → EIO",
      role: 'fault',
      failed: true,
      position: stack[1],
    },
  ],
}

function withRow(change: Partial<Violation>, over: Partial<Campaign> = {}): Campaign {
  const [first, ...others] = campaign.violations
  if (first === undefined) throw new Error('the sample has violations')
  return { ...campaign, ...over, violations: [{ ...first, ...change }, ...others] }
}

function check(log: SarifLog): SarifLog['runs'][number] {
  const read: unknown = JSON.parse(JSON.stringify(log))
  expect(validate(read), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true)
  const [run] = log.runs
  if (run === undefined) throw new Error('a log has a run')
  for (const { artifactLocation } of run.results.flatMap(({ locations }) =>
    locations.flatMap(({ physicalLocation }) => (physicalLocation === undefined ? [] : [physicalLocation])),
  ))
    expect(decodeURI(new URL(artifactLocation.uri, 'file:///root/').pathname)).not.toContain('..')
  return run
}

describe('results.sarif', { tags: ['RES-09'] }, () => {
  it('is valid, has a result for each fingerprint and a rule with help for each oracle', () => {
    const { directory } = sampleFolder(options)
    writeReports(directory, ['sarif'])
    const run = check(JSON.parse(readFileSync(join(directory, 'results.sarif'), 'utf8')) as SarifLog)
    const failed = campaign.failures.filter(({ outcome }) => outcome === 'scenario-failure')
    expect(run.results.map(({ partialFingerprints }) => partialFingerprints['powercut/v1'])).toEqual(
      [...campaign.violations, ...failed].map(({ fingerprint }) => fingerprint),
    )
    expect(run.results.reduce((sum, { occurrenceCount }) => sum + occurrenceCount, 0)).toBe(
      [...campaign.violations, ...failed].reduce((sum, { count }) => sum + count, 0),
    )
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    for (const { help } of run.tool.driver.rules) expect(help.text.length).toBeGreaterThan(50)
    expect(run.results.some(({ kind }) => (kind as string) === 'pass')).toBe(false)
  })

  it('names the line of the project, not that of a package it called, and the events around the fault', () => {
    const [first] = check(sarifLog(withRow({ evidence }))).results
    expect(first?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'src/save.ts', uriBaseId: 'SRCROOT' },
      region: { startLine: 41, startColumn: 9, snippet: { text: 'await put(file)' } },
    })
    expect(first?.stacks?.[0]?.frames.map(({ location }) => location.message?.text)).toEqual(['put', 'save'])
    const uri = first?.stacks?.[0]?.frames[0]?.location.physicalLocation?.artifactLocation.uri
    expect(uri).toBe('node_modules/a%20store/put.js')
    const flow = first?.codeFlows?.[0]?.threadFlows[0]?.locations
    expect(flow?.map(({ executionOrder, kinds }) => [executionOrder, kinds])).toEqual([
      [7, undefined],
      [8, ['fault']],
    ])
  })

  it('stands where what leaked was made, and relates the fault to it', () => {
    const cause = [{ function: 'load', file: 'src/load.ts', line: 12 }]
    const [first] = check(sarifLog(withRow({ evidence: { ...evidence, cause } }))).results
    expect(first?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe('src/load.ts')
    expect(first?.relatedLocations?.[0]?.physicalLocation?.region?.startLine).toBe(3)
  })

  it('tells a known open anomaly as a suppressed result with its reason', () => {
    const expected = { reason: 'rename is not durable on this disk', owner: 'storage', expires: '2030-01-31' }
    const { results } = check(sarifLog(withRow({ expected })))
    const known = results.filter(({ suppressions }) => suppressions.length > 0)
    expect(known.map(({ suppressions }) => suppressions[0])).toEqual([
      {
        kind: 'external',
        status: 'accepted',
        justification: expected.reason,
        properties: { owner: 'storage', expires: '2030-01-31' },
      },
    ])
    expect(results.length).toBeGreaterThan(1)
    expect(results[0]?.suppressions).toEqual([])
  })

  it('tells runs without a verdict and incompleteness as notifications, and leaves times out that are none', () => {
    const run = check(
      sarifLog({ ...campaign, startedAt: 'yesterday', complete: false, incomplete: ['Half is missing.'] }),
    )
    const [invocation] = run.invocations
    expect(invocation?.startTimeUtc).toBeUndefined()
    expect(invocation?.endTimeUtc).toBe(campaign.endedAt)
    const texts = invocation?.toolExecutionNotifications.map(({ message }) => message.text) ?? []
    expect(texts).toContain('Half is missing.')
    const noVerdict = campaign.failures.filter(({ outcome }) => outcome === 'not-reached')
    expect(noVerdict.length).toBeGreaterThan(0)
    for (const { token } of noVerdict) expect(texts.some((text) => text.includes(token))).toBe(true)
  })

  it('tells at most RESULTS_MAX results, unexpected ones first, and counts the others', () => {
    const [first] = campaign.violations
    if (first === undefined) throw new Error('the sample has violations')
    const expected = { reason: 'known', owner: 'us' }
    const violations = Array.from({ length: 2 * RESULTS_MAX }, (_unused, index) => ({
      ...first,
      fingerprint: `f${index}`,
      ...(index < RESULTS_MAX ? { expected } : {}),
    }))
    const run = check(sarifLog({ ...campaign, violations, failures: [] }))
    expect(run.results.length).toBe(RESULTS_MAX)
    expect(run.results.every(({ suppressions }) => suppressions.length === 0)).toBe(true)
    expect(run.invocations[0]?.toolExecutionNotifications[0]?.message.text).toBe('1,000 more results left out.')
  })

  it('is valid whatever names, messages and paths hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    fc.assert(
      fc.property(text, text, text, text, (oracle, message, phase, file) => {
        const changed = {
          oracle: `o${oracle}`,
          message,
          phase,
          evidence: { ...evidence, stack: [{ function: phase, file: `src/${file.replaceAll('.', '')}`, line: 1 }] },
        }
        const run = JSON.parse(JSON.stringify(sarifLog(withRow(changed)))) as unknown
        expect(validate(run), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true)
      }),
      { numRuns: 12 },
    )
  })
})
