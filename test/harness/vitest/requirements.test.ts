import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, scratch } from '../fixtures/command.ts'
import { requirementFile } from '../../reports/requirements/sample.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const COMMAND = join(PROJECT, 'dist/harness/cli/powercut.js')
const VITEST = join(PROJECT, 'node_modules/vitest/vitest.mjs')

/** A user's project with the package, vitest, two requirements and two test files. */
function userProject(): string {
  const cwd = scratch()
  mkdirSync(join(cwd, 'node_modules'))
  mkdirSync(join(cwd, 'requirements'))
  symlinkSync(PROJECT, join(cwd, 'node_modules', 'powercut'), 'dir')
  symlinkSync(join(PROJECT, 'node_modules/vitest'), join(cwd, 'node_modules', 'vitest'), 'dir')
  const stated = [{ id: 'A-1' }, { id: 'A-2' }, { id: 'A-3', status: 'not-built', reason: 'no time yet' }]
  writeFileSync(join(cwd, 'requirements', 'all.json'), requirementFile(stated).text)
  writeFileSync(
    join(cwd, 'setup.ts'),
    `import { annotateRequirements } from 'powercut/vitest/requirements'\nannotateRequirements()\n`,
  )
  writeFileSync(
    join(cwd, 'vitest.config.ts'),
    `import { requirementTags } from 'powercut/reports'
     export default { test: { tags: requirementTags(['requirements']), strictTags: false, isolate: false, setupFiles: ['./setup.ts'] } }`,
  )
  for (const file of ['one', 'two'])
    writeFileSync(
      join(cwd, `${file}.test.ts`),
      `import { describe, expect, it } from 'vitest'
       describe('suite', { tags: ['A-1', 'slow'] }, () => {
         it.each([1, 2])('is run with <%s> & "quotes"', { tags: ['A-2'] }, (n) => { expect(n).toBeGreaterThan(0) })
         it('skips itself', ({ skip }) => { skip('no "disk" <here>') })
       })`,
    )
  return cwd
}

function vitest(cwd: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [VITEST, 'run', ...words], { cwd }, (_error, stdout) => resolve(stdout))
  })
}

describe('requirements that tests of vitest name', { tags: ['TRC-01', 'TRC-04'] }, () => {
  it('are in its report as properties, in every file and row, with why a test skipped itself', async () => {
    const cwd = userProject()
    await vitest(cwd, ['--reporter=junit', '--outputFile=junit.xml'])
    const { code, stdout } = await run(['trace', '--results', 'junit.xml', '--json'], cwd, COMMAND)
    const { totals, evidence, findings } = JSON.parse(stdout) as {
      totals: Record<string, unknown>
      evidence: { name: string; outcome: string; requirements: string[]; skipReason?: string }[]
      findings: unknown[]
    }
    expect(findings).toEqual([])
    expect(code).toBe(0)
    expect(totals).toMatchObject({ verdicts: { verified: 2, 'not-built': 1 }, outcomes: { passed: 4, skipped: 2 } })
    expect(evidence.slice(0, 3)).toMatchObject([
      { name: 'suite > is run with <1> & "quotes"', outcome: 'passed', requirements: ['A-1', 'A-2'] },
      { name: 'suite > is run with <2> & "quotes"', outcome: 'passed', requirements: ['A-1', 'A-2'] },
      { name: 'suite > skips itself', outcome: 'skipped', requirements: ['A-1'], skipReason: 'no "disk" <here>' },
    ])
    expect(await vitest(cwd, ['--tags-filter', 'A-2', '--reporter=json'])).toContain('"numPassedTests":4')
  })
})
