// harness/run/prepare.ts: everything that is fixed before the first fault: counting runs, checkpoints, numbers, units.
//
// 1. Every counting run is made twice and must have the same hash; a difference is a finding, never a retry.
// 2. A scenario that fails without a fault, or could not fail with one, gets a finding and no units.
// 3. Call sites of the whole run that no linear segment reaches are failed in the whole run, as the linear form's last
//    segment; their points follow on the others'.

import { violation } from '../oracles/index.ts'
import type { CampaignFinding, CampaignRequest, Form, Preparation } from '../plan/index.ts'
import { emptyCheckpoint, killedImage } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import { corruptionGrounds, type CorruptionGround } from './corruption-ground.ts'
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
import { describe, describeRefusal, untouched } from './describe-preparation.ts'
import { crashUnits, makeUnits } from './make-units.ts'
import { nestedUnits } from './nested/index.ts'
import { probeInjectors } from './probe.ts'
import { linearSegments, wholeSegment, type Border, type Segment } from './segment.ts'
import { Session } from './session.ts'
import { POINT_FAMILIES, pointsOf, type FormSegment, type Points, type Unit } from './unit.ts'
import { unreached } from './unreached.ts'

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

function refusal(context: RunContext, request: CampaignRequest, findings: readonly Finding[]): Prepared {
  return { context, request, units: [], whole: undefined, preparation: describeRefusal(context, findings) }
}

/** A run that was counted before has its hash already; what it adds is how many of its points count. */
function numbersOf({ allocations, calls }: Points): string {
  return `${allocations.length} ${calls.length}`
}
