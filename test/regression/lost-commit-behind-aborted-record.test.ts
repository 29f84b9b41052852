// What broke: a transaction with a row longer than the write buffer was aborted; what had been flushed of the row stayed
// in the pack, with a recovery marker in it that names the end the row would have had. A commit that ended before that
// place, synced and acknowledged, was not found after a kill: recovery began to look where the marker said.

import { describe, expect, it } from 'vitest'
import { column, defineSchema } from '../../engine/index.ts'
import { Machine, powerLossStates } from '../engine/machine.ts'

const schema = defineSchema({
  note: { columns: { id: column.integer(), body: column.binary().nullable() }, primaryKey: 'id' },
})

const SIZES = {
  small: { packBytesMax: 65_536, markerIntervalBytes: 4096, writeBufferBytes: 4096, rowBytes: 15_000, aborts: 1 },
  default: {
    packBytesMax: 2 ** 30,
    markerIntervalBytes: 65_536,
    writeBufferBytes: 16_384,
    rowBytes: 65_000,
    aborts: 2,
  },
} as const

describe.each(Object.entries(SIZES))(
  'a commit behind what was flushed of an aborted long row (%s sizes)',
  { tags: ['REC-08', 'PRT-02'] },
  (_name, sizes) => {
    const { rowBytes, writeBufferBytes, aborts, ...pack } = sizes

    function machineWithCommit(): Machine {
      const machine = new Machine()
      const database = machine.open({ schema, pack, writeBufferBytes })
      for (let aborted = 0; aborted < aborts; aborted += 1) {
        const long = database.begin()
        long.insert('note', { id: 1, body: new Uint8Array(rowBytes) })
        long.abort()
      }
      database.update((transaction) => transaction.insert('note', { id: 2 }))
      return machine
    }

    it('is there after a kill', () => {
      const machine = machineWithCommit()
      machine.kill()
      const database = machine.open({ schema, pack })
      expect(database.read((reader) => [...reader.scan('note')].map(({ id }) => id))).toEqual([2])
      expect(database.verify()).toEqual([])
      database.close()
    })

    it('is there after every loss of power', { tags: ['REC-07'] }, () => {
      const image = machineWithCommit().image()
      for (const state of powerLossStates(image)) {
        const machine = new Machine(state.make())
        const database = machine.open({ schema, pack })
        expect(database.read((reader) => reader.count('note'))).toBe(1)
        database.close()
      }
    })
  },
)
