import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { emittedTest } from '../../../harness/cli/emitted-test.ts'
import type * as Powercut from '../../../harness/index.ts'
import { encodeToken, type FaultPlan, type RunRecord } from '../../../harness/plan/index.ts'
import { loadScenario } from '../../../harness/host/index.ts'
import { LoadedScenario } from '../../../harness/run/index.ts'
import { run, scratch } from '../fixtures/command.ts'

const RECORD: RunRecord = {
  order: 0,
  token: 'pc1-token',
  scenario: 'notes',
  family: 'crash',
  form: 'linear',
  point: 3,
  mode: 'none',
  fault: "before list of ''",
  phase: 'note 1',
  outcome: 'violation',
  delivered: 1,
  oracle: 'recovered-state',
  message: 'one\ntwo',
  traceHash: 't',
  durationMs: 0,
}

describe('a test that replay writes', { tags: ['TOK-03'] }, () => {
  it('is a module whatever was found, with all of what was said in its comment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (message, fault, phase) => {
        const text = emittedTest({ ...RECORD, message, fault, phase }, undefined, 'test/deep/notes.test.ts')
        expect(parseSync('notes.test.ts', text).errors).toEqual([])
        expect(text).toContain("await replay('pc1-token', { directory })")
      }),
      { numRuns: 40 },
    )
  })

  it('looks for the scenario from where the command was given', () => {
    const paths = ['a.test.ts', 'test/a.test.ts', 'test/deep/a.test.ts']
    const places = paths.map((path) => /new URL\('([^']*)'/.exec(emittedTest(RECORD, undefined, path))?.[1])
    expect(places).toEqual(['./', '../', '../../'])
  })

  it('is written once and never over another file', async () => {
    const cwd = scratch()
    await run(['run', 'bank', '--faults', 'io', '--set', 'failEvery=7', '--bail', '1', '--minimise-budget', '0'], cwd)
    const words = ['replay', 'latest', '--emit-test', 'test/found.test.ts']
    const first = await run(words, cwd)
    expect([first.code, first.stdout]).toEqual([1, expect.stringContaining('Wrote test/found.test.ts')])
    const text = readFileSync(join(cwd, 'test/found.test.ts'), 'utf8')
    const second = await run([...words, '--minimise'], cwd)
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('There is test/found.test.ts already')])
    expect(second.stdout).toContain('smallest case: 1 of 2 steps (one)')
    expect(readFileSync(join(cwd, 'test/found.test.ts'), 'utf8')).toBe(text)
  })
})

/** As it is installed: its worker is a compiled module. */
const DIST = new URL('../../../dist/harness/index.js', import.meta.url).href

describe('replay, for programs', { tags: ['TOK-02'] }, async () => {
  const { replay } = (await import(DIST)) as typeof Powercut

  it('runs a token in a worker of its own, with its planted defect', async () => {
    const parameters = { accounts: 2, transfers: 2 }
    const loaded = new LoadedScenario(await loadScenario('bank'), parameters)
    const plan: FaultPlan = {
      subject: { scenario: 'bank', parameters: loaded.parameters, seed: 1, model: 'posix-minimal', sectorBytes: 512 },
      form: 'linear',
      faults: [{ kind: 'crash', point: 9, when: 'after', state: { family: 'none', index: 0 } }],
    }
    const { contractHash, defaults } = loaded
    const token = (mutant?: string) =>
      encodeToken(
        {
          ...plan,
          subject: { ...plan.subject, ...(mutant === undefined ? {} : { mutant }) },
          faults: mutant === undefined ? plan.faults : [],
        },
        { contractHash, defaults },
      )
    expect(await replay(token())).toMatchObject({ outcome: 'passed', delivered: 1, message: undefined })
    expect(await replay(token('sync-left-out'))).toMatchObject({ outcome: 'violation', oracle: 'claim-audit' })
  })

  it('says of a token that is none what would be one', async () => {
    await expect(replay('none')).rejects.toThrow(/no replay token/)
  })
})
