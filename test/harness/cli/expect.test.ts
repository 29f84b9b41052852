// `--expect`: known open anomalies are told and fail nothing; everything else does.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExpectations, type Campaign, type SarifLog } from '../../../reports/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const WORDS = ['run', 'bank', '--faults', 'io', '--set', 'failEvery=40', '--minimise-budget', '0', '--workers', '1']
const known = (fingerprint: string, more: object = {}) => ({
  fingerprint,
  reason: 'ours <to mend>',
  owner: 'storage',
  ...more,
})

function listOf(...anomalies: readonly object[]): string {
  return JSON.stringify({ formatVersion: 1, anomalies })
}

function list(cwd: string, ...anomalies: readonly object[]): void {
  writeFileSync(join(cwd, 'known.json'), listOf(...anomalies))
}

const resultOf = (cwd: string) =>
  JSON.parse(readFileSync(join(cwd, 'powercut-results', 'latest', 'campaign.json'), 'utf8')) as Campaign

describe('powercut run --expect', { tags: ['CLI-09'] }, () => {
  it('exits 0 where all violations are known, tells each with its reason, and fails for one that is not', async () => {
    const cwd = scratch()
    expect((await run(WORDS, cwd)).code).toBe(1)
    const [first, second] = resultOf(cwd).violations.map(({ fingerprint }) => fingerprint)
    if (first === undefined || second === undefined) throw new Error('the fake core has two violations')
    list(cwd, known(first), known(second))
    const all = await run([...WORDS, '--expect', 'known.json'], cwd)
    expect([all.code, all.stdout]).toEqual([
      0,
      expect.stringMatching(/No unexpected violation in 100 runs; 2 known anomalies/),
    ])
    expect(all.stdout).toContain('known: ours <to mend> (storage)')
    expect(resultOf(cwd).expectations?.map(({ state }) => state)).toEqual(['found', 'found'])
    const folder = join(cwd, 'powercut-results', 'latest')
    const sarif = JSON.parse(readFileSync(join(folder, 'results.sarif'), 'utf8')) as SarifLog
    for (const { suppressions } of sarif.runs[0]?.results ?? [])
      expect(suppressions[0]?.justification).toBe('ours <to mend>')
    const junit = readFileSync(join(folder, 'junit.xml'), 'utf8')
    expect(junit).toMatch(/failures="0"/)
    expect(junit).toContain('ours &lt;to mend&gt;')
    list(cwd, known(first), known(second, { scenario: 'rows' }))
    expect((await run([...WORDS, '--expect', 'known.json'], cwd)).code).toBe(1)
  })

  it('says which known anomaly is gone, and fails for one that is expected no longer', async () => {
    const cwd = scratch()
    list(
      cwd,
      known('leak-1', { expires: '2020-02-29' }),
      known('leak-3'),
      known('gone'),
      known('x', { scenario: 'rows' }),
      known('y', { family: 'crash' }),
    )
    const { code, stdout } = await run([...WORDS, '--expect', 'known.json'], cwd)
    expect(code).toBe(1)
    expect(resultOf(cwd).expectations?.map(({ state }) => state)).toEqual([
      'expired',
      'found',
      'not-found',
      'not-asked',
      'not-asked',
    ])
    expect(stdout).toContain('leak-1 (storage: ours <to mend>) was expected until 2020-02-29')
    expect(stdout).toContain('gone (storage: ours <to mend>) no longer occurs: take it off the list')
    const part = await run([...WORDS, '--points', '1..10', '--expect', 'known.json'], cwd)
    expect([part.code, part.stdout]).toEqual([0, expect.not.stringContaining('no longer occurs')])
  })

  it('does not stop for a known anomaly with --bail', async () => {
    const cwd = scratch()
    list(cwd, known('leak-1'), known('leak-3'))
    expect((await run([...WORDS, '--expect', 'known.json', '--bail', '1'], cwd)).code).toBe(0)
    expect(resultOf(cwd).complete).toBe(true)
  })

  it('exits 2 for a file that is none or is wrong, says where, and runs nothing', async () => {
    const cwd = scratch()
    const path = join(cwd, 'bad.json')
    const refused = (text: string) => {
      writeFileSync(path, text)
      return () => readExpectations(path)
    }
    const { code, stdout, stderr } = await run([...WORDS, '--expect', 'none.json'], cwd)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/there is no file none\.json: name the file/)
    expect(refused('{\n "formatVersion": 1,\n oops }')).toThrow(/bad\.json:3 is no JSON/)
    expect(refused('{"formatVersion":2,"anomalies":[]}')).toThrow(/formatVersion/)
    expect(refused(listOf({ fingerprint: 'a', reason: 'b' }))).toThrow(/anomalies\.0\.owner/)
    expect(refused(listOf(known('a', { reason: ' ' })))).toThrow(/anomalies\.0\.reason: takes why it is open/)
    expect(refused(listOf(known('a', { expires: '31.1.2030' })))).toThrow(/expires: takes a day, YYYY-MM-DD/)
    expect(refused(listOf(known('a', { expire: '2030-01-31' })))).toThrow(/expire/)
    expect(refused(listOf(known('a'), known('a')))).toThrow(/has the fingerprint 'a' twice/)
  })
})
