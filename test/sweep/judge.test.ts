import { describe, expect, it } from 'vitest'
import { createAllocator, systemChunks } from '../../engine/index.ts'
import { OutOfMemoryError, type Allocator } from '../../engine/ports/index.ts'
import { failAt } from './judge.ts'
import { counted, opening } from './seam.ts'

const heap = (): Allocator => counted(createAllocator({ algorithm: 'buddy', memory: systemChunks() }))

/** Something that holds a block until it is closed. */
function open(memory: Allocator): Readonly<{ close: () => void }> {
  return opening(() => {
    const block = memory.allocate(8, 'store')
    return { close: () => memory.free(block) }
  })
}

const leavesOpen = () => {
  const memory = heap()
  open(memory)
  open(memory).close()
}

const swallow = (memory: Allocator) => {
  try {
    memory.free(memory.allocate(8, 'a'))
  } catch {
    // Swallowed.
  }
}

const other = () => {
  swallow(heap())
  throw new Error('something else')
}

const leak = () => {
  const memory = heap()
  memory.allocate(8, 'lost')
  open(memory)
}

const unwinds = () => {
  const memory = heap()
  opening(() => {
    try {
      memory.free(memory.allocate(8, 'a'))
    } catch (error) {
      memory.free(memory.allocate(8, 'message'))
      throw error
    }
    return {}
  })
}

describe('a test with a failed allocation', { tags: ['QA-05', 'QA-09'] }, () => {
  it('is content with a test that fails for that reason, whatever it leaves open', async () => {
    expect(await failAt(1, leavesOpen, false)).toBeUndefined()
    expect(await failAt(2, leavesOpen, false)).toBeUndefined()
  })

  it('takes the failure as an error, as its cause, or as what an assertion was shown', async () => {
    const bodies: readonly ((memory: Allocator) => void)[] = [
      (memory) => memory.free(memory.allocate(8, 'a')),
      (memory) => {
        try {
          memory.free(memory.allocate(8, 'a'))
        } catch (cause) {
          throw new Error('wrapped', { cause })
        }
      },
      (memory) => {
        let code = 'none'
        try {
          memory.free(memory.allocate(8, 'a'))
        } catch (error) {
          if (error instanceof OutOfMemoryError) code = error.code
        }
        expect(code).toBe('none')
      },
    ]
    for (const body of bodies) expect(await failAt(1, () => body(heap()), false)).toBeUndefined()
  })

  it(
    'sees a swallowed failure, another error, a leak, an allocation while unwinding, and a point that is gone',
    { tags: ['QA-06', 'QA-07', 'QA-08'] },
    async () => {
      expect(await failAt(1, () => swallow(heap()), false)).toMatch(/the failure was swallowed/)
      expect(await failAt(1, other, false)).toMatch(/another error: something else/)
      expect(await failAt(2, leak, false)).toMatch(/left over: 1 blocks 'lost'/)
      expect(await failAt(2, leak, true)).toBeUndefined()
      expect(await failAt(1, unwinds, false)).toMatch(/1 allocations while unwinding: message/)
      expect(await failAt(9, () => heap().counters(), false)).toMatch(/made only 0 allocations/)
    },
  )
})
