// harness/run/trace.ts: the events of a run in one total order, and the hash that is the run's identity.
//
// 1. The hash holds phases, kinds, sizes, offsets, paths, results and written bytes; no call site, no wall time. It is the
//    same on every machine, Node version, time zone and working directory.
// 2. Event objects are made only where someone reads them (counting runs, replay); otherwise an event costs its hash.
// 3. An event more than `eventsMax` throws RunawayError, then and at every later event: no run goes on for ever.

import { Hash64, type FileSystemCallInfo, type FileSystemCallResult } from '../../faults/index.ts'
import type { TraceLine } from '../plan/index.ts'

/** Most events of a run, unless the run was given another bound. */
export const EVENTS_MAX = 5_000_000

/** A run that makes events without end. */
export class RunawayError extends Error {
  override readonly name = 'RunawayError'
}

export type EventKind =
  | 'allocate'
  | 'free'
  | FileSystemCallInfo['kind']
  | 'clock'
  | 'random'
  | 'schedule'
  | 'phase'
  | 'note'

/** An event as counting runs and replays keep it. */
export type TraceEvent = Readonly<{
  /** From 1, in the order of the run. */
  index: number
  kind: EventKind
  phase: string
  /** The call of the scenario that the event belongs to, from 1. */
  operation: number
  detail: string
  /** Hash of the run up to and including this event: where two runs part is where these do. */
  digest: string
  site: string | undefined
  /** Where the call stands in the code that ran, where positions are wanted. */
  stack: string | undefined
  failed: boolean
}>

const KIND_CODES = new Map<string, number>()

function codeOf(kind: string): number {
  let code = KIND_CODES.get(kind)
  if (code === undefined) {
    const hash = new Hash64()
    hash.addText(kind)
    code = hash.high
    KIND_CODES.set(kind, code)
  }
  return code
}

/** Which events have their source positions: those that are kept, or all, for whoever observes them. */
export type Positions = boolean | 'all'

export type TraceOptions = Readonly<{ keep?: boolean; positions?: Positions; eventsMax?: number }>

export class Trace {
  readonly events: TraceEvent[] = []
  readonly keep: boolean
  /** Somebody wants to know where events stand. */
  readonly positions: boolean
  /** Events so far. */
  count = 0
  phase = 'start'
  operation = 0
  private readonly hash = new Hash64()
  private readonly eventsMax: number
  /** Each stack once, however many events have it. */
  private readonly stacks = new Map<string, string>()
  private stackNow: string | undefined
  private lastStack: string | undefined

  constructor(options: TraceOptions = {}) {
    this.keep = options.keep ?? false
    this.positions = options.positions === 'all' || (this.keep && options.positions === true)
    this.eventsMax = options.eventsMax ?? EVENTS_MAX
  }

  /** The identity of the run so far: 16 hexadecimal digits. */
  digest(): string {
    return this.hash.digits()
  }

  /** The stack of the event that is told next. */
  standsAt(stack: string): void {
    const known = this.stacks.get(stack)
    if (known === undefined) this.stacks.set(stack, stack)
    this.stackNow = known ?? stack
    this.lastStack = this.stackNow
  }

  /** The stack of the event that was told last, where positions are wanted. */
  get standing(): string | undefined {
    return this.lastStack
  }

  /** Another part of the run begins: one call of the scenario, one operation. */
  enter(phase: string): void {
    this.phase = phase
    this.operation += 1
    this.hash.addText(phase)
    this.finish('phase', phase, undefined, false)
  }

  allocation(kind: 'allocate' | 'free', byteLength: number, tag: string, failed: boolean, site?: string): void {
    const { hash } = this
    hash.add(codeOf(kind))
    hash.addNumber(failed ? -byteLength : byteLength)
    hash.addText(tag)
    this.finish(kind, this.keep ? `${byteLength} bytes '${tag}'` : '', site, failed)
  }

  call(call: FileSystemCallInfo, result: FileSystemCallResult, bytes?: Uint8Array, site?: string): void {
    const { hash } = this
    hash.add(codeOf(call.kind))
    hash.addText(call.path)
    if (call.argument !== undefined) hash.addText(call.argument)
    hash.addNumber(call.handle ?? -1)
    hash.addNumber(call.offsetBytes ?? -1)
    hash.addNumber(call.lengthBytes ?? -1)
    hash.addNumber(result.value ?? -1)
    if (result.code !== undefined) hash.addText(result.code)
    if (bytes !== undefined) addBytes(hash, bytes)
    this.finish(call.kind, this.keep ? callDetail(call, result) : '', site, result.code !== undefined)
  }

  /** Anything else that crosses an injected interface. */
  note(kind: 'clock' | 'random' | 'schedule' | 'note', detail: string, value = 0): void {
    this.hash.addText(detail)
    this.hash.addNumber(value)
    this.finish(kind, detail, undefined, false)
  }

  /** Events as people read them. */
  lines(): TraceLine[] {
    return this.events.map(({ index, kind, phase, detail, site, stack, failed }) => ({
      index,
      kind,
      phase,
      detail,
      ...(site === undefined ? {} : { site }),
      ...(stack === undefined ? {} : { stack }),
      ...(failed ? { failed } : {}),
    }))
  }

  private finish(kind: EventKind, detail: string, site: string | undefined, failed: boolean): void {
    this.count += 1
    this.hash.add(this.count)
    if (this.keep) {
      const { count: index, phase, operation, stackNow: stack } = this
      this.events.push({ index, kind, phase, operation, detail, digest: this.hash.digits(), site, stack, failed })
    }
    this.stackNow = undefined
    if (this.count > this.eventsMax) throw new RunawayError(`more than ${this.eventsMax} events in '${this.phase}'`)
  }
}

/** The first event in which two traces differ, or undefined if they are equal. Of traces not kept, only that they do. */
export function firstDifference(first: Trace, second: Trace): string | undefined {
  if (first.digest() === second.digest()) return undefined
  if (!first.keep || !second.keep) return `one of ${first.count} or ${second.count} events`
  const length = Math.max(first.events.length, second.events.length)
  for (let index = 0; index < length; index += 1) {
    const left = first.events[index]
    const right = second.events[index]
    if (left?.digest === right?.digest) continue
    return `event ${index + 1} in '${left?.phase ?? right?.phase ?? ''}': ${eventText(left)} the first time, ${eventText(right)} the second`
  }
  return 'no single event'
}

/** The name of a call in few words: `append of db/p1 at 512, 100 bytes`. */
export function callText(call: FileSystemCallInfo): string {
  const parts = [`${call.kind} of '${call.path}'`]
  if (call.argument !== undefined) parts.push(`(${call.argument})`)
  if (call.offsetBytes !== undefined) parts.push(`at ${call.offsetBytes}`)
  if (call.lengthBytes !== undefined) parts.push(`${call.lengthBytes} bytes`)
  return parts.join(' ')
}

function callDetail(call: FileSystemCallInfo, result: FileSystemCallResult): string {
  const handle = call.handle === undefined ? '' : ` [${call.handle}]`
  return `${callText(call)}${handle} → ${result.code ?? result.value ?? 'done'}${result.injected ? ' (fault)' : ''}`
}

function eventText(event: TraceEvent | undefined): string {
  return event === undefined ? 'nothing' : `${event.kind} ${event.detail}`.trim()
}

function addBytes(hash: Hash64, bytes: Uint8Array): void {
  let index = 0
  for (; index + 4 <= bytes.length; index += 4) {
    hash.add(
      (bytes[index] ?? 0) |
        ((bytes[index + 1] ?? 0) << 8) |
        ((bytes[index + 2] ?? 0) << 16) |
        ((bytes[index + 3] ?? 0) << 24),
    )
  }
  for (; index < bytes.length; index += 1) hash.add(bytes[index] ?? 0)
}
