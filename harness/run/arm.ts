// harness/run/arm.ts: a fault as data turned into what injectors ask, and what the program owes for it.
//
// 1. `first` is the number, in the run's own count, of the point that the fault names. Nothing before it is touched.
// 2. A persistent I/O fault hits every later call to which its code applies; a short one, calls of the same kind.

import {
  applicableCodes,
  isWrite,
  outcomeOwed,
  type AllocationFault,
  type CallDecision,
  type FileSystemCallInfo,
  type IoFault,
  type IoCondition,
  type IoVariant,
  type OutcomeOwed,
} from '../../faults/index.ts'
import type { FileSystemCall } from '../../engine/ports/index.ts'
import type { AllocationPoint, CallPoint, ChoicePoint, ReadingPoint } from '../explore/index.ts'
import { isCondition, type CallFault, type ConditionFault, type Fault } from '../plan/index.ts'
import type { RunContext } from './context.ts'
import type { ArmedFaults } from './world.ts'

/** What is armed, and what the program owes for it. */
export type Armed = Readonly<{
  faults: ArmedFaults
  owed: OutcomeOwed | 'benign'
  /** Only a retry without a reopen will do. */
  mustStayOpen: boolean
  /** A run in which nothing was delivered is no defect of the campaign. */
  mayMiss: boolean
  /** Call site of the point; undefined where the fault may strike elsewhere first. */
  site: string | undefined
  /** The errno code of an I/O fault; undefined for a short transfer and for what is no call. */
  code?: string
  /** What the process had not synced is gone for it, too: it can no longer be read. */
  evicts: boolean
  /** The condition of the device that sets in, if the fault is one. */
  condition?: IoCondition['mode']
  /** After this fault it is not known whether the step's effect is there. */
  outcomeUnknown: boolean
}>

/** `armedFrom` is the first allocation of the swept phases: where budgets and random faults begin. */
export function armAllocation(
  context: RunContext,
  fault: Extract<Fault, { kind: 'allocation' }>,
  point: AllocationPoint,
  armedFrom: number,
): Armed {
  const benign = context.loaded.scenario.benignTags?.[point.tag] !== undefined
  const chosen = fault.mode === 'once' || fault.mode === 'from'
  return {
    faults: { armedFrom, allocations: [allocationFault(context, fault, point)], decide: undefined },
    owed: benign && fault.mode === 'once' ? 'benign' : 'report',
    mustStayOpen: true,
    mayMiss: !chosen,
    site: chosen ? point.site : undefined,
    evicts: false,
    outcomeUnknown: false,
  }
}

/** Another order of what was ready anyway: nothing may fail, and nothing may be seen that no serial order explains. */
export function armSchedule(fault: Extract<Fault, { kind: 'schedule' }>, point: ChoicePoint): Armed {
  return timing({ schedule: { from: point.index, choices: fault.choices } })
}

/** A wrong clock is no error: the program goes on, and what it did is right. */
export function armClock(fault: Extract<Fault, { kind: 'clock' }>, point: ReadingPoint): Armed {
  const { change, ms } = fault
  // A clock that would have stood still anyway is not wrong.
  return { ...timing({ clock: { from: point.index, change, ms } }), mayMiss: change === 'still' }
}

function timing(faults: Pick<ArmedFaults, 'schedule' | 'clock'>): Armed {
  return {
    faults: { armedFrom: Infinity, allocations: [], decide: undefined, ...faults },
    owed: 'survive',
    mustStayOpen: true,
    mayMiss: false,
    site: undefined,
    evicts: false,
    outcomeUnknown: false,
  }
}

export function armIo(context: RunContext, fault: CallFault, point: CallPoint): Armed {
  return isCondition(fault) ? armCondition(context, fault, point) : armFailure(context, fault, point)
}

/**
 * A slow device and one that lies are not noticed by a program that runs. One that is full may be made room on, and a failed
 * write-back may concern what is written again anyway: a report or a right result.
 */
function armCondition({ seams }: RunContext, fault: ConditionFault, { call, site }: CallPoint): Armed {
  const { mode } = fault
  const at = (decision: CallDecision) => (now: FileSystemCallInfo) => (now.index === call.index ? decision : undefined)
  const armed = (
    decide: Parameters<typeof seams.decideWith>[0],
    rest: Pick<Armed, 'owed'> & Partial<Armed>,
  ): Armed => ({
    faults: { armedFrom: Infinity, allocations: [], decide: seams.decideWith(decide) },
    mustStayOpen: true,
    mayMiss: false,
    site,
    condition: mode,
    evicts: false,
    outcomeUnknown: false,
    ...rest,
  })
  switch (mode) {
    case 'slow':
      return armed(at({ kind: 'slow', ms: fault.ms }), { owed: 'survive' })
    case 'lie':
      return armed(at({ kind: 'lie' }), { owed: 'survive' })
    case 'write-back':
      return armed(at({ kind: 'write-back', variant: fault.variant }), {
        owed: 'either',
        mustStayOpen: false,
        evicts: fault.variant === 'pages-evicted',
        outcomeUnknown: true,
      })
    case 'full': {
      const decision = { kind: 'full', freeBytes: fault.freeBytes } as const
      return armed((now) => (now.index >= call.index && isWrite(now.kind) ? decision : undefined), {
        owed: 'either',
        code: 'ENOSPC',
      })
    }
    case 'outage': {
      const { code, variant, calls } = fault
      let left = calls
      return armed(
        (now) => {
          if (now.index < call.index || left === 0 || !applicableCodes(now.kind).includes(code)) return undefined
          left -= 1
          return failureOf(now.kind, call.kind, { code, variant })
        },
        {
          owed: 'report',
          mustStayOpen: code === 'ENOSPC',
          code,
          outcomeUnknown: call.kind === 'sync' || call.kind === 'syncDirectory',
        },
      )
    }
    default:
      return fault satisfies never
  }
}

function armFailure(context: RunContext, fault: Exclude<CallFault, ConditionFault>, point: CallPoint): Armed {
  const { kind } = point.call
  const io: IoFault =
    'bytes' in fault
      ? { code: 'short', bytes: fault.bytes }
      : { code: fault.code, ...(fault.variant === undefined ? {} : { variant: fault.variant }) }
  const decide = decideFor(fault, point.call)
  return {
    faults: { armedFrom: Infinity, allocations: [], decide: context.seams.decideWith(decide) },
    owed: outcomeOwed(kind, io, fault.mode),
    mustStayOpen: fault.code === 'ENOSPC' || fault.code === 'EDQUOT' || fault.code === 'short',
    mayMiss: false,
    site: point.site,
    evicts: !('bytes' in fault) && fault.variant === 'pages-evicted',
    ...('bytes' in fault ? {} : { code: fault.code }),
    outcomeUnknown: kind === 'sync' || kind === 'syncDirectory',
  }
}

function allocationFault(
  context: RunContext,
  fault: Extract<Fault, { kind: 'allocation' }>,
  point: AllocationPoint,
): AllocationFault {
  switch (fault.mode) {
    case 'once':
    case 'from':
      return { mode: fault.mode, index: point.index }
    case 'budget':
      return { mode: 'budget', bytes: fault.bytes }
    case 'random': {
      const draws = context.seams.draw(context.subject.seed, `allocation faults ${fault.point}`)
      const applies = fault.tags === 'drawn' ? drawnTags(context, fault.point) : () => true
      // One draw for each allocation, whether its tag is in or not.
      return { mode: 'random', refuses: (_index, _bytes, tag) => draws.chance(fault.probability) && applies(tag) }
    }
    default:
      return fault satisfies never
  }
}

/** Which tags a random fault applies to: each with one half, by seed and point. */
function drawnTags({ seams, subject }: RunContext, point: number): (tag: string) => boolean {
  const known = new Map<string, boolean>()
  return (tag) => {
    const isIn = known.get(tag) ?? seams.draw(subject.seed, `tag ${tag} ${point}`).chance(0.5)
    known.set(tag, isIn)
    return isIn
  }
}

function decideFor(
  fault: Exclude<CallFault, ConditionFault>,
  point: FileSystemCallInfo,
): (call: FileSystemCallInfo) => CallDecision | undefined {
  const decisionAt = (kind: FileSystemCall): CallDecision =>
    'bytes' in fault ? { kind: 'short', bytes: fault.bytes } : failureOf(kind, point.kind, fault)
  if (fault.mode === 'once') return (call) => (call.index === point.index ? decisionAt(call.kind) : undefined)
  const applies = (kind: FileSystemCall): boolean =>
    fault.code === 'short' ? kind === point.kind : applicableCodes(kind).includes(fault.code)
  return (call) => (call.index >= point.index && applies(call.kind) ? decisionAt(call.kind) : undefined)
}

/**
 * How a call of a kind fails where calls fail from one of the kind `first` on. The variant says what becomes of a file's
 * pages; a directory's names stay pending unless the fault is put to a directory sync itself: nobody could promise
 * anything after they were lost.
 */
function failureOf(
  kind: FileSystemCall,
  first: FileSystemCall,
  { code, variant }: Readonly<{ code: string; variant?: IoVariant | undefined }>,
): CallDecision {
  const keepsNames = kind === 'syncDirectory' && first !== 'syncDirectory' && variant !== undefined
  return { kind: 'error', code, variant: keepsNames ? 'pages-kept' : variant }
}
