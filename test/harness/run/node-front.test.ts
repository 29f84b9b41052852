import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installNodeFront } from '../../../faults/index.ts'
import { runCampaign } from '../subjects/campaign.ts'
import { noteScenario, type Style } from '../subjects/note-store.ts'

let uninstall = (): void => {}
beforeAll(() => {
  uninstall = installNodeFront()
})
afterAll(() => uninstall())

const STYLES: readonly Style[] = ['sync', 'promises', 'callbacks']

describe.each(STYLES)('a store over node:fs (%s)', { tags: ['NFS-01', 'ORA-01'] }, (style) => {
  it('that syncs file and directory loses nothing, whatever call fails and wherever it crashes', async () => {
    const { preparation, violations, units, oracles } = await runCampaign(noteScenario(style))
    expect(violations.map(({ fault, message }) => `${JSON.stringify(fault)} ${message}`).slice(0, 5)).toEqual([])
    expect(preparation.findings).toEqual([])
    expect(oracles).toEqual([])
    expect(preparation.uncoveredSites).toEqual([])
    for (const family of ['io', 'crash']) {
      const runs = preparation.units.filter((unit) => unit.family === family).map(({ index }) => units[index]?.run ?? 0)
      expect(runs.reduce((sum, run) => sum + run, 0)).toBeGreaterThan(50)
    }
  })

  it('that forgets to sync its files, or its directory, is caught', async () => {
    for (const forgotten of ['file', 'directory'] as const) {
      const { oracles } = await runCampaign(noteScenario(style, forgotten), { families: ['crash'] })
      expect(oracles).toContain('recovered-state')
    }
  })
})
