// test/engine/database/open-bound.test.ts: an open reads a bounded amount, whatever the size of the database and its end.
//
// Here with 64 MiB and a commit of 20 MiB; `npm run bench -- open-bound --full` does the same with 1 GiB and 64 MiB.

import { expect, it } from 'vitest'
import { ALLOWANCE_BYTES, BOUND_BYTES, boundText, measureOpenBounds } from './open-bound.ts'

it(
  'an open of 64 MiB reads at most 256 KiB besides header, catalog and main tree: clean, torn, lazy, or cut',
  { tags: ['REC-03', 'REC-10', 'PRT-14'] },
  () => {
    const names: string[] = []
    for (const bound of measureOpenBounds(64 * 2 ** 20, 20 * 2 ** 20)) {
      process.stdout.write(`${boundText(bound)}\n`)
      names.push(bound.name)
      expect(bound.bytesReadMax, bound.name).toBeLessThanOrEqual(BOUND_BYTES + ALLOWANCE_BYTES)
      expect(bound.rows[0], bound.name).toBeGreaterThan(1000)
    }
    expect(names).toHaveLength(6)
  },
)
