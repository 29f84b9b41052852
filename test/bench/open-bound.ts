// test/bench/open-bound.ts: what an open of a large database reads, in every state of its end, beside the bound.
//
// Counted at the port of a simulated disk, so the figures are the same on every machine. With --full it is 1 GiB.

import { ALLOWANCE_BYTES, BOUND_BYTES, measureOpenBounds } from '../engine/database/open-bound.ts'
import type { Bench } from './bench.ts'

const MIB = 2 ** 20
const DATABASE_BYTES = 128 * MIB
const DATABASE_BYTES_FULL = 1024 * MIB
const LARGE_COMMIT_BYTES = 64 * MIB

export const openBound: Bench = {
  name: 'open-bound',
  summary: 'bytes that an open reads of 128 MiB (1 GiB with --full): clean, torn, lazy, a large commit cut',
  async run({ full }) {
    const bounds = [...measureOpenBounds(full ? DATABASE_BYTES_FULL : DATABASE_BYTES, LARGE_COMMIT_BYTES)]
    const goal = { kind: 'at most', value: BOUND_BYTES + ALLOWANCE_BYTES } as const
    return {
      tables: [
        {
          title: 'Most bytes read by one open, over the states that a power loss or a kill can leave',
          rows: [
            ['', 'MiB', 'states', 'bytes read', 'of the bound'],
            ...bounds.map(({ name, databaseBytes, states, bytesReadMax }) => [
              name,
              databaseBytes / MIB,
              states,
              bytesReadMax,
              `${((bytesReadMax / BOUND_BYTES) * 100).toFixed(1)} %`,
            ]),
          ],
        },
      ],
      figures: bounds.map(({ name, bytesReadMax }) => ({ name, value: bytesReadMax, unit: 'bytes', goal })),
    }
  },
}
