// What broke, found by random programs: verify called damage what a loss of power had taken of bytes that no commit needs.
// In `lazy` the bytes of an aborted transaction lay outside the cover of the next commit's mark, and so did the close
// record of the process before: the power took them alone, and the commit behind them was accepted.

import { describe, expect, it } from 'vitest'
import { Machine, powerLossStates } from '../engine/machine.ts'
import { SMALL, add, ids, open, type NotesOptions } from './protocol/history.ts'

const options: NotesOptions = {
  ...SMALL,
  pack: { packBytesMax: 65_536, markerIntervalBytes: 4096 },
  writeBufferBytes: 512,
}

/** Checks every state that a loss of power may leave; gives how many there were, and in how many the newest commit was. */
function expectSound(machine: Machine, newest: number, statesMax = 60): { states: number; withNewest: number } {
  let states = 0
  let withNewest = 0
  for (const state of powerLossStates(machine.image(), statesMax)) {
    const database = open(new Machine(state.make()), options)
    expect(database.verify(), state.describe()).toEqual([])
    const found = ids(database)
    expect(found).toContain(1)
    if (found.includes(newest)) withNewest += 1
    states += 1
    database.close()
  }
  return { states, withNewest }
}

describe('a loss of power that takes bytes which no commit needs', { tags: ['DMG-03'] }, () => {
  it('is no damage when they are of an aborted transaction', () => {
    let withNewest = 0
    for (const bodyBytes of [600, 1100, 1500]) {
      const machine = new Machine()
      const database = open(machine, options)
      add(database, 1)
      const aborted = database.begin({ durability: 'lazy' })
      aborted.insert('note', { id: 2, body: new Uint8Array(bodyBytes).fill(7) })
      aborted.abort()
      add(database, 3, 'lazy')
      withNewest += expectSound(machine, 3).withNewest
      database.sync()
      const synced = expectSound(machine, 3)
      expect(synced.withNewest).toBe(synced.states)
    }
    expect(withNewest).toBeGreaterThan(0)
  })

  it('is no damage when they are of an aborted transaction behind a close record, or of one that was synced in parts', () => {
    for (const before of ['close', 'large'] as const) {
      const machine = new Machine()
      const small: NotesOptions = { ...options, pack: { ...options.pack, syncEveryBytes: 2048, tailLimitBytes: 1024 } }
      let database = open(machine, small)
      add(database, 1)
      if (before === 'close') {
        database.close()
        database = open(machine, small)
      }
      for (const bodyBytes of before === 'close' ? [1100] : [5000, 700]) {
        const aborted = database.begin({ durability: 'lazy' })
        aborted.insert('note', { id: 2, body: new Uint8Array(bodyBytes).fill(7) })
        aborted.abort()
      }
      add(database, 3, 'lazy')
      const { states, withNewest } = expectSound(machine, 3)
      expect(withNewest).toBeGreaterThan(0)
      expect(states).toBeGreaterThan(10)
    }
  })

  // All ends of the close record relative to sectors and markers.
  it('is no damage when they are a close record', () => {
    let states = 0
    for (let bodyBytes = 2900; bodyBytes < 3500; bodyBytes += 37) {
      const machine = new Machine()
      const database = open(machine, options)
      add(database, 1, 'sync', bodyBytes)
      database.close()
      const again = open(machine, options)
      expect(again.statistics().openedClean).toBe(true)
      add(again, 3, 'lazy', 600)
      states += expectSound(machine, 3, 16).states
    }
    expect(states).toBeGreaterThan(100)
  })
})
