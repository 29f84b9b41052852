// One acquire at a time, with everything that can go wrong in each of its calls.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { acquireLock, RETRIES_MAX, type LockOptions } from '../../../engine/lock/index.ts'
import { IoError, OutOfMemoryError, type FileSystemCall } from '../../../engine/ports/index.ts'
import { Died, DIRECTORY, LockWorld, type SmallProcess } from './lock-world.ts'
import type { CallHook } from './small-file-system.ts'

function errorOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

/** What an acquire may find, each made by a process 'old' that is dead by then, but for the last, which released. */
const BEFORE: Readonly<Record<string, (world: LockWorld) => void>> = {
  nothing: () => {},
  'a dead owner’s lock': (world) => {
    acquireLock(world.process('old'))
    world.dead.add('old')
  },
  'an empty lock and its maker’s claim': (world) => {
    diesAt(world, 'old', 4, 'after')
    expect([...world.disk.files.keys()]).toEqual([expect.stringContaining('claim.1.'), 'lock.1'])
  },
  'an empty lock without a claim': (world) => {
    world.write('lock.3', '')
    world.write('lock.2', 'rubbish\n')
    world.write('claim.2.not-enough', '')
  },
  'a released lock': (world) => {
    acquireLock(world.process('old')).release()
  },
}

type When = 'before' | 'after'

/** A hook that lets a process die in its call number `at`; says how many calls there were. */
function dying(at: number, when: When): { hook: CallHook; calls: () => number } {
  let calls = 0
  const hook: CallHook = (_operation, _name, perform) => {
    calls += 1
    if (calls > at) throw new Died()
    if (calls < at) return perform()
    if (when === 'after') perform()
    throw new Died()
  }
  return { hook, calls: () => calls }
}

/** Whether the acquire (and the release after it, if wanted) got as far as that call. */
function diesAt(world: LockWorld, name: string, at: number, when: When, release = false): boolean {
  const { hook } = dying(at, when)
  const error = errorOf(() => {
    const lock = acquireLock(world.process(name, hook))
    if (release) lock.release()
  })
  world.dead.add(name)
  if (error !== undefined && !(error instanceof Died)) throw error
  return error !== undefined
}

function expectNothingHeld(options: SmallProcess): void {
  expect(options.fileSystem.openHandles).toBe(0)
  expect(options.allocator.counters()).toMatchObject({ liveBlocks: 0, liveBytes: 0 })
}

describe.each(Object.entries(BEFORE))('an acquire that finds %s', { tags: ['LCK-01'] }, (_name, prepare) => {
  it('succeeds, keeps others out while it is held, and lets them in after', () => {
    const world = new LockWorld()
    prepare(world)
    const first = world.process('first')
    const lock = acquireLock(first)
    lock.checkStillOwner()
    for (const name of ['first', 'second']) {
      const options = world.process(name)
      const error = errorOf(() => acquireLock(options))
      expect(error).toBeInstanceOf(EngineError)
      expect(error).toMatchObject({ code: 'E_LOCKED', context: { path: `${DIRECTORY}/lock.${lock.number}` } })
      expect(String(error)).toMatch(/\/root is in use by process first on host-1 \(\/root\/lock\.\d+\)/)
      expect(options.allocator.counters().liveBlocks).toBe(0)
    }
    lock.checkStillOwner()
    expect(lock.release()).toBeUndefined()
    expect(lock.release()).toBeUndefined()
    expectNothingHeld(first)
    const next = acquireLock(world.process('second'))
    expect(next.number).toBeGreaterThan(lock.number)
  })

  it(
    'leaves the directory free if it dies before or after any call, of the release too',
    { tags: ['LCK-02', 'LCK-03'] },
    () => {
      for (const when of ['before', 'after'] as const) {
        let at = 1
        for (; ; at += 1) {
          const world = new LockWorld()
          prepare(world)
          const died = diesAt(world, 'first', at, when, true)
          const lock = acquireLock(world.process('second'))
          lock.checkStillOwner()
          expect([...world.disk.files.keys()].filter((name) => name.startsWith('lock.'))).toEqual([
            `lock.${lock.number}`,
          ])
          expect([...world.disk.files.keys()].filter((name) => name.includes('.host-1.'))).toEqual([])
          if (!died) break
        }
        expect(at).toBeGreaterThan(8)
      }
    },
  )

  it('leaves the directory free if two after each other die in any call', { tags: ['LCK-02', 'LCK-03'] }, () => {
    for (let first = 1; first < 30; first += 1) {
      for (let second = 1; second < 30; second += 1) {
        const world = new LockWorld()
        prepare(world)
        const firstDied = diesAt(world, 'first', first, 'after')
        const secondDied = diesAt(world, 'second', second, 'after')
        acquireLock(world.process('third')).checkStillOwner()
        if (!firstDied) return
        if (!secondDied) break
      }
    }
  })

  it(
    'leaves the directory free if the power fails after any call, whatever names and bytes survive',
    { tags: ['LCK-03'] },
    () => {
      for (let at = 1; ; at += 1) {
        let names: readonly string[] = []
        for (let subset = 0; subset === 0 || subset < 2 ** names.length; subset += 1) {
          for (const keptBytes of [0, 1, 40, Infinity]) {
            const world = new LockWorld()
            prepare(world)
            const died = diesAt(world, 'first', at, 'after')
            names = [...world.disk.files.keys()]
            for (const [index, name] of names.entries()) {
              const node = world.disk.files.get(name)
              if (((subset >> index) & 1) === 0) world.disk.files.delete(name)
              else if (node !== undefined) node.bytes = node.bytes.slice(0, keptBytes)
            }
            world.boot = 'boot2'
            acquireLock(world.process('first')).checkStillOwner()
            if (!died) return
          }
        }
      }
    },
  )

  it(
    'tells an I/O error in any call, holds nothing then, and succeeds when tried again, by whomever',
    { tags: ['LCK-03'] },
    () => {
      for (const when of ['before', 'after'] as const) {
        for (const again of ['first', 'second']) {
          for (let at = 1; ; at += 1) {
            const world = new LockWorld()
            prepare(world)
            let calls = 0
            const first = world.process('first', (operation, name, perform) => {
              calls += 1
              if (calls !== at) return perform()
              if (when === 'after') perform()
              throw new IoError('EIO', operation, name)
            })
            const error = errorOf(() => acquireLock(first))
            if (error === undefined) {
              expect(calls).toBeLessThan(at)
              break
            }
            expect(error).toBeInstanceOf(EngineError)
            expect(error).toMatchObject({ code: 'E_IO', context: { errno: 'EIO' } })
            expectNothingHeld(first)
            const lock = acquireLock(again === 'first' ? first : world.process(again))
            lock.checkStillOwner()
            expect(lock.release()).toBeUndefined()
          }
        }
      }
    },
  )

  it('tells an I/O error that stays, and succeeds in the same process when it is gone', { tags: ['LCK-03'] }, () => {
    for (let from = 1; ; from += 1) {
      const world = new LockWorld()
      prepare(world)
      let calls = 0
      let failing = true
      const first = world.process('first', (operation, name, perform) => {
        calls += 1
        if (failing && calls >= from) throw new IoError('ENOSPC', operation, name)
        return perform()
      })
      let error: unknown
      try {
        error = acquireLock(first).release()
      } catch (thrown) {
        error = thrown
      }
      if (error === undefined) break
      expect(error).toBeInstanceOf(Error)
      expectNothingHeld(first)
      failing = false
      const lock = acquireLock(first)
      lock.checkStillOwner()
      expect(lock.release()).toBeUndefined()
      acquireLock(world.process('second')).checkStillOwner()
    }
  })

  it('repeats interrupted calls, and finishes short ones', { tags: ['LCK-03'] }, () => {
    const world = new LockWorld()
    prepare(world)
    world.disk.transferMax = 3
    const seen = new Map<FileSystemCall, number>()
    const lock = acquireLock(
      world.process('first', (operation, name, perform) => {
        const tries = (seen.get(operation) ?? 0) + 1
        seen.set(operation, tries)
        if (operation !== 'close' && tries % 3 !== 0) {
          throw new IoError(tries % 3 === 1 ? 'EINTR' : 'EAGAIN', operation, name)
        }
        return perform()
      }),
    )
    expect(errorOf(() => acquireLock(world.process('second')))).toMatchObject({ code: 'E_LOCKED' })
    lock.checkStillOwner()
    expect(lock.release()).toBeUndefined()
    acquireLock(world.process('second')).checkStillOwner()
  })
})

describe('the lock of a directory', { tags: ['LCK-03'] }, () => {
  it('gives up on a call that is interrupted again and again, and on appends that move nothing', () => {
    for (const operation of ['list', 'create', 'append', 'unlink'] as const) {
      const world = new LockWorld()
      acquireLock(world.process('old')).release()
      let tries = 0
      const options = world.process('first', (called, name, perform) => {
        if (called !== operation) return perform()
        tries += 1
        throw new IoError('EINTR', called, name)
      })
      expect(errorOf(() => acquireLock(options))).toMatchObject({
        code: 'E_IO',
        context: { errno: 'EINTR', operation },
      })
      expect(tries).toBeGreaterThan(RETRIES_MAX)
      expect(tries).toBeLessThan(10 * RETRIES_MAX)
      expectNothingHeld(options)
    }
    const world = new LockWorld()
    world.disk.transferMax = 0
    const options = world.process('first')
    expect(errorOf(() => acquireLock(options))).toMatchObject({ code: 'E_IO', context: { operation: 'append' } })
    expectNothingHeld(options)
  })

  it('takes no lock file for an empty one because a device gives nothing of it', { tags: ['LCK-01', 'LCK-03'] }, () => {
    const world = new LockWorld()
    const held = acquireLock(world.process('owner'))
    const before = world.disk.dump()
    const other = world.process('other')
    world.disk.transferMax = 0
    expect(errorOf(() => acquireLock(other))).toMatchObject({
      code: 'E_IO',
      context: { operation: 'read', path: `${DIRECTORY}/lock.1` },
    })
    expect([world.disk.dump(), other.fileSystem.openHandles]).toEqual([before, 0])
    world.disk.transferMax = Infinity
    expect(errorOf(() => acquireLock(other))).toMatchObject({ code: 'E_LOCKED' })
    held.release()
    acquireLock(other).release()
  })

  it('tells the error of a release that fails, and holds nothing after it', () => {
    for (const [operations, freeForOthers] of [
      [['append'], false],
      [['close'], true],
      [['append', 'close'], false],
    ] as const) {
      const world = new LockWorld()
      let failing = false
      const first = world.process('first', (operation, name, perform) => {
        if (failing && operations.some((failed) => failed === operation)) throw new IoError('EIO', operation, name)
        return perform()
      })
      const lock = acquireLock(first)
      failing = true
      expect(lock.release()).toMatchObject({ code: 'EIO', operation: operations[0] })
      expectNothingHeld(first)
      failing = false
      const second = errorOf(() => acquireLock(world.process('second')).release())
      if (freeForOthers) expect(second).toBeUndefined()
      else expect(second).toMatchObject({ code: 'E_LOCKED' })
      expect(acquireLock(first).release()).toBeUndefined()
      expect(acquireLock(world.process('second')).release()).toBeUndefined()
    }
  })

  it(
    'is seen as lost when a later lock appears, or when the lock file is deleted by hand',
    { tags: ['LCK-04', 'PRT-15'] },
    () => {
      for (const change of [
        (world: LockWorld) => world.write('lock.2', ''),
        (world: LockWorld) => world.disk.files.delete('lock.1'),
      ]) {
        const world = new LockWorld()
        const lock = acquireLock(world.process('first'))
        lock.checkStillOwner()
        change(world)
        expect(errorOf(() => lock.checkStillOwner())).toMatchObject({
          code: 'E_CHANGED',
          context: { path: '/root/lock.1' },
        })
      }
    },
  )

  it('tells an I/O error of the check', { tags: ['LCK-04'] }, () => {
    const world = new LockWorld()
    let failing = false
    const lock = acquireLock(
      world.process('first', (operation, name, perform) => {
        if (failing) throw new IoError('EIO', operation, name)
        return perform()
      }),
    )
    failing = true
    expect(errorOf(() => lock.checkStillOwner())).toMatchObject({ code: 'E_IO', context: { operation: 'list' } })
  })

  it('counts an owner on another host as alive, and says which file to delete', { tags: ['LCK-02'] }, () => {
    const world = new LockWorld()
    const first = world.process('first')
    acquireLock({
      ...first,
      processes: { ...first.processes, self: () => ({ ...first.processes.self(), host: 'far' }) },
    })
    world.boot = 'boot2'
    const error = errorOf(() => acquireLock(world.process('second')))
    expect(error).toMatchObject({ code: 'E_LOCKED' })
    expect(String(error)).toContain('delete /root/lock.1')
  })

  it('leaves no more than one file, however often it is taken', { tags: ['PRT-15'] }, () => {
    const world = new LockWorld()
    for (let round = 1; round <= 50; round += 1) {
      const lock = acquireLock(world.process(`p${round}`))
      expect(lock.number).toBe(round)
      if (round % 3 === 0) world.dead.add(`p${round}`)
      else lock.release()
      expect(world.disk.files.size).toBe(1)
    }
  })

  it('works in a directory where the files of others cannot be deleted', () => {
    const world = new LockWorld()
    for (let round = 1; round <= 5; round += 1) {
      const name = `p${round}`
      const lock = acquireLock(
        world.process(name, (operation, file, perform) => {
          const own = file === `lock.${round}` || file.includes(`.${name}.`)
          if (operation === 'unlink' && !own) throw new IoError('EPERM', operation, file)
          return perform()
        }),
      )
      expect(lock.number).toBe(round)
      lock.checkStillOwner()
      lock.release()
    }
    expect(world.disk.files.size).toBe(5)
  })

  it('touches no file when there is no memory for it', { tags: ['ERR-02'] }, () => {
    const world = new LockWorld()
    let calls = 0
    const options: LockOptions = {
      ...world.process('first', (_operation, _name, perform) => {
        calls += 1
        return perform()
      }),
      allocator: {
        allocate: (byteLength, tag) => {
          throw new OutOfMemoryError(byteLength, tag)
        },
        free: () => {},
        counters: () => ({ liveBlocks: 0, liveBytes: 0, peakBytes: 0, allocations: 0, byTag: new Map() }),
      },
    }
    expect(errorOf(() => acquireLock(options))).toMatchObject({ code: 'E_NO_MEMORY', context: { tag: 'lock' } })
    expect(calls).toBe(0)
  })

  it('takes any bytes in a lock file for what they are: an owner’s line, or nothing', { tags: ['FMT-02'] }, () => {
    const world = new LockWorld()
    acquireLock(world.process('owner'))
    const line = String.fromCharCode(...(world.disk.files.get('lock.1')?.bytes ?? []))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.nat(line.length - 1).map((length) => line.slice(0, length)),
          fc.tuple(fc.nat(line.length - 2), fc.integer({ min: 1, max: 127 })).map(([at, flip]) => {
            const changed = String.fromCharCode(line.charCodeAt(at) ^ flip)
            return line.slice(0, at) + changed + line.slice(at + 1)
          }),
        ),
        (text) => {
          const other = new LockWorld()
          other.write('lock.1', text)
          expect(acquireLock(other.process('second')).number).toBe(2)
        },
      ),
    )
    const same = new LockWorld()
    same.write('lock.1', line)
    expect(errorOf(() => acquireLock(same.process('second')))).toMatchObject({ code: 'E_LOCKED' })
    same.write('lock.2', line)
    expect(acquireLock(same.process('second')).number).toBe(3)
  })
})
