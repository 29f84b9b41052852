// harness/vitest/sweep-suite.ts: an ordinary test body, run again with each of its allocations and file-system calls
// failed in turn.
//
// 1. The body takes what it uses from the world that it is given, and gives it back however it ends (`using`, `finally`).
// 2. As a campaign, it is run while tests are collected, bounded by its budget.
// 3. A name is a scenario's: it is in the tokens, so no two bodies that are swept have the same.

import { describe, it } from 'vitest'
import { parseDuration } from '../cli/index.ts'
import { decodeToken, type FaultPlan } from '../plan/index.ts'
import { BODY_FAMILIES, sweepBody, type Body, type BodyFamily, type BodyFault } from '../run/index.ts'
import { Machine } from '../host/index.ts'
import { defectName, PowercutFailure, vitestReplay, wantedToken } from './failure.ts'

export type SweepTestOptions = Readonly<{
  /** Default: both. */
  faults?: readonly BodyFamily[]
  /** Default: once and from. */
  mode?: readonly ('once' | 'from')[]
  seed?: number
  /** Such as `90s`. Default: 30s. */
  budget?: string
  /** What the budget left out shows as a skipped test, not as a failed one. */
  allowIncomplete?: boolean
}>

/** Declares the suite of one body. */
export function sweep(name: string, body: Body, options: SweepTestOptions = {}): void {
  const { faults = BODY_FAMILIES, mode = ['once', 'from'], seed = 1, budget = '30s' } = options
  describe(`powercut ${name}`, async () => {
    const machine = new Machine('')
    const token = wantedToken()
    const plan = token === undefined ? undefined : decodeToken(token).plan
    if (plan !== undefined && plan.subject.scenario !== name) {
      it.skip(`has no part in ${token ?? ''}`, () => {})
      return
    }
    const only = plan === undefined ? undefined : pointFaultOf(plan)
    const endMs = machine.nowMs() + parseDuration('The budget of sweep()', budget)
    const { families, findings } = await sweepBody(name, body, {
      families: only === undefined ? faults : [only.kind],
      modes: only === undefined ? mode : ['once', 'from'],
      seed: plan?.subject.seed ?? seed,
      ...(only === undefined ? {} : { only }),
      stop: () => machine.nowMs() >= endMs,
    })
    let left = 0
    for (const [family, { points, planned, run }] of Object.entries(families)) {
      left += planned - run
      if (points === 0 || findings.some((finding) => finding.family === family)) continue
      it(`fails as intended in ${run} ${family} runs over ${points} points`, () => {
        if (run === 0) throw new Error(`no ${family} run was made`)
      })
    }
    for (const finding of findings) {
      const defect = { ...finding, place: finding.family === 'none' ? undefined : finding.family }
      it(defectName(defect), ({ task }) => {
        throw new PowercutFailure(defect, vitestReplay(finding.token, task.file.name))
      })
    }
    if (left === 0) return
    it('fails at every point', ({ skip }) => {
      const text = `The budget of ${budget} was spent: ${left} runs were not made.`
      if (options.allowIncomplete === true) skip(text)
      throw new Error(text)
    })
  })
}

function pointFaultOf({ faults }: FaultPlan): BodyFault | undefined {
  const [fault] = faults
  return fault?.kind === 'allocation' || fault?.kind === 'io' ? fault : undefined
}
