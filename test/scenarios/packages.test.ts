import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installNodeFront } from '../../faults/index.ts'
import type { CampaignRequest } from '../../harness/plan/index.ts'
import { BUILTIN_SCENARIOS, type Parameters } from '../../scenarios/index.ts'
import { PACKAGE_SCENARIOS } from '../../scenarios/packages/index.ts'
import { requestFor, runCampaign, type CampaignOutcome } from '../harness/subjects/campaign.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())

/** A bounded campaign over a package, with the package as it is published. */
async function campaign(
  name: string,
  model: string,
  families: CampaignRequest['families'],
  parameters: Parameters = {},
  every = 1,
): Promise<CampaignOutcome> {
  const load = BUILTIN_SCENARIOS[name]
  if (load === undefined) throw new Error(`no scenario ${name}`)
  const { subject } = requestFor(name)
  const scenario = await load()
  return runCampaign(scenario, {
    subject: { ...subject, model, parameters },
    families,
    modes: ['once'],
    points: { from: 1, to: Number.MAX_SAFE_INTEGER, every, offset: 0 },
    statesPerIntervalMax: 600,
  })
}

describe('a scenario over a published package', { tags: ['SCN-02'] }, () => {
  it.each(Object.keys(PACKAGE_SCENARIOS))(
    'runs unmodified on the simulated disk, twice the same: %s',
    { tags: ['NFS-01'] },
    async (name) => {
      const { preparation } = await campaign(name, 'ext4-ordered', [])
      expect(preparation.findings).toEqual([])
      expect(preparation.points.fileSystemCalls).toBeGreaterThan(10)
    },
  )

  it.each(Object.keys(PACKAGE_SCENARIOS))(
    'says of each promise where it is made and how it came out: %s',
    async (name) => {
      const scenario = await PACKAGE_SCENARIOS[name]?.()
      expect(scenario?.promises?.length).toBeGreaterThan(0)
      for (const { source, expected, parameters } of scenario?.promises ?? []) {
        expect(source).toMatch(/^https:/)
        expect(Object.keys(parameters).filter((key) => !Object.hasOwn(scenario?.parameters ?? {}, key))).toEqual([])
        for (const { model, reading } of expected) {
          expect(scenario?.models).toContain(model)
          expect(reading.length).toBeGreaterThan(20)
        }
      }
    },
  )

  it('finds that a rename without a sync before it leads to an empty file (lowdb)', async () => {
    const { oracles } = await campaign('lowdb', 'ext4-ordered', ['crash'], { entries: 2 })
    expect(oracles).toEqual(['recovery-opens'])
  })

  it('finds that a short write is taken for a whole one (write-file-atomic)', async () => {
    const { violations } = await campaign('write-file-atomic', 'ext4-ordered', ['io'], { writes: 1 })
    const found = violations.find(({ fault }) => fault.startsWith('write of only'))
    expect(found?.oracle).toBe('survives')
  })

  it('lets a cache forget after a power loss, and nothing else (cacache)', async () => {
    const { oracles } = await campaign('cacache', 'posix-minimal', ['crash'], { entries: 1 })
    expect(oracles).toEqual([])
  })

  it("finds that the WebAssembly build of SQLite never rolls back a killed process's journal, and that this is its lock", async () => {
    const published = await campaign('sqlite', 'process-kill', ['crash'], { transactions: 1 }, 8)
    expect(published.oracles.length).toBeGreaterThan(0)
    const mended = await campaign('sqlite', 'process-kill', ['crash'], { transactions: 1, ownLockUnseen: true }, 8)
    expect(mended.oracles).toEqual([])
  })
})
