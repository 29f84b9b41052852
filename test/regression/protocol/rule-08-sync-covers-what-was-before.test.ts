// Rule 8. What breaks without it: a sync is issued for A, B is appended, the sync completes, C names B's end as proven;
// a power loss keeps C and drops B: a mixture.
//
// The engine syncs in a blocking call, so nothing can come between; shown here at the port, with the claim of every byte
// that is written compared with what the disk holds durable. Fails if `#syncData` or `commit` (engine/pack/commit-log.ts)
// call proven what was appended behind the last sync.

import { describe, expect, it } from 'vitest'
import { Machine, errorOf } from '../../engine/machine.ts'
import { SMALL, add, ids, open, openAudited } from './history.ts'

const LIMITS = {
  packBytesMax: 8192,
  markerIntervalBytes: 512,
  syncEveryBytes: 2048,
  tailLimitBytes: 512,
  lazyLimitBytes: 1024,
}

describe('a durable position in a written record', { tags: ['PRT-01'] }, () => {
  it.each(['sync', 'lazy'] as const)(
    'is durable when it is written, and no call comes between (%s)',
    { tags: ['PRT-08', 'PRT-06'] },
    (durability) => {
      const machine = new Machine()
      const options = { ...SMALL, pack: LIMITS, durability, writeBufferBytes: 512 }
      const { database, claims, wrong } = openAudited(machine, options)
      for (let id = 0; id < 40; id += 1) {
        add(database, id, id % 7 === 6 ? 'sync' : durability, id % 5 === 0 ? 3000 : id * 3)
        if (id % 6 === 5) {
          const aborted = database.begin()
          aborted.insert('note', { id: 1000, body: new Uint8Array(2500) })
          aborted.abort()
        }
      }
      database.close()
      expect(wrong).toEqual([])
      expect(claims()).toBeGreaterThan(40)
      machine.kill()
      const next = openAudited(machine, options)
      add(next.database, 50)
      machine.kill()
      const last = openAudited(machine, options)
      add(last.database, 51)
      last.database.close()
      expect([...next.wrong, ...last.wrong]).toEqual([])
      const after = open(machine, options)
      expect(ids(after)).toHaveLength(42)
      after.close()
    },
  )

  it(
    'is not believed of a pack after unsafe commits, until all of them are synced',
    { tags: ['PRT-13', 'DUR-05'] },
    () => {
      const machine = new Machine()
      const { database, wrong } = openAudited(machine)
      for (let id = 0; id < 20; id += 1) add(database, id, id % 8 === 7 ? 'sync' : 'unsafe', 400)
      expect(errorOf(() => database.close())).toBeUndefined()
      expect(wrong).toEqual([])
    },
  )
})
