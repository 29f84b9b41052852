// What broke: when a transaction that had been flushed in part was aborted after the last commit, the close left its bytes
// behind the last mark and wrote no close record. The database was closed in order and yet opened as after a crash; and
// no checksum covered those bytes, so that verify could not see damage there.

import { describe, expect, it } from 'vitest'
import { column, defineSchema } from '../../engine/index.ts'
import { Machine, powerLossStates, type MachineOptions } from '../engine/machine.ts'

const schema = defineSchema({
  note: { columns: { id: column.integer(), body: column.binary().nullable() }, primaryKey: 'id' },
})
const options: MachineOptions<typeof schema> = {
  schema,
  pack: { packBytesMax: 65_536, markerIntervalBytes: 512 },
  writeBufferBytes: 512,
}

function closedBehindAborted(bodyBytes: number): Machine {
  const machine = new Machine()
  const database = machine.open(options)
  database.update((transaction) => transaction.insert('note', { id: 1 }))
  const aborted = database.begin()
  aborted.insert('note', { id: 2, body: new Uint8Array(bodyBytes).fill(7) })
  aborted.abort()
  database.close()
  return machine
}

describe('a database closed behind bytes of an aborted transaction', { tags: ['PRT-11'] }, () => {
  // All ends of the aborted bytes relative to markers and sectors.
  it.each(Array.from({ length: 40 }, (_, index) => 900 + 37 * index))(
    'opens clean (%i bytes), and goes on',
    (bodyBytes) => {
      const machine = closedBehindAborted(bodyBytes)
      const database = machine.open(options)
      expect(database.statistics().openedClean).toBe(true)
      expect(database.verify()).toEqual([])
      database.update((transaction) => transaction.insert('note', { id: 3 }))
      expect(database.statistics().packs).toBe(1)
      expect(database.verify()).toEqual([])
      database.close()
      expect(machine.verify().problems).toEqual([])
    },
  )

  it('verifies in every state that a power loss leaves after the close', { tags: ['DMG-03', 'REC-09'] }, () => {
    for (const bodyBytes of [900, 1200, 1416, 1420, 1424]) {
      for (const state of powerLossStates(closedBehindAborted(bodyBytes).image())) {
        const { problems, summary } = new Machine(state.make()).verify()
        expect(problems, `${bodyBytes}: ${state.describe()}`).toEqual([])
        expect(summary.rows).toEqual({ note: 1 })
      }
    }
  })
})
