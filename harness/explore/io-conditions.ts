// harness/explore/io-conditions.ts: at which calls of a unit which conditions of the device set in.
//
// 1. With `representatives` a condition sets in at the first call of each kind from each call site of the unit, and has
//    one value of its kind; with `all` at every call, with every value.
// 2. What is chosen depends on the unit's calls alone, never on which of them are selected: ranges are parts of the whole.

import { ioConditions, isWrite, type IoCondition } from '../../faults/index.ts'
import type { IoMode } from './io.ts'
import type { CallPoint } from './points.ts'

export type ConditionPlan = Readonly<{
  calls: 'none' | 'representatives' | 'all'
  /** The program says that it notices lost writes. */
  mayLie: boolean
}>

type ConditionMode = IoCondition['mode']

/** With which of a call's modes a condition is asked for: those that end by themselves with `once`. */
const ASKED_WITH: Readonly<Record<ConditionMode, IoMode>> = {
  slow: 'once',
  'write-back': 'once',
  lie: 'once',
  outage: 'from',
  full: 'from',
}

const NONE: readonly IoCondition[] = []

/** Gives the conditions for the call at a position, by mode. */
export function conditionsAt(
  points: readonly CallPoint[],
  plan: ConditionPlan = { calls: 'none', mayLie: false },
): (at: number, mode: IoMode) => readonly IoCondition[] {
  if (plan.calls === 'none') return () => NONE
  const every = plan.calls === 'all'
  const pending = new Set<string>()
  const seen = new Set<string>()
  const found = points.map(({ call, site }) => {
    const { kind, path } = call
    const isPending = pending.has(path)
    if (isWrite(kind)) pending.add(path)
    // A file that is made anew under the name of one that is gone has nothing of it.
    else if (kind === 'sync' || kind === 'unlink' || kind === 'create') pending.delete(path)
    const options = { isPending, mayLie: plan.mayLie, every }
    const conditions = ioConditions(call, options)
    if (every) return conditions
    const first = conditions.filter(({ mode }) => !seen.has(`${mode} ${kind} ${site}`))
    for (const { mode } of first) seen.add(`${mode} ${kind} ${site}`)
    return first
  })
  return (at, mode) => (found[at] ?? NONE).filter((condition) => ASKED_WITH[condition.mode] === mode)
}

export function conditionText(kind: string, condition: IoCondition): string {
  switch (condition.mode) {
    case 'outage': {
      const what = condition.variant === undefined ? condition.code : `${condition.code}, ${condition.variant}`
      return `${kind} ${what}, and later calls up to ${condition.calls} in all`
    }
    case 'full':
      return `${kind} with ${condition.freeBytes} bytes left on the disk`
    case 'slow':
      return `${kind} takes ${condition.ms / 1000} s`
    case 'write-back':
      return `${kind} after a failed write-back, ${condition.variant}`
    case 'lie':
      return `${kind} acknowledged and not done`
    default:
      return condition satisfies never
  }
}
