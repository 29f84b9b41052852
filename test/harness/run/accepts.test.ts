import { describe, expect, it } from 'vitest'
import { scenario, step, times, type Scenario, type World } from '../../../scenarios/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

type Entries = Readonly<Record<string, number>>
type Cache = Readonly<{ world: World; wasFilled: boolean }>

const CHECK = 0xff

/** A cache that syncs nothing: it may forget any entry, and gives no entry that was not put. */
function cache(defect?: 'forgets-at-put' | 'makes-up'): Scenario<Cache, Entries> {
  const put = ({ world: { fileSystem, directory }, wasFilled }: Cache, index: number): void => {
    if (defect === 'forgets-at-put' && wasFilled)
      for (const name of fileSystem.list(directory)) fileSystem.unlink(`${directory}/${name}`)
    const file = fileSystem.create(`${directory}/part-${index}`)
    file.append(Uint8Array.of(index, CHECK - index), 0, 2)
    file.close()
    fileSystem.rename(`${directory}/part-${index}`, `${directory}/entry-${index}`)
  }
  return scenario<Cache, Entries>({
    name: 'cache',
    summary: 'entries that may be forgotten',
    parameters: { entries: 3 },
    open: (world) => {
      for (const name of world.fileSystem.list(world.directory))
        if (name.startsWith('part-')) world.fileSystem.unlink(`${world.directory}/${name}`)
      return { world, wasFilled: world.fileSystem.list(world.directory).length > 0 }
    },
    steps: ({ entries }) =>
      times(Number(entries), (index) =>
        step(`put ${index}`, {
          run: (store) => put(store, index),
          model: (all) => ({ ...all, [`entry-${index}`]: index }),
          durability: 'ordered',
        }),
      ),
    initial: () => ({}),
    read: ({ world: { fileSystem, directory } }) =>
      Object.fromEntries(
        fileSystem.list(directory).flatMap((name) => {
          const file = fileSystem.open(`${directory}/${name}`, 'read')
          const bytes = new Uint8Array(2)
          const [index = 0, check] = file.read(bytes, 0, 2, 0) === 2 ? bytes : []
          file.close()
          return check === CHECK - index || defect === 'makes-up' ? [[name, index] as const] : []
        }),
      ),
    accepts: (found, models, crash) => {
      const all = models[models.length - 1] ?? {}
      const least = crash === 'kill' ? (models[0] ?? {}) : {}
      return (
        Object.entries(found).every(([name, index]) => all[name] === index) &&
        Object.keys(least).every((name) => name in found)
      )
    },
    close: () => {},
  })
}

const REQUEST = { families: ['crash'], statesPerIntervalMax: 3000 } as const

describe('a scenario with a rule of its own for what a crash may leave', { tags: ['ORA-06'] }, () => {
  it('is taken at its word, and goes on from what was found', async () => {
    const { violations, records } = await runCampaign(cache(), REQUEST)
    expect(violations).toEqual([])
    expect(records.length).toBeGreaterThan(20)
  })

  it('is held to it: a recovered store that forgets at the next step is found', async () => {
    const { violations } = await runCampaign(cache('forgets-at-put'), REQUEST)
    expect(new Set(violations.map(({ oracle }) => oracle))).toContain('recovery-commits')
  })

  it('is held to it: what was never put is found', async () => {
    const { violations } = await runCampaign(cache('makes-up'), REQUEST)
    expect(new Set(violations.map(({ oracle }) => oracle))).toContain('recovered-state')
  })
})
