// Smaller cases of real violations: the known store with a defect, in its own core.
import { describe, expect, it } from 'vitest'
import { minimise, type Minimised, type Prober } from '../../../harness/minimise/index.ts'
import { bindToken, decodeToken, type FaultPlan, type RunRecord } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import { logScenario, type Defect } from '../../../harness/selftest/known/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'
import { requestFor, runCampaign } from '../subjects/campaign.ts'

const LIMITS = { budgetMs: Infinity, runsMax: 5_000 }

async function violationsOf(defect: Defect): Promise<readonly RunRecord[]> {
  const { records } = await runCampaign(logScenario({ defect }), { statesPerIntervalMax: 60 })
  const rows = new Map<string, RunRecord>()
  // The last run of each oracle and family, so that there is something to make smaller.
  for (const record of records)
    if (record.outcome === 'violation') rows.set(`${record.oracle} ${record.family}`, record)
  return [...rows.values()]
}

async function smallest(defect: Defect, record: RunRecord): Promise<Minimised> {
  const loadScenario = async (): Promise<Scenario> => logScenario({ defect }) as unknown as Scenario
  const core = createCampaignCore({ loadScenario })
  const plan = bindToken(decodeToken(record.token), await core.describe('log', {}))
  const prober: Prober = {
    find: (search) => core.findFailure(search),
    replay: async (candidate) => (await core.replay(candidate)).record,
    nowMs: () => 0,
  }
  return minimise({ plan, oracle: record.oracle ?? '', fingerprint: record.fingerprint ?? '' }, prober, LIMITS)
}

async function replayed(defect: Defect, token: string): Promise<RunRecord> {
  const loadScenario = async (): Promise<Scenario> => logScenario({ defect }) as unknown as Scenario
  const core = createCampaignCore({ loadScenario })
  const content = decodeToken(token)
  const plan: FaultPlan = bindToken(content, await core.describe('log', content.plan.subject.parameters))
  return (await core.replay(plan)).record
}

describe('the smallest case of a violation', { tags: ['MIN-01'] }, () => {
  const defects = ['sync-left-out', 'leak-on-error', 'failed-sync-retried', 'append-to-torn-tail'] as const
  for (const defect of defects)
    it(`has one or two steps, and fails the same from its token alone: ${defect}`, async () => {
      const violations = await violationsOf(defect)
      expect(violations.length).toBeGreaterThan(0)
      for (const record of violations) {
        const found = await smallest(defect, record)
        expect(found).toMatchObject({ complete: true, stepsBefore: 6, faultsAfter: 1 })
        expect(found.stepsAfter).toBeLessThanOrEqual(2)
        const again = await replayed(defect, found.record?.token ?? '')
        expect(again).toMatchObject({ outcome: 'violation', oracle: record.oracle, fingerprint: record.fingerprint })
      }
    })
})

const loadClean = async (): Promise<Scenario> => logScenario() as unknown as Scenario

describe('a scenario of which some steps are kept', { tags: ['MIN-01'] }, () => {
  it('is a sound scenario of these steps, with the contract of the whole', async () => {
    const core = createCampaignCore({ loadScenario: loadClean })
    const request = requestFor('log', { families: ['crash'] })
    const preparation = await core.prepare({ ...request, subject: { ...request.subject, steps: [1, 4] } })
    expect(preparation.findings).toEqual([])
    const phases = new Set(preparation.timeline.map(({ phase }) => phase))
    expect([...phases]).toEqual(['open', 'put 1', 'put 4', 'close'])
  })

  it('is refused if it has no such steps, or not in this order', async () => {
    const core = createCampaignCore({ loadScenario: loadClean })
    const request = requestFor('log')
    for (const steps of [[6], [2, 1], [2, 2], [-1]])
      await expect(core.prepare({ ...request, subject: { ...request.subject, steps } })).rejects.toThrow(/steps 0 to 5/)
  })
})
