// What broke: a kill right after the create of a new pack left one without a header. The next open read it, gave its
// number back, and dropped the error of the close of the handle that it had read it with.

import { describe, expect, it } from 'vitest'
import { decodeToken } from '../../harness/plan/index.ts'
import { createCampaignCore } from '../../harness/run/index.ts'
import { BUILTIN_SCENARIOS } from '../../scenarios/builtin.ts'
import { bindToken } from '../../harness/plan/index.ts'

const TOKEN = 'pc1-fcq52w84c9gpwtr004004ccs07p3q3sb000287yjjvbhp0038n4myr6rhvh'

describe('a close that fails while recovery gives the number of an empty pack back', () => {
  it('fails the open', async () => {
    const core = createCampaignCore({
      loadScenario: (name) => BUILTIN_SCENARIOS[name]?.() ?? Promise.reject(new Error(`no scenario ${name}`)),
    })
    const plan = bindToken(decodeToken(TOKEN), await core.describe('bank', {}))
    const { record } = await core.replay(plan)
    expect(record.delivered).toBe(2)
    expect([record.outcome, record.message]).toEqual(['passed', undefined])
  })
})
