import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CampaignTotals, verdictOf, type Campaign, type RunRecord } from '../../../reports/index.ts'
import { sampleInput, sampleRecord } from '../sample-campaign.ts'
import { sampleTotals } from '../sample-folder.ts'

const clean = { scenario: 'core20', runs: 400, badEvery: 0 }
const bad = { scenario: 'core20', runs: 400, badEvery: 7 }
const result = (options: typeof clean): Campaign => sampleTotals(options).result(sampleInput(options))
const recordsOf = (options: typeof clean): RunRecord[] =>
  Array.from({ length: options.runs }, (_, order) => sampleRecord(order, options))

/** Characters of what was kept of `times` campaigns one after the other, numbers not counted. */
function size(times: number): number {
  const totals = new CampaignTotals()
  for (let time = 0; time < times; time += 1)
    for (const record of recordsOf(bad)) totals.add({ ...record, order: record.order + time * bad.runs })
  const { scenarios, violations, failures } = totals.result(sampleInput(bad))
  return JSON.stringify([scenarios, violations, failures]).replaceAll(/\d+(\.\d+)?|true|false/g, '0').length
}

describe('campaign totals', { tags: ['RES-03'] }, () => {
  it('count as many runs in each family as there are records of it', () => {
    const { families } = result(bad)
    const records = recordsOf(bad)
    for (const [name, { run, delivered, violations }] of Object.entries(families)) {
      const own = records.filter(({ family }) => family === name)
      expect(run).toBe(own.length)
      expect(delivered).toBe(own.reduce((sum, record) => sum + record.delivered, 0))
      expect(violations).toBe(own.filter(({ outcome }) => outcome === 'violation').length)
    }
    expect(Object.keys(families)).toEqual(['allocation', 'io', 'crash'])
  })

  it('are the same whatever the order in which workers finish', { tags: ['DET-01'] }, () => {
    const shuffled = fc.shuffledSubarray(recordsOf(bad), { minLength: bad.runs })
    const expected = result(bad)
    fc.assert(
      fc.property(shuffled, (records) => {
        const totals = new CampaignTotals()
        for (const record of records) totals.add(record)
        const got = totals.result(sampleInput(bad))
        expect(got.violations).toEqual(expected.violations)
        expect(got.failures).toEqual(expected.failures)
        expect(got.recovery.bytesRead).toEqual(expected.recovery.bytesRead)
        expect(got.scenarios[0]?.callSites).toEqual(expected.scenarios[0]?.callSites)
        expect(got.scenarios[0]?.timeLines).toEqual(expected.scenarios[0]?.timeLines)
      }),
      { numRuns: 20 },
    )
  })

  it('make one row of a defect, with its count and the token of the first run in plan order', () => {
    const { violations } = result(bad)
    const records = recordsOf(bad).filter(({ outcome }) => outcome === 'violation')
    expect(violations.map(({ fingerprint }) => fingerprint)).toEqual([
      ...new Set(records.map(({ fingerprint }) => fingerprint)),
    ])
    for (const { fingerprint, count, token } of violations) {
      const own = records.filter((record) => record.fingerprint === fingerprint)
      expect(count).toBe(own.length)
      expect(token).toBe(own[0]?.token)
    }
  })

  it('of a clean campaign are complete, exhaustive and passed', () => {
    const campaign = result(clean)
    expect(campaign.complete).toBe(true)
    expect(campaign.violations).toEqual([])
    expect(Object.values(campaign.families).every(({ exhaustive }) => exhaustive)).toBe(true)
    expect(verdictOf(campaign)).toBe('passed')
  })

  it('are incomplete if a planned run is missing, and say how many of which family', () => {
    const totals = new CampaignTotals()
    for (const record of recordsOf(clean)) if (record.family !== 'io' || record.order % 2 === 0) totals.add(record)
    const campaign = totals.result(sampleInput(clean))
    expect(campaign.complete).toBe(false)
    expect(campaign.families['io']?.exhaustive).toBe(false)
    expect(campaign.incomplete).toEqual([expect.stringMatching(/^40 of 80 planned io runs were not done/)])
    expect(verdictOf(campaign)).toBe('incomplete')
  })

  it(
    'are incomplete if a fault was never reached, a milestone fell short or a call site was left out',
    { tags: ['QA-35'] },
    () => {
      const input = sampleInput(bad, { milestones: { rollOver: 0 }, uncoveredSites: ['a (b.ts)'] })
      const { incomplete } = sampleTotals(bad).result(input)
      expect(incomplete.some((reason) => reason.includes('never reached'))).toBe(true)
      expect(incomplete.some((reason) => reason.includes("'rollOver' was met 0 times"))).toBe(true)
      expect(incomplete.some((reason) => reason.includes('a (b.ts)'))).toBe(true)
    },
  )

  it('do not miss a call site that a range of points leaves out', { tags: ['QA-35'] }, () => {
    const input = sampleInput(clean, { uncoveredSites: ['a (b.ts)'] })
    const part = { ...input, selection: { ...input.selection, points: { from: 1, to: 9 } } }
    expect(sampleTotals(clean).result(part).complete).toBe(true)
  })

  it('take a finding of the faultless run for a violation', () => {
    const finding = { oracle: 'claim-audit', message: 'm', token: 't', fingerprint: 'f' }
    const campaign = sampleTotals(clean).result(sampleInput(clean, { findings: [finding] }))
    expect(campaign.violations).toMatchObject([{ oracle: 'claim-audit', family: 'none', token: 't', count: 1 }])
    expect(verdictOf(campaign)).toBe('violations')
  })

  it('never pass a family that ran and delivered nothing', () => {
    const totals = new CampaignTotals()
    for (const record of recordsOf(clean)) totals.add(record.family === 'io' ? { ...record, delivered: 0 } : record)
    expect(totals.result(sampleInput(clean)).incomplete).toEqual(['No io fault was delivered in 80 runs.'])
  })

  it('of several scenarios are sums, and the trace hash depends on each of them', () => {
    const [one, two] = [sampleInput(clean), sampleInput({ ...clean, scenario: 'bank' })]
    const totals = sampleTotals(clean)
    for (const record of recordsOf({ ...clean, scenario: 'bank' })) totals.add(record)
    const input = { ...one, scenarios: [...one.scenarios, ...two.scenarios] }
    const both = totals.result(input)
    expect(both.scenario).toBe('core20 bank')
    expect(both.points.syncs).toBe(224)
    expect(both.families['io']?.run).toBe(160)
    expect(both.recovery.bytesRead.count).toBe(2 * result(clean).recovery.bytesRead.count)
    expect(both.complete).toBe(true)
    expect(result(clean).traceHash).toBe('5f2c9d1e7ab34086')
    const changed = {
      ...input,
      scenarios: input.scenarios.map((part, at) => (at === 1 ? { ...part, traceHash: 'x' } : part)),
    }
    expect(totals.result(changed).traceHash).not.toBe(both.traceHash)
  })

  it('do not grow with the number of runs at the same points', { tags: ['RES-04'] }, () => {
    expect(size(10)).toBe(size(1))
  })

  it('put each crash state at its point on the time line', { tags: ['RES-06', 'QA-35'] }, () => {
    const [line] = result(bad).scenarios[0]?.timeLines ?? []
    const crashes = recordsOf(bad).filter(({ family }) => family === 'crash')
    for (const { from, to, states, outcomes } of line?.buckets ?? []) {
      const own = crashes.filter(({ point }) => point >= from && point <= to)
      expect(states).toBe(own.length)
      expect(outcomes.violation).toBe(own.filter(({ outcome }) => outcome === 'violation').length)
    }
    expect(line?.buckets.reduce((sum, { states }) => sum + states, 0)).toBe(crashes.length)
  })

  it(
    'share columns of the time line among neighbours when there are too many points, losing no state',
    { tags: ['RES-04'] },
    () => {
      const long = { scenario: 'core20', runs: 30_000, badEvery: 0 }
      const campaign = result(long)
      const [line] = campaign.scenarios[0]?.timeLines ?? []
      expect(line?.buckets.length).toBeLessThanOrEqual(1200)
      expect(line?.buckets.reduce((sum, { states }) => sum + states, 0)).toBe(campaign.families['crash']?.run)
    },
  )
})
