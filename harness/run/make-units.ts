// harness/run/make-units.ts: the units of a campaign: what a thread takes at once, with its first order number.
//
// 1. Units are made family by family, in one order for all; a plan's number is its unit's first and its place there.
// 2. A point is numbered within its form and family, over all segments.
// 3. Nothing is run: what is planned is counted from the points that counting runs found.

import { isWrite } from '../../faults/index.ts'
import {
  countClockPlans,
  countCrashPlans,
  countIoPlans,
  countSchedulePlans,
  isSelected,
  selectedCount,
  type CrashMomentPoint,
} from '../explore/index.ts'
import { FAULT_FAMILIES, type CampaignRequest, type FaultFamily, type Form } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import type { CorruptionGround } from './corruption-ground.ts'
import type { WholeRun } from './counting.ts'
import {
  identifiedAllocations,
  identifiedCalls,
  identifiedChoices,
  identifiedReadings,
  RECORDED_RUN,
} from './identity.ts'
import type { RecordedCall } from './recorder.ts'
import { phaseName, wholePhases } from './segment.ts'
import { corruptionUnits } from './sweep-corruption.ts'
import { conditionsOf } from './sweep-faults.ts'
import {
  POINT_FAMILIES,
  pointsOf,
  syncIntervals,
  type CrashUnit,
  type FormSegment,
  type PointFamily,
  type Points,
  type Unit,
} from './unit.ts'

export function makeUnits(
  context: RunContext,
  request: CampaignRequest,
  whole: WholeRun,
  segments: readonly FormSegment[],
  grounds: readonly CorruptionGround[],
): readonly Unit[] {
  const units: Unit[] = []
  let order = 0
  const identified = segments.map((formed) => identifiedSegment(context, request, formed))
  for (const family of FAULT_FAMILIES) {
    if (!request.families.includes(family)) continue
    if (family === 'crash') {
      const crashes = crashUnits(context, request, whole, units.length, order)
      units.push(...crashes)
      for (const { summary } of crashes) order += summary.planned
      continue
    }
    if (family === 'corruption') {
      const corruptions = corruptionUnits(request, grounds, units.length, order)
      units.push(...corruptions)
      for (const { summary } of corruptions) order += summary.planned
      continue
    }
    if (!isPointFamily(family)) continue
    const next = new Map<Form, number>()
    for (const { form, segment, counted, armedFrom } of identified) {
      const firstPoint = next.get(form) ?? 1
      next.set(form, firstPoint + pointsOf(counted, family).length)
      const { planned, exhaustive } = countPlans(context, request, family, counted, firstPoint)
      if (planned === 0) continue
      const summary = { index: units.length, family, form, phase: segment.label, firstOrder: order, planned }
      units.push({ kind: 'fault', summary, family, segment, firstPoint, points: counted, exhaustive, armedFrom })
      order += planned
    }
  }
  return units
}

function isPointFamily(family: FaultFamily): family is PointFamily {
  return POINT_FAMILIES.some((name) => name === family)
}

const all = (planned: number) => ({ planned, exhaustive: true })

function countPlans(
  context: RunContext,
  request: CampaignRequest,
  family: PointFamily,
  points: Points,
  firstPoint: number,
): Readonly<{ planned: number; exhaustive: boolean }> {
  const { points: selection, modes } = request
  const { sectorBytes } = context.subject
  switch (family) {
    case 'allocation':
      return all(selectedCount(firstPoint, points.allocations.length, selection) * new Set(modes).size)
    case 'io':
      return all(
        countIoPlans(points.calls, firstPoint, {
          modes,
          selection,
          sectorBytes,
          conditions: conditionsOf(context, request),
        }),
      )
    case 'schedule': {
      const { total, exhaustive } = countSchedulePlans(points.choices, firstPoint, selection)
      return { planned: total, exhaustive }
    }
    case 'clock':
      return all(countClockPlans(points.readings.length, firstPoint, selection))
    default:
      return family satisfies never
  }
}

/** The segment with identities for its points, in the families that are asked for. */
function identifiedSegment({ loaded }: RunContext, { families }: CampaignRequest, formed: FormSegment): FormSegment {
  const { segment, counted } = formed
  const { label } = segment
  const { allocations, calls, choices, readings } = counted
  const phases = segment.phases.map(({ phase }) => phaseName(loaded, phase))
  return {
    ...formed,
    counted: {
      allocations: families.includes('allocation') ? identifiedAllocations(label, phases, allocations) : allocations,
      calls: families.includes('io') ? identifiedCalls(label, phases, calls) : calls,
      choices: families.includes('schedule') ? identifiedChoices(label, phases, choices) : choices,
      readings: families.includes('clock') ? identifiedReadings(label, phases, readings) : readings,
    },
  }
}

/** The recorded run's calls, each with its identity. */
export function identifiedRun({ loaded }: RunContext, calls: readonly RecordedCall[]): readonly RecordedCall[] {
  const phases = wholePhases(loaded).map((phase) => phaseName(loaded, phase))
  const points = identifiedCalls(
    RECORDED_RUN,
    phases,
    calls.map(({ point }) => point),
  )
  return calls.map((recorded, at) => ({ ...recorded, point: points[at] ?? recorded.point }))
}

export function crashUnits(
  context: RunContext,
  request: CampaignRequest,
  whole: WholeRun,
  firstIndex: number,
  firstOrder: number,
): readonly CrashUnit[] {
  const { model, loaded, subject } = context
  const form: Form = request.forms.includes('linear') ? 'linear' : 'warm'
  const phases = wholePhases(loaded)
  const units: CrashUnit[] = []
  let order = firstOrder
  for (const calls of syncIntervals(identifiedRun(context, whole.crash.calls))) {
    const points: CrashMomentPoint[] = []
    for (const { point } of calls) {
      const { index, kind } = point.call
      if (!isSelected(index, request.points)) continue
      for (const when of ['before', 'within', 'after'] as const) {
        if (when === 'within' && !isWrite(kind)) continue
        points.push({ call: index, when, image: whole.crash.images.at(index, when).image })
      }
    }
    const { sectorBytes, seed } = subject
    const { total, exhaustive } = countCrashPlans(points, { model, sectorBytes, seed, statesMax: undefined })
    if (total === 0) continue
    const last = calls[calls.length - 1]
    const phase = phases[last?.point.phase ?? 0]
    const summary = {
      index: firstIndex + units.length,
      family: 'crash' as const,
      form,
      phase: phase === undefined ? 'open' : phaseName(loaded, phase),
      firstOrder: order,
      planned: total,
    }
    units.push({ kind: 'crash', summary, calls, points, exhaustive })
    order += total
  }
  return units
}
