import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../machine.ts'
import { Bed, outcomeOf, settled, type Name } from './concurrent-bed.ts'

describe('transactions that run side by side', { tags: ['TXN-04'] }, () => {
  it(
    'run at the same time on disjoint tables, and one after the other on the same',
    { tags: ['COW-08', 'TXN-01'] },
    async () => {
      const bed = new Bed()
      const first = await bed.begin('a')
      const beside = await bed.begin('b')
      const waits = outcomeOf(bed.begin('a', Infinity))
      first.insert('a', { id: 1, value: 1 })
      beside.insert('b', { id: 1, value: 1 })
      first.insert('a', { id: 2, value: 2 })
      await bed.task()
      expect(waits.what).toBeUndefined()
      expect(bed.database.live()).toMatchObject({ transactions: 2, waiting: 1 })
      const done = [outcomeOf(beside.commit()), outcomeOf(first.commit())]
      await bed.run()
      expect(waits.what).toBe('done')
      expect(done.map(({ what }) => what)).toEqual(['done', 'done'])
      expect([bed.ids('a'), bed.ids('b')]).toEqual([[1, 2], [1]])
      bed.database.close()
      expect(bed.database.live().blocks).toBe(0)
    },
  )

  it('leave nothing of an aborted one, whose bytes lie between those of the others', { tags: ['TXN-02'] }, async () => {
    const bed = new Bed()
    const kept = await bed.begin('a')
    const dropped = await bed.begin('b')
    for (let id = 0; id < 5; id += 1) {
      kept.insert('a', { id, value: id })
      dropped.insert('b', { id, value: id })
    }
    dropped.abort()
    dropped.abort()
    kept.insert('a', { id: 5, value: 5 })
    const outcome = outcomeOf(kept.commit())
    await bed.run()
    expect(outcome.what).toBe('done')
    expect([bed.ids('a'), bed.ids('b')]).toEqual([[0, 1, 2, 3, 4, 5], []])
    expect(bed.database.verify()).toEqual([])
    bed.database.close()
    expect(bed.machine.verify().problems).toEqual([])
  })

  it('wait no longer than their time-out, on the scheduler’s clock, and say for which table', async () => {
    const bed = new Bed()
    const holder = await bed.begin('a')
    expect(await bed.begin('a', 0).catch((error: unknown) => error)).toMatchObject({ code: 'E_LOCK_TIMEOUT' })
    const late = outcomeOf(bed.begin('a', 50))
    const patient = outcomeOf(bed.begin('a', Infinity))
    await bed.run()
    expect(late.error).toMatchObject({
      code: 'E_LOCK_TIMEOUT',
      context: { table: 'a', timeoutMs: 50 },
      remedy: expect.stringContaining('try again'),
    })
    expect(patient.what).toBeUndefined()
    holder.abort()
    await bed.run()
    expect(patient.what).toBe('done')
    bed.database.close()
    expect(bed.database.live()).toMatchObject({ blocks: 0, waiting: 0 })
  })

  it('may read only what they named, and change only what they named for that', { tags: ['DUR-01'] }, async () => {
    const bed = new Bed()
    const transaction = await bed.database.beginLater({ tables: ['a'], reads: ['b'] })
    expect(transaction.count('b')).toBe(0)
    expect(errorOf(() => transaction.insert('b', { id: 1, value: 1 }))).toMatchObject({ code: 'E_NOT_LOCKED' })
    expect(errorOf(() => transaction.count('c'))).toMatchObject({ code: 'E_NOT_LOCKED', context: { table: 'c' } })
    expect(errorOf(() => transaction.count('nosuch' as Name))).toMatchObject({ code: 'E_USAGE' })
    const reader = await bed.database.beginLater({ tables: [], reads: ['b'] })
    expect(reader.count('b')).toBe(0)
    const writer = outcomeOf(bed.begin('b', Infinity))
    await bed.task()
    expect(writer.what).toBeUndefined()
    transaction.abort()
    await reader.commit()
    await bed.run()
    expect(writer.what).toBe('done')
    bed.database.close()
  })

  it.each([
    ['a table that is not there', { tables: ['nosuch' as Name] }],
    ['a durability that is none', { durability: 'nosuch' as 'sync' }],
    ['an unsafe transaction', { durability: 'unsafe' as const }],
    ['a time-out below 0', { timeoutMs: -1 }],
    ['a time-out that is no number', { timeoutMs: Number.NaN }],
  ])('refuse %s before anything is held', { tags: ['ERR-01'] }, async (_what, options) => {
    const bed = new Bed()
    expect(await bed.database.beginLater(options).catch((error: unknown) => error)).toMatchObject({ code: 'E_USAGE' })
    expect(bed.database.live()).toMatchObject({ transactions: 0, waiting: 0 })
    bed.database.close()
  })

  it('keep out what runs alone, and are kept out by it', async () => {
    const bed = new Bed()
    const shared = await bed.begin('a')
    expect(errorOf(() => bed.database.begin())).toMatchObject({ code: 'E_BUSY' })
    shared.abort()
    const alone = bed.database.begin()
    const waits = outcomeOf(bed.begin('a'))
    await settled()
    expect(waits.what).toBeUndefined()
    alone.insert('a', { id: 1, value: 1 })
    alone.commit()
    await bed.run()
    expect(waits.what).toBe('done')
    bed.database.close()
  })

  it('take no calls after commit', { tags: ['ERR-01'] }, async () => {
    const bed = new Bed()
    const transaction = await bed.begin('a')
    transaction.insert('a', { id: 1, value: 1 })
    const outcome = outcomeOf(transaction.commit())
    expect(errorOf(() => transaction.insert('a', { id: 2, value: 2 }))).toMatchObject({ code: 'E_CLOSED' })
    expect(await transaction.commit().catch((error: unknown) => error)).toMatchObject({ code: 'E_CLOSED' })
    transaction.abort()
    await bed.run()
    expect(outcome.what).toBe('done')
    expect(bed.ids('a')).toEqual([1])
    bed.database.close()
  })

  it('never deadlock, whatever they ask for and in whatever order they go on', async () => {
    const names = fc.subarray<Name>(['a', 'b', 'c'])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ tables: names, reads: names, aborts: fc.boolean() }), { minLength: 2, maxLength: 12 }),
        fc.infiniteStream(fc.nat(1000)),
        async (wishes, picks) => {
          const bed = new Bed({}, (count) => (picks.next().value ?? 0) % count)
          const holders = new Map<string, number>()
          const outcomes = wishes.map(({ tables, reads, aborts }) =>
            outcomeOf(
              (async () => {
                const transaction = await bed.database.beginLater({ tables, reads, timeoutMs: Infinity })
                for (const name of tables) {
                  expect(holders.get(name) ?? 0).toBe(0)
                  holders.set(name, 1)
                }
                await new Promise<void>((resolve) => bed.scheduler.soon(resolve))
                for (const name of tables) transaction.insert(name, { id: transaction.count(name), value: 1 })
                for (const name of tables) holders.set(name, 0)
                if (aborts) transaction.abort()
                else await transaction.commit()
              })(),
            ),
          )
          await bed.run()
          expect(outcomes.map(({ what }) => what)).toEqual(wishes.map(() => 'done'))
          for (const name of ['a', 'b', 'c'] as const)
            expect(bed.ids(name)).toHaveLength(
              wishes.filter(({ tables, aborts }) => !aborts && tables.includes(name)).length,
            )
          expect(bed.database.verify()).toEqual([])
          bed.database.close()
          expect(bed.database.live()).toMatchObject({ blocks: 0, waiting: 0, transactions: 0 })
        },
      ),
      { numRuns: 60 },
    )
  })
})
