// What broke: a first process settles into a second pack, its sync fails and drops the pages, and it is killed. The next
// process finds the settled commit in the cache and begins a third pack that builds on it. The power goes, and of the two
// packs only the third one's header survives: recovery took the lost second pack for damage, though nothing that was
// promised rested on it, instead of opening the first.

import { describe, expect, it } from 'vitest'
import { column, defineSchema, type FileSystem } from '../../engine/index.ts'
import { FailingFileSystem, type DiskImage, type FailingFileSystemOptions } from '../../faults/index.ts'
import { errorOf, Machine, powerLossStates, ROOT } from '../engine/machine.ts'

const schema = defineSchema({ note: { columns: { id: column.integer() }, primaryKey: 'id' } })
const pack = { packBytesMax: 4096, markerIntervalBytes: 512 }

function watched(machine: Machine, options: Partial<FailingFileSystemOptions>): FileSystem {
  return new FailingFileSystem(machine.fileSystem, { root: ROOT, sink: machine.disk.sink, ...options })
}

describe(
  'a pack without a commit whose base was never durable and is lost',
  { tags: ['PRT-03', 'PRT-04', 'REC-05'] },
  () => {
    it('does not keep the store from opening with what was acknowledged', () => {
      const machine = new Machine()
      machine.open({ schema, pack }).update((transaction) => transaction.insert('note', { id: 1 }))
      machine.kill()
      const failing = watched(machine, {
        decide: ({ kind }) => (kind === 'sync' ? { kind: 'error', code: 'EIO', variant: 'pages-dropped' } : undefined),
      })
      const second = machine.open({ schema, pack, fileSystem: failing })
      expect(errorOf(() => second.update((transaction) => transaction.insert('note', { id: 2 })))).toBeDefined()
      machine.kill()
      const images = new Set<DiskImage>()
      const third = machine.open({
        schema,
        pack,
        fileSystem: watched(machine, { onEvent: () => void images.add(machine.image()) }),
      })
      third.update((transaction) => transaction.insert('note', { id: 3 }))
      let states = 0
      for (const image of images)
        for (const state of powerLossStates(image, 100)) {
          const after = new Machine(state.make())
          const database = after.open({ schema, pack })
          expect(
            database.read((reader) => reader.get('note', 1)),
            state.describe(),
          ).toEqual({ id: 1 })
          expect(database.verify(), state.describe()).toEqual([])
          database.close()
          states += 1
        }
      expect(states).toBeGreaterThan(100)
    })
  },
)
