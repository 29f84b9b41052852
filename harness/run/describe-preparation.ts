// harness/run/describe-preparation.ts: what is told of a preparation: counts, ranges, findings, and what no unit reaches.
//
// 1. Every number is counted from what the counting runs met.
// 2. A broken rule is broken at every step: findings are told once for each fingerprint.

import { fingerprintOf, violation } from '../oracles/index.ts'
import type { CampaignFinding, CampaignRequest, FaultFamily, Preparation } from '../plan/index.ts'
import { shownSite } from './call-site.ts'
import type { RunContext } from './context.ts'
import type { CorruptionGround } from './corruption-ground.ts'
import type { Finding, WholeRun } from './counting.ts'
import { combinedDigest } from './digest.ts'
import { recoveryBound } from './recovery.ts'
import { phaseName, wholePhases } from './segment.ts'
import { isSync, pointRanges, pointRows, type FormSegment, type Unit } from './unit.ts'
import { unreached } from './unreached.ts'

/** What a campaign shows of itself before its first run. */
export function describe(
  context: RunContext,
  request: CampaignRequest,
  whole: WholeRun,
  segments: readonly FormSegment[],
  units: readonly Unit[],
  grounds: readonly CorruptionGround[],
  findings: readonly Finding[],
): Preparation {
  const { loaded } = context
  const milestones = Object.fromEntries(
    [...whole.world.milestones].toSorted(([left], [right]) => (left < right ? -1 : 1)),
  )
  const phases = wholePhases(loaded)
  const { calls } = whole.crash
  const recoveryBoundBytes = largestBound(context, whole)
  return {
    traceHash: combinedDigest([whole.trace.digest(), ...segments.map(({ digest }) => digest)]),
    points: {
      allocations: sum(segments, ({ counted }) => counted.allocations.length),
      fileSystemCalls: sum(segments, ({ counted }) => counted.calls.length),
      syncs: calls.filter(isSync).length,
    },
    ranges: [...pointRanges(segments), ...crashRanges(units), ...imageRanges(request, grounds)],
    rows: pointRows(segments),
    units: units.map(({ summary }) => summary),
    sampledFamilies: sampledFamilies(units),
    milestones,
    milestonesWanted: { ...loaded.scenario.milestones },
    ...(recoveryBoundBytes === undefined ? {} : { recoveryBoundBytes }),
    findings: distinct(context, [...findings, ...benignFindings(context, segments)]),
    uncoveredSites: request.points === undefined ? uncovered(context, request, whole, segments) : [],
    timeline: calls.map(({ point, pending }) => {
      const phase = phases[point.phase]
      const { index, kind } = point.call
      return { index, kind, phase: phase === undefined ? 'open' : phaseName(loaded, phase), pending }
    }),
  }
}

/** A point of damage is an image. */
function imageRanges(request: CampaignRequest, grounds: readonly CorruptionGround[]): Preparation['ranges'] {
  const form = request.forms.includes('linear') ? 'linear' : 'warm'
  return grounds.map(({ point, label }) => ({ family: 'corruption', form, phase: label, first: point, last: point }))
}

/** The bound on recovery where the recorded run's files make it largest. */
function largestBound(context: RunContext, { crash }: WholeRun): number | undefined {
  let largest: number | undefined
  const images = new Set(crash.calls.map(({ point }) => crash.images.at(point.call.index, 'after').image))
  for (const image of images) {
    const bound = recoveryBound(context, image)
    if (bound !== undefined) largest = Math.max(largest ?? 0, bound)
  }
  return largest
}

/** Families of which more could be run than is planned; crash intervals say so for themselves. */
function sampledFamilies(units: readonly Unit[]): readonly FaultFamily[] {
  return [
    ...new Set(
      units.flatMap((unit) =>
        (unit.kind === 'fault' || unit.kind === 'corruption') && !unit.exhaustive ? [unit.summary.family] : [],
      ),
    ),
  ]
}

function crashRanges(units: readonly Unit[]): Preparation['ranges'] {
  return units.flatMap((unit) => {
    if (unit.kind !== 'crash' || unit.points.length === 0) return []
    // A sync that shares its time with other calls ends after calls with higher numbers.
    const calls = unit.points.map(({ call }) => call)
    const first = Math.min(...calls)
    const last = Math.max(...calls)
    const { family, form, phase } = unit.summary
    return [{ family, form, phase, first, last }]
  })
}

/** Contexts of the whole run that no planned unit fails; only of families that were asked for. */
function uncovered(
  context: RunContext,
  request: CampaignRequest,
  whole: WholeRun,
  segments: readonly FormSegment[],
): readonly string[] {
  const rest = unreached(whole.points, segments)
  const names = new Set<string>()
  if (request.families.includes('allocation'))
    for (const { tag, site } of rest.allocations) names.add(`allocation '${tag}' of ${shownSite(site)}`)
  if (request.families.includes('io'))
    for (const { call, site } of rest.calls) names.add(`${call.kind} of ${shownSite(site)}`)
  return [...names].toSorted()
}

function benignFindings(context: RunContext, segments: readonly FormSegment[]): readonly Finding[] {
  const tags = Object.keys(context.loaded.scenario.benignTags ?? {})
  return tags
    .filter((tag) => !segments.some(({ counted }) => counted.allocations.some((point) => point.tag === tag)))
    .map((tag) => ({ ...violation('benign-site', `'${tag}' is declared benign and never allocated`), step: 'open' }))
}

/** The first finding of each fingerprint: a broken rule is broken at every step. */
function distinct(context: RunContext, findings: readonly Finding[]): readonly CampaignFinding[] {
  const known = new Map<string, CampaignFinding>()
  for (const finding of findings) {
    const made = campaignFinding(context, finding)
    if (!known.has(made.fingerprint)) known.set(made.fingerprint, made)
  }
  return [...known.values()]
}

function campaignFinding(context: RunContext, { oracle, message, step }: Finding): CampaignFinding {
  const kind = step === 'open' || step === 'close' ? step : 'step'
  return {
    oracle,
    message,
    step,
    token: context.token('linear', []),
    fingerprint: fingerprintOf(oracle, context.loaded.name, kind, 'without a fault'),
  }
}

/** Nothing that was asked for can go wrong: a campaign of no runs would pass whatever the store does. */
export function untouched({ families }: CampaignRequest, { points }: WholeRun): Finding {
  const { allocations, calls } = points
  const takes =
    allocations.length + calls.length === 0
      ? 'the scenario takes nothing of its world'
      : `the scenario makes ${allocations.length} allocations and ${calls.length} file-system calls`
  const message = `${takes}, so nothing of the families ${families.join(', ')} can go wrong: it could not fail`
  return { ...violation('scenario-contract', message), step: 'open' }
}

/** A campaign that is refused before its first unit. */
export function describeRefusal(context: RunContext, findings: readonly Finding[]): Preparation {
  return {
    traceHash: combinedDigest([]),
    points: { allocations: 0, fileSystemCalls: 0, syncs: 0 },
    ranges: [],
    rows: [],
    units: [],
    sampledFamilies: [],
    milestones: {},
    milestonesWanted: {},
    findings: distinct(context, findings),
    uncoveredSites: [],
    timeline: [],
  }
}

function sum<T>(list: readonly T[], value: (entry: T) => number): number {
  return list.reduce((total, entry) => total + value(entry), 0)
}
