// faults/node-front/steps.ts: an operation in pieces, so that one definition serves the synchronous, callback and promise
// forms, and other work can come between two pieces of the last two.
//
// 1. A piece runs whole. A `yield` is where Node would go back to its event loop: between two system calls.
// 2. The synchronous form runs all pieces at once; the others run one piece for each task of the scheduler.

export type Steps<T> = Generator<undefined, T, undefined>

/** One piece. */
// oxlint-disable-next-line require-yield
export function* single<T>(make: () => T): Steps<T> {
  return make()
}

export function runNow<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Runs the pieces one task at a time; `settle` is called in the last one, outside of anything that catches. `aside` notes who asked. */
export function runLater<T>(
  steps: Steps<T>,
  later: (task: () => void) => void,
  aside: ((piece: () => void) => () => void) | undefined,
  settle: (outcome: Readonly<{ value: T } | { error: unknown }>) => void,
): void {
  let outcome: { value: T } | { error: unknown } | undefined
  const piece = (): void => {
    try {
      const { done, value } = steps.next()
      if (done === true) outcome = { value }
    } catch (error) {
      outcome = { error }
    }
  }
  const known = aside?.(piece) ?? piece
  const task = (): void => {
    known()
    if (outcome === undefined) later(task)
    else settle(outcome)
  }
  later(task)
}
