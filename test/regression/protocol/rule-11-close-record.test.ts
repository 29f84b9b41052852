// Rule 11. What breaks without it: a sync fails and drops pages; at the close a sync succeeds, and a close record is
// written | the open is clean, a commit is appended behind and acknowledged | power loss: gone.
//
// Fails if `#syncHandle` (engine/pack/commit-log.ts) does not leave the pack when its sync failed.

import { describe, expect, it } from 'vitest'
import { Machine, errorOf } from '../../engine/machine.ts'
import { add, afterPowerLoss, ids, open, openFailing } from './history.ts'

describe('a close after a failed sync', { tags: ['PRT-11'] }, () => {
  it('leaves no close record: the next open is unclean and loses nothing that it acknowledges', () => {
    const machine = new Machine()
    const { database, failNextSync } = openFailing(machine)
    add(database, 1)
    failNextSync()
    expect(errorOf(() => add(database, 2))).toMatchObject({ code: 'E_OUTCOME_UNKNOWN' })
    database.close()
    for (const { found, state } of afterPowerLoss(machine)) expect(found.slice(0, 1), state).toEqual([1])
    const next = open(machine)
    expect(next.statistics().openedClean).toBe(false)
    const seen = ids(next)
    add(next, 3)
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([...seen, 3])
  })

  it('leaves none when a lazy commit was before it, and the sync of the close succeeds', () => {
    const machine = new Machine()
    const { database, failNextSync } = openFailing(machine)
    add(database, 1)
    add(database, 2, 'lazy')
    failNextSync()
    expect(errorOf(() => database.sync())).toMatchObject({ code: 'E_IO', context: { operation: 'sync' } })
    database.close()
    const next = open(machine)
    expect(next.statistics().openedClean).toBe(false)
    const seen = ids(next)
    add(next, 3)
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([...seen, 3])
  })

  it('leaves none when the failed sync is that of the close itself', () => {
    const machine = new Machine()
    const { database, failNextSync } = openFailing(machine)
    add(database, 1)
    add(database, 2, 'lazy')
    failNextSync()
    expect(errorOf(() => database.close())).toMatchObject({ code: 'E_IO', context: { operation: 'sync' } })
    const next = open(machine)
    expect(next.statistics().openedClean).toBe(false)
    const seen = ids(next)
    add(next, 3)
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([...seen, 3])
  })

  it('is of no weight: the commits behind it are valid whether or not it survived', { tags: ['REC-01'] }, () => {
    const machine = new Machine()
    const database = open(machine)
    add(database, 1)
    database.close()
    const next = open(machine)
    expect(next.statistics().openedClean).toBe(true)
    add(next, 2)
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([1, 2])
    next.close()
    for (const { found, state } of afterPowerLoss(machine)) expect(found, state).toEqual([1, 2])
  })
})
