import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bindToken, decodeToken, type ReplayResult, type RunRecord } from '../../../harness/plan/index.ts'
import { createCampaignCore } from '../../../harness/run/index.ts'
import type { Scenario } from '../../../scenarios/index.ts'
import { changeCode, changingScenario } from '../subjects/changing.ts'
import { runCampaign } from '../subjects/campaign.ts'

const subject = {
  scenario: 'changing',
  parameters: { puts: 3 },
  seed: 1,
  model: 'posix-minimal',
  sectorBytes: 512,
} as const

type Replay = (record: RunRecord, identities?: boolean) => Promise<ReplayResult>

/** Replays tokens, as they are or as they were before they had identities. */
async function replayer(): Promise<Replay> {
  const core = createCampaignCore({ loadScenario: async () => changingScenario() as unknown as Scenario })
  const description = await core.describe('changing', subject.parameters)
  return async (record, identities = true) => {
    const plan = bindToken(decodeToken(record.token), description)
    if (identities) return core.replay(plan)
    const faults = plan.faults.map((fault) => ({ ...fault }))
    for (const fault of faults) Reflect.deleteProperty(fault, 'identity')
    return core.replay({ ...plan, faults })
  }
}

describe('a replay after a change to the code', { tags: ['TOK-02'] }, () => {
  let records: readonly RunRecord[]
  /** Some runs of each family and mode, in a phase. */
  const some = (phase: string): readonly RunRecord[] => {
    const own = records.filter((record) => record.phase === phase)
    return own.filter((record, at) => at % 13 === 0 || own[at - 1]?.mode !== record.mode)
  }
  beforeAll(async () => {
    const modes = ['once', 'from', 'budget', 'random'] as const
    records = (await runCampaign(changingScenario(), { subject, modes })).records
  })
  afterEach(() => changeCode('none'))

  it('finds every point where it was if nothing changed', async () => {
    const replay = await replayer()
    for (const record of some('put 1')) {
      const { moved, record: again } = await replay(record)
      expect(moved).toBeUndefined()
      expect({ ...again, order: record.order }).toEqual(record)
    }
  })

  it('follows a point that has another number now, and says so', async () => {
    changeCode('one more before')
    const replay = await replayer()
    const chosen = some('put 1')
    expect(new Set(chosen.map(({ family }) => family)).size).toBe(3)
    for (const record of chosen) {
      const { moved, record: again } = await replay(record)
      expect(moved).toMatch(
        new RegExp(`^(Point|There is no point) ${record.point} .*; the recorded one is point ${again.point}, .*\\.$`),
      )
      expect(again.point).toBeGreaterThan(record.point)
      expect([again.phase, again.site, again.outcome, again.token]).toEqual([
        record.phase,
        record.site,
        'passed',
        record.token,
      ])
      if (['once', 'from'].includes(record.mode)) expect(again.delivered).toBeGreaterThan(0)
      if (record.mode !== 'budget' && record.mode !== 'random') expect(again.fault).toBe(record.fault)
    }
  })

  it('is not reached, and runs nothing else, where the call site is gone', async () => {
    changeCode('another caller')
    const replay = await replayer()
    const chosen = some('open')
    expect(new Set(chosen.map(({ family }) => family)).size).toBe(3)
    for (const record of chosen) {
      const { moved, record: again, trace } = await replay(record)
      expect([again.outcome, again.delivered, again.token]).toEqual(['not-reached', 0, record.token])
      expect(again.message).toMatch(new RegExp(`no such point any more: point ${record.point} is .* now`))
      expect(moved).toBeUndefined()
      expect(trace).toEqual([])
    }
  })

  it('goes by the number alone with a token that has no identity', async () => {
    changeCode('one more before')
    const replay = await replayer()
    for (const record of some('put 1')) {
      const { moved, record: again } = await replay(record, false)
      expect(moved).toBeUndefined()
      expect(again.point).toBe(record.point)
    }
  })
})
