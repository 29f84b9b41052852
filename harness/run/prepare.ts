// harness/run/prepare.ts: everything that is fixed before the first fault: counting runs, checkpoints, numbers, units.
//
// 1. Every counting run is made twice and must have the same hash; a difference is a finding, never a retry.
// 2. A scenario that fails without a fault, or could not fail with one, gets a finding and no units.
// 3. Call sites of the whole run that no linear segment reaches are failed in the whole run, as the linear form's last
//    segment; their points follow on the others'.

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
import { fingerprintOf, violation } from '../oracles/index.ts'
import { FAULT_FAMILIES, type FaultFamily } from '../plan/index.ts'
import type { CampaignFinding, CampaignRequest, Form, Preparation } from '../plan/index.ts'
import { shownSite } from './call-site.ts'
import { emptyCheckpoint, killedImage } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import {
  closedBorders,
  contractBroken,
  countSegment,
  runWhole,
  validate,
  type CountedSegment,
  type Finding,
  type WholeRun,
} from './counting.ts'
import { combinedDigest } from './digest.ts'
import {
  identifiedAllocations,
  identifiedCalls,
  identifiedChoices,
  identifiedReadings,
  RECORDED_RUN,
} from './identity.ts'
import type { RecordedCall } from './recorder.ts'
import { corruptionGrounds, type CorruptionGround } from './corruption-ground.ts'
import { corruptionUnits } from './sweep-corruption.ts'
import { conditionsOf } from './sweep-faults.ts'
import { recoveryBound } from './recovery.ts'
import { linearSegments, phaseName, wholePhases, wholeSegment, type Border, type Segment } from './segment.ts'
import { nestedUnits } from './nested/index.ts'
import { probeInjectors } from './probe.ts'
import { Session } from './session.ts'
import {
  isSync,
  POINT_FAMILIES,
  pointRanges,
  pointRows,
  pointsOf,
  syncIntervals,
  type CrashUnit,
  type FormSegment,
  type PointFamily,
  type Points,
  type Unit,
} from './unit.ts'

/** Events that a faulted run may make more than a whole run: retries and recoveries, generously. */
const EVENTS_FACTOR = 50
const EVENTS_EXTRA = 100_000

export type Prepared = Readonly<{
  context: RunContext
  request: CampaignRequest
  preparation: Preparation
  units: readonly Unit[]
  whole: WholeRun | undefined
}>

/**
 * The units of faults at points, and the recorded run, from one run of each: nothing is shown of the
 * scenario, so that many can be tried. Undefined if it does not run to its end. For crashes, the recorded run is enough.
 */
export async function prepareSearch(context: RunContext, request: CampaignRequest): Promise<Prepared | undefined> {
  if (contractBroken(context) !== undefined) return undefined
  const findings: Finding[] = []
  const whole = await runWhole(context, { sites: true })
  if (!whole.complete) return undefined
  findings.push(...whole.findings)
  context.eventsMax = whole.trace.count * EVENTS_FACTOR + EVENTS_EXTRA
  const segments = await countForms(context, request, whole, findings, countOnce)
  const grounds = await groundsOf(context, request)
  const units = makeUnits(context, request, whole, segments, grounds)
  const preparation = describe(context, request, whole, segments, units, grounds, findings)
  return { context, request, units, whole, preparation }
}

export async function prepareCampaign(context: RunContext, request: CampaignRequest): Promise<Prepared> {
  const findings: Finding[] = []
  const nestedFindings: CampaignFinding[] = []
  const refused = await validate(context)
  if (refused !== undefined) return refusal(context, request, [refused])
  const whole = await runWhole(context, { sites: true })
  const again = await runWhole(context, { sites: false })
  findings.push(...whole.findings)
  const difference = wholeDifference(context, whole, again)
  if (difference !== undefined) findings.push(difference)
  if (!whole.complete || difference !== undefined) return refusal(context, request, findings)
  context.eventsMax = whole.trace.count * EVENTS_FACTOR + EVENTS_EXTRA
  await learnSoundFiles(context, whole)
  const segments = await countForms(context, request, whole, findings)
  const probe = await probeInjectors(context, segments)
  findings.push(...probe)
  const grounds = await groundsOf(context, request)
  const units = [...makeUnits(context, request, whole, segments, grounds)]
  if (request.families.includes('recovery')) {
    const order = units.reduce((most, { summary }) => Math.max(most, summary.firstOrder + summary.planned), 0)
    const crashes = crashUnits(context, request, whole, 0, 0)
    const io: CampaignRequest = { ...request, families: ['io'], modes: ['once'] }
    const calls = makeUnits(context, io, whole, segments, []).filter((unit) => unit.kind === 'fault')
    const nested = await nestedUnits(context, request, { crashes, calls }, { index: units.length, order })
    units.push(...nested.units)
    nestedFindings.push(...nested.findings)
  }
  if (units.length === 0 && request.families.length > 0 && request.points === undefined)
    findings.push(untouched(request, whole))
  const preparation = describe(context, request, whole, segments, units, grounds, findings)
  const found = [...preparation.findings, ...nestedFindings]
  return { context, request, units, whole, preparation: { ...preparation, findings: found } }
}

/** Checks the recorded run's store once, so that the checks of later disks know its files. A check that fails notes none. */
async function learnSoundFiles(context: RunContext, { world: { disk } }: WholeRun): Promise<void> {
  const { loaded, soundFiles } = context
  if (loaded.scenario.verify === undefined || loaded.usesNodeFs || context.hasKitMutant) return
  const image = killedImage(disk.checkpoint())
  const world = context.world({ image, next: { process: 2, boot: 1 } }, context.trace(), { soundFiles })
  const session = new Session(loaded, world)
  if (!(await session.open()).ok) return
  soundFiles.learning = true
  await session.verify()
  soundFiles.learning = false
  await session.close()
}

function groundsOf(context: RunContext, { families }: CampaignRequest): Promise<readonly CorruptionGround[]> {
  return families.includes('corruption') ? corruptionGrounds(context) : Promise.resolve([])
}

/** Nothing that was asked for can go wrong: a campaign of no runs would pass whatever the store does. */
function untouched({ families }: CampaignRequest, { points }: WholeRun): Finding {
  const { allocations, calls } = points
  const takes =
    allocations.length + calls.length === 0
      ? 'the scenario takes nothing of its world'
      : `the scenario makes ${allocations.length} allocations and ${calls.length} file-system calls`
  const message = `${takes}, so nothing of the families ${families.join(', ')} can go wrong: it could not fail`
  return { ...violation('scenario-contract', message), step: 'open' }
}

async function countForms(
  context: RunContext,
  request: CampaignRequest,
  whole: WholeRun,
  findings: Finding[],
  count: typeof countTwice = countTwice,
): Promise<readonly FormSegment[]> {
  const segments: FormSegment[] = []
  const all = wholeSegment(context.loaded, emptyCheckpoint())
  const wholeCounted = whole.points
  if (request.forms.includes('linear')) {
    const { closed, finding } = await closedBorders(context)
    if (finding !== undefined) findings.push(finding)
    const borders = whole.killed.map((killed, steps): Border => ({ steps, killed, closed: closed[steps] }))
    for (const segment of linearSegments(context.loaded, emptyCheckpoint(), borders)) {
      const counted = await count(context, segment, findings)
      if (counted !== undefined) segments.push(formSegment('linear', segment, counted.points, counted.trace.digest()))
    }
    const rest = unreached(wholeCounted, segments)
    if (POINT_FAMILIES.some((family) => pointsOf(rest, family).length > 0))
      segments.push({ form: 'linear', segment: all, counted: rest, digest: numbersOf(rest), armedFrom: 1 })
  }
  if (request.forms.includes('warm')) segments.push(formSegment('warm', all, wholeCounted, numbersOf(wholeCounted)))
  return segments
}

function formSegment(form: Form, segment: Segment, counted: Points, digest: string): FormSegment {
  return { form, segment, counted, digest, armedFrom: counted.allocations[0]?.index ?? Infinity }
}

async function countOnce(context: RunContext, segment: Segment, findings: Finding[]): ReturnType<typeof countTwice> {
  const counted = await countSegment(context, segment, { sites: true })
  if (counted.finding === undefined) return counted
  findings.push(counted.finding)
  return undefined
}

async function countTwice(
  context: RunContext,
  segment: Segment,
  findings: Finding[],
): Promise<CountedSegment | undefined> {
  const first = await countSegment(context, segment, { sites: true })
  if (first.finding !== undefined) {
    findings.push(first.finding)
    return undefined
  }
  const second = await countSegment(context, segment, { sites: false })
  const difference = context.seams.difference(first.trace, second.trace)
  if (difference === undefined) return first
  const where = await whereTheyDiffer(context, segment)
  const message = `two runs of '${segment.label}' differ at ${where ?? difference}`
  findings.push({ ...violation('nondeterminism', message), step: segment.label })
  return undefined
}

/** Two more runs, with their events kept, to name the event. */
async function whereTheyDiffer(context: RunContext, segment: Segment): Promise<string | undefined> {
  const first = await countSegment(context, segment, { sites: false, keep: true })
  const second = await countSegment(context, segment, { sites: false, keep: true })
  return context.seams.difference(first.trace, second.trace)
}

function wholeDifference(context: RunContext, first: WholeRun, second: WholeRun): Finding | undefined {
  const difference = context.seams.difference(first.trace, second.trace)
  if (difference === undefined) return undefined
  const at = first.trace.events.findIndex((event, index) => event.digest !== second.trace.events[index]?.digest)
  const step = first.trace.events[Math.max(0, at)]?.phase ?? 'open'
  return { ...violation('nondeterminism', `two runs without a fault differ at ${difference}`), step }
}

/** Points of the whole run at call sites that no segment has. */
function unreached(whole: FormSegment['counted'], segments: readonly FormSegment[]): FormSegment['counted'] {
  const { allocations, calls, readings } = sitesOf(segments)
  return {
    allocations: whole.allocations.filter(({ tag, site }) => !allocations.has(`${tag} ${site}`)),
    calls: whole.calls.filter(({ call, site }) => !calls.has(`${call.kind} ${site}`)),
    // A choice has no site: every one of a step is met in that step's own segments.
    choices: [],
    readings: whole.readings.filter(({ site }) => !readings.has(site)),
  }
}

function sitesOf(
  segments: readonly FormSegment[],
): Readonly<{ allocations: Set<string>; calls: Set<string>; readings: Set<string> }> {
  const readings = new Set<string>()
  const allocations = new Set<string>()
  const calls = new Set<string>()
  for (const { counted } of segments) {
    for (const { tag, site } of counted.allocations) allocations.add(`${tag} ${site}`)
    for (const { call, site } of counted.calls) calls.add(`${call.kind} ${site}`)
    for (const { site } of counted.readings) readings.add(site)
  }
  return { allocations, calls, readings }
}

function makeUnits(
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

function crashUnits(
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

function describe(
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

function refusal(context: RunContext, request: CampaignRequest, findings: readonly Finding[]): Prepared {
  return {
    context,
    request,
    units: [],
    whole: undefined,
    preparation: {
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
    },
  }
}

/** A run that was counted before has its hash already; what it adds is how many of its points count. */
function numbersOf({ allocations, calls }: Points): string {
  return `${allocations.length} ${calls.length}`
}

function sum<T>(list: readonly T[], value: (entry: T) => number): number {
  return list.reduce((total, entry) => total + value(entry), 0)
}
