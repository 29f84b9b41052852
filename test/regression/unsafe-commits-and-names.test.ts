// What broke, found by campaigns over a log with `unsafe` commits: a pack was made while the name of the one before it was
// in no synced directory; the error of closing a pack that settling had left was dropped; and damage that settling met was
// told as the work of a failed sync, although none had failed.

import { describe, expect, it } from 'vitest'
import { lazyLog } from '../../scenarios/lazy-log/index.ts'
import { runCampaign } from '../harness/subjects/campaign.ts'

const parameters = { ...lazyLog.parameters, durability: 'unsafe', entries: 4, syncEvery: 2 }
const subject = { scenario: 'lazy-log', parameters, seed: 1, model: 'posix-minimal', sectorBytes: 512 } as const

describe('a store with unsafe commits', { tags: ['DUR-05', 'PRT-13'] }, () => {
  it('reports each failed call, and changes names one at a time', async () => {
    const { records, violations } = await runCampaign(lazyLog, { subject, families: ['io'], modes: ['once'] })
    expect(violations.map(({ oracle, message, token }) => `${oracle}: ${message} ${token}`)).toEqual([])
    expect(records.length).toBeGreaterThan(500)
  })
})
