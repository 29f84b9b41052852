// harness/run/body-sweep.ts: an ordinary test body as a scenario of one step: every allocation and every file-system call
// that it makes of its world is failed in turn, each time in a new world on an empty disk.
//
// A body has no model and promises nothing of a crash, so only this is demanded of a run:
//
// 1. It ends in failure as intended: with the failure that was delivered, as its error or as that error's cause; where the
//    call only asks for another try (EINTR, a short call), it passes.
// 2. Unwinding never allocates.
// 3. At its end, however it ended, it holds nothing: no block, no handle.
// 4. Without a fault it passes, twice, with the same events.

import { allocationPlans, ioPlans, type PlannedFault } from '../explore/index.ts'
import { errorText, fingerprintOf, violation, type Violation } from '../oracles/index.ts'
import type { AllocationMode, Fault } from '../plan/index.ts'
import type { ErrorClass, Scenario, World } from '../../scenarios/index.ts'
import { armAllocation, armIo, type Armed } from './arm.ts'
import { innermost } from './call-site.ts'
import { emptyCheckpoint } from './checkpoint.ts'
import { RunContext } from './context.ts'
import { countSegment, type CountedSegment } from './counting.ts'
import { deliveryText } from './owed-error.ts'
import { LoadedScenario } from './loaded-scenario.ts'
import { REAL_SEAMS } from './seams.ts'
import type { Segment } from './segment.ts'
import { Session, type Failure } from './session.ts'
import type { Delivery, RunWorld } from './world.ts'

/** What fails in a body's world. */
export const BODY_FAMILIES = ['allocation', 'io'] as const
export type BodyFamily = (typeof BODY_FAMILIES)[number]

/** A fault that a body's run can have. */
export type BodyFault = Extract<Fault, { kind: BodyFamily }>

export type BodySweepOptions = Readonly<{
  families: readonly BodyFamily[]
  modes: readonly AllocationMode[]
  seed: number
  /** This fault alone: a replay. */
  only?: BodyFault
  /** Asked before each run; true ends the sweep. */
  stop: () => boolean | Promise<boolean>
}>

/** A defect, however many runs show it. */
export type BodyFinding = Violation &
  Readonly<{
    fingerprint: string
    /** Of the first run that showed it. */
    token: string
    /** The fault in a few words; undefined if there was none. */
    fault: string | undefined
    family: BodyFamily | 'none'
    runs: number
  }>

export type BodySweep = Readonly<{
  families: Readonly<Partial<Record<BodyFamily, Readonly<{ points: number; planned: number; run: number }>>>>
  findings: readonly BodyFinding[]
}>

export type Body = (world: World) => void | Promise<void>

/** Sweeps it. `name` is the scenario's in tokens. */
export async function sweepBody(name: string, body: Body, options: BodySweepOptions): Promise<BodySweep> {
  const context = contextOf(name, body, options.seed)
  const findings = new Map<string, BodyFinding>()
  const note = (
    found: Violation,
    plan: PlannedFault | undefined,
    family: BodyFinding['family'],
    site: string,
  ): void => {
    const fingerprint = fingerprintOf(found.oracle, name, 'step', `${family} ${site}`)
    const known = findings.get(fingerprint)
    const token = known?.token ?? context.token('warm', plan === undefined ? [] : [plan.fault])
    const first = known ?? { ...found, fingerprint, token, fault: plan?.text, family, runs: 0 }
    findings.set(fingerprint, { ...first, runs: first.runs + 1 })
  }
  const counted = await countedTwice(context, note)
  const families: Record<string, { points: number; planned: number; run: number }> = {}
  if (counted === undefined) return { families, findings: [...findings.values()] }
  for (const family of options.families) {
    const plans = [...plansOf(context, counted, family, options)]
    const row = {
      points: (family === 'io' ? counted.points.calls : counted.points.allocations).length,
      planned: plans.length,
      run: 0,
    }
    families[family] = row
    for (const plan of plans) {
      if (await options.stop()) break
      const { found, delivery } = await runOnce(context, armedAt(context, counted, plan))
      row.run += 1
      const place = delivery?.allocation?.tag ?? delivery?.call?.kind ?? ''
      if (found !== undefined) note(found, plan, family, `${place} ${innermost(delivery?.site ?? '')}`)
    }
  }
  return { families, findings: [...findings.values()] }
}

function contextOf(name: string, body: Body, seed: number): RunContext {
  const subject = { scenario: name, parameters: {}, seed, model: 'posix-minimal', sectorBytes: 512 } as const
  return new RunContext(new LoadedScenario(oneStep(name, body), {}), subject, REAL_SEAMS, () => 0)
}

function oneStep(name: string, body: Body): Scenario {
  const definition: Scenario<World, number> = {
    name,
    summary: 'a test body',
    parameters: {},
    open: (world) => world,
    steps: () => [{ name: 'body', run: body, model: (count) => count + 1 }],
    initial: () => 0,
    read: () => 0,
    close: () => {},
    classify: classifyDeep,
  }
  // The world is known to this scenario alone.
  return definition as unknown as Scenario
}

/** By the code of the error or of one that it names as its cause: a store may wrap what it was told. */
export function classifyDeep(error: unknown): ErrorClass {
  let at: unknown = error
  for (let depth = 0; depth < CAUSES_MAX && at instanceof Error; depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    if (code === 'ENOMEM') return { kind: 'out-of-memory' }
    if (/^E[A-Z]+$/.test(code)) return { kind: 'io', code }
    at = at.cause
  }
  return { kind: 'other' }
}

const CAUSES_MAX = 16

function wholeBody(): Segment {
  return {
    label: 'body',
    start: emptyCheckpoint(),
    phases: [
      { phase: { kind: 'open' }, swept: false },
      { phase: { kind: 'step', step: 0 }, swept: true },
    ],
  }
}

/** The points; undefined, and a finding, where nothing can be swept. */
async function countedTwice(
  context: RunContext,
  note: (found: Violation, plan: undefined, family: 'none', site: string) => void,
): Promise<CountedSegment | undefined> {
  const first = await countSegment(context, wholeBody(), { sites: true, keep: true })
  if (first.finding !== undefined) {
    note(first.finding, undefined, 'none', '')
    return undefined
  }
  const second = await countSegment(context, wholeBody(), { sites: true, keep: true })
  const difference = context.seams.difference(first.trace, second.trace)
  if (difference !== undefined) {
    note(violation('nondeterminism', `two runs without a fault differ at ${difference}`), undefined, 'none', '')
    return undefined
  }
  if (first.points.allocations.length + first.points.calls.length === 0) {
    note(
      violation('scenario-contract', 'the body takes nothing of its world: neither an allocation nor a call can fail'),
      undefined,
      'none',
      '',
    )
    return undefined
  }
  const { found } = await runOnce(context, undefined)
  if (found !== undefined) note(found, undefined, 'none', '')
  context.eventsMax = first.trace.count * EVENTS_FACTOR + EVENTS_EXTRA
  return first
}

/** Events that a faulted run may make more than a whole run. */
const EVENTS_FACTOR = 20
const EVENTS_EXTRA = 10_000

function* plansOf(
  context: RunContext,
  { points: { allocations, calls } }: CountedSegment,
  family: BodyFamily,
  { modes, only }: BodySweepOptions,
): Generator<PlannedFault, void> {
  const { seed, sectorBytes } = context.subject
  const selection = only === undefined ? undefined : { from: only.point, to: only.point }
  const plans =
    family === 'io'
      ? ioPlans(calls, 1, { modes, selection, sectorBytes })
      : allocationPlans(allocations, 1, {
          modes,
          selection,
          budgetBytes: undefined,
          probability: undefined,
          drawnTags: false,
          draw: (point) => context.seams.draw(seed, `probability ${point}`).integer(1),
        })
  for (const plan of plans) if (only === undefined || same(plan.fault, only)) yield plan
}

function same(left: object, right: object): boolean {
  return sortedText(left) === sortedText(right)
}

function sortedText(value: object): string {
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function armedAt(context: RunContext, counted: CountedSegment, { fault, at }: PlannedFault): Armed {
  if (fault.kind === 'allocation') {
    const point = counted.points.allocations[at]
    if (point !== undefined) return armAllocation(context, fault, point, counted.points.allocations[0]?.index ?? 1)
  } else if (fault.kind === 'io') {
    const point = counted.points.calls[at]
    if (point !== undefined) return armIo(context, fault, point)
  }
  throw new RangeError(`the body has no point ${at}`)
}

async function runOnce(
  context: RunContext,
  armed: Armed | undefined,
): Promise<Readonly<{ found: Violation | undefined; delivery: Delivery | undefined }>> {
  const options = armed === undefined ? {} : { faults: armed.faults }
  const world = context.world(emptyCheckpoint(), context.trace(), { sites: true, ...options })
  const session = new Session(context.loaded, world)
  await session.open()
  const attempt = await session.phase({ kind: 'step', step: 0 })
  const allocated = world.allocationsAfter('first')
  world.lift()
  const found =
    armed === undefined
      ? attempt.ok
        ? undefined
        : violation('scenario-failure', `the body fails without a fault: ${errorText(attempt.error)}`)
      : judge(armed, world, attempt.ok ? undefined : attempt, allocated)
  const held = session.world.held()
  return {
    found: found ?? (held === undefined ? undefined : violation('no-leak', `at its end the body holds ${held}`)),
    delivery: world.firstDelivery,
  }
}

function judge(armed: Armed, world: RunWorld, failure: Failure | undefined, allocated: number): Violation | undefined {
  const delivery = world.firstDelivery
  if (delivery === undefined) return violation('nondeterminism', 'the point of the counting run was not reached again')
  const what = deliveryText(delivery)
  if (failure === undefined) {
    return armed.owed === 'report' ? violation('failure-reported', `${what} failed, and the body passed`) : undefined
  }
  const text = errorText(failure.error)
  if (failure.hung) return violation('failure-reported', `${what} failed, and the body does not end: ${text}`)
  if (armed.owed === 'survive')
    return violation('survives', `${what} asked for another try, and the body failed: ${text}`)
  const wanted = delivery.allocation === undefined ? 'io' : 'out-of-memory'
  if (failure.class.kind !== wanted) {
    return violation('failure-reported', `${what} failed, and the body with another error: ${text}`)
  }
  if (allocated > 0) {
    return violation('no-allocation-after-failure', `${allocated} allocations after the failure of ${what}`)
  }
  return undefined
}
