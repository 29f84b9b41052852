// test/bench/allocators.ts: the engine's allocators, with and without the pattern in freed blocks, against plain arrays.
//
// One operation frees the oldest of LIVE_BLOCKS blocks and allocates another: the sizes are those of nodes, rows and
// keys, most of them small. Freed memory is found again in another order than it was given out.

import { ALLOCATOR_ALGORITHMS, createAllocator, systemChunks } from '../../engine/index.ts'
import { stream } from '../../faults/index.ts'
import type { Bench } from './bench.ts'
import { measure, measuredRows, type Case } from './measure.ts'

const LIVE_BLOCKS = 512
const SIZE_COUNT = 4096
const SMALL_BYTES_MAX = 128
const LARGE_BYTES_MAX = 4096

/** Three of four sizes are small. */
function makeSizes(): Uint16Array {
  const random = stream(1, 'bench-sizes')
  return Uint16Array.from(
    { length: SIZE_COUNT },
    (_, i) => 1 + random.integer(i % 4 === 0 ? LARGE_BYTES_MAX : SMALL_BYTES_MAX),
  )
}

function ring<T>(name: string, make: (byteLength: number) => T, drop: (block: T) => void): Case {
  const sizes = makeSizes()
  let next = 0
  const size = () => sizes[next++ % SIZE_COUNT] ?? 1
  const live = Array.from({ length: LIVE_BLOCKS }, () => make(size()))
  return {
    name,
    run() {
      const place = next % LIVE_BLOCKS
      const oldest = live[place]
      if (oldest !== undefined) drop(oldest)
      live[place] = make(size())
    },
  }
}

export const allocators: Bench = {
  name: 'allocators',
  summary: 'free one block and allocate another: both algorithms, with and without poison, against new Uint8Array',
  async run() {
    const cases = [
      ring(
        'new Uint8Array',
        (byteLength) => new Uint8Array(byteLength),
        () => {},
      ),
    ]
    for (const algorithm of ALLOCATOR_ALGORITHMS) {
      for (const poison of [true, false]) {
        const allocator = createAllocator({ algorithm, memory: systemChunks(), poison })
        cases.push(
          ring(
            `${algorithm}${poison ? ', poison' : ''}`,
            (byteLength) => allocator.allocate(byteLength, 'bench'),
            (block) => allocator.free(block),
          ),
        )
      }
    }
    const measured = await measure(cases)
    const first = measured[0]?.cpuNs ?? Number.NaN
    return {
      tables: [{ title: `${LIVE_BLOCKS} live blocks of 1 to ${LARGE_BYTES_MAX} bytes`, rows: measuredRows(measured) }],
      figures: measured
        .slice(1)
        .map(({ name, cpuNs }) => ({ name: `${name} / new Uint8Array`, value: cpuNs / first, unit: 'x' })),
    }
  },
}
