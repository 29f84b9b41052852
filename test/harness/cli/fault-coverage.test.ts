import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { FaultCoverage } from '../../../reports/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')
const EXAMPLE =
  /^```ts\n(\/\/ notes\.scenario\.ts.*?)^```$/ms.exec(readFileSync(join(PROJECT, 'README.md'), 'utf8'))?.[1] ?? ''

/** A user's project with the results of a campaign of the README's notes. */
async function swept(): Promise<string> {
  const cwd = scratch()
  mkdirSync(join(cwd, 'node_modules'))
  symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
  writeFileSync(join(cwd, 'notes.scenario.ts'), EXAMPLE)
  const words = ['run', './notes.scenario.ts', '--set', 'notes=2', '--faults', 'io', '--minimise-budget', '0']
  await run([...words, '--workers', '1', '--out', 'results'], cwd, COMMAND)
  return cwd
}

describe('powercut fault-coverage', { tags: ['FCV-01'] }, () => {
  it('has every call of the sources, and asks for a reason where one is not failed', async () => {
    const cwd = await swept()
    const words = ['fault-coverage', 'results', '--sources', 'notes.scenario.ts', '--gate']
    const ended = await run([...words, '--out', 'coverage'], cwd, COMMAND)
    expect([ended.code, ended.stderr]).toEqual([1, 'notes: counting again\n'])
    const coverage = JSON.parse(readFileSync(join(cwd, 'coverage/fault-coverage.json'), 'utf8')) as FaultCoverage
    expect(coverage.unlisted).toEqual([])
    expect(coverage.totals).toMatchObject({ sites: 13, reached: 7, failed: 7, contexts: 7, contextsFailed: 7 })
    // Nothing is left beside a note when nothing fails before it, and the check's own reading is not swept.
    const leftover = 'notes.scenario.ts#put#fileSystem.unlink'
    const never = coverage.sites.filter(({ failed }) => failed === 0).map(({ id }) => id)
    expect(never).toEqual([leftover, ...never.filter((id) => id.startsWith('notes.scenario.ts#readAll#'))])
    const rename = coverage.sites.find(({ call }) => call === 'rename')
    expect(rename?.cells).toContainEqual({ fault: 'rename EIO', followUp: 'once', outcome: 'retried', runs: 4 })
    expect(readFileSync(join(cwd, 'coverage/fault-coverage.csv'), 'utf8')).toContain('#put#fileSystem.rename,io,')

    const reason = 'only after a crash or a failure, or a part of the check'
    const reasons = (sites: readonly string[]): void =>
      writeFileSync(join(cwd, 'reasons.json'), JSON.stringify({ formatVersion: 1, reasons: [{ sites, reason }] }))
    const explained = [...words, '--reasons', 'reasons.json']
    reasons(never)
    expect((await run(explained, cwd, COMMAND)).code).toBe(0)
    reasons([...never, 'notes.scenario.ts#put#file.sync'])
    const wrong = await run(explained, cwd, COMMAND)
    expect(wrong.code).toBe(1)
    expect(wrong.stdout).toContain('Reasons for nothing:\n  notes.scenario.ts#put#file.sync\n')
  })

  it('refuses what could not show anything', async () => {
    const cwd = await swept()
    const said = async (words: readonly string[]) => (await run(['fault-coverage', ...words], cwd, COMMAND)).stderr
    expect(await said(['results'])).toMatch(/^powercut: --sources is missing/)
    expect(await said(['results', '--sources', 'gone'])).toMatch(/^powercut: There is no 'gone'/)
    expect(await said(['results', '--sources', 'notes.scenario.ts', '--calls', 'all'])).toMatch(/knows no 'all'/)
    writeFileSync(join(cwd, 'empty.ts'), 'export {}\n')
    expect(await said(['results', '--sources', 'empty.ts'])).toMatch(/^powercut: No call in empty\.ts can be failed/)
    writeFileSync(join(cwd, 'broken.ts'), 'export {\n')
    expect(await said(['results', '--sources', 'broken.ts'])).toMatch(/^powercut: broken\.ts: /)
  })
})
