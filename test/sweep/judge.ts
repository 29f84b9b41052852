// test/sweep/judge.ts: what is demanded of a test one of whose allocations failed.
//
// 1. It ends in failure, and the failure is the one that was delivered: as the error, as its cause, or as what an assertion
//    was shown instead of what it expected.
// 2. The failing operation allocates nothing more until it has returned.
// 3. Once what the test left open is closed, no block and no handle is held.

import { beginRun, endRun } from './seam.ts'

const CAUSES_MAX = 16

/** Runs the body with one allocation failed; gives what is wrong, in words. */
export async function failAt(at: number, body: () => unknown, mayLeave: boolean): Promise<string | undefined> {
  const run = beginRun(at)
  let thrown: unknown
  let passed = false
  try {
    await body()
    passed = true
  } catch (error) {
    thrown = error
  }
  const { delivered, afterFailure } = run
  const held = endRun()
  if (delivered === 0) return `it made only ${run.allocations} allocations this time`
  if (passed) return 'the test passed: the failure was swallowed'
  if (!tellsOfMemory(thrown)) return `the test failed with another error: ${firstLine(thrown)}`
  if (afterFailure.length > 0) return `${afterFailure.length} allocations while unwinding: ${afterFailure.join(', ')}`
  return held === undefined || mayLeave ? undefined : `left over: ${held}`
}

/** Whether an error is that failure, was caused by it, or is an assertion that was shown it. */
function tellsOfMemory(error: unknown, depth = 0): boolean {
  // What an assertion was shown may be the code or the message alone.
  if (typeof error === 'string') return /E_NO_MEMORY|ENOMEM|out of memory/.test(error)
  if (depth > CAUSES_MAX || typeof error !== 'object' || error === null) return false
  const code: unknown = Reflect.get(error, 'code')
  if (code === 'ENOMEM' || code === 'E_NO_MEMORY') return true
  return ['cause', 'actual', 'error', 'errors'].some((key) => {
    const inner: unknown = Reflect.get(error, key)
    return Array.isArray(inner) ? inner.some((each) => tellsOfMemory(each, depth + 1)) : tellsOfMemory(inner, depth + 1)
  })
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 3).join(' ')
}
