import { describe, expect, it } from 'vitest'
import { column, defineSchema, type Database } from '../../../engine/index.ts'
import { SimulatedScheduler } from '../../../faults/index.ts'
import { Machine } from '../machine.ts'
const table = { columns: { id: column.integer(), value: column.integer() }, primaryKey: 'id' } as const
const schema = defineSchema({ a: table, b: table, c: table })
async function turns() {
  for (let i = 0; i < 20; i += 1) await undefined
}
describe('x', () => {
  it('works', async () => {
    const machine = new Machine()
    const scheduler = new SimulatedScheduler()
    const database: Database<typeof schema> = machine.open({ schema, scheduler, durability: 'group' })
    const before = database.statistics().syncs
    const outcomes: string[] = []
    for (const name of ['a', 'b', 'c'] as const)
      void database
        .updateLater((t) => t.insert(name, { id: 1, value: 2 }), { tables: [name] })
        .then(
          () => outcomes.push(name),
          (e: unknown) => outcomes.push(String(e)),
        )
    await turns()
    expect(database.live()).toMatchObject({ transactions: 0, waiting: 3 })
    expect(database.read((r) => r.count('a'))).toBe(0)
    while (outcomes.length < 3) {
      if (!scheduler.runNext() && machine.disk.completeSyncs() === 0) break
      await turns()
    }
    expect(outcomes).toEqual(['a', 'b', 'c'])
    expect(database.statistics().syncs - before).toBe(1)
    expect(database.read((r) => r.count('a'))).toBe(1)
    database.close()
    expect(database.live().blocks).toBe(0)
    const again = machine.open({ schema })
    expect(again.statistics()).toMatchObject({ openedClean: true, rows: { a: 1, b: 1, c: 1 } })
  })
})
