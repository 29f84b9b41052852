// engine/adapters/system-environment.ts: time, chance, order and sleep, as the running system has them.

import { randomFillSync } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Clock, RandomSource, Scheduler } from '../ports/index.ts'

/** Longest delay that the system's timers take; longer ones are put together from these. */
const TIMER_MS_MAX = 0x7fff_ffff

const SYSTEM_CLOCK: Clock = { nowMs: () => performance.now() }

const SYSTEM_RANDOM: RandomSource = {
  fill(target, offset, length) {
    randomFillSync(target, offset, length)
  },
}

const SYSTEM_SCHEDULER: Scheduler = {
  soon(task) {
    setImmediate(task)
  },

  after(delayMs, task) {
    let timer: NodeJS.Timeout
    let restMs = Math.max(0, delayMs)
    const wait = () => {
      const stretchMs = Math.min(restMs, TIMER_MS_MAX)
      restMs -= stretchMs
      timer = setTimeout(restMs > 0 ? wait : task, stretchMs)
    }
    wait()
    return () => clearTimeout(timer)
  },
}

/** Milliseconds since the process started; never goes back. */
export function systemClock(): Clock {
  return SYSTEM_CLOCK
}

/** The system's cryptographic random numbers. */
export function systemRandom(): RandomSource {
  return SYSTEM_RANDOM
}

/** Node's event loop. A task that throws ends the process, as any uncaught error does. */
export function systemScheduler(): Scheduler {
  return SYSTEM_SCHEDULER
}

/** Blocks the calling thread for that long. */
export function sleepMs(durationMs: number): void {
  if (!(durationMs > 0)) return
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs)
}
