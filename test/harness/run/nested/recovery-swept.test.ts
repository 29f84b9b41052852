import { beforeAll, describe, expect, it } from 'vitest'
import { createCampaignCore } from '../../../../harness/run/index.ts'
import {
  bindToken,
  decodeToken,
  familyOf,
  type CampaignRequest,
  type RunRecord,
} from '../../../../harness/plan/index.ts'
import { logScenario } from '../../../../harness/selftest/known/index.ts'
import type { Scenario } from '../../../../scenarios/index.ts'
import { requestFor, runCampaign, type CampaignOutcome } from '../../subjects/campaign.ts'

const subject = { scenario: 'log', parameters: { puts: 2 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const
const changes: Partial<CampaignRequest> = { subject, families: ['recovery'], statesPerIntervalMax: 0 }

function coreOf(scenario = logScenario()) {
  return createCampaignCore({ loadScenario: async () => scenario as unknown as Scenario })
}

function timeless(records: readonly RunRecord[]): readonly RunRecord[] {
  return records.map((record) => ({ ...record, durationMs: 0 }))
}

describe('a campaign of faults in recovery', { tags: ['PLN-03'] }, () => {
  let outcome: CampaignOutcome
  beforeAll(async () => {
    outcome = await runCampaign(logScenario(), changes)
  })

  it('is silent over a store that keeps its promises', () => {
    expect(outcome.preparation.findings).toEqual([])
    expect(outcome.violations).toEqual([])
  })

  it('runs, merges or skips every plan, and nothing else', { tags: ['PLN-01'] }, () => {
    expect(outcome.units.length).toBeGreaterThan(1)
    for (const unit of outcome.units) expect(unit.run + unit.merged + unit.skipped).toBe(unit.planned)
    expect(outcome.records.length).toBe(outcome.units.reduce((total, { run }) => total + run, 0))
  })

  it('numbers its plans without gaps, unit by unit', () => {
    let order = 0
    for (const { firstOrder, planned } of outcome.preparation.units) {
      expect(firstOrder).toBe(order)
      order += planned
    }
    const orders = outcome.records.map((record) => record.order)
    expect(orders).toEqual(orders.toSorted((left, right) => left - right))
    expect(new Set(orders).size).toBe(orders.length)
  })

  it('delivers both faults of every plan', () => {
    expect(outcome.records.filter(({ delivered }) => delivered < 2)).toEqual([])
  })

  it('fails allocations and calls, and crashes, in the open, the read-back and the first step', () => {
    const kinds = new Set(outcome.records.map(({ fault }) => (fault.split('; then ')[1] ?? '').split(/[ ,]/)[0]))
    for (const kind of ['allocation', 'open', 'append', 'sync', 'before', 'after', 'within'])
      expect(kinds).toContain(kind)
    const phases = new Set(outcome.records.map(({ phase }) => phase.split('recovery, ')[1]))
    for (const phase of ['open', 'step']) expect(phases).toContain(phase)
  })

  it('gives the same records a second time', { tags: ['DET-01'] }, async () => {
    const again = await runCampaign(logScenario(), changes)
    expect(timeless(again.records)).toEqual(timeless(outcome.records))
  })

  it('is replayed by its tokens, run for run, with both faults delivered', { tags: ['TOK-02'] }, async () => {
    const core = coreOf()
    const sample = outcome.records.filter((_, at) => at % 97 === 0)
    expect(sample.length).toBeGreaterThan(15)
    const description = await core.describe('log', subject.parameters)
    for (const record of sample) {
      const plan = bindToken(decodeToken(record.token), description)
      expect(plan.faults.length).toBeGreaterThan(1)
      expect(familyOf(plan)).toBe('recovery')
      const { record: replayed, moved } = await core.replay(plan)
      expect(moved).toBeUndefined()
      expect({ ...replayed, order: 0, durationMs: 0 }).toEqual({ ...record, order: 0, durationMs: 0 })
    }
  })
})

describe('a deeper campaign', { tags: ['PLN-03'] }, () => {
  it('crashes the recovery of a crashed recovery, and replays from a token of three faults', async () => {
    const request = requestFor('log', {
      ...changes,
      subject: { ...subject, parameters: { puts: 1 } },
      depth: 3,
      statesPerIntervalMax: 2,
    })
    const core = coreOf()
    const { units } = await core.prepare(request)
    const records: RunRecord[] = []
    for (const { index } of units.slice(0, 3)) await core.runUnit(request, index, (record) => void records.push(record))
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    const deepest = records.findLast(({ fault }) => fault.split('; then ').length === 3)
    expect(deepest?.delivered).toBeGreaterThan(2)
    const description = await core.describe('log', request.subject.parameters)
    const plan = bindToken(decodeToken(deepest?.token ?? ''), description)
    expect(plan.faults).toHaveLength(3)
    const { record } = await core.replay(plan)
    expect(record.traceHash).toBe(deepest?.traceHash)
  })
})
