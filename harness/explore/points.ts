// harness/explore/points.ts: what counting runs leave behind for the explorers: every place where a fault can be put.

import type { Fault } from '../plan/index.ts'
import type { FileSystemCallInfo } from '../../faults/index.ts'

/** An allocation of a counting run. */
export type AllocationPoint = Readonly<{
  /** Number of the allocation in its run, from 1. */
  index: number
  /** Position of the phase in the run's list of phases. */
  phase: number
  tag: string
  byteLength: number
  /** Bytes live in all of the run's allocators before it. */
  liveBytes: number
  /** Stack of the caller; '' if none was recorded. */
  site: string
  /** The same with source positions, where they were asked for. */
  stack?: string | undefined
  /** Which point it is, whatever its number becomes; undefined until its unit is known. */
  identity?: number
}>

/** A file-system call of a counting run; `call.index` is its number in the run, from 1. */
export type CallPoint = Readonly<{
  phase: number
  call: FileSystemCallInfo
  site: string
  stack?: string | undefined
  identity?: number
}>

/** One run to make: the fault, the point it is at (an index into the unit's points), and how it is told. */
export type PlannedFault = Readonly<{
  fault: Fault
  /** Index into the points that the explorer was given. */
  at: number
  mode: string
  text: string
  /** Plans with the same key are the same run; the first one is run. */
  sameAs?: string
}>

/** How a fault names its point. */
export function whereOf(
  point: number,
  { identity }: Readonly<{ identity?: number }>,
): Pick<Fault, 'point' | 'identity'> {
  return identity === undefined ? { point } : { point, identity }
}

/** Points to run, inclusive; of these each `every`-th, those whose number leaves `offset` as the remainder. */
export type Selection = Readonly<{ from: number; to: number; every?: number; offset?: number }> | undefined

/** How many of the points `first … first + count − 1` are selected. */
export function selectedCount(first: number, count: number, selection: Selection): number {
  if (selection === undefined) return count
  const from = Math.max(first, selection.from)
  const to = Math.min(first + count - 1, selection.to)
  if (to < from) return 0
  const { every = 1, offset = 0 } = selection
  return Math.floor((to - offset) / every) - Math.floor((from - 1 - offset) / every)
}

export function isSelected(point: number, selection: Selection): boolean {
  if (selection === undefined) return true
  const { from, to, every = 1, offset = 0 } = selection
  return point >= from && point <= to && point % every === offset % every
}
