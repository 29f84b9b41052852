// faults/wrappers/allocation-injector.ts: decides which allocations are refused. Data in, a yes or no out, and a count.
//
// 1. `delivered` grows by one for each refusal and for nothing else.
// 2. After `lift` nothing is refused, for good.

/** Which allocations fail. Numbers are the allocator's, from 1. */
export type AllocationFault =
  /** That one alone. */
  | Readonly<{ mode: 'once'; index: number }>
  /** That one and all later ones. */
  | Readonly<{ mode: 'from'; index: number }>
  /** Each that would take the live total over so many bytes. */
  | Readonly<{ mode: 'budget'; bytes: number }>
  /** Each for which the predicate holds; it is asked once for each allocation, in order. */
  | Readonly<{ mode: 'random'; refuses: (index: number, byteLength: number, tag: string) => boolean }>

export class AllocationInjector {
  private readonly faults: readonly AllocationFault[]
  private active: boolean
  private deliveredCount = 0
  private first: number | undefined = undefined

  constructor(faults: readonly AllocationFault[]) {
    this.faults = faults
    this.active = faults.length > 0
  }

  /** Refusals so far. */
  get delivered(): number {
    return this.deliveredCount
  }

  /** Number of the first allocation that was refused. */
  get firstDelivered(): number | undefined {
    return this.first
  }

  get isLifted(): boolean {
    return !this.active
  }

  lift(): void {
    this.active = false
  }

  /** Whether that allocation is to fail; `liveBytes` is what is held before it. */
  refuses(index: number, byteLength: number, tag: string, liveBytes: number): boolean {
    if (!this.active) return false
    let refused = false
    // Every fault is asked, so that a predicate with a stream of its own draws once for each allocation.
    for (const fault of this.faults) if (applies(fault, index, byteLength, tag, liveBytes)) refused = true
    if (!refused) return false
    this.deliveredCount += 1
    this.first ??= index
    return true
  }
}

function applies(fault: AllocationFault, index: number, byteLength: number, tag: string, liveBytes: number): boolean {
  switch (fault.mode) {
    case 'once':
      return index === fault.index
    case 'from':
      return index >= fault.index
    case 'budget':
      return liveBytes + byteLength > fault.bytes
    case 'random':
      return fault.refuses(index, byteLength, tag)
    default:
      return fault satisfies never
  }
}
