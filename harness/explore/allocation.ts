// harness/explore/allocation.ts: which allocations to fail, and how.
//
// 1. Every point meets every mode: planned = points × modes. Order: points ascending, modes in the order of the table.
// 2. A budget without a size is chosen so that each allocation in turn is the first that may not fit; budgets that are
//    the same run (same unit, same size) are made once.

import { ALLOCATION_MODES, type AllocationMode, type Fault } from '../plan/index.ts'
import { isSelected, whereOf, type AllocationPoint, type PlannedFault, type Selection } from './points.ts'

/** Probabilities that a random run draws from. */
export const PROBABILITIES = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01] as const

export type AllocationOptions = Readonly<{
  modes: readonly AllocationMode[]
  selection: Selection
  budgetBytes: number | undefined
  probability: number | undefined
  /** Random faults apply to tags drawn by seed. */
  drawnTags: boolean
  /** Draws one of PROBABILITIES for a point. */
  draw: (point: number) => number
}>

/** The plans for `points`, the first of which has the number `firstPoint`. */
export function* allocationPlans(
  points: readonly AllocationPoint[],
  firstPoint: number,
  options: AllocationOptions,
): Generator<PlannedFault, void> {
  const modes = ALLOCATION_MODES.filter((mode) => options.modes.includes(mode))
  for (const [at, target] of points.entries()) {
    const point = firstPoint + at
    if (!isSelected(point, options.selection)) continue
    for (const mode of modes) yield planned(target, at, point, mode, options)
  }
}

function planned(
  target: AllocationPoint,
  at: number,
  point: number,
  mode: AllocationMode,
  options: AllocationOptions,
): PlannedFault {
  const what = `allocation of ${target.byteLength} bytes '${target.tag}'`
  const where = whereOf(point, target)
  switch (mode) {
    case 'once':
    case 'from': {
      const fault: Fault = { kind: 'allocation', mode, ...where }
      return { fault, at, mode, text: mode === 'once' ? what : `${what} and all later ones` }
    }
    case 'budget': {
      const bytes = options.budgetBytes ?? Math.max(0, target.liveBytes + target.byteLength - 1)
      const fault: Fault = { kind: 'allocation', mode, ...where, bytes }
      return { fault, at, mode, text: `a budget of ${bytes} bytes`, sameAs: `budget ${bytes}` }
    }
    case 'random': {
      const probability = options.probability ?? PROBABILITIES[options.draw(point)] ?? PROBABILITIES[0]
      const tags = options.drawnTags ? { tags: 'drawn' as const } : {}
      const fault: Fault = { kind: 'allocation', mode, ...where, probability, ...tags }
      const of = options.drawnTags ? 'each allocation of drawn tags' : 'each allocation'
      return { fault, at, mode, text: `${of} with probability ${probability}` }
    }
    default:
      return mode satisfies never
  }
}
