// faults/node-front/buffers.ts: the allocations that can really fail in Node for their size, counted and refused: for code
// that has no allocator of its own.
//
//   Buffer.alloc, allocUnsafe, allocUnsafeSlow, concat, from (what copies), new ArrayBuffer
//
// 1. Only what a process's own code asks for is told of. The function that calls must be a file's that is neither Node's nor
//    the harness's, and no module is being loaded below it: the stack says so, up to the first function that waited.
// 2. A refusal is V8's own: `RangeError: Array buffer allocation failed`, without a code. That is what each of these calls
//    throws in Node 20 when the memory is not there; other versions have ERR_MEMORY_ALLOCATION_FAILED for some of them.
// 3. What could not be allocated anyway (a wrong type, a length out of range) and what takes no memory (nothing, a view of
//    memory that is there) goes to the real function without a count.
//
// Not covered: typed arrays by length. A replaced constructor is another function than the one that arrays name as theirs;
// with that replaced as well, every `subarray` and `slice` of the thread would go through it. Nor what Node allocates for
// the program: the buffer of a `readFile`, a string.

import { constants } from 'node:buffer'
import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { currentProcess } from './node-process.ts'

/** Who is told of a process's buffers. */
export interface BufferInjector {
  /** Whether buffers count now. */
  readonly isCounting: boolean
  /** Told of each, once; true if it is not to be had. */
  refuses(byteLength: number, tag: string): boolean
}

const REFUSAL = 'Array buffer allocation failed'
const FRAMES_MAX = 100

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const OWN = [`${root}${sep}harness${sep}`, `${root}${sep}faults${sep}`]
/** A program under test that happens to live in the harness. */
const SUBJECTS = `${root}${sep}harness${sep}selftest${sep}known${sep}`

type Undo = () => void
type Static = 'alloc' | 'allocUnsafe' | 'allocUnsafeSlow' | 'concat' | 'from'

/** Bytes that a call with these arguments allocates; undefined where it allocates nothing or only complains. */
const BYTES: Readonly<Record<Static, (args: readonly unknown[]) => number | undefined>> = {
  alloc: ([size]) => allocatable(size, constants.MAX_LENGTH),
  allocUnsafe: ([size]) => allocatable(size, constants.MAX_LENGTH),
  allocUnsafeSlow: ([size]) => allocatable(size, constants.MAX_LENGTH),
  concat: ([list, total]) => {
    if (!Array.isArray(list) || list.length === 0) return undefined
    return allocatable(total === undefined ? sumOf(list) : total, constants.MAX_LENGTH)
  },
  from: ([value, encoding]) => {
    if (typeof value === 'string') {
      const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
      return allocatable(Buffer.byteLength(value, known), constants.MAX_LENGTH)
    }
    return Array.isArray(value) || value instanceof Uint8Array
      ? allocatable(value.length, constants.MAX_LENGTH)
      : undefined
  },
}

let installed: Undo | undefined

/** Whether an error is one of memory that was not there: refused here, or by Node itself. */
export function isBufferRefusal(error: unknown): boolean {
  if (!(error instanceof RangeError)) return false
  return error.message === REFUSAL || ('code' in error && error.code === 'ERR_MEMORY_ALLOCATION_FAILED')
}

/** Puts this into the thread, once; gives what takes it out again. Code that belongs to no process is not touched. */
export function installBufferFaults(): Undo {
  if (installed !== undefined) return installed
  const undo: Undo[] = []
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'from'] as const) replaceStatic(undo, name)
  replaceArrayBuffer(undo)
  installed = () => {
    for (const each of undo.toReversed()) each()
    installed = undefined
  }
  return installed
}

function replaceStatic(undo: Undo[], name: Static): void {
  const real: Function = Buffer[name]
  const routed = function (this: unknown, ...args: unknown[]): unknown {
    if (isCounting()) refuseOrNot(`Buffer.${name}`, BYTES[name](args), routed)
    return Reflect.apply(real, this, args)
  }
  for (const key of ['name', 'length'] as const)
    Object.defineProperty(routed, key, { value: Reflect.get(real, key), configurable: true })
  replace(undo, Buffer, name, routed)
}

function replaceArrayBuffer(undo: Undo[]): void {
  const real = ArrayBuffer
  const construct = (target: typeof real, args: unknown[], newTarget: Function): object => {
    if (isCounting()) refuseOrNot('new ArrayBuffer', allocatable(args[0], Number.MAX_SAFE_INTEGER), construct)
    const made: unknown = Reflect.construct(target, args, newTarget === routed ? target : newTarget)
    return Object(made)
  }
  const routed = new Proxy(real, { construct })
  replace(undo, globalThis, 'ArrayBuffer', routed)
  replace(undo, real.prototype, 'constructor', routed)
}

function isCounting(): boolean {
  return currentProcess()?.buffers?.isCounting === true
}

/** Throws what V8 throws, if this allocation is to fail. `entry` is the function that the program called. */
function refuseOrNot(tag: string, byteLength: number | undefined, entry: Function): void {
  if (byteLength === undefined || !isAskedByProgram(entry)) return
  if (currentProcess()?.buffers?.refuses(byteLength, tag) === true) throw new RangeError(REFUSAL)
}

function allocatable(size: unknown, most: number): number | undefined {
  return typeof size === 'number' && size >= 1 && size <= most ? Math.floor(size) : undefined
}

function sumOf(list: readonly unknown[]): number {
  let sum = 0
  for (const each of list) if (each instanceof Uint8Array) sum += each.length
  return sum
}

function isAskedByProgram(entry: Function): boolean {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = FRAMES_MAX
  Error.prepareStackTrace = (_error, frames) => frames
  const holder: { stack?: unknown } = {}
  Error.captureStackTrace(holder, entry)
  const frames = holder.stack
  Error.prepareStackTrace = prepareStackTrace
  Error.stackTraceLimit = stackTraceLimit
  if (!Array.isArray(frames)) return false
  let caller: string | undefined
  for (const frame of frames as NodeJS.CallSite[]) {
    if (frame.isAsync()) break
    const file = frame.getFileName() ?? undefined
    if (file === undefined) continue
    if (file.startsWith('node:internal/modules/')) return false
    caller ??= file
  }
  return caller !== undefined && !caller.startsWith('node:') && !isOwn(caller)
}

function isOwn(file: string): boolean {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  return OWN.some((prefix) => path.startsWith(prefix)) && !path.startsWith(SUBJECTS)
}

function replace(undo: Undo[], owner: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  if (before === undefined) return
  Object.defineProperty(owner, name, { ...before, value })
  undo.push(() => {
    if (Reflect.get(owner, name) === value) Object.defineProperty(owner, name, before)
  })
}
