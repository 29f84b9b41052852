import { beforeAll, describe, expect, it } from 'vitest'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { decodeToken, bindToken } from '../../../harness/plan/index.ts'
import type { RunRecord } from '../../../harness/plan/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'
import { requestFor, runCampaign, type CampaignOutcome } from '../subjects/campaign.ts'
import { logScenario, type Defect } from '../../../harness/selftest/known/index.ts'

/** Modes in which the fault's own call fails; a slow one, say, does not. */
const FAILED_CALL: ReadonlySet<string> = new Set(['once', 'from', 'budget', 'random'])

const subject = { scenario: 'log', parameters: { puts: 4 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const

async function unitCount(puts: number): Promise<number> {
  const core = createCampaignCore({ loadScenario: async () => logScenario() as unknown as Scenario })
  const request = requestFor('log', { subject: { ...subject, parameters: { puts } }, families: ['allocation'] })
  return (await core.prepare(request)).units.length
}

describe('a campaign over a store that keeps its promises', { tags: ['PLN-01'] }, () => {
  let outcome: CampaignOutcome
  beforeAll(async () => {
    outcome = await runCampaign(logScenario(), { subject, modes: ['once', 'from', 'budget', 'random'] })
  })

  it('is silent', { tags: ['ORA-01'] }, () => {
    expect(outcome.preparation.findings).toEqual([])
    expect(outcome.violations).toEqual([])
  })

  it('runs, merges or skips every plan, and nothing else', () => {
    for (const unit of outcome.units) expect(unit.run + unit.merged + unit.skipped).toBe(unit.planned)
    expect(outcome.records.length).toBe(outcome.units.reduce((total, { run }) => total + run, 0))
  })

  it('meets every allocation once and from then on', { tags: ['QA-11'] }, () => {
    const once = outcome.records.filter(({ family, mode }) => family === 'allocation' && mode === 'once')
    expect(once.map(({ point }) => point)).toEqual(
      Array.from({ length: outcome.preparation.points.allocations }, (_, index) => index + 1),
    )
    expect(once.every(({ delivered, retry }) => delivered === 1 && retry !== 'survived')).toBe(true)
  })

  it('delivers every planned I/O fault', { tags: ['IOF-01'] }, () => {
    const io = outcome.records.filter(({ family }) => family === 'io')
    expect(new Set(io.map(({ point }) => point)).size).toBe(outcome.preparation.points.fileSystemCalls)
    expect(io.every(({ delivered }) => delivered > 0)).toBe(true)
  })

  it('makes crash states before and after every file-system call', { tags: ['QA-32'] }, () => {
    const last = outcome.preparation.timeline.length
    const ranges = outcome.preparation.ranges.filter(({ family }) => family === 'crash')
    expect(ranges[0]?.first).toBe(1)
    expect(ranges[ranges.length - 1]?.last).toBe(last)
  })

  it('says what the scenario wants of milestones, and its largest bound on recovery', async () => {
    const wanted = { ...logScenario(), milestones: { rollOver: 3 } }
    const sizes: number[] = []
    const bytesReadMax = (files: readonly Readonly<{ sizeBytes: number }>[]): number => {
      sizes.push(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
      return sizes[sizes.length - 1] ?? 0
    }
    const core = createCampaignCore({
      loadScenario: async () => ({ ...wanted, recovery: { bytesReadMax } }) as unknown as Scenario,
    })
    const preparation = await core.prepare(requestFor('log', { subject, families: ['crash'] }))
    expect([preparation.milestones, preparation.milestonesWanted]).toEqual([{}, { rollOver: 3 }])
    expect(preparation.recoveryBoundBytes).toBe(Math.max(...sizes))
    expect(outcome.preparation.recoveryBoundBytes).toBeUndefined()
  })

  it('leaves no call site out', { tags: ['QA-35'] }, () => {
    expect(outcome.preparation.uncoveredSites).toEqual([])
  })

  it('numbers its plans without gaps, unit by unit', () => {
    let order = 0
    for (const { firstOrder, planned } of outcome.preparation.units) {
      expect(firstOrder).toBe(order)
      order += planned
    }
    const orders = outcome.records.map((record) => record.order)
    expect(orders).toEqual(orders.toSorted((left, right) => left - right))
  })

  it('gives the same records a second time', { tags: ['DET-01', 'QA-21', 'QA-10'] }, async () => {
    const again = await runCampaign(logScenario(), { subject, modes: ['once', 'from', 'budget', 'random'] })
    expect(again.preparation).toEqual(outcome.preparation)
    expect(again.records).toEqual(outcome.records)
  })

  it(
    'replays any run from its token, in a new core, with the same trace',
    { tags: ['TOK-02', 'QA-16', 'QA-17'] },
    async () => {
      const core = createCampaignCore({ loadScenario: async () => logScenario() as unknown as Scenario })
      const chosen = outcome.records.filter(({ order }) => order % 97 === 3)
      for (const record of chosen) {
        const description = await core.describe('log', subject.parameters)
        const plan = bindToken(decodeToken(record.token), description)
        const replayed = await core.replay(plan)
        expect({ ...replayed.record, order: record.order }).toEqual(record)
        expect(replayed.trace.length).toBeGreaterThan(0)
        if (FAILED_CALL.has(record.mode) && record.delivered > 0) {
          expect(replayed.trace[replayed.faultEvent ?? -1]?.failed ?? record.fault.includes('only')).toBe(true)
          expect(replayed.stack).toContain('known-store')
        }
      }
    },
  )

  it('runs only the rest when told what to skip, and merges the same', { tags: ['LIF-01', 'QA-14'] }, async () => {
    const core = createCampaignCore({ loadScenario: async () => logScenario() as unknown as Scenario })
    const request = requestFor('log', { subject, families: ['crash'] })
    const { units } = await core.prepare(request)
    for (const { index } of units) {
      const all: RunRecord[] = []
      const rest: RunRecord[] = []
      const whole = await core.runUnit(request, index, (record) => void all.push(record))
      const done = new Set(all.filter((_, at) => at % 2 === 0).map(({ order }) => order))
      const half = await core.runUnit(request, index, (record) => void rest.push(record), {
        skip: (order) => done.has(order),
        judged: (order) => done.has(order),
      })
      expect(rest).toEqual(all.filter(({ order }) => !done.has(order)))
      expect(half.merged).toBe(whole.merged)
    }
  })

  it('runs exactly the points that were asked for', { tags: ['QA-12', 'QA-13'] }, async () => {
    const some = await runCampaign(logScenario(), {
      subject,
      families: ['allocation'],
      modes: ['once'],
      points: { from: 5, to: 9 },
    })
    expect(some.records.map(({ point }) => point)).toEqual([5, 6, 7, 8, 9])
  })

  it('runs the warm form from the start, every point of the whole run', { tags: ['PLN-02'] }, async () => {
    const warm = await runCampaign(logScenario(), { subject, families: ['allocation'], forms: ['warm'] })
    expect(warm.violations).toEqual([])
    expect(warm.records.length).toBe(warm.preparation.points.allocations * 2)
  })

  it('costs as many more runs as there are more steps', { tags: ['PLN-02'] }, async () => {
    expect(await unitCount(32)).toBeLessThanOrEqual(4 * (await unitCount(8)))
  })
})

describe('a defect of the store', { tags: ['ORA-01'] }, () => {
  const expected: Readonly<Record<Defect, readonly string[]>> = {
    'sync-left-out': ['claim-audit', 'recovered-state', 'recovery-commits'],
    'acknowledged-before-sync': ['claim-audit', 'recovered-state'],
    'leak-on-error': ['no-leak'],
    'allocation-while-unwinding': ['no-allocation-after-failure'],
    'out-of-memory-swallowed': ['failure-reported'],
    'failed-sync-retried': ['failure-reported'],
    'directory-sync-skipped': ['claim-audit', 'recovered-state'],
    'append-to-torn-tail': ['recovery-commits'],
    'interrupt-reported': ['survives'],
    'handle-kept-on-error': ['no-leak'],
    'failed-put-stays-visible': ['living-process'],
    'synced-by-another-handle': ['claim-audit'],
    'gives-up-after-two-failures': ['store-still-works'],
    'slow-call-taken-for-failure': ['survives'],
  }
  for (const [defect, oracles] of Object.entries(expected))
    it(`is found: ${defect}`, { tags: ['QA-07', 'QA-08', 'QA-09'] }, async () => {
      const { oracles: found, violations } = await runCampaign(logScenario({ defect: defect as Defect }), {
        subject: { ...subject, parameters: { puts: 2 } },
        statesPerIntervalMax: 60,
      })
      expect(found).toEqual(expect.arrayContaining([...oracles]))
      for (const { token, fingerprint, message } of violations) {
        expect(token).toMatch(/^pc1-/)
        expect(fingerprint).toMatch(/^[0-9a-f]{12}$/)
        expect(message).not.toBe('')
      }
    })
})
