import { describe, expect, it } from 'vitest'
import {
  FaultCoverageGatherer,
  faultCoverageCsv,
  faultCoverageText,
  openSites,
  type ListedSite,
  type MetPoint,
  type RunRecord,
} from '../../../reports/index.ts'

const site = (id: string, line: number, family = 'io'): ListedSite => ({
  id,
  family,
  call: 'read',
  path: 'store.ts',
  line,
  column: 5,
})

const point = (identity: number, line: number, callers: readonly string[] = ['get (store.ts:1)']): MetPoint => ({
  family: 'io',
  form: 'linear',
  identity,
  kind: 'read',
  place: { path: 'store.ts', line, column: 5 },
  callers,
})

const record = (identity: number, changes: Partial<RunRecord> = {}): RunRecord => ({
  order: 0,
  token: 't',
  scenario: 'notes',
  family: 'io',
  form: 'linear',
  point: 1,
  identity,
  mode: 'once',
  fault: 'read EIO',
  phase: 'open',
  outcome: 'passed',
  retry: 'retried',
  delivered: 1,
  traceHash: '0',
  durationMs: 0,
  ...changes,
})

function gathered(
  sites: readonly ListedSite[],
  points: readonly MetPoint[],
  records: readonly RunRecord[],
): FaultCoverageGatherer {
  const gatherer = new FaultCoverageGatherer(sites, (path) => path === 'store.ts')
  gatherer.add('notes', 1, points, records)
  return gatherer
}

describe('fault coverage', { tags: ['FCV-01'] }, () => {
  it('counts sites, contexts and calls, and says of each fault what followed and what came of it', () => {
    const points = [point(1, 10), point(2, 10), point(3, 10, ['put (store.ts:2)'])]
    const records = [
      record(1),
      record(1, { mode: 'from', fault: 'read EIO, and all later calls' }),
      record(2, { outcome: 'violation', oracle: 'no-leak', retry: undefined }),
      record(3, { fault: 'read of only 17 bytes' }),
    ]
    const coverage = gathered([site('a', 10), site('b', 20)], points, records).result(['store.ts'])
    expect(coverage.totals).toEqual({
      sites: 2,
      reached: 1,
      failed: 1,
      justified: 0,
      contexts: 2,
      contextsFailed: 2,
      ordinals: 3,
      ordinalsFailed: 3,
    })
    expect(coverage.sites[0]?.cells).toEqual([
      { fault: 'read EIO', followUp: 'from', outcome: 'retried', runs: 1 },
      { fault: 'read EIO', followUp: 'once', outcome: 'retried', runs: 1 },
      { fault: 'read EIO', followUp: 'once', outcome: 'violation: no-leak', runs: 1 },
      { fault: 'read of fewer bytes', followUp: 'once', outcome: 'retried', runs: 1 },
    ])
    expect(openSites(coverage).map(({ id }) => id)).toEqual(['b'])
  })

  it('takes no fault for delivered that was not, and no context for failed that was not', () => {
    const points = [point(1, 10), point(2, 10, ['put (store.ts:2)'])]
    const coverage = gathered([site('a', 10)], points, [record(1), record(2, { delivered: 0 })]).result([])
    expect(coverage.totals).toMatchObject({ contexts: 2, contextsFailed: 1, ordinals: 2, ordinalsFailed: 1 })
    expect(openSites(coverage).map(({ id }) => id)).toEqual(['a'])
    expect(faultCoverageText(coverage)).toContain('a, in notes: put (store.ts:2)')
  })

  it('tells a call that was made and is not in the list, unless it is not in the sources', () => {
    const outside: MetPoint = { ...point(2, 3), place: { path: 'library.ts', line: 3 } }
    const { unlisted } = gathered([site('a', 10)], [point(1, 99), outside], []).result([])
    expect(unlisted).toEqual([{ family: 'io', kind: 'read', place: 'store.ts:99' }])
  })

  it('finds a call by its line where the code has no columns', () => {
    const place = { path: 'store.ts', line: 10 }
    const { totals } = gathered([site('a', 10), site('b', 11)], [{ ...point(1, 10), place }], [record(1)]).result([])
    expect(totals).toMatchObject({ reached: 1, failed: 1 })
  })

  it('takes a reason for what is not failed, and tells one that is for nothing', () => {
    const gatherer = gathered([site('a', 10), site('b', 20)], [point(1, 10)], [record(1)])
    const reasons = ['a', 'b', 'gone'].map((id) => ({ id, reason: `why ${id} is not failed` }))
    const coverage = gatherer.result([], reasons)
    expect(coverage.unused).toEqual(['a', 'gone'])
    expect(openSites(coverage)).toEqual([])
    expect(coverage.totals.justified).toBe(1)
  })

  it('is a table that no name can break, and that no spreadsheet runs', () => {
    const csv = faultCoverageCsv(gathered([site('=f("a,\nb")', 10)], [], []).result([]))
    expect(csv.split('\r\n')[1]).toBe(`"'=f(""a,\nb"")",io,10,0,0,0,0,,,not reached,0,`)
  })
})
