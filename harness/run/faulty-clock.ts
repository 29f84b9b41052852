// harness/run/faulty-clock.ts: what a wrong clock shows.

import type { ClockChange } from '../plan/index.ts'

/** From the reading number `from` on, the clock is wrong by `ms` milliseconds, or stands still so long. */
export type ClockFault = Readonly<{ from: number; change: ClockChange; ms: number }>

export class FaultyClock {
  private readonly fault: ClockFault | undefined
  /** Time at which a clock that stands still began to. */
  private stillSinceMs: number | undefined

  constructor(fault: ClockFault | undefined) {
    this.fault = fault
  }

  /** What the reading shows when it is `timeMs`; readings count from 1. */
  shown(reading: number, timeMs: number): number {
    const { fault } = this
    if (fault === undefined || reading < fault.from) return timeMs
    if (this.stillSinceMs === undefined) this.stillSinceMs = timeMs
    switch (fault.change) {
      case 'back':
        return timeMs - fault.ms
      case 'leap':
        return timeMs + fault.ms
      case 'still':
        return timeMs - this.stillSinceMs < fault.ms ? this.stillSinceMs : timeMs
      default:
        return fault.change satisfies never
    }
  }
}
