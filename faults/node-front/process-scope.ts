// faults/node-front/process-scope.ts: which simulated process the running code belongs to, and what nothing in it caught.
//
// 1. Code belongs to the process in whose `run` it was started, through every callback and promise that follows: what a
//    dead process left behind goes on in its own world, never in the next one's.
// 2. Node tells of a promise that was rejected and that nothing handles when it has nothing else left to do in this turn of
//    its loop. Whoever asks for what was not caught awaits `loopTurn` first.

import { AsyncLocalStorage } from 'node:async_hooks'

/** In an object, because anything can be thrown. */
export type Uncaught = Readonly<{ error: unknown }>

const scopes = new AsyncLocalStorage<ProcessScope>()
const nextTurn = setImmediate

/** The process that the running code belongs to; undefined outside of every world. */
export function currentScope(): ProcessScope | undefined {
  return scopes.getStore()
}

/** Ends when Node has told of everything that nothing caught so far. The real loop turns; simulated time does not pass. */
export function loopTurn(): Promise<void> {
  return new Promise((fulfil) => void nextTurn(fulfil))
}

export class ProcessScope {
  private thrown: Uncaught | undefined

  /** Runs code as this process. */
  run<T>(code: () => T): T {
    return scopes.run(this, code)
  }

  /** An error that nothing caught: a real process would end. */
  noteUncaught(error: unknown): void {
    this.thrown ??= { error }
  }

  /** The first error that nothing caught, once. */
  takeUncaught(): Uncaught | undefined {
    const { thrown } = this
    this.thrown = undefined
    return thrown
  }
}
