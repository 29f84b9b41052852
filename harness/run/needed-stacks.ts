// harness/run/needed-stacks.ts: source positions of a replay, of those events that somebody will read them of.
//
// A trace has tens of thousands of events, and each goes to another thread with all that it has: stacks are kept of the
// events around the fault, and of the one that the complaint names.

import { namedEvent, type ReplayResult, type TraceLine } from '../plan/index.ts'

/** Events on each side of the fault whose stacks are kept. */
const AROUND = 24

export function withNeededStacks(result: ReplayResult): ReplayResult {
  const { trace, faultEvent } = result
  const named = namedEvent(result)
  const middle = faultEvent ?? trace.length - 1
  const needed = (at: number) => at === named || Math.abs(at - middle) <= AROUND
  return { ...result, trace: trace.map((line, at) => (needed(at) ? line : withoutStack(line))) }
}

function withoutStack(line: TraceLine): TraceLine {
  const { stack, ...rest } = line
  return stack === undefined ? line : rest
}
