// harness/run/disk-judge.ts: judges the disks that the runs of a unit leave, each distinct one once.
//
// 1. Distinct is what differs in image, process number or promise: everything that a verdict depends on.
// 2. Verdicts are kept for one unit and in bounded number; forgetting one costs time and changes nothing.

import type { DiskImage } from '../../faults/index.ts'
import type { RunContext } from './context.ts'
import { judgeRecovery, lossOf, type RecoveryVerdict } from './recovery.ts'
import type { Trace } from './trace.ts'
import type { ProcessNumber } from './world.ts'

const VERDICTS_MAX = 4096

export type DiskQuestion = Readonly<{
  image: DiskImage
  /** The power is cut first: of what is pending nothing survives. */
  power: boolean
  next: ProcessNumber
  low: number
  high: number
  /** Number of steps before the one that failed, whose parts may be there. */
  underWay: number | undefined
  purpose: 'unwinding' | 'reopen'
  /** A device has lied: damage may be found, as long as it is found. */
  mayDetect?: boolean
}>

export class DiskJudge {
  recoveryMs = 0
  checkMs = 0
  private readonly context: RunContext
  private readonly verdicts = new Map<string, RecoveryVerdict>()
  private readonly keep: ((trace: Trace) => void) | undefined

  constructor(context: RunContext, keep?: (trace: Trace) => void) {
    this.context = context
    this.keep = keep
  }

  /** Undefined where the persistence model has no power loss. */
  async judge(question: DiskQuestion): Promise<RecoveryVerdict | undefined> {
    const { context } = this
    const { power, next, low, high, underWay, purpose } = question
    const image = power ? lossOf(context, question.image) : question.image
    if (image === undefined) return undefined
    const mayDetect = question.mayDetect === true || (power && mayDetectBetween(context, low, high))
    const key = `${context.seams.identity(image)} ${next.process} ${next.boot} ${low} ${high} ${underWay ?? ''} ${purpose} ${mayDetect}`
    const known = this.verdicts.get(key)
    if (known !== undefined && this.keep === undefined) return known
    const verdict = await judgeRecovery(
      context,
      { image, next, promised: { low, high, underWay, mayDetect, power }, purpose, cutAgain: purpose === 'unwinding' },
      this.keep,
    )
    this.recoveryMs += verdict.recoveryMs
    this.checkMs += verdict.checkMs
    if (this.verdicts.size >= VERDICTS_MAX) this.verdicts.clear()
    this.verdicts.set(key, verdict)
    return verdict
  }
}

/** Whether a step that promises no more than detection lies between those that are safe and those that may be there. */
export function mayDetectBetween(context: RunContext, low: number, high: number): boolean {
  const { steps } = context.loaded
  for (let step = low; step < high; step += 1) if (steps[step]?.durability === 'kill-only') return true
  return false
}
