// harness/coverage/kit/execute.ts: texts that are instrumented and run here, with their counters in hand.

import { compileFunction } from 'node:vm'
import { instrument } from '../instrument.ts'
import type { Item } from '../items.ts'
import { COUNTERS_KEY } from '../prologue.ts'

/** A text as the body of a function, instrumented. */
export type Executable = Readonly<{
  items: readonly Item[]
  code: string
  /** Runs it once more. Counts grow from run to run. */
  run(parameters: Readonly<Record<string, unknown>>): unknown
  count(slot: number): number
}>

const KEY = Symbol.for(COUNTERS_KEY)

export function executable(text: string, parameters: readonly string[]): Executable {
  const { items, code, slots } = instrument(text, { language: 'jsx', module: 'commonjs', key: 'known-answer' })
  const counts = new Float64Array(slots)
  const compiled: unknown = compileFunction(code, [...parameters])
  if (typeof compiled !== 'function') throw new TypeError('a function is compiled')
  return {
    items,
    code,
    run: (values) =>
      withCounters(counts, (): unknown =>
        Reflect.apply(
          compiled,
          undefined,
          parameters.map((name) => values[name]),
        ),
      ),
    count: (slot) => counts[slot] ?? 0,
  }
}

/** The text asks for its counters when it begins, in this call; this process may itself be measured. */
function withCounters<Result>(counts: Float64Array, run: () => Result): Result {
  const before: unknown = Reflect.get(globalThis, KEY)
  Reflect.set(globalThis, KEY, () => counts)
  try {
    return run()
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, KEY)
    else Reflect.set(globalThis, KEY, before)
  }
}
