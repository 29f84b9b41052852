import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimulatedClock, SimulatedProcesses, SimulatedScheduler, randomSource, stream } from '../../faults/index.ts'

function draw(seed: number, label: string): number[] {
  const { integer } = stream(seed, label)
  return Array.from({ length: 8 }, () => integer(1000))
}

describe('a random stream', { tags: ['DET-02', 'QA-34'] }, () => {
  it('depends on seed and label alone', () => {
    const first = draw(1, 'a')
    stream(1, 'b').next()
    expect(draw(1, 'a')).toEqual(first)
    expect(draw(1, 'b')).not.toEqual(first)
    expect(draw(2, 'a')).not.toEqual(first)
  })

  it('is the same on every machine', () => {
    const { word } = stream(7, 'golden')
    expect([word(), word(), word()]).toMatchInlineSnapshot(`
      [
        1626499492,
        1507193683,
        -108834309,
      ]
    `)
  })

  it('draws integers below their bound', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000_000 }), (seed, bound) => {
        const drawn = stream(seed, 'x').integer(bound)
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true)
      }),
    )
  })

  it('fills the part of the target that it is given', () => {
    const target = new Uint8Array(10)
    const source = randomSource(1, 'bytes')
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type
    source.fill(target, 2, 6)
    expect([...target.subarray(0, 2), ...target.subarray(8)]).toEqual([0, 0, 0, 0])
    expect(new Set(target.subarray(2, 8)).size).toBeGreaterThan(1)
  })
})

describe('simulated processes', { tags: ['POR-02'] }, () => {
  it('know the running one, the dead and those of another boot', () => {
    const processes = new SimulatedProcesses()
    const first = processes.self()
    expect(processes.isRunning(first)).toBe('yes')
    processes.spawn()
    const second = processes.self()
    expect([processes.isRunning(first), processes.isRunning(second)]).toEqual(['yes', 'yes'])
    processes.kill()
    expect([processes.isRunning(first), processes.isRunning(second)]).toEqual(['yes', 'no'])
    processes.reboot()
    expect(processes.isRunning(first)).toBe('no')
    expect(processes.self().boot).not.toBe(first.boot)
    expect(processes.isRunning({ ...first, host: 'elsewhere' })).toBe('unknown')
  })

  it('go on from a checkpoint', () => {
    const processes = new SimulatedProcesses()
    processes.kill()
    const saved = processes.checkpoint()
    const self = processes.self()
    processes.reboot()
    processes.restore(saved)
    expect(processes.self()).toEqual(self)
    expect(processes.isRunning(self)).toBe('yes')
  })

  it('have identities that a file name can hold', () => {
    for (const field of Object.values(new SimulatedProcesses().self())) expect(field).toMatch(/^[^ /.]+$/)
  })
})

describe('a simulated scheduler', { tags: ['SCH-01'] }, () => {
  it('runs what is due in order and moves the clock only when nothing is', () => {
    const clock = new SimulatedClock(100)
    const scheduler = new SimulatedScheduler(clock)
    const ran: string[] = []
    scheduler.after(10, () => ran.push(`late ${clock.nowMs()}`))
    scheduler.soon(() => {
      ran.push(`first ${clock.nowMs()}`)
      scheduler.soon(() => ran.push(`third ${clock.nowMs()}`))
    })
    scheduler.soon(() => ran.push(`second ${clock.nowMs()}`))
    const cancel = scheduler.after(5, () => ran.push('never'))
    cancel()
    expect(scheduler.runAll()).toBe(4)
    expect(ran).toEqual(['first 100', 'second 100', 'third 100', 'late 110'])
    expect(scheduler.runNext()).toBe(false)
  })

  it('runs due tasks in the order that is chosen', () => {
    const ran: number[] = []
    const scheduler = new SimulatedScheduler(new SimulatedClock(), (count) => count - 1)
    for (const number of [1, 2, 3]) scheduler.soon(() => ran.push(number))
    scheduler.runAll()
    expect(ran).toEqual([3, 2, 1])
  })

  it('forgets what waited when the process dies', () => {
    const scheduler = new SimulatedScheduler()
    scheduler.soon(() => expect.unreachable())
    scheduler.clear()
    expect(scheduler.runAll()).toBe(0)
  })
})
