import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CampaignTotals,
  compareCampaigns,
  comparisonText,
  type ComparedCampaign,
  type RunRecord,
} from '../../../reports/index.ts'
import { sampleInput, sampleRecord } from '../sample-campaign.ts'

const SAMPLE = { scenario: 'core20', runs: 8, badEvery: 0 }

type Point = Readonly<{ identity: number; fails?: boolean; fingerprint?: string; family?: string }>

function campaignOf(points: readonly Point[], incomplete: readonly string[] = []): ComparedCampaign {
  const records = points.map(({ identity, fails = false, fingerprint = 'leak', family = 'allocation' }, order) => {
    const record: RunRecord = { ...sampleRecord(0, SAMPLE), order, family, identity, point: order + 1, form: 'linear' }
    const failed = { outcome: 'violation', oracle: 'no-leak', message: 'a block is left', fingerprint } as const
    return fails ? { ...record, ...failed } : record
  })
  const totals = new CampaignTotals()
  for (const record of records) totals.add(record)
  return { campaign: { ...totals.result({ ...sampleInput(SAMPLE), incomplete }) }, records: () => records }
}

const identity = fc.oneof(fc.nat(60), fc.integer({ min: 0, max: 0xff_ff_ff_ff }))
const pointLists = fc.array(fc.record({ identity, fails: fc.boolean() }), { minLength: 1, maxLength: 400 })

const all = (list: readonly Point[]) => [...new Set(list.map((point) => point.identity))]
const bad = (list: readonly Point[]) => all(list.filter(({ fails }) => fails))

describe('the comparison of two campaigns', { tags: ['CLI-04'] }, () => {
  it('finds nothing between a campaign and itself', () => {
    fc.assert(
      fc.property(pointLists, (points) => {
        const { violations, points: compared } = compareCampaigns(campaignOf(points), campaignOf(points))
        expect([violations.new, violations.fixed]).toEqual([[], []])
        expect([compared.came, compared.went, compared.failing, compared.mended].map(({ count }) => count)).toEqual([
          0, 0, 0, 0,
        ])
      }),
      { numRuns: 20 },
    )
  })

  it('counts each point once that came, went, fails now or no longer, as sets of identities have it', () => {
    fc.assert(
      fc.property(pointLists, pointLists, (before, after) => {
        const { points } = compareCampaigns(campaignOf(before), campaignOf(after))
        expect({
          ...points,
          came: points.came.count,
          went: points.went.count,
          failing: points.failing.count,
          mended: points.mended.count,
        }).toEqual({
          old: all(before).length,
          new: all(after).length,
          came: all(after).filter((point) => !all(before).includes(point)).length,
          went: all(before).filter((point) => !all(after).includes(point)).length,
          failing: bad(after).filter((point) => all(before).includes(point) && !bad(before).includes(point)).length,
          mended: bad(before).filter((point) => all(after).includes(point) && !bad(after).includes(point)).length,
        })
        expect(points.came.named.length).toBe(Math.min(points.came.count, 20))
      }),
      { numRuns: 30 },
    )
  })

  it('tells new, fixed and still failing violations apart by their fingerprint', () => {
    const before = campaignOf([
      { identity: 1, fails: true, fingerprint: 'fixed' },
      { identity: 2, fails: true, fingerprint: 'still' },
    ])
    const after = campaignOf([
      { identity: 2, fails: true, fingerprint: 'still' },
      { identity: 3, fails: true, fingerprint: 'new' },
    ])
    const { violations } = compareCampaigns(before, after)
    const names = Object.entries(violations).map(([name, rows]) => [name, rows.map(({ fingerprint }) => fingerprint)])
    expect(Object.fromEntries(names)).toEqual({ new: ['new'], fixed: ['fixed'], still: ['still'] })
    const text = comparisonText(compareCampaigns(before, after))
    expect(text).toMatch(/New violation: no-leak[^]*Still failing: no-leak[^]*Fixed: no-leak/)
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 new violation, 1 fixed, 1 still failing')
  })

  it('says what it could not compare, and counts none of it', () => {
    const before = campaignOf([{ identity: 1 }, { identity: 2, family: 'io' }], ['Interrupted by Ctrl-C.'])
    const after = campaignOf([{ identity: 1 }])
    const nameless = after.records()
    const stripped = { ...after, records: () => [...nameless].map((record) => ({ ...record, identity: undefined })) }
    const { points, notes } = compareCampaigns(before, after)
    expect(points.went.count).toBe(0)
    expect(notes).toEqual([
      expect.stringMatching(/^The old campaign is incomplete \(Interrupted by Ctrl-C\./),
      expect.stringMatching(/^The new campaign is incomplete/),
      "Only the old campaign ran io, linear, of 'core20'.",
    ])
    expect(compareCampaigns(before, stripped as ComparedCampaign).notes).toContain(
      '1 of 1 runs of the new campaign have no identity for their point: they are not compared.',
    )
  })
})
