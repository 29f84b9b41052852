import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, plural } from '../../reports/text/index.ts'

describe('numbers for people', { tags: ['RES-08'] }, () => {
  it('are grouped by thousands, the same on every machine', () => {
    expect([0, 999, 1000, 1_234_567].map((value) => formatCount(value))).toEqual(['0', '999', '1,000', '1,234,567'])
    expect(formatCount(1234.567, 1)).toBe('1,234.6')
    expect([plural(1, 'run'), plural(2000, 'run')]).toEqual(['1 run', '2,000 runs'])
  })

  it('have the unit that fits', () => {
    expect([0, 512, 1536, 262_144, 1 << 30].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '256 KiB', '1 GiB'])
    expect([0.4, 820, 4200, 59_990, 185_000, 7_800_000].map(formatDuration)).toEqual([
      '0 ms',
      '820 ms',
      '4.2 s',
      '1 min',
      '3 min 5 s',
      '2 h 10 min',
    ])
  })
})
