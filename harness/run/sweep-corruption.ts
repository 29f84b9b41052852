// harness/run/sweep-corruption.ts: the damages of one image, of one family, each distinct one opened, judged and salvaged.
//
// 1. Merged, skipped and distinct depend on the plans alone. A bound takes damages evenly from the whole family.
// 2. One run in TWICE_EVERY is made twice.

import type { Damage } from '../../faults/index.ts'
import { fingerprintOf, violation } from '../oracles/index.ts'
import type { CampaignRequest, Form, RunRecord, RunStart, UnitOptions, UnitSummary } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import { DAMAGES, type CorruptionGround } from './corruption-ground.ts'
import { judgeCorruption, type CorruptionVerdict } from './corruption-judge.ts'
import { cleanLooks, type CleanLooks } from './corruption-parts.ts'
import { combinedDigest } from './digest.ts'
import type { Prepared } from './prepare.ts'
import { addMerged, TWICE_EVERY, type Emit, type Tally } from './sweep-faults.ts'
import type { CorruptionUnit } from './unit.ts'

const LOOKS = new WeakMap<CorruptionGround, Promise<CleanLooks>>()

/** What the undamaged image shows; worked out once for each image. */
export function looksOf(context: RunContext, ground: CorruptionGround): Promise<CleanLooks> {
  const known = LOOKS.get(ground)
  if (known !== undefined) return known
  const made = cleanLooks(context, ground)
  LOOKS.set(ground, made)
  return made
}

/** A unit for each image and family, in this order. */
export function corruptionUnits(
  request: CampaignRequest,
  grounds: readonly CorruptionGround[],
  firstIndex: number,
  firstOrder: number,
): readonly CorruptionUnit[] {
  const units: CorruptionUnit[] = []
  const form: Form = request.forms.includes('linear') ? 'linear' : 'warm'
  let order = firstOrder
  for (const ground of grounds) {
    const { points } = request
    if (points !== undefined && (ground.point < points.from || ground.point > points.to)) continue
    for (const damage of DAMAGES) {
      const planned = ground.space.count(damage)
      if (planned === 0) continue
      const summary: UnitSummary = {
        index: firstIndex + units.length,
        family: 'corruption',
        form,
        phase: ground.label,
        firstOrder: order,
        planned,
      }
      units.push({ kind: 'corruption', summary, ground, damage, exhaustive: ground.space.exhaustive(damage) })
      order += planned
    }
  }
  return units
}

export async function sweepCorruption(
  prepared: Prepared,
  unit: CorruptionUnit,
  emit: Emit,
  options: UnitOptions,
  tally: Tally,
): Promise<void> {
  const { context, request } = prepared
  const { ground, damage: family } = unit
  const clean = await looksOf(context, ground)
  const { planned, firstOrder } = unit.summary
  const share = shareOf(request, planned)
  const seen = new Set<string>()
  const original = context.seams.identity(ground.image)
  for (const index of context.seams.sweep(numbers(planned))) {
    if (options.stop?.() === true) break
    const order = firstOrder + index
    if (!isTaken(index, planned, share)) {
      tally.skipped += 1
      continue
    }
    const damage = ground.space.at(family, index)
    const key = `${context.seams.identity(damage.image)} ${JSON.stringify(damage.unreadable ?? '')}`
    // A sector of zeroes that is zeroed is no damage.
    if (seen.has(key) || key === `${original} ""`) {
      addMerged(tally, 'image')
      continue
    }
    seen.add(key)
    if (options.skip?.(order) === true) continue
    const start = corruptionStart(context, unit, damage, order)
    options.begin?.(start)
    const startMs = context.nowMs()
    let verdict = await judgeCorruption(context, ground, clean, damage)
    if (order % TWICE_EVERY === 0 && (await judgeCorruption(context, ground, clean, damage)).digest !== verdict.digest)
      verdict = {
        ...verdict,
        violation: violation('nondeterminism', 'the same damaged image, opened twice, made different events'),
      }
    tally.run += 1
    tally.delivered += verdict.delivered
    tally.recoveryMs += verdict.recoveryMs
    tally.checkMs += verdict.checkMs
    await emit(corruptionRecord(context, start, verdict, context.nowMs() - startMs))
  }
}

/** How many of a family's damages of one image are run, by the bound for the image. */
function shareOf({ statesPerIntervalMax }: CampaignRequest, planned: number): number {
  if (statesPerIntervalMax === 0) return planned
  return Math.min(planned, Math.max(1, Math.floor(statesPerIntervalMax / DAMAGES.length)))
}

/** Whether the index is one of `share` that are spread evenly over `planned`. */
function isTaken(index: number, planned: number, share: number): boolean {
  return Math.floor(((index + 1) * share) / planned) > Math.floor((index * share) / planned)
}

function* numbers(count: number): Generator<number, void> {
  for (let index = 0; index < count; index += 1) yield index
}

export function corruptionStart(context: RunContext, unit: CorruptionUnit, damage: Damage, order: number): RunStart {
  const { ground, summary } = unit
  const { point } = ground
  const fault = { kind: 'corruption', point, damage: { family: unit.damage, index: damage.index } } as const
  return {
    order,
    token: context.token(summary.form, [fault]),
    scenario: context.loaded.name,
    family: 'corruption',
    form: summary.form,
    point,
    mode: unit.damage,
    fault: damage.text,
    phase: ground.label,
  }
}

export function corruptionRecord(
  context: RunContext,
  start: RunStart,
  verdict: CorruptionVerdict,
  durationMs: number,
): RunRecord {
  const found = verdict.violation
  return {
    ...start,
    // A sector that nobody reads is as good as whole.
    outcome: found === undefined ? 'passed' : 'violation',
    delivered: verdict.delivered,
    ...(found === undefined
      ? {}
      : {
          oracle: found.oracle,
          message: found.message,
          fingerprint: fingerprintOf(found.oracle, context.loaded.name, verdict.phase, `damage ${start.mode}`),
        }),
    traceHash: combinedDigest([`${start.mode} ${start.point} ${start.fault}`, verdict.digest]),
    durationMs,
  }
}
