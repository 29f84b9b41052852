// What broke: a first process settles into a second pack, its sync fails and drops the pages, and it is killed. The next
// process finds the settled commit in the cache and begins a third pack that builds on it. The power goes, and of the two
// packs only the third one's header survives: recovery took the lost second pack for damage, though nothing that was
// promised rested on it, instead of opening the first.

import { describe, expect, it } from 'vitest'
import { bindToken, decodeToken } from '../../harness/plan/index.ts'
import { createCampaignCore } from '../../harness/run/index.ts'
import { BUILTIN_SCENARIOS } from '../../scenarios/builtin.ts'

const TOKEN =
  'pc1-dxwp2804c9gpwtr211gp6rvfenq78wr2204q8wk1dsspcsbjec11r0800cj820bsjzegt0g38n4my49d00032b6jn3wa80r0mkm91b'

describe('a pack without a commit whose base was never durable and is lost', () => {
  it('does not keep the store from opening with what was acknowledged', async () => {
    const core = createCampaignCore({
      loadScenario: (name) => BUILTIN_SCENARIOS[name]?.() ?? Promise.reject(new Error(`no scenario ${name}`)),
    })
    const content = decodeToken(TOKEN)
    const plan = bindToken(content, await core.describe('bank', content.plan.subject.parameters))
    const { record } = await core.replay(plan)
    expect([record.outcome, record.message]).toEqual(['passed', undefined])
    expect(record.delivered).toBe(3)
  })
})
