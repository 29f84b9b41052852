// harness/run/unwinding.ts: allocations that are asked for in one go with a delivered failure, after it.
//
// A program unwinds until the operation that met the failure returns, or until it waits: what the scheduler runs next is
// another turn, and may allocate again.

import type { Trace } from './trace.ts'

export class Unwinding {
  private readonly trace: Trace
  private afterFirst = 0
  private afterLast = 0
  private turn = 0
  private failedTurn = -1
  private failedOperation = -1

  constructor(trace: Trace) {
    this.trace = trace
  }

  /** The scheduler goes on with another task. */
  nextTurn(): void {
    this.turn += 1
  }

  /** An allocation was asked for. One that is made to fail counts before its own failure. */
  allocated(): void {
    if (this.failedTurn !== this.turn || this.failedOperation !== this.trace.operation) return
    this.afterFirst += 1
    this.afterLast += 1
  }

  /** A failure was delivered. */
  failed(): void {
    this.failedTurn = this.turn
    this.failedOperation = this.trace.operation
    this.afterLast = 0
  }

  allocationsAfter(which: 'first' | 'last'): number {
    return which === 'first' ? this.afterFirst : this.afterLast
  }
}
