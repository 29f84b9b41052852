// Rule 3. What breaks without it: M1 is acknowledged, kill | a new pack is begun whose header names the proven end, before
// M1, as what it builds on; kill | recovery goes on there: M1 is gone.
//
// Fails if `#beginPack` (engine/pack/commit-log.ts) writes `provenMark` and `proven` as base instead of the accepted commit.

import { describe, expect, it } from 'vitest'
import { Machine } from '../../engine/machine.ts'
import { SMALL, add, afterPowerLoss, ids, open, stopAfter } from './history.ts'

describe('a new pack that was begun and holds no commit', { tags: ['PRT-03', 'REC-05'] }, () => {
  it('leaves the acknowledged commit before it where it is, whenever the process that began it dies', () => {
    const first = new Machine()
    const database = open(first)
    add(database, 1)
    add(database, 2)
    first.kill()
    let begun = 0
    for (let calls = 0, wasStopped = true; wasStopped; calls += 1) {
      const machine = new Machine(first.image())
      wasStopped = stopAfter(machine, calls, () => undefined, { ...SMALL, settle: true })
      begun += machine.fileSystem.list('/docs/data.rdm').length - 1
      machine.kill()
      for (const { found, state } of afterPowerLoss(machine, SMALL, 40)) expect(found, state).toEqual([1, 2])
      const again = open(machine)
      expect(ids(again)).toEqual([1, 2])
      again.close()
    }
    expect(begun).toBeGreaterThan(3)
  })
})
