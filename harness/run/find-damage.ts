// harness/run/find-damage.ts: looks for damage that is missed in the same way, in a subject that may be a smaller one.
//
// 1. A smaller subject has other images: a damage's own number means another place there. Tried is the own number, then
//    all damages of its kind, those of its own image first, spread over the image from coarse to fine. No other kind of
//    damage can have the fingerprint.
// 2. Simpler are damages of the images before: fewer steps made them.

import type { FailureSearch, Fault } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import { judgeCorruption } from './corruption-judge.ts'
import { isWanted, requestFor, type Found, type Tried } from './failure-search.ts'
import { prepareSearch } from './prepare.ts'
import { corruptionRecord, corruptionStart, looksOf } from './sweep-corruption.ts'
import type { CorruptionUnit } from './unit.ts'

type DamageFault = Extract<Fault, { kind: 'corruption' }>

export async function lookAmongDamages(
  context: RunContext,
  search: FailureSearch,
  fault: DamageFault,
  tried: Tried,
): Promise<Found | undefined> {
  // The images come from whole runs: no segment has to be counted.
  const prepared = await prepareSearch(context, { ...requestFor(search.plan, ['corruption']), forms: [] })
  if (prepared === undefined) return undefined
  const { family, index: own } = fault.damage
  const { form } = search.plan
  const units = prepared.units.flatMap((unit): CorruptionUnit[] =>
    unit.kind === 'corruption' && unit.damage === family ? [{ ...unit, summary: { ...unit.summary, form } }] : [],
  )
  const tries =
    search.among === 'alike'
      ? damagesAlike(units, fault.point, own)
      : damagesOf(units.filter(({ ground }) => ground.point < fault.point))
  for (const { unit, index } of tries) {
    if (tried.runs >= search.runsMax) return undefined
    tried.runs += 1
    const damage = unit.ground.space.at(family, index)
    const verdict = await judgeCorruption(context, unit.ground, await looksOf(context, unit.ground), damage)
    const record = corruptionRecord(context, corruptionStart(context, unit, damage, 0), verdict, 0)
    if (!isWanted(search, record)) continue
    const { point } = unit.ground
    return { plan: { ...search.plan, faults: [{ kind: 'corruption', point, damage: { family, index } }] }, record }
  }
  return undefined
}

type DamageTry = Readonly<{ unit: CorruptionUnit; index: number }>

function* damagesAlike(units: readonly CorruptionUnit[], point: number, own: number): Generator<DamageTry, void> {
  const there = units.find(({ ground }) => ground.point === point)
  if (there !== undefined && own < there.summary.planned) yield { unit: there, index: own }
  yield* damagesOf([...units.filter((unit) => unit === there), ...units.filter((unit) => unit !== there)])
}

function* damagesOf(units: readonly CorruptionUnit[]): Generator<DamageTry, void> {
  for (const unit of units) for (const index of spread(unit.summary.planned)) yield { unit, index }
}

/** All numbers below `count`, from coarse to fine: first every 2^k-th, then those halfway between, and so on. */
export function* spread(count: number): Generator<number, void> {
  let stride = 1
  while (stride * 2 < count) stride *= 2
  for (let at = 0; at < count; at += stride) yield at
  for (; stride > 1; stride /= 2) for (let at = stride / 2; at < count; at += stride) yield at
}
