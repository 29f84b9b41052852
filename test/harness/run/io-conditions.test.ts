import { describe, expect, it } from 'vitest'
import type { FileSystemCall } from '../../../engine/ports/index.ts'
import { ioPlans, type CallPoint } from '../../../harness/explore/index.ts'
import { logScenario } from '../../../harness/selftest/known/index.ts'
import { atomicNode } from '../../../scenarios/atomic-node/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'
import type { RunRecord } from '../../../harness/plan/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

const CONDITIONS = new Set(['outage', 'full', 'slow', 'write-back', 'lie'])
const NOTHING = { argument: undefined, handle: undefined, offsetBytes: undefined } as const
const subject = {
  scenario: 'log',
  parameters: { puts: 2 },
  seed: 1,
  model: 'posix-minimal',
  sectorBytes: 512,
} as const

async function conditions<Store, Model>(scenario: Scenario<Store, Model>): Promise<readonly RunRecord[]> {
  const { records } = await runCampaign(scenario, {
    subject,
    families: ['io'],
    modes: ['once', 'from'],
    everyCondition: true,
  })
  return records.filter(({ mode }) => CONDITIONS.has(mode))
}

/** Modes of failed write-backs at the last of such calls on one file. */
function writeBacksAtLast(kinds: readonly FileSystemCall[]): readonly string[] {
  const points = kinds.map((kind, at): CallPoint => ({
    phase: 0,
    call: { index: at + 1, kind, path: 'a', lengthBytes: 8, ...NOTHING },
    site: `call ${at}`,
  }))
  const options = { modes: ['once'], selection: undefined, sectorBytes: 512 } as const
  return [...ioPlans(points, 1, { ...options, conditions: { calls: 'representatives', mayLie: false } })]
    .filter(({ at, mode }) => at === kinds.length - 1 && mode === 'write-back')
    .map(({ mode }) => mode)
}

describe('conditions of the device', { tags: ['IOF-05'] }, () => {
  it('are each delivered to a sound store, which is not accused', async () => {
    const records = await conditions(logScenario())
    for (const mode of ['outage', 'full', 'slow', 'write-back'])
      expect(records.filter((record) => record.mode === mode && record.delivered > 0).length, mode).toBeGreaterThan(0)
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect(records.some(({ mode }) => mode === 'lie')).toBe(false)
  })

  it('show a store that says it notices lost writes and does not', async () => {
    const records = await conditions(logScenario({ detectsLostWrites: true }))
    expect(records.filter(({ mode, outcome }) => mode === 'lie' && outcome === 'violation').length).toBeGreaterThan(0)
  })

  it('fail no write-back of a file that was made anew and has nothing written yet', () => {
    expect(writeBacksAtLast(['append', 'append'])).toEqual(['write-back'])
    expect(writeBacksAtLast(['append', 'sync', 'append'])).toEqual([])
    expect(writeBacksAtLast(['append', 'unlink', 'create', 'append'])).toEqual([])
  })
})

describe('calls that fail from one on', { tags: ['IOF-05'] }, () => {
  it('drop pages of files and leave names pending: what syncs its directory after a reopen has made them durable', async () => {
    const { records } = await runCampaign(atomicNode, {
      subject: { ...subject, scenario: 'atomic-node', parameters: { updates: 2, bytes: 0, style: 'promises' } },
      families: ['io'],
      modes: ['from'],
    })
    const persistent = records.filter(({ mode }) => mode === 'from' || mode === 'outage')
    expect(persistent.length).toBeGreaterThan(50)
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  })
})
