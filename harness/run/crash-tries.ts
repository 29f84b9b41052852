// harness/run/crash-tries.ts: crash states to try in place of a plan's own, where its subject is another one by now.
//
// 1. `statesAlike`: the plan's own state at each call, then all states of its family. `statesBefore`: simpler ones, the
//    simplest first, up to the plan's own.

import { crashStates, isWrite, stateAt, type CrashFamily, type CrashState } from '../../faults/index.ts'
import { stateOptions, type CrashMomentPoint } from '../explore/index.ts'
import type { Fault } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import { locate, RECORDED_RUN } from './identity.ts'
import type { RecordedCall } from './recorder.ts'
import { crashOptions } from './sweep-crashes.ts'

export type CrashFault = Extract<Fault, { kind: 'crash' }>
export type CrashTry = Readonly<{ recorded: RecordedCall; point: CrashMomentPoint; state: CrashState }>

/** Crash states, the simplest to tell first. */
const SIMPLEST_FIRST: readonly CrashFamily[] = [
  'none',
  'kill',
  'prefix',
  'all-but-one',
  'only-one',
  'size-first',
  'data-first',
  'names',
  'torn',
  'subset',
]

export function ownCall(calls: readonly RecordedCall[], fault: CrashFault): RecordedCall | undefined {
  const points = calls.map(({ point }) => point)
  const { place } = locate([{ label: RECORDED_RUN, firstPoint: points[0]?.call.index ?? 1, points }], fault)
  return place && calls[place.at]
}

export type ImageAt = (call: number, when: CrashFault['when']) => CrashMomentPoint['image']

/** The fault's own state at each call, then all states of its family. */
export function* statesAlike(
  context: RunContext,
  calls: readonly RecordedCall[],
  { when, state: { family, index } }: CrashFault,
  imageAt: ImageAt,
): Generator<CrashTry, void> {
  const points = calls.map((recorded) => ({ recorded, point: momentOf(recorded, when, imageAt) }))
  for (const { recorded, point } of points) {
    const state = ownState(context, point, { family, index })
    if (state !== undefined) yield { recorded, point, state }
  }
  for (const { recorded, point } of points)
    for (const state of statesOf(context, point, [family])) yield { recorded, point, state }
}

/** States of simpler families at all points, then those of the fault's own at points before it, and before it there. */
export function* statesBefore(
  context: RunContext,
  calls: readonly RecordedCall[],
  { point: last, when: lastWhen, state: { family: lastFamily, index: lastIndex } }: CrashFault,
  imageAt: ImageAt,
): Generator<CrashTry, void> {
  for (const family of SIMPLEST_FIRST) {
    for (const recorded of calls) {
      for (const when of ['before', 'within', 'after'] as const) {
        const { kind, index: call } = recorded.point.call
        if (when === 'within' && (!isWrite(kind) || family !== 'kill')) continue
        const isLast = family === lastFamily && call === last && when === lastWhen
        const point = momentOf(recorded, when, imageAt)
        for (const state of statesOf(context, point, [family])) {
          if (isLast && state.id.index >= lastIndex) return
          yield { recorded, point, state }
        }
        if (isLast) return
      }
    }
    if (family === lastFamily) return
  }
}

function momentOf({ point }: RecordedCall, when: CrashFault['when'], imageAt: ImageAt): CrashMomentPoint {
  const { index: call } = point.call
  return { call, when, image: imageAt(call, when) }
}

export function statesOf(
  context: RunContext,
  point: CrashMomentPoint,
  families: readonly CrashFamily[],
): Generator<CrashState, void> {
  return crashStates(point.image, context.model, { ...stateOptions(point, crashOptions(context, undefined)), families })
}

export function ownState(
  context: RunContext,
  point: CrashMomentPoint,
  id: CrashFault['state'],
): CrashState | undefined {
  try {
    return stateAt(point.image, context.model, id, stateOptions(point, crashOptions(context, undefined)))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
