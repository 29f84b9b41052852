// faults/wrappers/counting-allocator.ts: numbers every allocation, knows every live block, and fails what it is told to.
//
// 1. Allocations are numbered from `firstIndex` in the order of the calls, refused ones included.
// 2. A refused allocation never reaches the allocator inside.
// 3. A block is given back once, to the allocator that it came from; anything else throws AllocationMisuseError.

import { OutOfMemoryError, type Allocator, type AllocatorCounters, type Block } from '../../engine/ports/index.ts'
import type { AllocationInjector } from './allocation-injector.ts'

/** One call of the allocator. For a free, `index` is that of the allocation. */
export type AllocationEvent = Readonly<{
  kind: 'allocate' | 'free'
  index: number
  byteLength: number
  tag: string
  /** The allocation was refused, by the injector or by the allocator inside. */
  failed: boolean
  /** By the injector. */
  injected: boolean
}>

/** A block that was not given back. */
export type LiveBlock = Readonly<{ index: number; tag: string; byteLength: number; site: string | undefined }>

export type CountingAllocatorOptions = Readonly<{
  /** Number of the first allocation; 1 unless numbering goes on from another run. */
  firstIndex?: number
  /** Told of each call when its result is known, before the caller is. */
  onEvent?: (event: AllocationEvent) => void
  /** Where the allocation that is being made comes from; asked for each one, kept while the block lives. */
  site?: () => string | undefined
  injector?: AllocationInjector
}>

/** A block was freed twice, or never came from here: a bug of the program under test. */
export class AllocationMisuseError extends Error {
  override readonly name = 'AllocationMisuseError'
  readonly kind: 'double-free' | 'foreign-free'
  readonly tag: string
  readonly byteLength: number

  constructor(kind: 'double-free' | 'foreign-free', block: Block) {
    super(`${kind}: ${block.byteLength} bytes of '${block.tag}'`)
    this.kind = kind
    this.tag = block.tag
    this.byteLength = block.byteLength
  }
}

export class CountingAllocator implements Allocator {
  private readonly inner: Allocator
  private readonly onEvent: ((event: AllocationEvent) => void) | undefined
  private readonly site: (() => string | undefined) | undefined
  private readonly injector: AllocationInjector | undefined
  private readonly live = new Map<Block, LiveBlock>()
  private readonly retired = new WeakSet<Block>()
  private readonly firstIndex: number
  private nextIndex: number
  private liveTotal = 0
  private misuseCount = 0

  constructor(inner: Allocator, options: CountingAllocatorOptions = {}) {
    this.inner = inner
    this.onEvent = options.onEvent
    this.site = options.site
    this.injector = options.injector
    this.firstIndex = options.firstIndex ?? 1
    this.nextIndex = this.firstIndex
  }

  get limitBytes(): number | undefined {
    return this.inner.limitBytes
  }

  /** Allocations so far, refused ones included. */
  get allocations(): number {
    return this.nextIndex - this.firstIndex
  }

  /** Bytes held now, as they were asked for. */
  get liveBytes(): number {
    return this.liveTotal
  }

  /** Blocks freed twice or foreign, so far. */
  get misuses(): number {
    return this.misuseCount
  }

  allocate(byteLength: number, tag: string): Block {
    const index = this.nextIndex
    this.nextIndex += 1
    if (this.injector?.refuses(index, byteLength, tag, this.liveTotal) === true) {
      this.onEvent?.({ kind: 'allocate', index, byteLength, tag, failed: true, injected: true })
      throw new OutOfMemoryError(byteLength, tag, index)
    }
    let block: Block
    try {
      block = this.inner.allocate(byteLength, tag)
    } catch (error) {
      this.onEvent?.({ kind: 'allocate', index, byteLength, tag, failed: true, injected: false })
      throw error
    }
    this.live.set(block, { index, tag, byteLength, site: this.site?.() })
    this.liveTotal += byteLength
    this.onEvent?.({ kind: 'allocate', index, byteLength, tag, failed: false, injected: false })
    return block
  }

  free(block: Block): void {
    const entry = this.live.get(block)
    if (entry === undefined) {
      this.misuseCount += 1
      throw new AllocationMisuseError(this.retired.has(block) ? 'double-free' : 'foreign-free', block)
    }
    const { index, tag, byteLength } = entry
    this.live.delete(block)
    this.retired.add(block)
    this.liveTotal -= byteLength
    this.inner.free(block)
    this.onEvent?.({ kind: 'free', index, byteLength, tag, failed: false, injected: false })
  }

  counters(): AllocatorCounters {
    return this.inner.counters()
  }

  /** What was not given back, in order of allocation. */
  liveBlocks(): readonly LiveBlock[] {
    return [...this.live.values()]
  }
}
