import { describe, expect, it } from 'vitest'
import type { FaultFamily } from '../../../harness/index.ts'
import { step, times, type Scenario, type World } from '../../../scenarios/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

type Store = { readonly world: World }

function namesIn({ world }: Store): readonly string[] {
  return world.fileSystem.list(world.directory)
}

/** Three entries, each an empty file, whose name `nameOf` makes from the time and from what is there. */
function entries(nameOf: (timeMs: number, count: number) => string): Scenario<Store, readonly string[]> {
  return {
    name: 'entries',
    summary: 'a file for each entry',
    parameters: {},
    open: (world) => ({ world }),
    steps: () =>
      times(3, (index) =>
        step(`entry ${index}`, {
          run: async (store: Store) => {
            const { world } = store
            await new Promise<void>((resolve) => void world.scheduler.after(5, resolve))
            world.fileSystem.create(`${world.directory}/${nameOf(world.clock.nowMs(), namesIn(store).length)}`).close()
            world.fileSystem.syncDirectory(world.directory)
          },
          model: (entered) => [...entered, `entry`],
        }),
      ),
    initial: () => [],
    read: (store) => namesIn(store).map(() => 'entry'),
    close: () => {},
  }
}

const clock: readonly FaultFamily[] = ['clock']

describe('the clock family', { tags: ['CLK-01'] }, () => {
  it('finds a store that takes the time for a name nobody had', async () => {
    const { records, preparation } = await runCampaign(
      entries((timeMs) => `${timeMs}`),
      { families: clock, forms: ['warm'] },
    )
    expect(preparation.findings).toEqual([])
    const found = records.filter(({ outcome }) => outcome === 'violation')
    expect(found.filter(({ oracle }) => oracle === 'survives')[0]?.message).toContain('the clock was wrong')
  })

  it('is silent where the time decides nothing, and reads each clock wrong in every way', async () => {
    const { records, units } = await runCampaign(
      entries((_, count) => `${count}`),
      { families: clock },
    )
    expect(records.length).toBeGreaterThan(0)
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect(records.filter(({ delivered }) => delivered > 0).length).toBeGreaterThan(records.length / 2)
    expect(units.every(({ planned, run, merged }) => planned === run + merged)).toBe(true)
  })
})
