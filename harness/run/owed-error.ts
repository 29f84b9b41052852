// harness/run/owed-error.ts: whether a phase that met a fault failed with the error that is owed for it.
//
// 1. Who owes success may not fail; who owes a report fails with the class of what was done to it: out of memory, or an
//    error of input and output with the code, the operation and the path of the call that failed.
// 2. A program may always say that the outcome is unknown; that it must be opened again, only where it may end.

import { errorText, violation, type Violation } from '../oracles/index.ts'
import type { Armed } from './arm.ts'
import type { Failure } from './session.ts'
import type { Delivery } from './world.ts'

export type Met = Readonly<{
  armed: Armed
  /** The first fault that was delivered. */
  delivery: Delivery | undefined
  /** Faults delivered so far. */
  delivered: number
  /** The phase that failed, in words. */
  phaseText: string
}>

/** What is wrong with the error; undefined if it is the one that is owed. */
export function wrongError(failure: Failure, met: Met): Violation | undefined {
  const { armed, delivery, phaseText } = met
  const text = errorText(failure.error)
  // Whoever waits for a slow call, and has a limit to that, may say so.
  if (armed.condition === 'slow' && failure.class.kind === 'timed-out') return undefined
  if (armed.owed === 'survive') {
    const disturbance = isTiming(armed)
      ? timingText(armed)
      : `${deliveryText(delivery)} ${DISTURBANCES[armed.condition ?? 'none']}`
    return violation('survives', `${disturbance}, and '${phaseText}' failed: ${text}`)
  }
  const failed = `${deliveryText(delivery)} failed, and `
  if (armed.owed === 'benign')
    return violation(
      'benign-site',
      `${deliveryText(delivery)} is declared harmless, and '${phaseText}' failed: ${text}`,
    )
  const { kind } = failure.class
  if (delivery?.allocation !== undefined)
    return kind === 'out-of-memory'
      ? undefined
      : violation('failure-reported', `${failed}'${phaseText}' failed with another error: ${text}`)
  if (kind === 'outcome-unknown') return undefined
  if (kind === 'must-reopen' && !armed.mustStayOpen) return undefined
  if (kind === 'corruption' && armed.owed === 'detect') return undefined
  if (kind !== 'io') return violation('failure-reported', `${failed}'${phaseText}' with another error: ${text}`)
  const misnamed = misnamedCall(failure.class, met)
  return misnamed === undefined ? undefined : violation('failure-reported', `${failed}${misnamed}: ${text}`)
}

/** What the error says of the call that failed, where it is another one's; only of a single failed call. */
function misnamedCall(
  { code, operation, path }: Extract<Failure['class'], { kind: 'io' }>,
  { armed, delivery, delivered }: Met,
): string | undefined {
  const call = delivery?.call
  if (armed.faults.decide === undefined || call === undefined || delivered > 1) return undefined
  if (armed.code !== undefined && code !== '' && code !== armed.code)
    return `the error's code is '${code}', not ${armed.code}`
  if (operation !== undefined && operation !== call.kind) return `the error names the operation '${operation}'`
  if (path !== undefined && call.kind !== 'rename' && !path.endsWith(call.path)) return `the error names '${path}'`
  return undefined
}

/** What a call did that nobody has to notice. */
const DISTURBANCES: Readonly<Record<NonNullable<Armed['condition']> | 'none', string>> = {
  none: 'asked for another try',
  slow: 'took long',
  lie: 'was acknowledged and not done',
  'write-back': 'came after a failed write-back',
  full: 'met a full disk',
  outage: 'met a device that was out of order',
}

/** What failed, in few words. */
export function deliveryText(delivery: Delivery | undefined): string {
  if (delivery === undefined) return 'nothing'
  const { allocation, call } = delivery
  if (allocation !== undefined) return `an allocation of ${allocation.byteLength} bytes '${allocation.tag}'`
  return call === undefined ? 'a call' : `${call.kind} of '${call.path}'`
}

/** Whether the fault is one of order or of time, after which nothing may fail. */
export function isTiming({ faults }: Armed): boolean {
  return faults.schedule !== undefined || faults.clock !== undefined
}

function timingText({ faults }: Armed): string {
  return faults.schedule === undefined ? 'the clock was wrong' : 'what was ready was done in another order'
}
