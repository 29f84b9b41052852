// faults/wrappers/io-conditions.ts: states that a device can be in beside the failure of one call, as data: slow, full,
// out of order for a while, failing in the background, lying.
//
// 1. `ioConditions` is a pure function of the call and of what is pending: the same call meets the same conditions in the
//    same order on every machine.
// 2. Every condition listed for a call strikes there: a plan that cannot be delivered is not made.

import type { FileSystemCall } from '../../engine/ports/index.ts'
import { IO_FAULTS, isWrite, type IoVariant } from './io-faults.ts'

/** What a failed write-back leaves of the pages: clean and still read, or no longer cached either. */
export type WriteBackVariant = Extract<IoVariant, 'pages-dropped' | 'pages-evicted'>

export type IoCondition =
  /** The call, and so many in all of it and the later ones that `code` applies to, fail; then the device works again. */
  | Readonly<{ mode: 'outage'; code: string; variant?: IoVariant; calls: number }>
  /** From the call on files may grow by `freeBytes`, more as soon as something is deleted or cut: ENOSPC beyond it. */
  | Readonly<{ mode: 'full'; freeBytes: number }>
  /** The call takes so long on the world's clock, and does what it should. */
  | Readonly<{ mode: 'slow'; ms: number }>
  /** Before the call, writing back what is pending in its file fails: the next sync of a handle open now tells it. */
  | Readonly<{ mode: 'write-back'; variant: WriteBackVariant }>
  /** The device acknowledges the sync and drops what it was given. */
  | Readonly<{ mode: 'lie' }>

export const IO_CONDITION_MODES = [
  'outage',
  'full',
  'slow',
  'write-back',
  'lie',
] as const satisfies readonly IoCondition['mode'][]

/** A call that takes an hour: longer than any time limit that a program may have. */
export const SLOW_MS = 3_600_000

/** Calls that an outage lasts: within one unwinding; over a repeated step; over several reopenings. */
const OUTAGES = [3, 12, 40] as const
const OUTAGE_REPRESENTATIVE = 12

/** A handle that is closed between the failure and the sync never hears of it, nor does one that is opened then. */
const WRITE_BACK_BEFORE: ReadonlySet<FileSystemCall> = new Set(['append', 'write', 'sync', 'close'])

export type ConditionCall = Readonly<{ kind: FileSystemCall; lengthBytes?: number | undefined }>

export type ConditionOptions = Readonly<{
  /** Whether bytes of the call's file are not synced before it. */
  isPending: boolean
  /** The program says that it notices lost writes: lying syncs are asked of no other. */
  mayLie: boolean
  /** Every value, not one of each kind. */
  every: boolean
}>

/** The conditions that can set in at a call, in a stable order. */
export function ioConditions(call: ConditionCall, options: ConditionOptions): readonly IoCondition[] {
  const { kind } = call
  const { isPending, mayLie, every } = options
  const found: IoCondition[] = []
  for (const calls of every ? OUTAGES : [OUTAGE_REPRESENTATIVE])
    for (const fault of outageFaults(kind, every)) found.push({ mode: 'outage', ...fault, calls })
  if (isWrite(kind))
    for (const freeBytes of freeSpaces(call.lengthBytes ?? 0, every)) found.push({ mode: 'full', freeBytes })
  found.push({ mode: 'slow', ms: SLOW_MS })
  if (isPending && WRITE_BACK_BEFORE.has(kind)) {
    found.push({ mode: 'write-back', variant: 'pages-dropped' })
    if (every) found.push({ mode: 'write-back', variant: 'pages-evicted' })
  }
  if (kind === 'sync' && isPending && mayLie) found.push({ mode: 'lie' })
  return found
}

/** A device that is out of order, or, in every case asked for, one that is full for a while. */
function outageFaults(
  kind: FileSystemCall,
  every: boolean,
): readonly Readonly<{ code: string; variant?: IoVariant }>[] {
  const codes = every ? ['EIO', 'ENOSPC'] : ['EIO']
  return codes.flatMap((code) => {
    const fault = IO_FAULTS[kind].find((known) => known.code === code)
    if (fault === undefined || 'bytes' in fault) return []
    const { variant } = fault
    return [variant === undefined ? { code } : { code, variant }]
  })
}

function freeSpaces(lengthBytes: number, every: boolean): readonly number[] {
  if (lengthBytes <= 0) return []
  const wanted = every ? [0, 1, lengthBytes >>> 1, lengthBytes - 1] : [0, lengthBytes >>> 1]
  return [...new Set(wanted)].filter((free) => free < lengthBytes)
}
