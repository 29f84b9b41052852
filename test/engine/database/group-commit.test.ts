import { describe, expect, it } from 'vitest'
import { AllocationInjector, CountingAllocator, SimulatedScheduler } from '../../../faults/index.ts'
import { Machine, errorOf, powerLossStates, smallAllocator } from '../machine.ts'
import { Bed, NAMES, outcomeOf, schema, settled } from './concurrent-bed.ts'

describe('commits that share a sync', { tags: ['GRP-01'] }, () => {
  it(
    'are acknowledged by one sync, in the order of their commits, and not before it has ended',
    { tags: ['PRT-08'] },
    async () => {
      const bed = new Bed()
      const before = bed.syncs
      const outcomes = [await bed.put('a', 1), await bed.put('b', 1), await bed.put('c', 1)]
      await bed.task()
      expect(bed.syncsIssued).toBe(1)
      expect(outcomes.map(({ what }) => what)).toEqual([undefined, undefined, undefined])
      expect(bed.database.live()).toMatchObject({ transactions: 0, waiting: 3 })
      await bed.endSync()
      expect(outcomes.map(({ what }) => what)).toEqual(['done', 'done', 'done'])
      expect(bed.syncs - before).toBe(1)
      bed.database.close()
      expect(bed.database.live()).toMatchObject({ blocks: 0, handles: 0, locks: 0, waiting: 0 })
      expect(bed.machine.open({ schema }).statistics()).toMatchObject({ openedClean: true, rows: { a: 1, b: 1, c: 1 } })
    },
  )

  it(
    'that are written while a sync is in flight are not acknowledged by it, and not taken for proven',
    { tags: ['PRT-01', 'PRT-08'] },
    async () => {
      const bed = new Bed()
      const first = await bed.put('a', 1)
      await bed.task()
      const second = await bed.put('b', 1)
      await bed.endSync()
      expect([first.what, second.what]).toEqual(['done', undefined])
      const { path, endBytes } = bed.database.position()
      expect(bed.machine.disk.isDurable(path, endBytes)).toBe(true)
      expect(bed.database.statistics()).toMatchObject({ commits: 2, durableCommits: 2 })
      // The third commit's mark names what is proven: if the power goes, every state holds the first and no mixture.
      await bed.put('c', 1)
      for (const state of powerLossStates(bed.machine.image(), 300)) {
        const reopened = new Machine(state.make()).open({ schema })
        const held = NAMES.map((name) => reopened.read((reader) => reader.count(name)))
        expect([
          [1, 0, 0],
          [1, 1, 0],
          [1, 1, 1],
        ]).toContainEqual(held)
        expect(reopened.verify()).toEqual([])
        reopened.close()
      }
      await bed.run()
      expect(second.what).toBe('done')
      expect(bed.syncsIssued).toBe(2)
    },
  )

  it('are never synced twice at the same time', { tags: ['PRT-08'] }, async () => {
    const bed = new Bed()
    for (let id = 0; id < 6; id += 1) {
      await bed.put('a', id)
      await bed.task()
      await bed.task()
      expect(bed.machine.disk.syncsUnderWay).toBeLessThanOrEqual(1)
    }
    await bed.run()
    expect(bed.ids('a')).toEqual([0, 1, 2, 3, 4, 5])
  })

  it(
    'show nothing to readers and snapshots until they are acknowledged, but build on each other',
    { tags: ['COW-04', 'SNP-02', 'TXN-03'] },
    async () => {
      const bed = new Bed()
      const snapshot = bed.database.snapshot()
      await bed.put('a', 1)
      const next = await bed.begin('a')
      expect(next.count('a')).toBe(1)
      next.insert('a', { id: 2, value: 2 })
      expect(bed.ids('a')).toEqual([])
      const outcome = outcomeOf(next.commit())
      await bed.run()
      expect(outcome.what).toBe('done')
      expect(bed.ids('a')).toEqual([1, 2])
      expect(snapshot.count('a')).toBe(0)
      snapshot.close()
      bed.database.close()
    },
  )

  it(
    'fail together when their sync fails, those that wait for the next one as well, and none is there later',
    { tags: ['GRP-02', 'PRT-09'] },
    async () => {
      const bed = new Bed()
      const kept = await bed.put('a', 1)
      await bed.run()
      const failed = [await bed.put('b', 1)]
      const running = await bed.begin('c')
      running.insert('c', { id: 1, value: 1 })
      await bed.task()
      failed.push(await bed.put('a', 2))
      // The device loses the pages while the sync is in flight, which then fails.
      bed.machine.disk.sink.failWriteBack(bed.database.position().path, 'pages-dropped')
      await bed.run()
      expect([kept.what, ...failed.map(({ what }) => what)]).toEqual(['done', 'E_OUTCOME_UNKNOWN', 'E_OUTCOME_UNKNOWN'])
      expect(failed[0]?.error).toMatchObject({ context: { errno: 'EIO', operation: 'sync' }, cause: { code: 'EIO' } })
      // What ran beside them built on what is gone.
      expect(errorOf(() => running.insert('c', { id: 2, value: 2 }))).toMatchObject({ code: 'E_ABORT' })
      running.abort()
      expect(NAMES.map((name) => bed.ids(name))).toEqual([[1], [], []])
      // Work goes on from the newest acknowledged root, and no power loss brings the failed ones back.
      const again = await bed.put('b', 7)
      await bed.run()
      expect(again.what).toBe('done')
      for (const state of powerLossStates(bed.machine.image(), 200)) {
        const reopened = new Machine(state.make()).open({ schema })
        expect(NAMES.map((name) => reopened.read((reader) => [...reader.scan(name)].map(({ id }) => id)))).toEqual([
          [1],
          [7],
          [],
        ])
        reopened.close()
      }
      bed.database.close()
      expect(bed.database.live().blocks).toBe(0)
    },
  )

  it('have an unknown outcome if an append of another one fails', { tags: ['GRP-02', 'PRT-10'] }, async () => {
    const bed = new Bed({ writeBufferBytes: 512 })
    const waiting = await bed.put('a', 1)
    const running = await bed.begin('b')
    bed.failNextAppend = true
    let id = 0
    const error = errorOf(() => {
      for (; id < 500; id += 1) running.insert('b', { id, value: id })
    })
    await settled()
    expect(error).toMatchObject({ code: 'E_IO' })
    expect(waiting.what).toBe('E_OUTCOME_UNKNOWN')
    running.abort()
    const again = await bed.put('a', 1)
    await bed.run()
    expect(again.what).toBe('done')
    expect(bed.database.verify()).toEqual([])
    bed.database.close()
    expect(bed.database.live().blocks).toBe(0)
  })

  it(
    'are lazy in their turn: a lazy commit behind one that waits is acknowledged with it',
    { tags: ['DUR-06', 'DUR-03'] },
    async () => {
      const bed = new Bed()
      const grouped = await bed.put('a', 1)
      const transaction = await bed.database.beginLater({ tables: ['b'], durability: 'lazy' })
      transaction.insert('b', { id: 1, value: 1 })
      const lazy = outcomeOf(transaction.commit())
      await settled()
      expect([grouped.what, lazy.what]).toEqual([undefined, undefined])
      await bed.run()
      expect([grouped.what, lazy.what]).toEqual(['done', 'done'])
      const alone = await bed.database.beginLater({ tables: ['b'], durability: 'lazy' })
      alone.insert('b', { id: 2, value: 2 })
      const before = bed.syncs
      await alone.commit()
      expect(bed.syncs).toBe(before)
      expect(bed.database.live().unsyncedBytes).toBeGreaterThan(0)
      bed.database.sync()
      bed.database.close()
    },
  )

  it('refuse what runs alone while they wait, and let it in afterwards', async () => {
    const bed = new Bed()
    await bed.put('a', 1)
    for (const call of [() => bed.database.begin(), () => bed.database.sync(), () => bed.database.verify()])
      expect(errorOf(call)).toMatchObject({ code: 'E_BUSY' })
    const idle = outcomeOf(bed.database.whenIdle())
    await settled()
    expect(idle.what).toBeUndefined()
    await bed.run()
    expect(idle.what).toBe('done')
    bed.database.update((transaction) => transaction.insert('a', { id: 2, value: 2 }))
    expect(bed.database.verify()).toEqual([])
    bed.database.close()
  })

  it(
    'are no reason to wait for close: they have an unknown outcome, are there at the next open, and nothing is held',
    { tags: ['ERR-03'] },
    async () => {
      const bed = new Bed()
      const inFlight = await bed.put('a', 1)
      await bed.task()
      const next = await bed.put('b', 1)
      const running = await bed.begin('c')
      running.insert('c', { id: 1, value: 1 })
      const wanted = outcomeOf(bed.begin('c'))
      const idle = outcomeOf(bed.database.whenIdle())
      await settled()
      bed.database.close()
      expect(bed.database.live()).toMatchObject({ blocks: 0, handles: 0, locks: 0, transactions: 0, waiting: 0 })
      await bed.run()
      expect([inFlight.what, next.what, wanted.what, idle.what]).toEqual([
        'E_OUTCOME_UNKNOWN',
        'E_OUTCOME_UNKNOWN',
        'E_CLOSED',
        'done',
      ])
      expect(errorOf(() => running.count('c'))).toMatchObject({ code: 'E_CLOSED' })
      const reopened = bed.machine.open({ schema })
      expect(reopened.statistics()).toMatchObject({ openedClean: false, rows: { a: 1, b: 1, c: 0 } })
      reopened.close()
    },
  )

  it(
    'begin on borders where sectors must not be rewritten, and what they leave between them checks',
    { tags: ['PRT-17'] },
    async () => {
      const bed = new Bed({ pack: { commitAlignBytes: 512 } })
      for (let id = 0; id < 4; id += 1) {
        await bed.put('a', id)
        await bed.put('b', id)
        await bed.run()
      }
      expect(bed.database.verify()).toEqual([])
      bed.database.close()
      expect(bed.machine.verify().problems).toEqual([])
    },
  )
})

describe('a refused allocation in transactions that run side by side', { tags: ['QA-07', 'QA-08', 'GRP-02'] }, () => {
  it('fails its own commit, is followed by no other, leaks nothing, and the others are acknowledged', async () => {
    let index = 0
    let failures = 0
    for (let ended = false; !ended; index += 1) {
      const machine = new Machine()
      const scheduler = new SimulatedScheduler()
      let armed = false
      let asked = 0
      let after = 0
      let hit = false
      class Injector extends AllocationInjector {
        override refuses(): boolean {
          if (!armed) return false
          if (hit) after += 1
          if (asked === index) hit = true
          asked += 1
          return hit && after === 0
        }
      }
      const allocator = new CountingAllocator(smallAllocator(), { injector: new Injector([]) })
      const database = machine.open({ schema, scheduler, allocator, durability: 'group' })
      database.update((transaction) => transaction.insert('a', { id: 0, value: 0 }))
      const run = async (): Promise<void> => {
        await settled()
        while (scheduler.runNext() || machine.disk.completeSyncs(1) > 0) await settled()
      }
      const other = outcomeOf(
        database.updateLater((transaction) => transaction.insert('b', { id: 1, value: 1 }), { tables: ['b'] }),
      )
      await settled()
      armed = true
      const mine = outcomeOf(
        database.updateLater((transaction) => transaction.insert('a', { id: 1, value: 1 }), { tables: ['a'] }),
      )
      await settled()
      armed = false
      ended = !hit
      await run()
      expect(other.what).toBe('done')
      expect(mine.what).toBe(hit ? 'E_NO_MEMORY' : 'done')
      expect(after).toBe(0)
      failures += hit ? 1 : 0
      expect(database.read((reader) => reader.count('a'))).toBe(hit ? 1 : 2)
      expect(database.verify()).toEqual([])
      database.close()
      expect(database.live()).toMatchObject({ blocks: 0, handles: 0, waiting: 0 })
    }
    expect(failures).toBeGreaterThan(8)
  })
})
