// harness/run/counting.ts: runs without a fault: what they count, what they prove about the scenario, what they leave on
// the disk at every step border.
//
// 1. No counting run reads the store: reading would put events between those that a sweep numbers. That the model holds
//    is shown by a run of its own.
// 2. Borders come in two versions: killed (from the whole run) and closed (from a chain of runs, each of which opens the
//    disk that the one before it closed). Both are made in one pass over the steps.

import { isWrite } from '../../faults/index.ts'
import {
  auditClaims,
  errorText,
  plainDiff,
  plainEqual,
  TraceLint,
  violation,
  type Violation,
} from '../oracles/index.ts'
import { emptyCheckpoint, following, killedImage, type Checkpoint } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import { CrashRecorder, PointRecorder, type Progress } from './recorder.ts'
import { phaseName, wholePhases, type Segment } from './segment.ts'
import type { Points } from './unit.ts'
import { Session, type Failure, type Phase } from './session.ts'
import type { Trace } from './trace.ts'
import { WORLD_DIRECTORY, type RunWorld } from './world.ts'

/** What was found in a run without a fault. */
export type Finding = Violation & Readonly<{ step: string }>

export type WholeRun = Readonly<{
  trace: Trace
  world: RunWorld
  points: Points
  crash: CrashRecorder
  /** By number of steps; undefined where the scenario holds something open. */
  killed: readonly (Checkpoint | undefined)[]
  findings: readonly Finding[]
  /** False if the scenario did not run to its end. */
  complete: boolean
}>

/** Runs the whole scenario, recording everything. */
export async function runWhole(context: RunContext, options: Readonly<{ sites: boolean }>): Promise<WholeRun> {
  const { loaded } = context
  const findings: Finding[] = []
  const readOnly = loaded.scenario.recovery?.readOnly
  const lint = new TraceLint({ isPermanent: (path) => readOnly?.(`${WORLD_DIRECTORY}/${path}`) ?? false })
  let step = 'open'
  const holder: { world?: RunWorld } = {}
  const worldOf = (): RunWorld => {
    if (holder.world === undefined) throw new Error('the world is not made yet')
    return holder.world
  }
  const points = new PointRecorder(worldOf)
  const crash = new CrashRecorder(worldOf)
  const claims = claimObserver(context, worldOf, (message) =>
    findings.push({ ...violation('claim-audit', message), step }),
  )
  const trace = context.trace({ keep: true })
  const world = context.world(emptyCheckpoint(), trace, {
    sites: options.sites,
    observers: [lint, claims, points, crash],
  })
  holder.world = world
  crash.begin()
  const session = new Session(loaded, world)
  const killed: (Checkpoint | undefined)[] = []
  let complete = true
  for (const [position, phase] of wholePhases(loaded).entries()) {
    step = phaseName(loaded, phase)
    points.phase = position
    crash.phase = position
    if (phase.kind === 'step') crash.progress = { ...crash.progress, started: phase.step + 1 }
    const attempt = await session.phase(phase)
    if (!attempt.ok) {
      findings.push(scenarioFailure(attempt, step))
      complete = false
      break
    }
    if (phase.kind === 'step') {
      crash.progress = acknowledge(session, crash.progress, phase.step)
      if (crash.progress.durable === phase.step + 1) {
        const positions = loaded.scenario.acknowledgedPositions?.(session.currentStore) ?? []
        const message = auditClaims(world.disk.checkpoint(), positions, `the acknowledgement of '${step}'`)
        if (message !== undefined) findings.push({ ...violation('claim-audit', message), step })
      }
    }
    if (phase.kind !== 'close')
      killed.push(session.heldAtBorder() ? undefined : killedBorder(context, world, crash.progress))
    else {
      const held = session.held()
      if (held !== undefined) findings.push({ ...violation('no-leak', `after the close there remains: ${held}`), step })
    }
  }
  if (lint.broken !== undefined) findings.push({ ...violation('trace-lint', lint.broken), step })
  const disorder = context.seams.isolation(world.transactions)
  if (disorder !== undefined) findings.push({ ...disorder, step })
  return { trace, world, points, crash, killed, findings, complete }
}

/** Closed checkpoints by number of steps, each made from the one before it. */
export async function closedBorders(
  context: RunContext,
): Promise<Readonly<{ closed: readonly (Checkpoint | undefined)[]; finding: Finding | undefined }>> {
  const { loaded } = context
  const closed: (Checkpoint | undefined)[] = []
  let start: Checkpoint = emptyCheckpoint()
  while (start.steps < loaded.steps.length || closed.length === 0) {
    const world = context.world(start, context.trace())
    const session = new Session(loaded, world)
    let progress: Progress = { started: start.steps, acknowledged: start.steps, durable: start.durable }
    const failure = async (phase: Phase): Promise<Finding | undefined> => {
      const attempt = await session.phase(phase)
      return attempt.ok ? undefined : scenarioFailure(attempt, phaseName(loaded, phase))
    }
    let finding = await failure({ kind: 'open' })
    const last = closed.length === 0 ? 0 : loaded.steps.length
    while (finding === undefined && progress.acknowledged < last) {
      const step = progress.acknowledged
      finding = await failure({ kind: 'step', step })
      progress = acknowledge(session, progress, step)
      if (!session.heldAtBorder()) break
      closed.push(undefined)
    }
    if (finding !== undefined) return { closed, finding }
    if (session.heldAtBorder()) return { closed, finding: undefined }
    finding = await failure({ kind: 'close' })
    if (finding !== undefined) return { closed, finding }
    const { acknowledged: steps, durable } = progress
    start = { image: killedImage(world.disk.checkpoint()), next: following(start.next), steps, durable }
    closed.push(start)
  }
  return { closed, finding: undefined }
}

export type CountedSegment = Readonly<{
  trace: Trace
  points: Points
  finding: Finding | undefined
}>

/** Runs a segment without a fault, noting the points of its swept phases. */
export async function countSegment(
  context: RunContext,
  segment: Segment,
  options: Readonly<{ sites: boolean; keep?: boolean }>,
): Promise<CountedSegment> {
  const { loaded } = context
  const holder: { world?: RunWorld } = {}
  const points = new PointRecorder(() => {
    if (holder.world === undefined) throw new Error('the world is not made yet')
    return holder.world
  })
  const trace = context.trace({ keep: options.keep ?? false })
  const world = context.world(segment.start, trace, { sites: options.sites, observers: [points] })
  holder.world = world
  const session = new Session(loaded, world)
  let finding: Finding | undefined
  for (const [position, { phase, swept }] of segment.phases.entries()) {
    points.phase = position
    points.swept = swept
    world.sitesNoted = swept
    const attempt = await session.phase(phase)
    if (attempt.ok) continue
    finding = scenarioFailure(attempt, phaseName(loaded, phase))
    break
  }
  return { trace, points, finding }
}

/** What makes a scenario one that could not fail, without running it. */
export function contractBroken({ loaded }: RunContext): Finding | undefined {
  if (loaded.steps.length === 0) return refuse('open', 'the scenario has no steps: it acknowledges nothing')
  if (loaded.models.every((model) => plainEqual(model, loaded.models[0])))
    return refuse('open', 'no step changes the model: the scenario could not fail')
  return undefined
}

/** Runs the scenario reading it back at every border; and what makes a scenario that could not fail. */
export async function validate(context: RunContext): Promise<Finding | undefined> {
  const { loaded } = context
  const broken = contractBroken(context)
  if (broken !== undefined) return broken
  const addons = loaded.strangeAddons()
  if (addons.length > 0)
    return refuse(
      'open',
      `the native addon '${addons.join("', '")}' was loaded: what it stores goes past the simulated disk; name it in 'usesNodeFs.harmlessAddons' if it stores nothing`,
    )
  const world = context.world(emptyCheckpoint(), context.trace())
  const session = new Session(loaded, world)
  for (const phase of wholePhases(loaded)) {
    const step = phaseName(loaded, phase)
    const attempt = await session.phase(phase)
    if (!attempt.ok) return scenarioFailure(attempt, step)
    if (phase.kind === 'close') break
    const model = loaded.models[phase.kind === 'step' ? phase.step + 1 : 0]
    const read = await session.read()
    if (!read.ok) return scenarioFailure(read, step)
    if (!plainEqual(model, read.value))
      return refuse(step, `after '${step}' the store does not read as the model says: ${plainDiff(model, read.value)}`)
    const unlawful = loaded.broken(model)
    if (unlawful !== undefined) return { ...violation('invariant', `after '${step}': ${unlawful}`), step }
  }
  return undefined
}

function refuse(step: string, message: string): Finding {
  return { ...violation('scenario-contract', message), step }
}

/** What is promised after a step returned. */
export function acknowledge(session: Session, progress: Progress, step: number): Progress {
  const durability = session.loaded.step(step).durability ?? 'durable'
  const acknowledged = step + 1
  const durable = durability === 'durable' ? acknowledged : session.durableSteps(acknowledged, progress.durable)
  return { started: acknowledged, acknowledged, durable }
}

function killedBorder(context: RunContext, world: RunWorld, progress: Progress): Checkpoint {
  const image = context.seams.killed(killedImage(world.disk.checkpoint()))
  return { image, next: { process: 2, boot: 1 }, steps: progress.acknowledged, durable: progress.durable }
}

function scenarioFailure(failure: Failure, step: string): Finding {
  const what = failure.hung ? 'does not end' : 'fails'
  return { ...violation('scenario-failure', `'${step}' ${what} without a fault: ${errorText(failure.error)}`), step }
}

function claimObserver(
  context: RunContext,
  worldOf: () => RunWorld,
  complain: (message: string) => void,
): Pick<CrashRecorder, 'afterCall'> {
  const { scenario } = context.loaded
  return {
    afterCall: (call, result, bytes) => {
      if (scenario.claims === undefined || !isWrite(call.kind) || bytes === undefined || result.code !== undefined)
        return
      const world = worldOf()
      const path = `${WORLD_DIRECTORY}/${call.path}`
      const claims = scenario.claims(world, path, bytes, call.offsetBytes ?? 0)
      const message = auditClaims(
        world.disk.checkpoint(),
        claims,
        `what is written to '${path}' at ${call.offsetBytes ?? 0}`,
      )
      if (message !== undefined) complain(message)
    },
  }
}
