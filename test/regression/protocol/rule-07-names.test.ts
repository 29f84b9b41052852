// Rule 7. What breaks without it: a pack is created, kill | the next pack is created, power loss: the later name is kept,
// the earlier one lost, a gap.
//
// Fails if the directory is not synced after a create (`create` of engine/pack/pack-files.ts). The sync before a process's
// first create is a second line: recovery gives the number of an empty newest pack to the next one, so that a name that was
// not synced is never followed by a higher one.

import { describe, expect, it } from 'vitest'
import { Machine } from '../../engine/machine.ts'
import { SMALL, add, afterPowerLoss, open, stopAfter, type Notes } from './history.ts'

const BODY = 600

function fill(database: Notes, from: number, to: number): void {
  for (let id = from; id < to; id += 1) add(database, id, 'sync', BODY)
}

describe('packs that were created and not yet named for good', { tags: ['PRT-07'] }, () => {
  it('never leave a gap, wherever two processes in a row end', { tags: ['STO-04', 'DUR-04'] }, () => {
    // The first process dies at each call of its second roll-over's neighbourhood, the second one at each of its own.
    const start = new Machine()
    fill(open(start), 0, 2)
    start.kill()
    let creates = 0
    for (let calls = 0, wasStopped = true; wasStopped && calls < 60; calls += 1) {
      const first = new Machine(start.image())
      let madeLast = false
      wasStopped = stopAfter(
        first,
        calls,
        (database) => fill(database, 2, 6),
        SMALL,
        ({ kind, path }) => {
          madeLast = kind === 'create' && path.endsWith('.pack')
        },
      )
      if (!madeLast) continue
      creates += 1
      first.kill()
      for (let more = 12, goesOn = true; goesOn && more < 60; more += 3) {
        const second = new Machine(first.image())
        goesOn = stopAfter(second, more, (database) => fill(database, 50, 52))
        for (const { found, state } of afterPowerLoss(second, SMALL, 24)) expect(found.length, state).toBeGreaterThan(1)
      }
    }
    expect(creates).toBeGreaterThan(1)
  })

  it('are made durable before any commit in them is acknowledged', { tags: ['DUR-04', 'PRT-06'] }, () => {
    const machine = new Machine()
    const database = open(machine)
    for (let id = 0; id < 12; id += 1) {
      fill(database, id, id + 1)
      for (const { found, state } of afterPowerLoss(machine, SMALL, 30)) expect(found.length, state).toBe(id + 1)
    }
    expect(database.statistics().rollOvers).toBeGreaterThan(1)
  })

  it('of a new database are none or a whole one', () => {
    for (let calls = 0, wasStopped = true; wasStopped; calls += 1) {
      const machine = new Machine()
      wasStopped = stopAfter(machine, calls, (database) => add(database, 1))
      for (const { found } of afterPowerLoss(machine, SMALL, 40)) expect(found.length).toBeLessThanOrEqual(1)
    }
  })
})
