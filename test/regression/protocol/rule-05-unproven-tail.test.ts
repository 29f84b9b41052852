// Rules 5 and 9. What breaks without them: a sync fails and drops the pages, kill | a sync "succeeds", a commit behind is
// acknowledged | power loss: both are gone.
//
// Fails if an unclean open goes on behind the newest commit of the same pack (recover() gives `clean` for it), or if the
// first commit does not rewrite what its root reaches there (`isInTail` in engine/database/store-state.ts says no).

import { describe, expect, it } from 'vitest'
import { Machine, errorOf } from '../../engine/machine.ts'
import { add, afterPowerLoss, ids, open, openFailing } from './history.ts'

describe('commits behind a sync that failed and dropped its pages', { tags: ['PRT-05', 'PRT-09'] }, () => {
  it(
    'survive every loss of power once acknowledged, with all that they build on, in the next process',
    { tags: ['REC-05', 'REC-09'] },
    () => {
      const machine = new Machine()
      const { database, failNextSync, delivered } = openFailing(machine)
      add(database, 1)
      failNextSync()
      expect(errorOf(() => add(database, 2))).toMatchObject({
        code: 'E_OUTCOME_UNKNOWN',
        context: { operation: 'sync' },
      })
      expect(delivered()).toBe(1)
      machine.kill()
      const next = open(machine)
      const seen = ids(next)
      expect(seen).toContain(1)
      add(next, 3)
      let states = 0
      for (const { found, state } of afterPowerLoss(machine)) {
        expect(found, state).toEqual([...seen, 3])
        states += 1
      }
      expect(states).toBeGreaterThan(0)
    },
  )

  it('survive every loss of power once acknowledged, in the same process, which does not see the failed one', () => {
    const machine = new Machine()
    const { database, failNextSync } = openFailing(machine)
    add(database, 1)
    failNextSync()
    expect(errorOf(() => add(database, 2))).toMatchObject({ code: 'E_OUTCOME_UNKNOWN' })
    expect(ids(database)).toEqual([1])
    add(database, 3)
    expect(ids(database)).toEqual([1, 3])
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([1, 3])
  })

  it('keep lazy commits that were acknowledged before the failure', { tags: ['DUR-03'] }, () => {
    const machine = new Machine()
    const { database, failNextSync } = openFailing(machine)
    add(database, 1)
    add(database, 2, 'lazy')
    failNextSync()
    expect(errorOf(() => add(database, 3))).toMatchObject({ code: 'E_OUTCOME_UNKNOWN' })
    expect(ids(database)).toEqual([1, 2])
    add(database, 4)
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([1, 2, 4])
  })

  it(
    'are read again from pages that a failed sync evicted, or the database says that it must be reopened',
    { tags: ['REC-09'] },
    () => {
      const machine = new Machine()
      const { database, evictAtNextSync } = openFailing(machine)
      add(database, 1)
      add(database, 2, 'lazy')
      evictAtNextSync()
      const failed = errorOf(() => add(database, 3))
      expect(failed).toMatchObject({ code: 'E_OUTCOME_UNKNOWN' })
      expect(errorOf(() => add(database, 4))).toMatchObject({
        code: 'E_REOPEN',
        remedy: expect.stringContaining('open'),
      })
      database.close()
      machine.kill()
      const next = open(machine)
      expect(ids(next)).toContain(1)
      next.close()
    },
  )
})
