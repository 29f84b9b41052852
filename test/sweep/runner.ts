// test/sweep/runner.ts: runs each test once to count its allocations, then again for each that is failed.
//
// judge.ts says what is demanded of a run with a failed allocation. A test that takes no memory is run once, as ever. One that runs out of memory by itself is listed in OWN_FAILURES.

import { TestRunner } from 'vitest'
import { failAt } from './judge.ts'
import { beginRun, endRun } from './seam.ts'

type Test = Parameters<NonNullable<TestRunner['onBeforeTryTask']>>[0]

/** What the reporter prints of a test. */
export type SweepRow = Readonly<{
  allocations: number
  failed: number
  /** Why it is not swept; undefined if it is. */
  leftOut: string | undefined
  /** What it leaves without any failure: a test of processes that die leaves what they held, and is not judged for leaks. */
  leaves?: string | undefined
  violations: readonly Readonly<{ at: number; message: string }>[]
}>

declare module 'vitest' {
  interface TaskMeta {
    sweep?: SweepRow
  }
}

/** Tests about running out of memory: their allocations fail by their own plan, and a second one is another test. */
const OWN_FAILURES: readonly Readonly<{ file: string; name?: RegExp; reason: string }>[] = [
  { file: 'test/engine/database/memory.test.ts', reason: 'fails allocations itself' },
  { file: 'test/engine/tree/tree-failures.test.ts', reason: 'fails allocations itself' },
  { file: 'test/engine/examples/core20.test.ts', name: /out of memory/, reason: 'runs out of memory itself' },
  { file: 'test/engine/tree/node-cache.test.ts', name: /pinned/, reason: 'holds pins that only it can give back' },
  {
    file: 'test/engine/lock/acquire-lock.test.ts',
    name: /I\/O error/,
    reason: 'expects any failure, from its own faults',
  },
]

const POINTS_MAX = Number(process.env['SWEEP_POINTS'] ?? 24)
const SECONDS_MAX = Number(process.env['SWEEP_SECONDS'] ?? 4)

export default class SweepRunner extends TestRunner {
  async runTask(test: Test): Promise<void> {
    const body = TestRunner.getTestFn(test as never) as () => unknown
    const own = OWN_FAILURES.find(
      ({ file, name }) => test.file.filepath.endsWith(file) && (name === undefined || name.test(test.name)),
    )
    if (own !== undefined) {
      await body()
      note(test, { allocations: 0, failed: 0, leftOut: own.reason, violations: [] })
      return
    }
    const counted = beginRun(0)
    let leaves: string | undefined
    try {
      await body()
    } finally {
      leaves = endRun()
    }
    const { allocations } = counted
    if (allocations === 0) {
      note(test, { allocations, failed: 0, leftOut: 'takes no memory', violations: [] })
      return
    }
    const points = pointsOf(allocations)
    const violations: { at: number; message: string }[] = []
    const endMs = SECONDS_MAX === 0 ? Infinity : performance.now() + SECONDS_MAX * 1000
    let failed = 0
    for (const at of points) {
      if (performance.now() > endMs) break
      const message = await failAt(at, body, leaves !== undefined)
      failed += 1
      if (message !== undefined) violations.push({ at, message })
    }
    note(test, { allocations, failed, leftOut: undefined, leaves, violations })
    const [first] = violations
    if (first === undefined) return
    const more = violations.length === 1 ? '' : `; and ${violations.length - 1} more`
    throw new Error(`with allocation ${first.at} of ${allocations} failed: ${first.message}${more}`)
  }
}

function note(test: Test, row: SweepRow): void {
  test.meta.sweep = row
}

function pointsOf(count: number): readonly number[] {
  if (POINTS_MAX === 0 || count <= POINTS_MAX) return Array.from({ length: count }, (_, index) => index + 1)
  const step = (count - 1) / (POINTS_MAX - 1)
  return [...new Set(Array.from({ length: POINTS_MAX }, (_, index) => 1 + Math.round(index * step)))]
}
