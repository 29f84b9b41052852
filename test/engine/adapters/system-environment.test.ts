import { spawn, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { sleepMs, systemClock, systemProcesses, systemRandom, systemScheduler } from '../../../engine/adapters/index.ts'

describe('the processes of the system', { tags: ['POR-02'] }, () => {
  const processes = systemProcesses()

  it('name this process in fields that fit into a file name', () => {
    const self = processes.self()
    for (const field of Object.values(self)) expect(field).toMatch(/^[A-Za-z0-9_%-]{1,64}$/)
    expect(self.process).toBe(String(process.pid))
    expect(processes.isRunning(self)).toBe('yes')
  })

  it('know a process that ended from one that runs', async () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid
    expect(processes.isRunning({ ...processes.self(), process: String(ended), start: '1' })).toBe('no')
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    const alive = { ...processes.self(), process: String(child.pid) }
    // The same id with another start time is another process, now gone; where start times are not known, nobody can tell.
    const reused = processes.isRunning(alive)
    expect(processes.self().start === '-' ? 'unknown' : 'no').toBe(reused)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(processes.isRunning(alive)).toBe('no')
  })

  it('take a process before a reboot for ended, and one of another host for unknown', () => {
    const self = processes.self()
    if (self.boot !== '-') expect(processes.isRunning({ ...self, boot: 'another' })).toBe('no')
    expect(processes.isRunning({ ...self, host: 'another', boot: 'another' })).toBe('unknown')
    expect(processes.isRunning({ ...self, process: 'no number' })).toBe('unknown')
  })
})

describe('the environment of the system', { tags: ['POR-02'] }, () => {
  it('has a clock that never goes back, and a sleep that ends', () => {
    const clock = systemClock()
    let before = clock.nowMs()
    for (const durationMs of [1, 0, -1, Number.NaN]) {
      sleepMs(durationMs)
      const now = clock.nowMs()
      expect(now).toBeGreaterThanOrEqual(before)
      before = now
    }
  })

  it('fills just the bytes asked for with random ones', () => {
    const target = new Uint8Array(200)
    const { fill } = systemRandom()
    fill(target, 50, 100)
    expect(target.subarray(0, 50).every((byte) => byte === 0)).toBe(true)
    expect(target.subarray(150).every((byte) => byte === 0)).toBe(true)
    expect(target.subarray(50, 150).some((byte) => byte !== 0)).toBe(true)
  })

  it('runs tasks after the current call, and not those that were cancelled', async () => {
    const scheduler = systemScheduler()
    const done: string[] = []
    const cancel = scheduler.after(0, () => done.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => {
      scheduler.after(1, () => {
        done.push('after')
        resolve()
      })
      scheduler.soon(() => done.push('soon'))
      done.push('current')
    })
    expect(done).toEqual(expect.arrayContaining(['current', 'soon', 'after']))
    expect(done[0]).toBe('current')
    expect(done).not.toContain('cancelled')
  })
})
