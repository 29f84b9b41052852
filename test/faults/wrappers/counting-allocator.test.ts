import { describe, expect, it } from 'vitest'
import { OutOfMemoryError, type Allocator, type Block } from '../../../engine/ports/index.ts'
import {
  AllocationInjector,
  AllocationMisuseError,
  CountingAllocator,
  stream,
  type AllocationEvent,
  type AllocationFault,
} from '../../../faults/index.ts'

function plainAllocator(bytesMax = Infinity): Allocator {
  let live = 0
  return {
    allocate(byteLength, tag) {
      if (live + byteLength > bytesMax) throw new OutOfMemoryError(byteLength, tag)
      live += byteLength
      const bytes = new Uint8Array(byteLength)
      return { bytes, view: new DataView(bytes.buffer), start: 0, byteLength, tag }
    },
    free(block) {
      live -= block.byteLength
    },
    counters: () => ({ liveBlocks: 0, liveBytes: live, peakBytes: 0, allocations: 0, byTag: new Map() }),
  }
}

/** Makes ten allocations of 10 bytes; gives the numbers of those that failed. */
function failures(faults: readonly AllocationFault[], injector = new AllocationInjector(faults)): number[] {
  const allocator = new CountingAllocator(plainAllocator(), { injector })
  return Array.from({ length: 10 }, (_, index) => index + 1).filter((number) => {
    try {
      allocator.allocate(10, number % 2 === 0 ? 'even' : 'odd')
      return false
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error
      expect(error).toMatchObject({ requestedBytes: 10, allocationIndex: number })
      return true
    }
  })
}

describe('a failing allocator', { tags: ['QA-03', 'ALC-01'] }, () => {
  it('fails the one allocation, or that one and all later ones', () => {
    expect(failures([{ mode: 'once', index: 4 }])).toEqual([4])
    expect(failures([{ mode: 'from', index: 8 }])).toEqual([8, 9, 10])
    expect(failures([])).toEqual([])
    expect(
      failures([
        { mode: 'once', index: 2 },
        { mode: 'from', index: 10 },
      ]),
    ).toEqual([2, 10])
  })

  it('fails every allocation that would take the live total over a budget, and none that fits', () => {
    expect(failures([{ mode: 'budget', bytes: 70 }])).toEqual([8, 9, 10])
    const injector = new AllocationInjector([{ mode: 'budget', bytes: 20 }])
    const allocator = new CountingAllocator(plainAllocator(), { injector })
    const block = allocator.allocate(15, 'a')
    expect(() => allocator.allocate(6, 'b')).toThrow(OutOfMemoryError)
    allocator.allocate(5, 'b')
    allocator.free(block)
    allocator.allocate(15, 'c')
    expect(injector.delivered).toBe(1)
  })

  it('fails by a predicate of number, size and tag, drawn once for each allocation', () => {
    const even: AllocationFault = { mode: 'random', refuses: (_index, _bytes, tag) => tag === 'even' }
    expect(failures([even])).toEqual([2, 4, 6, 8, 10])
    const draws = (): number[] => {
      const draw = stream(5, 'allocations')
      return failures([{ mode: 'random', refuses: () => draw.chance(0.5) }])
    }
    expect(draws()).toEqual(draws())
  })

  it('counts what it delivered, and stops for good when it is lifted', () => {
    const injector = new AllocationInjector([{ mode: 'from', index: 3 }])
    const allocator = new CountingAllocator(plainAllocator(), { injector })
    allocator.allocate(1, 'a')
    allocator.allocate(1, 'a')
    expect(injector.firstDelivered).toBeUndefined()
    expect(() => allocator.allocate(1, 'a')).toThrow(OutOfMemoryError)
    expect(() => allocator.allocate(1, 'a')).toThrow(OutOfMemoryError)
    injector.lift()
    allocator.allocate(1, 'a')
    expect([injector.delivered, injector.firstDelivered, injector.isLifted]).toEqual([2, 3, true])
  })
})

describe('a counting allocator', { tags: ['ALC-02'] }, () => {
  it('numbers every call, refused ones too, and tells of each before the caller hears', { tags: ['QA-10'] }, () => {
    const events: AllocationEvent[] = []
    const injector = new AllocationInjector([{ mode: 'once', index: 12 }])
    const allocator = new CountingAllocator(plainAllocator(25), {
      firstIndex: 11,
      injector,
      onEvent: (event) => events.push(event),
    })
    const block = allocator.allocate(20, 'a')
    expect(() => allocator.allocate(3, 'b')).toThrow(OutOfMemoryError)
    expect(() => allocator.allocate(30, 'c')).toThrow(OutOfMemoryError)
    allocator.free(block)
    expect(events).toEqual([
      { kind: 'allocate', index: 11, byteLength: 20, tag: 'a', failed: false, injected: false },
      { kind: 'allocate', index: 12, byteLength: 3, tag: 'b', failed: true, injected: true },
      { kind: 'allocate', index: 13, byteLength: 30, tag: 'c', failed: true, injected: false },
      { kind: 'free', index: 11, byteLength: 20, tag: 'a', failed: false, injected: false },
    ])
    expect(allocator.allocations).toBe(3)
    expect(injector.delivered).toBe(1)
  })

  it('names every block that was not given back, by tag and call site', { tags: ['QA-07'] }, () => {
    let site = 'first (a.ts)'
    const allocator = new CountingAllocator(plainAllocator(), { site: () => site })
    allocator.allocate(1, 'kept')
    site = 'second (b.ts)'
    const block = allocator.allocate(2, 'freed')
    allocator.allocate(3, 'kept too')
    allocator.free(block)
    expect(allocator.liveBlocks()).toEqual([
      { index: 1, tag: 'kept', byteLength: 1, site: 'first (a.ts)' },
      { index: 3, tag: 'kept too', byteLength: 3, site: 'second (b.ts)' },
    ])
    expect(allocator.liveBytes).toBe(4)
  })

  it('refuses a block freed twice and one that came from elsewhere', { tags: ['ALC-03'] }, () => {
    const allocator = new CountingAllocator(plainAllocator())
    const block = allocator.allocate(1, 'a')
    const foreign: Block = plainAllocator().allocate(1, 'b')
    allocator.free(block)
    expect(() => allocator.free(block)).toThrow(new AllocationMisuseError('double-free', block))
    expect(() => allocator.free(foreign)).toThrow(new AllocationMisuseError('foreign-free', foreign))
    expect(allocator.misuses).toBe(2)
    expect(allocator.liveBytes).toBe(0)
  })
})
