// Every interleaving of a few processes, call by call: never two owners, and always one if nobody dies.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acquireLock } from '../../../engine/lock/index.ts'
import { exploreSchedules, runSchedule } from './lock-schedules.ts'
import type { LockWorld } from './lock-world.ts'

const BEFORE: Readonly<Record<string, (world: LockWorld) => void>> = {
  'an empty directory': () => {},
  'a dead owner’s lock': (world) => {
    acquireLock(world.process('old'))
    world.dead.add('old')
  },
  'a released lock': (world) => {
    acquireLock(world.process('old')).release()
  },
  'a lock left empty by a dead process, with its claim': (world) => {
    world.write('lock.1', '')
    world.write('claim.1.host-1.boot1.old.7.ffffffffffffffffffffffffffffffff', '')
    world.dead.add('old')
  },
}

const CALM = { release: false, deathsMax: 0, refusalsMax: 0 } as const

describe.each(Object.entries(BEFORE))(
  'processes that contend for %s',
  { tags: ['LCK-01', 'PRT-15'] },
  (_name, prepare) => {
    it('have exactly one owner in the end, in every order of their calls', () => {
      const report = exploreSchedules({ ...CALM, prepare, contenders: 2 })
      expect(report.violations).toEqual([])
      expect([...report.endsByOwners.keys()]).toEqual([1])
      expect(report.states).toBeGreaterThan(400)
    })

    it('never have two owners at once, though any of them may die at any call', { tags: ['LCK-02'] }, () => {
      const report = exploreSchedules({ ...CALM, prepare, contenders: 2, deathsMax: 1 })
      expect(report.violations).toEqual([])
      expect(report.endsByOwners.get(1)).toBeGreaterThan(0)
    })

    // All orders of three (171,448 states from an empty directory) were tried once, with the same result.
    it('never have two owners at once in a sample of what three of them can do', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(), { minLength: 120, maxLength: 120 }), (numbers) => {
          const options = { prepare, contenders: 3, release: true, deathsMax: 2, refusalsMax: 2 }
          let step = 0
          const owners = runSchedule(options, (count) => {
            const number = numbers[step % numbers.length] ?? 0
            step += 1
            return count === 0 ? 0 : number % count
          })
          expect(owners).toBeLessThanOrEqual(1)
        }),
        { numRuns: 300 },
      )
    })
  },
)

const replacing = (world: LockWorld) => {
  world.disk.exclusive = false
}
const takenForDead = (world: LockWorld) => {
  world.dead.add('p0')
}

describe('the search for two owners', { tags: ['LCK-01'] }, () => {
  it('covers owners that give the lock back, one after the other, and deaths in that', () => {
    const report = exploreSchedules({ ...CALM, prepare: () => {}, contenders: 2, release: true, deathsMax: 1 })
    expect(report.violations).toEqual([])
    expect(report.endsByOwners.get(2)).toBeGreaterThan(0)
  })

  it('covers each call refused, before or after it is done', () => {
    const report = exploreSchedules({
      ...CALM,
      prepare: () => {},
      contenders: 2,
      refusalsMax: 1,
    })
    expect(report.violations).toEqual([])
    expect(report.endsByOwners.get(1)).toBeGreaterThan(0)
  })

  it('finds them where a create replaces what is there', () => {
    expect(exploreSchedules({ ...CALM, prepare: replacing, contenders: 2 }).violations).not.toEqual([])
  })

  it('finds them where a living process is taken for dead', () => {
    expect(exploreSchedules({ ...CALM, prepare: takenForDead, contenders: 2 }).violations).not.toEqual([])
  })
})
