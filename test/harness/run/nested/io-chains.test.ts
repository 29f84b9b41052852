import { beforeAll, describe, expect, it } from 'vitest'
import { bindToken, decodeToken, type CampaignRequest, type RunRecord } from '../../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../../harness/run/index.ts'
import { logScenario, type Defect } from '../../../../harness/selftest/known/index.ts'
import type { Scenario } from '../../../../scenarios/index.ts'
import { runCampaign } from '../../subjects/campaign.ts'

const subject = { scenario: 'log', parameters: { puts: 2 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const
const changes: Partial<CampaignRequest> = { subject, families: ['recovery'], statesPerIntervalMax: 0 }

async function chains(defect?: Defect): Promise<readonly RunRecord[]> {
  const { records } = await runCampaign(logScenario(defect === undefined ? {} : { defect }), changes)
  return records.filter(({ fault }) => fault.startsWith('sync'))
}

describe('the chain of a failed sync, a kill, a reopen, a commit and a power loss', { tags: ['ORA-05'] }, () => {
  let records: readonly RunRecord[]
  beforeAll(async () => {
    records = await chains()
  })

  it('is made for files and directories, with pages dropped and kept', () => {
    const kinds = new Set(records.map(({ fault }) => fault.split(' of ')[0]))
    expect(kinds).toEqual(new Set(['sync EIO, pages-dropped', 'sync EIO, pages-kept', 'syncDirectory EIO, pages-kept']))
  })

  it('has three faults, all delivered', () => {
    for (const { token, delivered } of records) {
      expect(decodeToken(token).plan.faults.map(({ kind }) => kind)).toEqual(['io', 'crash', 'crash'])
      expect(delivered).toBe(3)
    }
  })

  it('is silent over a store that keeps its promises', () => {
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  })

  it('is replayed by its token, run for run', { tags: ['TOK-02'] }, async () => {
    const core = createCampaignCore({ loadScenario: async () => logScenario() as unknown as Scenario })
    const description = await core.describe('log', subject.parameters)
    const sample = records.filter((_, at) => at % 29 === 0)
    expect(sample.length).toBeGreaterThan(5)
    for (const record of sample) {
      const { record: replayed } = await core.replay(bindToken(decodeToken(record.token), description))
      expect({ ...replayed, order: 0, durationMs: 0 }).toEqual({ ...record, order: 0, durationMs: 0 })
    }
  })
})
