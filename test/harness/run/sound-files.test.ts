// test/harness/run/sound-files.test.ts: checks that leave out known files are held against full ones.

import { describe, expect, it } from 'vitest'
import { bank } from '../../../scenarios/bank/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

const SMALL = {
  subject: { scenario: 'bank', parameters: { transfers: 8 }, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
  families: ['crash'],
  statesPerIntervalMax: 16,
} as const

describe('a check that leaves out files that are known to be sound', { tags: ['PLN-06'] }, () => {
  it('gives every run the outcome that it has when every check is a full one', async () => {
    const knowing = await runCampaign(bank, SMALL)
    const full = await runCampaign({ ...bank, verify: (session) => session.database.verify() }, SMALL)
    const outcomes = ({ records }: typeof full) => records.map(({ order, outcome, oracle }) => [order, outcome, oracle])
    expect(outcomes(knowing)).toEqual(outcomes(full))
    expect(knowing.violations).toEqual([])
  })

  it('makes the same campaign twice, trace hashes included', { tags: ['DET-01'] }, async () => {
    const first = await runCampaign(bank, SMALL)
    expect((await runCampaign(bank, SMALL)).records).toEqual(first.records)
  })

  it('is found out where it overlooks what a full one finds', async () => {
    const careless = {
      ...bank,
      verify: (session: Parameters<NonNullable<typeof bank.verify>>[0]) => {
        const { soundFiles, fileSystem, directory } = session.world
        const [name = ''] = fileSystem.list(`${directory}/bank.rdm`)
        const path = `${directory}/bank.rdm/${name}`
        soundFiles?.note(path, 'never looked at')
        return soundFiles === undefined ? [{ path, offsetBytes: 0, message: 'damage' }] : []
      },
    }
    const { violations } = await runCampaign(careless, SMALL)
    expect(violations.map(({ oracle }) => oracle)).toContain('recovery-verify')
    expect(violations[0]?.message).toContain('a check of all files finds damage')
  })
})
