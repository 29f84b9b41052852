// harness/run/settle.ts: waits for what may be a promise, on simulated time, and notices when nothing will ever happen.
//
// 1. A value that is no promise costs nothing.
// 2. A promise is awaited by turns: a few turns of microtasks and one of `process.nextTick`, on which Node's streams rest,
//    then one task of the simulated scheduler. A run that has neither an event nor a task for IDLE_TURNS_MAX turns hangs;
//    one that takes TASKS_MAX tasks is no better.
// 3. An error that nothing catches would end the store's process: it ends the wait, as an UncaughtError.
// 4. No real time passes and none is read: a scenario that waits for the outside world hangs, by this definition.

/** Turns of microtasks before the scheduler is looked at. */
const TURNS = 8
const IDLE_TURNS_MAX = 2_000
const TASKS_MAX = 1_000_000

/** A call that did not end. */
export class HangError extends Error {
  override readonly name = 'HangError'
}

/** An error that nothing caught: outside of here it ends the process. */
export class UncaughtError extends Error {
  override readonly name = 'UncaughtError'

  constructor(cause: unknown) {
    super(`nothing caught an error, which ends a process: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/** What can be waited with: does the next piece of work that is due, or says that there is none. */
export interface Pump {
  /** False if there was nothing to do. */
  next(): boolean
  /** Events so far; a run that makes events does not hang. */
  readonly events: number
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Everything that waits for the end of the current tick is done. */
function ticks(): Promise<void> {
  return new Promise((fulfil) => {
    process.nextTick(fulfil)
  })
}

/**
 * The value, or what the promise is fulfilled with. Throws what it was rejected with, HangError, or what `ended` gives as soon
 * as it gives something.
 */
export async function settle<T>(
  value: T | PromiseLike<T>,
  pump: Pump,
  ended: () => Error | undefined = () => undefined,
): Promise<T> {
  if (!isThenable(value)) return value
  const outcomes: ({ value: T } | { error: unknown })[] = []
  value.then(
    (fulfilled) => void outcomes.push({ value: fulfilled }),
    (error: unknown) => void outcomes.push({ error }),
  )
  let idle = 0
  let tasks = 0
  let events = pump.events
  for (;;) {
    for (let turn = 0; turn < TURNS && outcomes.length === 0; turn += 1) await undefined
    if (outcomes.length === 0) await ticks()
    const end = ended()
    if (end !== undefined) throw end
    if (outcomes.length > 0) break
    if (pump.next()) {
      tasks += 1
      idle = 0
    } else idle = pump.events === events ? idle + 1 : 0
    events = pump.events
    if (idle > IDLE_TURNS_MAX) throw new HangError(`no event for ${IDLE_TURNS_MAX} turns, and nothing left to wait for`)
    if (tasks > TASKS_MAX) throw new HangError(`not done after ${TASKS_MAX} scheduled tasks`)
  }
  const [outcome] = outcomes
  if (outcome === undefined) throw new HangError('no outcome')
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
