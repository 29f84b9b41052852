import { describe, expect, it } from 'vitest'
import type { FaultFamily } from '../../../harness/index.ts'
import { step, type Scenario, type World } from '../../../scenarios/index.ts'
import { createHeap } from '../../../harness/selftest/known/index.ts'
import { runCampaign } from '../subjects/campaign.ts'

/** A list in memory, and a file for each of its values; clients append at once, with or without taking turns. */
type Store = { readonly world: World; values: readonly number[]; turn: Promise<void>; readonly close: () => void }

const CLIENTS = [1, 2, 3]

function namesIn(world: World): readonly number[] {
  return world.fileSystem
    .list(world.directory)
    .map(Number)
    .toSorted((left, right) => left - right)
}

function later(world: World): Promise<void> {
  return new Promise((resolve) => world.scheduler.soon(resolve))
}

/** Reads the list, waits for the disk, so to say, and writes it with a value more. */
async function append(store: Store, client: number): Promise<void> {
  const note = store.world.beginTransaction(`client ${client}`)
  const { values } = store
  await later(store.world)
  store.values = [...values, client]
  store.world.fileSystem.create(`${store.world.directory}/${client}`).close()
  store.world.fileSystem.syncDirectory(store.world.directory)
  note.committed([
    { kind: 'read', list: 'values', values },
    { kind: 'append', list: 'values', value: client },
  ])
}

async function inTurn(store: Store, client: number): Promise<void> {
  await later(store.world)
  await later(store.world)
  store.turn = store.turn.then(() => append(store, client))
  await store.turn
}

/** Safe in the order in which things were asked for: the second client begins when the first is likely to be done. */
async function likely(store: Store, client: number): Promise<void> {
  for (let waits = 1; waits < client; waits += 1) await later(store.world)
  await later(store.world)
  await append(store, client)
}

function concurrent(how: (store: Store, client: number) => Promise<void>): Scenario<Store, readonly number[]> {
  return {
    name: 'concurrent',
    summary: 'three clients append at once',
    parameters: {},
    open: (world) => {
      const allocator = world.wrapAllocator(createHeap())
      const block = allocator.allocate(8, 'store')
      const values = namesIn(world).toSorted((left, right) => left - right)
      return { world, values, turn: Promise.resolve(), close: () => allocator.free(block) }
    },
    steps: () => [
      step('append', {
        run: async (store: Store) => {
          await Promise.all(CLIENTS.map((client) => how(store, client)))
        },
        model: () => CLIENTS,
      }),
    ],
    initial: () => [],
    read: ({ world }) => namesIn(world),
    close: (store) => store.close(),
  }
}

const schedule: readonly FaultFamily[] = ['schedule']

describe('the schedule family', { tags: ['SCH-01', 'SCH-02'] }, () => {
  it('finds the order in which an update is lost, and names the anomaly', async () => {
    const { records, preparation } = await runCampaign(concurrent(likely), { families: schedule })
    expect(preparation.findings).toEqual([])
    const found = records.filter(({ outcome }) => outcome === 'violation')
    expect(new Set(found.map(({ oracle }) => oracle))).toEqual(new Set(['isolation']))
    expect(found[0]?.message).toContain('no serial order (G2)')
  })

  it('is silent where the store takes turns, and delivers every planned order that differs', async () => {
    const { records, units } = await runCampaign(concurrent(inTurn), { families: schedule })
    expect(records.length).toBeGreaterThan(20)
    expect(records.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect(units.every(({ planned, run, merged }) => planned === run + merged)).toBe(true)
  })

  it('says what is wrong without any other order, too', async () => {
    const { preparation } = await runCampaign(concurrent(append), { families: schedule })
    expect(preparation.findings.map(({ oracle }) => oracle)).toEqual(['isolation'])
  })
})
