// harness/run/identity.ts: which point a point is, besides its number: after a change to the code under test the number
// names another one, and this still finds it.
//
//   identity = hash of the unit's label  xor  hash of phase, tag or call kind, call site, and the how-manieth such point
//
// 1. 32 bits, of names alone: no line numbers, no times, no addresses. The same from sources and from compiled code, in
//    every process.
// 2. In one unit no two points have the same one, but for a collision: 1 in 10^5 for a token that looks among 40,000.
// 3. Identities are part of tokens and of nothing that is hashed: a trace is the same whatever its points are called.

import { Hash64 } from '../../faults/index.ts'
import type { AllocationPoint, CallPoint, ChoicePoint, ReadingPoint } from '../explore/index.ts'
import type { Fault } from '../plan/index.ts'

/** The crash family's points are those of one run: its label in their identities. */
export const RECORDED_RUN = 'recorded run'

/** Call kinds and tags are of different worlds, also where they have the same name. */
type PointKind = 'allocation' | 'call' | 'choice' | 'reading'

/** The points, each with its identity in the unit `label`; `phases` are the unit's phases by name. */
export function identifiedAllocations(
  label: string,
  phases: readonly string[],
  points: readonly AllocationPoint[],
): readonly AllocationPoint[] {
  const identities = new Identities('allocation', label, phases)
  return points.map((point) => ({ ...point, identity: identities.next(point.phase, point.tag, point.site) }))
}

export function identifiedCalls(
  label: string,
  phases: readonly string[],
  points: readonly CallPoint[],
): readonly CallPoint[] {
  const identities = new Identities('call', label, phases)
  return points.map((point) => ({ ...point, identity: identities.next(point.phase, point.call.kind, point.site) }))
}

/** A choice has no call site: it is the how-manieth of its phase. */
export function identifiedChoices(
  label: string,
  phases: readonly string[],
  points: readonly ChoicePoint[],
): readonly ChoicePoint[] {
  const identities = new Identities('choice', label, phases)
  return points.map((point) => ({ ...point, identity: identities.next(point.phase, '', '') }))
}

export function identifiedReadings(
  label: string,
  phases: readonly string[],
  points: readonly ReadingPoint[],
): readonly ReadingPoint[] {
  const identities = new Identities('reading', label, phases)
  return points.map((point) => ({ ...point, identity: identities.next(point.phase, '', point.site) }))
}

/** Points of a unit as `locate` sees them. */
export type IdentifiedUnit = Readonly<{
  label: string
  firstPoint: number
  points: readonly Readonly<{ identity?: number }>[]
}>

/** Where a fault's point is now: the position of its unit, and of the point in it. */
export type PointPlace = Readonly<{ unit: number; at: number }>

/** Same place as recorded, another one, or nowhere; `there` is what has the fault's number now. */
export type Located = Readonly<{ place: PointPlace | undefined; there: PointPlace | undefined }>

/**
 * Looks for a fault's point among the units of its family and form. A fault without an identity is where its number is.
 * With one: there if that point has it; else the point that has it; else one that would have it in another unit, which is
 * the same call site, met earlier or later than before.
 */
export function locate(units: readonly IdentifiedUnit[], fault: Pick<Fault, 'point' | 'identity'>): Located {
  const there = atNumber(units, fault.point)
  const { identity } = fault
  if (identity === undefined) return { place: there, there }
  if (there !== undefined && units[there.unit]?.points[there.at]?.identity === identity) return { place: there, there }
  return { place: withIdentity(units, identity) ?? inAnotherUnit(units, identity), there }
}

function atNumber(units: readonly IdentifiedUnit[], point: number): PointPlace | undefined {
  const unit = units.findIndex(({ firstPoint, points }) => point >= firstPoint && point < firstPoint + points.length)
  const found = units[unit]
  return found === undefined ? undefined : { unit, at: point - found.firstPoint }
}

function withIdentity(units: readonly IdentifiedUnit[], identity: number): PointPlace | undefined {
  for (const [unit, { points }] of units.entries()) {
    const at = points.findIndex((point) => point.identity === identity)
    if (at >= 0) return { unit, at }
  }
  return undefined
}

/** The unit's label is a part of its own in an identity, so that it can be taken out and another one put in. */
function inAnotherUnit(units: readonly IdentifiedUnit[], identity: number): PointPlace | undefined {
  const labels = units.map(({ label }) => labelHash(label))
  const wanted = new Set(labels.map((hash) => (identity ^ hash) >>> 0))
  for (const [unit, { points }] of units.entries()) {
    const own = labels[unit] ?? 0
    const at = points.findIndex((point) => point.identity !== undefined && wanted.has((point.identity ^ own) >>> 0))
    if (at >= 0) return { unit, at }
  }
  return undefined
}

/** Gives a unit's points their identities, in the order of the run. */
class Identities {
  private readonly kind: PointKind
  private readonly label: number
  private readonly phases: readonly string[]
  /** How many points there were so far, by what they have in common. */
  private readonly seen = new Map<string, { place: Hash64; count: number }>()

  constructor(kind: PointKind, label: string, phases: readonly string[]) {
    this.kind = kind
    this.label = labelHash(label)
    this.phases = phases
  }

  next(phase: number, name: string, site: string): number {
    const key = `${phase} ${name} ${site}`
    let seen = this.seen.get(key)
    if (seen === undefined) {
      const place = new Hash64()
      for (const text of [this.kind, this.phases[phase] ?? '', name, site]) place.addText(text)
      seen = { place, count: 0 }
      this.seen.set(key, seen)
    }
    seen.count += 1
    const hash = new Hash64()
    hash.addHash(seen.place)
    hash.addNumber(seen.count)
    return (low(hash) ^ this.label) >>> 0
  }
}

function labelHash(label: string): number {
  const hash = new Hash64()
  hash.addText(label)
  return low(hash)
}

function low(hash: Hash64): number {
  return Number.parseInt(hash.digits().slice(8), 16)
}
