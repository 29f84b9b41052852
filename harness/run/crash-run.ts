// harness/run/crash-run.ts: the crash states of one sync interval: each distinct one is recovered and judged once.
//
// 1. Two states are one if image, kind of crash and promise are the same: then everything after the crash is the same.
// 2. After a power loss the boot is another one; the process that recovers is another one always.
// 3. What was promised at a crash: not less than what was acknowledged (and durable, if the power goes), not more than
//    what was begun.

import type { CrashMomentPoint } from '../explore/index.ts'
import { following } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import { mayDetectBetween } from './disk-judge.ts'
import type { RecoveryCase } from './recovery.ts'
import type { Progress } from './recorder.ts'
import type { ProcessNumber } from './world.ts'
import type { CrashState, DiskImage } from '../../faults/index.ts'

/** Families after which the power is cut again, once the recovered store has committed: one of each point's extremes. */
const CUT_AGAIN: readonly string[] = ['kill', 'none']

/** A state of the crash sweep, ready to be recovered. */
export type CrashCase = Readonly<{
  /** Equal keys, equal verdicts. */
  key: string
  given: RecoveryCase
}>

/** What `progress` promises of a disk after a crash of the process `crashed`: the first one, but where recovery crashes. */
export function crashCase(
  context: RunContext,
  state: CrashState,
  progress: Progress,
  crashed: ProcessNumber = { process: 1, boot: 1 },
): CrashCase {
  const image = context.seams.crashImage(state)
  const power = state.id.family !== 'kill'
  const low = power || hasEvicted(image) ? progress.durable : progress.acknowledged
  const high = progress.started
  const underWay = progress.started > progress.acknowledged ? progress.acknowledged : undefined
  const cutAgain = CUT_AGAIN.includes(state.id.family)
  return {
    key: `${context.seams.identity(image)} ${low} ${high} ${underWay ?? ''} ${power} ${cutAgain}`,
    given: {
      image,
      next: following(crashed, power),
      promised: { low, high, underWay, mayDetect: power && mayDetectBetween(context, low, high), power },
      purpose: 'crash',
      cutAgain,
    },
  }
}

/**
 * Whether pages that a failed sync dropped have left the cache since: then a kill takes what was only in it, as a loss of
 * power would.
 */
export function hasEvicted({ nodes }: DiskImage): boolean {
  for (const node of nodes.values()) if (node.kind === 'file' && node.evicted.size > 0) return true
  return false
}

/** Notes which points were seen: a point with the disk and the promise of an earlier one has only its twins. */
export class PointTwins {
  private readonly seen = new Map<DiskImage, Set<string>>()

  /** Whether all states of the point are twins of an earlier point's. */
  isTwin(point: CrashMomentPoint, { started, acknowledged, durable }: Progress): boolean {
    const key = `${started} ${acknowledged} ${durable} ${point.when === 'within'}`
    const keys = this.seen.get(point.image)
    if (keys === undefined) {
      this.seen.set(point.image, new Set([key]))
      return false
    }
    if (keys.has(key)) return true
    keys.add(key)
    return false
  }
}
