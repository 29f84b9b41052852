// harness/explore/schedule.ts: which orders of pending completions to try.
//
// The counting run takes the first of what is ready at every choice. A plan deviates from that order: once, in every way, at
// every choice; twice, at every two choices of one phase (delay bounding: M. Emmi, S. Qadeer, Z. Rakamarić,
// "Delay-Bounded Scheduling", POPL 2011; most defects need few deviations); and at random, by seed.
//
// 1. Every number is fixed by the counting run: what a deviation changes in the choices behind it changes no plan. A choice
//    is taken modulo what is ready then.
// 2. All single deviations are planned. Pairs above PAIRS_MAX for a phase are a sample by seed, and then the family says
//    that it was sampled.
// 3. Counting makes no plan.

import type { RandomStream } from '../../faults/index.ts'
import type { Fault } from '../plan/index.ts'
import { isSelected, whereOf, type PlannedFault, type Selection } from './points.ts'

/** A choice of a counting run: one of `ready` tasks was taken. */
export type ChoicePoint = Readonly<{
  /** Number of the choice in its run, from 1. */
  index: number
  phase: number
  /** At least 2. */
  ready: number
  identity?: number
}>

/** Most plans with two deviations for one phase. */
const PAIRS_MAX = 400
/** Random orders for each phase that has choices. */
const RANDOM_ORDERS = 24
/** A random order goes on for so many choices behind those of the counting run. */
const RANDOM_EXTRA = 16
/** Random choices are drawn below this, and taken modulo what is ready. */
const RANDOM_READY = 60

export type ScheduleOptions = Readonly<{
  selection: Selection
  /** A stream of its own for each point and use. */
  draw: (label: string) => RandomStream
}>

type Choices = readonly number[]

/** How many plans `schedulePlans` gives, and whether no pair of deviations is left out. */
export function countSchedulePlans(
  points: readonly ChoicePoint[],
  firstPoint: number,
  selection: Selection,
): Readonly<{ total: number; exhaustive: boolean }> {
  let total = 0
  let exhaustive = true
  for (const group of phasesOf(points)) {
    const pairs = pairCount(group.points)
    if (pairs > PAIRS_MAX) exhaustive = false
    for (const [at, point] of group.points.entries()) {
      if (!isSelected(firstPoint + group.first + at, selection)) continue
      total += point.ready - 1 + Math.min(pairsFrom(group.points, at), pairShare(group.points, at))
      if (at === 0) total += RANDOM_ORDERS
    }
  }
  return { total, exhaustive }
}

/** The plans for `points`, the first of which has the number `firstPoint`. */
export function* schedulePlans(
  points: readonly ChoicePoint[],
  firstPoint: number,
  { selection, draw }: ScheduleOptions,
): Generator<PlannedFault, void> {
  for (const { first, points: group } of phasesOf(points))
    for (const [at, point] of group.entries()) {
      const number = firstPoint + first + at
      if (!isSelected(number, selection)) continue
      const plan = (choices: Choices, text: string): PlannedFault => {
        const fault: Fault = { kind: 'schedule', ...whereOf(number, point), choices }
        return { fault, at: first + at, mode: 'choices', text }
      }
      for (let choice = 1; choice < point.ready; choice += 1)
        yield plan([choice], `task ${choice + 1} of ${point.ready} first`)
      for (const choices of pairsAt(group, at, draw)) yield plan(choices, `${deviations(choices)} out of order`)
      if (at > 0) continue
      for (let order = 0; order < RANDOM_ORDERS; order += 1) {
        const random = draw(`random order ${number} ${order}`)
        const choices = Array.from({ length: group.length + RANDOM_EXTRA }, () => random.integer(RANDOM_READY))
        if (choices[0] === 0) choices[0] = 1
        yield plan(choices, `random order ${order + 1}`)
      }
    }
}

function deviations(choices: Choices): string {
  return `choices ${choices.flatMap((choice, at) => (choice === 0 ? [] : [at + 1])).join(' and ')}`
}

/** Runs of points of the same phase. */
function phasesOf(points: readonly ChoicePoint[]): readonly Readonly<{ first: number; points: ChoicePoint[] }>[] {
  const groups: { first: number; points: ChoicePoint[] }[] = []
  for (const [at, point] of points.entries()) {
    const last = groups[groups.length - 1]
    if (last !== undefined && last.points[0]?.phase === point.phase) last.points.push(point)
    else groups.push({ first: at, points: [point] })
  }
  return groups
}

/** Pairs of deviations whose first is at `at`. */
function pairsFrom(group: readonly ChoicePoint[], at: number): number {
  let later = 0
  for (const { ready } of group.slice(at + 1)) later += ready - 1
  return ((group[at]?.ready ?? 1) - 1) * later
}

function pairCount(group: readonly ChoicePoint[]): number {
  return group.reduce((sum, _, at) => sum + pairsFrom(group, at), 0)
}

/** Most pairs that begin at `at`: all, or its share of the bound. */
function pairShare(group: readonly ChoicePoint[], at: number): number {
  if (pairCount(group) <= PAIRS_MAX) return pairsFrom(group, at)
  return Math.ceil(PAIRS_MAX / group.length)
}

function* pairsAt(group: readonly ChoicePoint[], at: number, draw: ScheduleOptions['draw']): Generator<Choices, void> {
  const all = [...everyPairAt(group, at)]
  const share = pairShare(group, at)
  if (all.length <= share) {
    yield* all
    return
  }
  const random = draw(`pairs ${group[at]?.index ?? 0}`)
  for (let left = share; left > 0; left -= 1) {
    const [chosen] = all.splice(random.integer(all.length), 1)
    if (chosen !== undefined) yield chosen
  }
}

function* everyPairAt(group: readonly ChoicePoint[], at: number): Generator<Choices, void> {
  const point = group[at]
  if (point === undefined) return
  for (let first = 1; first < point.ready; first += 1)
    for (let later = at + 1; later < group.length; later += 1)
      for (let second = 1; second < (group[later]?.ready ?? 1); second += 1)
        yield [first, ...Array.from({ length: later - at - 1 }, () => 0), second]
}
