import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  byteTicks,
  histogram,
  linearScale,
  niceTicks,
  outcomeBar,
  outcomeColumns,
} from '../../../reports/html/charts/index.ts'
import { formatBytes } from '../../../reports/text/index.ts'

const counts = { passed: 0, violation: 0, 'not-reached': 0, 'scenario-failure': 0, 'harness-failure': 0 }

describe('scales', { tags: ['RES-06'] }, () => {
  it('map their ends to 0 and 1, keep order and never leave the axis', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), fc.integer(), (from, to, a, b) => {
        const scale = linearScale(from, to)
        expect(scale.at(scale.from)).toBe(0)
        expect(scale.at(scale.to)).toBe(1)
        expect(Math.sign(scale.at(b) - scale.at(a)) * Math.sign(b - a)).toBeGreaterThanOrEqual(0)
        expect(scale.at(a)).toBeGreaterThanOrEqual(0)
        expect(scale.at(a)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('have round ticks inside of them, evenly apart, and not too many', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(10_000_000), fc.integer({ min: 2, max: 10 }), (from, size, wanted) => {
        for (const ticks of [niceTicks(from, from + size, wanted), byteTicks(from, from + size, wanted)]) {
          expect(ticks.length).toBeLessThanOrEqual(wanted + 1)
          for (const tick of ticks) expect(tick >= from && tick <= from + size).toBe(true)
          const steps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0))
          expect(new Set(steps).size).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})

describe('bars', { tags: ['RES-06'] }, () => {
  it('show a single violation among a million passes', () => {
    const rare = { ...counts, passed: 1_000_000, violation: 1 }
    expect(outcomeBar(rare, 1_000_001).text).toMatch(/fill-violation" style="flex:0\.02/)
    const box = { height: 100, highest: 1_000_001, heightMin: 3 }
    expect(outcomeColumns([{ x: 0, width: 1, counts: rare }], box).text).toMatch(/fill-violation" d="M0 0h1V3h-1z"/)
  })

  it('say in words what they show', () => {
    expect(outcomeBar({ ...counts, passed: 1200, 'not-reached': 2 }, 1202).text).toContain(
      'aria-label="1,200 passed, 2 not reached"',
    )
  })
})

describe('the recovery chart', { tags: ['RES-06'] }, () => {
  const cells = [{ from: 0, to: 99, count: 3 }]
  const bytesRead = { count: 3, exact: true, median: 50, maximum: 99, histogram: cells }
  const options = { id: 'read', title: 'Bytes read', noun: ['recovery', 'recoveries'], inBytes: true } as const
  const chart = (bound?: number): string =>
    histogram(bytesRead, { ...options, format: formatBytes, ...(bound === undefined ? {} : { bound }) }).text

  it('draws a bound that is near, and only names one that would press the bars together', () => {
    const bar = /<rect[^>]*width="([0-9.]+)"/
    expect(chart()).not.toContain('bound')
    expect(chart(300)).toContain('marker-bound')
    expect(chart(2_000_000)).not.toContain('marker-bound')
    expect(chart(2_000_000)).toContain('bound 1.9 MiB, further right')
    expect(bar.exec(chart(2_000_000))?.[1]).toBe(bar.exec(chart())?.[1])
  })
})
