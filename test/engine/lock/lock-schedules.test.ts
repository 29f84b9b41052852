// Every interleaving of a few processes, call by call: never two owners, and always one if nobody dies.

import { describe, expect, it } from 'vitest'
import { acquireLock } from '../../../engine/lock/index.ts'
import { exploreSchedules } from './lock-schedules.ts'
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

describe.each(Object.entries(BEFORE))('processes that contend for %s', (_name, prepare) => {
  it('have one owner in the end, two of them or three, in every order of their calls', () => {
    for (const contenders of [2, 3]) {
      const report = exploreSchedules({ prepare, contenders, release: false, deathsMax: 0, refusalsMax: 0 })
      expect(report.violations).toEqual([])
      expect([...report.endsByOwners.keys()]).toEqual([1])
      expect(report.states).toBeGreaterThan(contenders === 2 ? 100 : 1000)
    }
  })

  it('never have two owners at once, though they release, die, and have calls refused', () => {
    const report = exploreSchedules({ prepare, contenders: 2, release: true, deathsMax: 1, refusalsMax: 1 })
    expect(report.violations).toEqual([])
    expect(report.endsByOwners.get(2)).toBeGreaterThan(0)
  })
})
