// harness/run/unit.ts: the work of a campaign, cut into pieces that one worker runs whole, with every number fixed.
//
// 1. Units, points and order numbers are a function of the request and of the counting runs: the same on every worker.
// 2. Points are numbered from 1 in each family and form; `order` over all units of a preparation from 0.
// 3. Planned is counted here, from the explorers; what was run and delivered is counted where it happens.

import type { AllocationPoint, CallPoint, ChoicePoint, CrashMomentPoint, ReadingPoint } from '../explore/index.ts'
import type { DamageFamily, FaultFamily, Form, PointRange, PointRow, UnitSummary } from '../plan/index.ts'
import type { CorruptionGround } from './corruption-ground.ts'
import type { NestedUnit } from './nested/index.ts'
import type { RecordedCall } from './recorder.ts'
import type { Segment } from './segment.ts'

/** Families whose faults are at points of segments. */
export const POINT_FAMILIES = ['allocation', 'io', 'schedule', 'clock'] as const
export type PointFamily = (typeof POINT_FAMILIES)[number]

/** The points of a segment's swept phases, of every kind. */
export type Points = Readonly<{
  allocations: readonly AllocationPoint[]
  calls: readonly CallPoint[]
  choices: readonly ChoicePoint[]
  readings: readonly ReadingPoint[]
}>

/** The points of a family. */
export function pointsOf(
  points: Points,
  family: PointFamily,
): readonly Readonly<{ phase: number; identity?: number }>[] {
  switch (family) {
    case 'allocation':
      return points.allocations
    case 'io':
      return points.calls
    case 'schedule':
      return points.choices
    case 'clock':
      return points.readings
    default:
      return family satisfies never
  }
}

/** A segment with its points, in one form. */
export type FaultUnit = Readonly<{
  kind: 'fault'
  summary: UnitSummary
  family: PointFamily
  segment: Segment
  /** Number of the first point. */
  firstPoint: number
  points: Points
  /** False if the family's plans are a sample. */
  exhaustive: boolean
  /** First allocation of the swept phases. */
  armedFrom: number
}>

/** The calls of one sync interval of the recorded run. */
export type CrashUnit = Readonly<{
  kind: 'crash'
  summary: UnitSummary
  calls: readonly RecordedCall[]
  points: readonly CrashMomentPoint[]
  exhaustive: boolean
}>

/** The damages of one image, of one family. */
export type CorruptionUnit = Readonly<{
  kind: 'corruption'
  summary: UnitSummary
  ground: CorruptionGround
  damage: DamageFamily
  exhaustive: boolean
}>

export type Unit = FaultUnit | CrashUnit | NestedUnit | CorruptionUnit

/** A counted segment in one form; `allocations` and `calls` may be a selection of what was counted. */
export type FormSegment = Readonly<{
  form: Form
  segment: Segment
  counted: Points
  /** What the counting run adds to the campaign's trace hash. */
  digest: string
  armedFrom: number
}>

/** Adds up the points of some segments as rows of the table that `count` prints. */
export function pointRows(segments: readonly FormSegment[]): readonly PointRow[] {
  const rows = new Map<string, { -readonly [Key in keyof PointRow]: PointRow[Key] }>()
  const add = (family: FaultFamily, form: Form, kind: string, phase: string, bytes: number): void => {
    const key = `${family} ${form} ${kind} ${phase}`
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { family, form, kind, phase, count: 1, bytes })
    else {
      row.count += 1
      row.bytes += bytes
    }
  }
  for (const { form, segment, counted } of segments) {
    const kindOf = (position: number): string => segment.phases[position]?.phase.kind ?? 'open'
    for (const point of counted.allocations) add('allocation', form, point.tag, kindOf(point.phase), point.byteLength)
    for (const { call, phase } of counted.calls) add('io', form, call.kind, kindOf(phase), call.lengthBytes ?? 0)
    for (const { phase, ready } of counted.choices) add('schedule', form, `of ${ready}`, kindOf(phase), 0)
    for (const { phase } of counted.readings) add('clock', form, 'reading', kindOf(phase), 0)
  }
  return [...rows.values()].toSorted((left, right) => compare(keyOf(left), keyOf(right)))
}

/** Numbers of the points of some segments, family by family. */
export function pointRanges(segments: readonly FormSegment[]): readonly PointRange[] {
  const ranges: PointRange[] = []
  for (const family of POINT_FAMILIES) {
    const next = new Map<Form, number>()
    for (const { form, segment, counted } of segments) {
      const count = pointsOf(counted, family).length
      const first = next.get(form) ?? 1
      if (count > 0) ranges.push({ family, form, phase: segment.label, first, last: first + count - 1 })
      next.set(form, first + count)
    }
  }
  return ranges
}

/** Where the recorded run is cut: after each sync of a file or directory. */
export function syncIntervals(calls: readonly RecordedCall[]): readonly (readonly RecordedCall[])[] {
  const intervals: RecordedCall[][] = []
  let current: RecordedCall[] = []
  for (const recorded of calls) {
    current.push(recorded)
    if (!isSync(recorded)) continue
    intervals.push(current)
    current = []
  }
  if (current.length > 0) intervals.push(current)
  return intervals
}

export function isSync({ point }: RecordedCall): boolean {
  return point.call.kind === 'sync' || point.call.kind === 'syncDirectory'
}

function keyOf({ family, form, phase, kind }: PointRow): string {
  return `${family} ${form} ${phase} ${kind}`
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
