// harness/explore/clock.ts: how to make the clock wrong, at every reading of it.
//
// 1. Every reading meets every change of the table. A program owes that it goes on: a wrong clock is no error.

import { CLOCK_CHANGES, type ClockChange, type Fault } from '../plan/index.ts'
import { isSelected, selectedCount, whereOf, type PlannedFault, type Selection } from './points.ts'

/** A reading of the clock in a counting run. */
export type ReadingPoint = Readonly<{
  /** Number of the reading in its run, from 1. */
  index: number
  phase: number
  site: string
  identity?: number
}>

/** By how much: a step that a time server makes, one that a wrong zone makes, and a year. */
const CHANGES: Readonly<Record<ClockChange, readonly number[]>> = {
  back: [1, 3_600_000],
  still: [3_600_000],
  leap: [3_600_000, 31_536_000_000],
}

/** Changes for each reading. */
const CHANGES_EACH = CLOCK_CHANGES.reduce((sum, change) => sum + CHANGES[change].length, 0)

/** How many plans `clockPlans` gives for `count` points. */
export function countClockPlans(count: number, firstPoint: number, selection: Selection): number {
  return selectedCount(firstPoint, count, selection) * CHANGES_EACH
}

/** The plans for `points`, the first of which has the number `firstPoint`. */
export function* clockPlans(
  points: readonly ReadingPoint[],
  firstPoint: number,
  selection: Selection,
): Generator<PlannedFault, void> {
  for (const [at, target] of points.entries()) {
    const point = firstPoint + at
    if (!isSelected(point, selection)) continue
    for (const change of CLOCK_CHANGES)
      for (const ms of CHANGES[change]) {
        const fault: Fault = { kind: 'clock', ...whereOf(point, target), change, ms }
        yield { fault, at, mode: change, text: changeText(change, ms) }
      }
  }
}

function changeText(change: ClockChange, ms: number): string {
  switch (change) {
    case 'back':
      return `the clock goes back by ${ms} ms`
    case 'still':
      return `the clock stands still for ${ms} ms`
    case 'leap':
      return `the clock leaps by ${ms} ms`
    default:
      return change satisfies never
  }
}
