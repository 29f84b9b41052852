import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutcomeMap } from '../../../reports/format/outcome-map.ts'
import { RecoveryTotals } from '../../../reports/format/recovery-totals.ts'
import type { RunOutcome } from '../../../reports/index.ts'
import { sampleRecord } from '../sample-campaign.ts'

const options = { scenario: 'core20', runs: 3000, badEvery: 0 }
const record = sampleRecord(2999, options)

function totalsOf(sizes: readonly number[]): RecoveryTotals {
  const totals = new RecoveryTotals()
  for (const databaseBytes of sizes)
    totals.add({ ...record, databaseBytes, recoveryBytes: databaseBytes, recoveryMs: databaseBytes / 1000 })
  return totals
}

describe('what recovery cost', { tags: ['RES-03'] }, () => {
  it('is counted in the cell of its size: cells lie in order, apart, and hold every recovery', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1 << 30), { minLength: 1, maxLength: 200 }), (sizes) => {
        const { bySize = [], timeUs } = totalsOf(sizes).result()
        expect(bySize.reduce((sum, { count }) => sum + count, 0)).toBe(sizes.length)
        expect(timeUs?.count).toBe(sizes.length)
        for (const [at, { from, to, bytesMaximum, bytesMedian }] of bySize.entries()) {
          const inCell = sizes.filter((size) => size >= from && size <= to)
          expect(bytesMaximum).toBe(Math.max(...inCell))
          expect(bytesMedian).toBeLessThanOrEqual(bytesMaximum)
          expect(from).toBeGreaterThan(bySize[at - 1]?.to ?? -1)
        }
      }),
    )
  })

  it('is the same for two campaigns put together as for one', () => {
    const [left, right, both] = [totalsOf([10, 5000]), totalsOf([5001, 70_000]), totalsOf([10, 5000, 5001, 70_000])]
    left.merge(right)
    expect(left.result()).toEqual(both.result())
  })

  it('leaves out records that measured none', () => {
    const totals = new RecoveryTotals()
    totals.add(sampleRecord(0, options))
    expect(totals.result()).toMatchObject({ bytesRead: { count: 0 }, bySize: [] })
  })
})

describe('the map of a call site', { tags: ['RES-03'] }, () => {
  const letters: Readonly<Record<RunOutcome, string>> = {
    passed: 'p',
    'not-reached': 'n',
    'harness-failure': 'h',
    'scenario-failure': 's',
    violation: 'v',
  }

  it('has the worst outcome of the points in each cell, in any order, for any number of points', () => {
    const outcome = fc.constantFrom<RunOutcome>('passed', 'not-reached', 'violation')
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), outcome), { minLength: 1 }), (runs) => {
        const map = new OutcomeMap()
        for (const [point, how] of runs) map.add('site', point, how)
        const cells = map.cellsOf('site') ?? ''
        expect(cells.length).toBeLessThanOrEqual(128)
        for (const [at, letter] of [...cells].entries()) {
          const inCell = runs.filter(([point]) => Math.floor((point - 1) / map.pointsEach) === at)
          const worst = ['violation', 'not-reached', 'passed'].find((how) => inCell.some(([, is]) => is === how))
          expect(letter).toBe(worst === undefined ? '.' : letters[worst as RunOutcome])
        }
      }),
    )
  })

  it('gives all sites cells of one width', () => {
    const map = new OutcomeMap()
    map.add('near', 1, 'violation')
    map.add('far', 1000, 'passed')
    expect(map.pointsEach).toBe(8)
    expect(map.cellsOf('near')).toHaveLength(125)
    expect(map.cellsOf('far')).toHaveLength(125)
    expect(map.cellsOf('none')).toBeUndefined()
  })
})
