// What documentation promises, over a core without a store: rows, readings, exit codes.
import { describe, expect, it } from 'vitest'
import { run, scratch } from '../fixtures/command.ts'

type Row = Readonly<{ promise: string; found: string; expected: string; broken: readonly unknown[]; apart: unknown[] }>

describe('powercut promises', { tags: ['CLI-07'] }, () => {
  it('exits 0 when each came out as its reading says, and tells broken ones with their tokens', async () => {
    const { code, stdout, stderr } = await run(['promises', 'bank', '--json'], scratch())
    expect(code).toBe(0)
    const { rows } = JSON.parse(stdout) as { rows: Row[] }
    expect(rows.map(({ promise, found }) => `${promise}: ${found}`)).toEqual([
      'kept as expected: kept',
      'broken as expected: broken',
      'another complaint: kept',
    ])
    expect(rows.map(({ broken, apart }) => [broken.length > 0, apart.length > 0])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ])
    expect(stderr).toContain('powercut replay pc1-')
    expect(stderr).toContain('it is broken')
  })

  it('refuses a scenario that promises nothing, in one sentence', { tags: ['CLI-02'] }, async () => {
    const { code, stderr } = await run(['promises', 'core20'], scratch())
    expect(code).toBe(2)
    expect(stderr).toContain("Scenario 'core20' declares no promises")
  })
})
