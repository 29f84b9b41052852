import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lcovLosses, mutantLosses, readLcov, readSelftest, sweepLosses } from '../../../reports/index.ts'
import { sampleInput } from '../sample-campaign.ts'
import { sampleTotals } from '../sample-folder.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const options = { scenario: 'core20', runs: 80, badEvery: 0 }
const sample = sampleTotals(options).result(sampleInput(options))

function caught(id: string) {
  return { id, verdict: 'caught' }
}

describe('what is compared as a gate', { tags: ['CLI-04'] }, () => {
  it('tells families that are no longer swept whole, or not at all, and call sites that fail in no form', () => {
    expect(sweepLosses(sample, sample)).toEqual([])
    const { io, ...others } = sample.families
    if (io === undefined) throw new Error('the sample has the family io')
    const part = { ...sample, families: { ...sample.families, io: { ...io, exhaustive: false } } }
    expect(sweepLosses({ ...sample, families: { ...others, io: { ...io, exhaustive: true } } }, part)).toEqual([
      'Family io had every point run before, and has not now.',
    ])
    expect(sweepLosses(sample, { ...sample, families: others })).toEqual(['Family io was run before and is not now.'])
    expect(sweepLosses(sample, { ...sample, uncoveredSites: ['take (pool)'] })).toEqual([
      'Call site take (pool) fails in no form now.',
    ])
    expect(sweepLosses(part, sample)).toEqual([])
  })

  it('tells mutants that are no longer caught or planted, and alarms of the clean engine', () => {
    const directory = temporaryFolder()
    const file = (name: string, value: unknown) => {
      writeFileSync(join(directory, name), JSON.stringify(value))
      return join(directory, name)
    }
    const clean = [{ scenario: 'bank', violations: 0 }]
    const old = readSelftest(
      file('old', { mutants: [caught('a'), caught('b'), caught('c'), { id: 'd', verdict: 'not-seen' }], clean }),
    )
    const now = readSelftest(
      file('new', {
        mutants: [caught('a'), { id: 'b', verdict: 'not-seen' }],
        clean: [{ scenario: 'bank', violations: 2 }],
      }),
    )
    expect(mutantLosses(old, old)).toEqual([])
    expect(mutantLosses(old, now)).toEqual([
      'Mutant b was caught before and is not-seen now.',
      'Mutant c was caught before and is not planted now.',
      "The clean engine gives 2 violations in 'bank' now.",
    ])
    expect(() => readSelftest(file('none', { mutants: [], clean }))).toThrow(
      /is no output of selftest --json \(mutants/,
    )
    expect(() => readSelftest(join(directory, 'gone'))).toThrow(/there is no file/)
  })

  it('tells which share of LCOV fell by more than is allowed, and refuses a file that counts nothing', () => {
    const directory = temporaryFolder()
    const file = (text: string) => {
      writeFileSync(join(directory, 'lcov.info'), text)
      return () => readLcov(join(directory, 'lcov.info'))
    }
    const old = file('SF:a\nLF:10\nLH:10\nBRF:4\nBRH:4\nend_of_record\nSF:b\r\nLF:10\r\nLH:9\r\nend_of_record\n')()
    expect(old).toEqual({
      lines: { found: 20, hit: 19 },
      functions: { found: 0, hit: 0 },
      branches: { found: 4, hit: 4 },
    })
    const now = file('LF:20\nLH:18\n')()
    expect(lcovLosses(old, old, 0)).toEqual([])
    expect(lcovLosses(old, now, 0)).toEqual([
      'Coverage of lines was 95.00 % and is 90.00 % now.',
      'Coverage of branches was 100.00 % and has none now.',
    ])
    expect(lcovLosses(old, now, 5)).toEqual(['Coverage of branches was 100.00 % and has none now.'])
    expect(file('')).toThrow(/is no LCOV file that counts lines/)
    expect(file('LF:0\nLH:0\n')).toThrow(/is no LCOV file that counts lines/)
  })
})
