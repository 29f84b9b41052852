// Crashes of recoveries that are merged by what was looked at: nothing is lost by it, also after an interruption.
import { describe, expect, it } from 'vitest'
import { PERSISTENCE_MODELS } from '../../../../faults/index.ts'
import type { CampaignRequest, RunRecord, UnitResult } from '../../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../../harness/run/index.ts'
import { logScenario, type Defect } from '../../../../harness/selftest/known/index.ts'
import type { Scenario } from '../../../../scenarios/index.ts'
import { runCampaign } from '../../subjects/campaign.ts'

const SUBJECT = { scenario: 'log', parameters: { puts: 1 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const

/** The full product of a small store's crash states: crashes alone, which are what is merged. */
const PRODUCT: Partial<CampaignRequest> = {
  subject: SUBJECT,
  families: ['recovery'],
  modes: [],
  statesPerIntervalMax: 0,
  everyRecovery: true,
}

function product(defect: Defect | undefined, prune: boolean) {
  return runCampaign(logScenario(defect === undefined ? {} : { defect }), { ...PRODUCT, prune })
}

function readSetMerges(units: readonly UnitResult[]): number {
  return units.reduce((sum, { mergedBy }) => sum + mergedBy.readSet, 0)
}

const loadScenario = async (): Promise<Scenario> => logScenario() as unknown as Scenario

const DEFECTS: readonly (Defect | undefined)[] = [undefined, 'sync-left-out', 'append-to-torn-tail']

describe('crashes of recoveries, merged by what was looked at', { tags: ['PLN-04', 'PLN-03'] }, () => {
  for (const defect of DEFECTS)
    it(`are found as without merging, run by run: ${defect ?? 'the sound store'}`, async () => {
      const whole = await product(defect, false)
      const pruned = await product(defect, true)
      expect(pruned.preparation.findings).toEqual(whole.preparation.findings)
      expect(pruned.violations).toEqual(whole.violations)
      const byOrder = new Map(whole.records.map((record) => [record.order, record]))
      for (const record of pruned.records) expect(record).toEqual(byOrder.get(record.order))
      expect(readSetMerges(whole.units)).toBe(0)
      expect(readSetMerges(pruned.units)).toBeGreaterThan(0)
      for (const { planned, run, merged, mergedBy, skipped } of pruned.units) {
        expect(run + merged + skipped).toBe(planned)
        expect(mergedBy.fault + mergedBy.image + mergedBy.readSet).toBe(merged)
      }
    })

  it.each(['recovery', 'corruption'] as const)(
    'and all that is run besides go on after an interruption with the records of an undisturbed campaign: %s',
    { tags: ['LIF-01'] },
    async (family) => {
      const request: CampaignRequest = {
        ...PRODUCT,
        subject: SUBJECT,
        families: [family],
        modes: ['once'],
        forms: ['linear'],
        statesPerIntervalMax: family === 'corruption' ? 90 : 0,
        everyRecovery: family === 'recovery',
      }
      const first = createCampaignCore({ loadScenario })
      const { units } = await first.prepare(request)
      for (const { index } of units.slice(0, 6)) {
        const whole: RunRecord[] = []
        const undisturbed = await first.runUnit(request, index, (record) => void whole.push(record))
        // Killed after a third of the records: what has its record is left out, and judged again for what it looked at.
        const done = new Set(whole.slice(0, Math.ceil(whole.length / 3)).map(({ order }) => order))
        const rest: RunRecord[] = []
        const resumed = await createCampaignCore({ loadScenario }).runUnit(
          request,
          index,
          (record) => void rest.push(record),
          { skip: (order) => done.has(order), judged: (order) => done.has(order) },
        )
        expect([...whole.slice(0, done.size), ...rest]).toEqual(whole)
        expect(resumed.mergedBy).toEqual(undisturbed.mergedBy)
      }
    },
  )
})

describe('a persistence model of the user’s own', { tags: ['MOD-01'] }, () => {
  it.each(['recovery', 'corruption'] as const)('is the one that the family %s runs under', async (family) => {
    const own = PERSISTENCE_MODELS['posix-minimal']
    if (own === undefined) throw new Error('the model is built in')
    const subject = { ...SUBJECT, model: './own.model.ts' }
    const core = createCampaignCore({
      loadScenario,
      loadModel: async () => ({ ...own, name: './own.model.ts' }),
    })
    const request: CampaignRequest = {
      subject,
      families: [family],
      modes: ['once'],
      forms: ['linear'],
      statesPerIntervalMax: 9,
    }
    const { units } = await core.prepare(request)
    let run = 0
    for (const { index } of units) run += (await core.runUnit(request, index, () => {})).run
    expect(run).toBeGreaterThan(0)
  })
})
