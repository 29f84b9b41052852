import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { campaignOf, run, scratch } from '../fixtures/command.ts'

const COMMAND = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))

describe('the token of a planted defect', { tags: ['TOK-02'] }, () => {
  it('is replayed with the defect, and fails as it did', async () => {
    const cwd = scratch()
    const words = ['run', 'core20', '--set', 'iterations=3', '--mutant', 'sync-left-out', '--faults', 'crash']
    const bounds = ['--bail', '1', '--workers', '1', '--minimise-budget', '0', '--out', 'results']
    expect((await run([...words, ...bounds], cwd, COMMAND)).code).toBe(1)
    const [found] = campaignOf(join(cwd, 'results')).violations
    const replayed = await run(['replay', found?.token ?? '', '--json'], cwd, COMMAND)
    expect([replayed.code, replayed.stderr]).toEqual([1, ''])
    expect(JSON.parse(replayed.stdout)).toMatchObject({ outcome: 'violation', oracle: found?.oracle })
  })
})
