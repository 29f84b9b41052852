// test/sweep/reporter.ts: a row for each test that was swept, the reasons of the others, and the totals.

import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { SweepRow } from './runner.ts'

const SHOWN_MAX = 3

export default class SweepReporter implements Reporter {
  readonly #leftOut = new Map<string, number>()
  #tests = 0
  #allocations = 0
  #failed = 0
  #violations = 0
  #broken = 0

  onTestRunStart(): void {
    say('allocations  failed  violations  test')
  }

  onTestCaseResult(test: TestCase): void {
    const { sweep: row } = test.meta() as { sweep?: SweepRow }
    const result = test.result()
    if (row === undefined) {
      if (result.state !== 'failed') return
      this.#broken += 1
      say(`not swept: ${test.fullName}: ${result.errors[0]?.message ?? ''}`)
      return
    }
    if (row.leftOut !== undefined) {
      this.#leftOut.set(row.leftOut, (this.#leftOut.get(row.leftOut) ?? 0) + 1)
      return
    }
    const { allocations, failed, violations, leaves } = row
    this.#tests += 1
    this.#allocations += allocations
    this.#failed += failed
    this.#violations += violations.length
    const numbers = [
      String(allocations).padStart(11),
      String(failed).padStart(6),
      String(violations.length).padStart(10),
    ]
    const left = leaves === undefined ? '' : ` (leaves by itself ${leaves}: not judged for leaks)`
    say(`${numbers.join('  ')}  ${test.fullName}${left}`)
    for (const { at, message } of violations.slice(0, SHOWN_MAX)) say(`             allocation ${at}: ${message}`)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly Readonly<{ message?: string }>[]): void {
    for (const error of [...modules.flatMap((module) => module.errors()), ...errors]) {
      this.#broken += 1
      say(`broken: ${error.message ?? 'an error without a message'}`)
    }
    say('')
    for (const [reason, count] of this.#leftOut) say(`${count} tests not swept: ${reason}`)
    const sampled = this.#failed < this.#allocations ? ` of ${this.#allocations} (SWEEP_POINTS=0 fails them all)` : ''
    say(
      `${this.#tests} tests swept, ${this.#failed} allocations failed${sampled}, ${this.#violations} violations, ${this.#broken} broken`,
    )
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
