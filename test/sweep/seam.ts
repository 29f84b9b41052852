// test/sweep/seam.ts: what stands between the engine's own tests and the engine while allocations fail.
//
// vitest.config.ts puts calls of these functions into modules as they are loaded; neither tests nor engine know of it.
//
// 1. Every allocation of every allocator that a body makes is counted, from 1, in one order.
// 2. An operation is the outermost call of the engine that is on the stack. A failure unwinds until that call has
//    returned, one that was open at the failure has returned as if nothing were, or another one begins.
// 3. What a body leaves open because it failed half way is closed for it, in the order in which owners come before what
//    they own; what is held after that, nobody gives back.

import { OutOfMemoryError, type Allocator, type Block } from '../../engine/ports/index.ts'

type Closable = Readonly<{ target: object; method: string; rank: number }>
type Disk = Readonly<{ openHandles: number }>

/** One run of one body. */
class BodyRun {
  allocations = 0
  delivered = 0
  /** Allocations while the failed operation was unwinding, with what they were for. */
  readonly afterFailure: string[] = []
  readonly allocators: { readonly live: Map<Block, string> }[] = []
  readonly disks = new Set<Disk>()
  readonly closables: Closable[] = []
  readonly known = new WeakSet<object>()
  depth = 0
  unwindingFrom = 0
  readonly failAt: number

  constructor(failAt: number) {
    this.failAt = failAt
  }

  get unwinding(): boolean {
    return this.unwindingFrom > 0
  }
}

let run: BodyRun | undefined

/** Begins a run in which the allocation `failAt` fails; 0: none. */
export function beginRun(failAt: number): BodyRun {
  run = new BodyRun(failAt)
  return run
}

/** Ends it: closes what the body left open. Gives what is held after that, in words; undefined if nothing. */
export function endRun(): string | undefined {
  const ended = run
  run = undefined
  if (ended === undefined) return undefined
  for (const { target, method } of ended.closables.toSorted((left, right) => left.rank - right.rank)) {
    try {
      Reflect.get(target, method).call(target)
    } catch {
      // What it could not give back is counted below.
    }
  }
  const tags = new Map<string, number>()
  for (const { live } of ended.allocators) for (const tag of live.values()) tags.set(tag, (tags.get(tag) ?? 0) + 1)
  const parts = [...tags].map(([tag, count]) => `${count} blocks '${tag}'`)
  const handles = [...ended.disks].reduce((sum, disk) => sum + disk.openHandles, 0)
  if (handles > 0) parts.push(`${handles} open handles`)
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** Around every allocator that the engine's factory makes. */
export function counted(inner: Allocator): Allocator {
  const own = run
  if (own === undefined) return inner
  const live = new Map<Block, string>()
  own.allocators.push({ live })
  return {
    allocate(byteLength: number, tag: string): Block {
      own.allocations += 1
      if (own.unwinding) own.afterFailure.push(tag)
      if (own.allocations === own.failAt) {
        own.delivered += 1
        own.unwindingFrom = own.depth
        throw new OutOfMemoryError(byteLength, tag, own.allocations)
      }
      const block = inner.allocate(byteLength, tag)
      live.set(block, tag)
      return block
    },
    free(block: Block): void {
      live.delete(block)
      inner.free(block)
    },
    counters: () => inner.counters(),
  }
}

/** Calls that are part of an unwinding, not the next operation. */
const CLEANING =
  /^(close|discard|release|clear|forget|forgetPack|rollback\w*|restore|undo\w*|dropStatement|endStatement)$/

/** Notes an instance that is closed at the end by `closer`; lower ranks come first. */
export function made(target: object, closer: string, rank: number): void {
  if (run !== undefined) keep(run, target, closer, rank)
}

/** Notes the calls of a class. */
export function watched(type: { readonly prototype: object }): void {
  const { prototype } = type
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
    const method: unknown = descriptor?.value
    if (name === 'constructor' || typeof method !== 'function') continue
    Object.defineProperty(prototype, name, {
      ...descriptor,
      value(this: object, ...words: unknown[]): unknown {
        return inCall(name, () => Reflect.apply(method, this, words))
      },
    })
  }
}

/** Notes a call that opens something, which is then closed at the end. */
export function opening<T extends object>(make: () => T, closer = 'close', rank = 0): T {
  const opened = inCall('open', make)
  made(opened, closer, rank)
  return opened
}

/** Notes a disk whose handles are counted at the end. */
export function diskMade(disk: Disk): void {
  run?.disks.add(disk)
}

function inCall<T>(name: string, call: () => T): T {
  const own = run
  if (own === undefined) return call()
  if (own.unwinding && !CLEANING.test(name)) own.unwindingFrom = 0
  own.depth += 1
  const { depth } = own
  try {
    const result = call()
    if (own.unwindingFrom >= depth) own.unwindingFrom = 0
    return result
  } finally {
    own.depth = depth - 1
    if (own.depth === 0) own.unwindingFrom = 0
  }
}

function keep(own: BodyRun, target: object, method: string, rank: number): void {
  if (own.known.has(target)) return
  own.known.add(target)
  own.closables.push({ target, method, rank })
}
