// harness/explore/crash.ts: which crashes to make of one recorded run: before, within and after every file-system call, all
// states that the persistence model allows there.
//
// 1. Nothing is dropped silently: what a bound leaves out is counted as skipped, what is another one's twin as merged.
// 2. A bound on a sync interval is shared by its points, so that every point keeps its representative states.
// 3. Counting makes no state.

import { countStates, crashStates, type CrashState, type DiskImage, type PersistenceModel } from '../../faults/index.ts'
import type { CrashFamily, StateOptions } from '../../faults/index.ts'

export const CRASH_MOMENTS = ['before', 'within', 'after'] as const
export type CrashMoment = (typeof CRASH_MOMENTS)[number]

/** One crash point: a moment at a call, and the disk then. */
export type CrashMomentPoint = Readonly<{
  /** Number of the file-system call. */
  call: number
  when: CrashMoment
  image: DiskImage
}>

export type CrashOptions = Readonly<{
  model: PersistenceModel
  sectorBytes: 512 | 4096
  seed: number
  /** Most states for each crash point; undefined: all. */
  statesMax: number | undefined
}>

/** A state, or so many states that the bound leaves out. */
export type CrashPlan =
  | Readonly<{ kind: 'state'; point: CrashMomentPoint; state: CrashState }>
  | Readonly<{ kind: 'skipped'; point: CrashMomentPoint; count: number }>

const KILL_ONLY: readonly CrashFamily[] = ['kill']

/** The states' options at a moment: within a call only a kill cuts what was being written; a power loss is as after it. */
export function stateOptions(
  point: Pick<CrashMomentPoint, 'when'>,
  options: Omit<CrashOptions, 'statesMax'>,
): StateOptions {
  const { sectorBytes, seed } = options
  return point.when === 'within' ? { sectorBytes, seed, within: true, families: KILL_ONLY } : { sectorBytes, seed }
}

/** States at the points, the ones left out included; and whether they are all that there can be. */
export function countCrashPlans(
  points: readonly CrashMomentPoint[],
  options: CrashOptions,
): Readonly<{ total: number; exhaustive: boolean }> {
  let total = 0
  let exhaustive = true
  for (const point of points) {
    const count = countStates(point.image, options.model, stateOptions(point, options))
    total += count.total
    if (!count.exhaustive) exhaustive = false
  }
  return { total, exhaustive }
}

/** The plans, point by point. */
export function* crashPlans(points: readonly CrashMomentPoint[], options: CrashOptions): Generator<CrashPlan, void> {
  const { model, statesMax } = options
  for (const point of points) {
    const at = stateOptions(point, options)
    const { total } = countStates(point.image, model, at)
    let given = 0
    for (const state of crashStates(point.image, model, statesMax === undefined ? at : { ...at, statesMax })) {
      given += 1
      yield { kind: 'state', point, state }
    }
    if (given < total) yield { kind: 'skipped', point, count: total - given }
  }
}
