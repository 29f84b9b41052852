// What broke: a kill right after the create of a new pack left one without a header. The next open read it, gave its
// number back, and dropped the error of the close of the handle that it had read it with.

import { describe, expect, it } from 'vitest'
import { column, defineSchema } from '../../engine/index.ts'
import { FailingFileSystem } from '../../faults/index.ts'
import { DIRECTORY, errorOf, Machine, ROOT } from '../engine/machine.ts'

const schema = defineSchema({ note: { columns: { id: column.integer() }, primaryKey: 'id' } })

describe(
  'a close that fails while recovery gives the number of an empty pack back',
  { tags: ['ERR-03', 'PRT-07'] },
  () => {
    it('fails the open, and the next open works', () => {
      const machine = new Machine()
      machine.open({ schema }).update((transaction) => transaction.insert('note', { id: 1 }))
      machine.kill()
      machine.fileSystem.create(`${DIRECTORY}/p00000002.pack`).close()
      let failed = 0
      const fileSystem = new FailingFileSystem(machine.fileSystem, {
        root: ROOT,
        decide: ({ kind, path }) => {
          if (kind !== 'close' || !path.endsWith('p00000002.pack') || failed > 0) return undefined
          failed += 1
          return { kind: 'error', code: 'EIO' }
        },
      })
      expect(errorOf(() => machine.open({ schema, fileSystem }))).toMatchObject({ code: 'E_IO' })
      expect(failed).toBe(1)
      const database = machine.open({ schema })
      expect(database.read((reader) => reader.count('note'))).toBe(1)
      database.close()
    })
  },
)
