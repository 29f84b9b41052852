import { describe, expect, it } from 'vitest'
import { Machine, powerLossStates } from '../engine/machine.ts'
import { SMALL, add, open, stopAfter } from './protocol/history.ts'

// Found by random programs. The filler that brings a commit to a border lay before the commit's cover: the power took it
// alone, the commit was accepted, and verify called the filler damage. Now the cover begins with it.
describe('a commit that begins on a border', { tags: ['DMG-03', 'PRT-17'] }, () => {
  it('is accepted only with the filler before it, so that verify finds no damage after a loss of power', () => {
    const options = { ...SMALL, pack: { ...SMALL.pack, commitAlignBytes: 512 as const } }
    const before = new Machine()
    add(open(before, options), 1)
    before.kill()
    const image = before.image()
    let states = 0
    for (let calls = 30; calls < 45; calls += 1) {
      const machine = new Machine(image)
      stopAfter(machine, calls, (database) => add(database, 2), options)
      for (const state of powerLossStates(machine.image(), 60)) {
        const database = open(new Machine(state.make()), options)
        expect(database.verify()).toEqual([])
        database.close()
        states += 1
      }
    }
    expect(states).toBeGreaterThan(100)
  })
})
