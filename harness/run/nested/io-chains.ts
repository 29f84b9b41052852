// harness/run/nested/io-chains.ts: the chain of a failed sync: it fails, its pages dropped or kept; the process is killed,
// right then or once the step has unwound; another one opens the disk and commits; the power goes.
//
// 1. Each file and directory sync of the I/O family's segments, with EIO once. What a kill leaves in the cache and a later
//    sync of the same file does not cover is what the chain is about; other codes do the same to a disk.
// 2. What was acknowledged before is promised as ever; the step that met the failure may be there or not, until a later
//    acknowledgement without it.

import { stateAt } from '../../../faults/index.ts'
import { stateOptions, type CrashMomentPoint, type PlannedFault } from '../../explore/index.ts'
import { isCondition, type CampaignRequest } from '../../plan/index.ts'
import type { RunContext } from '../context.ts'
import { acknowledge } from '../counting.ts'
import { CrashRecorder, type Progress, type RecordedCall } from '../recorder.ts'
import { Session } from '../session.ts'
import { crashOptions } from '../sweep-crashes.ts'
import { armedFor, faultPlans } from '../sweep-faults.ts'
import type { Trace } from '../trace.ts'
import type { FaultUnit } from '../unit.ts'
import type { RunWorld } from '../world.ts'
import { crashedDisk, type CrashedDisk, type CrashingRun } from './crashed-disk.ts'

const KILL_ONLY = ['kill'] as const

/** A process that met a failed call: its calls from that one on, and the disk at each. */
export type FaultedProcess = Readonly<{
  run: CrashingRun
  recorded: readonly RecordedCall[]
  pointAt: (call: number, when: CrashMomentPoint['when']) => CrashMomentPoint
  trace: Trace
}>

/** The disks of killed processes whose sync failed, with what tells kinds of chains apart. `wants` is asked of each sync. */
export async function* chainDisks(
  context: RunContext,
  request: CampaignRequest,
  unit: FaultUnit,
  wants: (kind: string) => boolean,
): AsyncGenerator<Readonly<{ disk: CrashedDisk; kind: string }>, void> {
  const { points: _, ...rest } = request
  for (const plan of faultPlans({ context, request: { ...rest, modes: ['once'] } }, unit)) {
    const { fault, at } = plan
    const point = unit.points.calls[at]
    const isSync = point?.call.kind === 'sync' || point?.call.kind === 'syncDirectory'
    if (point === undefined || !isSync || fault.kind !== 'io') continue
    if (isCondition(fault) || fault.code !== 'EIO') continue
    const variant = ('variant' in fault ? fault.variant : undefined) ?? ''
    const kind = `${variant} ${point.site}`
    if (!wants(kind)) continue
    const process = await runFaulted(context, unit, plan, { keep: false })
    if (process === undefined) continue
    for (const recorded of new Set([process.recorded[0], process.recorded.at(-1)])) {
      if (recorded === undefined) continue
      const { image, call, when } = process.pointAt(recorded.point.call.index, 'after')
      const options = { ...stateOptions({ when }, crashOptions(context, undefined)), families: KILL_ONLY }
      for (const index of [0, 1]) {
        let state
        try {
          state = stateAt(image, context.model, { family: 'kill', index }, options)
        } catch (error) {
          if (error instanceof RangeError) break
          throw error
        }
        yield {
          disk: crashedDisk(process.run, { call, when }, state, recorded),
          kind: `${kind} ${index} ${recorded === process.recorded[0]}`,
        }
      }
    }
  }
}

/** Runs a segment up to the end of the phase that meets the fault. Undefined if none does. */
export async function runFaulted(
  context: RunContext,
  unit: FaultUnit,
  plan: PlannedFault,
  options: Readonly<{ keep: boolean }>,
): Promise<FaultedProcess | undefined> {
  const { loaded } = context
  const { segment, summary } = unit
  const armed = armedFor(context, unit, plan)
  const holder: { world?: RunWorld } = {}
  const crash = new CrashRecorder(() => {
    if (holder.world === undefined) throw new Error('the world is not made yet')
    return holder.world
  })
  const trace = context.trace({ keep: options.keep })
  const world = context.world(segment.start, trace, { faults: armed.faults, observers: [crash] })
  holder.world = world
  crash.begin()
  const { steps, durable } = segment.start
  let progress: Progress = { started: steps, acknowledged: steps, durable }
  const session = new Session(loaded, world)
  for (const [position, { phase }] of segment.phases.entries()) {
    crash.phase = position
    crash.progress = phase.kind === 'step' ? { ...progress, started: phase.step + 1 } : progress
    const attempt = await session.phase(phase)
    if (world.delivered > 0) break
    if (!attempt.ok) return undefined
    if (phase.kind === 'step') progress = acknowledge(session, progress, phase.step)
  }
  const failed = world.firstDelivery?.call?.index
  if (failed === undefined) return undefined
  return {
    run: {
      context,
      form: summary.form,
      faults: [plan.fault],
      text: `${plan.text} of '${segment.label}'`,
      phase: summary.phase,
      process: segment.start.next,
      digest: '',
      delivered: world.delivered,
    },
    recorded: crash.calls.filter(({ point }) => point.call.index >= failed),
    pointAt: (call, when) => ({ call, when, image: crash.images.at(call, when).image }),
    trace,
  }
}
