// Several persistence models, and a user's own: what is refused, and the matrix that comes of them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, scratch } from '../fixtures/command.ts'

const POWERCUT = fileURLToPath(new URL('../../../dist/harness/cli/powercut.js', import.meta.url))
const SMALL = [
  '--faults',
  'crash',
  '--set',
  'transfers=1',
  '--set',
  'accounts=2',
  '--max-states',
  '20',
  '--workers',
  '1',
]
const DEVICE = {
  name: 'my-device',
  summary: 'loses everything or nothing',
  families: ['kill', 'none'],
  lostBeyondSize: ['zero'],
  lostRewrite: ['old'],
  atomicSectors: true,
  sizes: 'after-data',
  names: 'in-order',
  fileSyncCoversCreation: true,
}

function moduleOf(model: unknown): string {
  return `export default ${JSON.stringify(model)}\n`
}

describe('--model', { tags: ['MOD-01'] }, () => {
  it('judges one scenario under several models, a user’s own among them, and tells promise × model', async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'device.model.mjs'), moduleOf(DEVICE))
    const words = ['run', 'bank', ...SMALL, '--model', 'posix-minimal,./device.model.mjs', '--json', '--out', 'both']
    const { stdout } = await run([...words, '--allow-incomplete'], cwd, POWERCUT)
    const { models, scenarios } = JSON.parse(stdout) as {
      models: { models: string[]; rows: { promise: string; cells: { states: number; violations: number }[] }[] }
      scenarios: { name: string; model: string; recovery: { statesRun: number } }[]
    }
    expect(models.models).toEqual(['posix-minimal', './device.model.mjs'])
    expect(scenarios.map(({ name, model }) => [name, model])).toEqual([
      ['bank (posix-minimal)', 'posix-minimal'],
      ['bank (./device.model.mjs)', './device.model.mjs'],
    ])
    const states = scenarios.map(({ recovery }) => recovery.statesRun)
    expect(states[0]).toBeGreaterThan(states[1] ?? Infinity)
    expect(models.rows.map(({ promise }) => promise)).toContain('recovered-state')
    for (const { cells } of models.rows)
      expect(cells).toEqual(states.map((count) => ({ states: count, violations: 0 })))
  })

  it('refuses a model with an unknown word, by the word, and one that is not there', { tags: ['CLI-02'] }, async () => {
    const cwd = scratch()
    writeFileSync(join(cwd, 'odd.model.mjs'), moduleOf({ ...DEVICE, names: 'sideways' }))
    writeFileSync(join(cwd, 'more.model.mjs'), moduleOf({ ...DEVICE, speed: 'fast' }))
    const cases = [
      ['./odd.model.mjs', /'names' is 'sideways': .*alone.*in-order/],
      ['./more.model.mjs', /speed/],
      ['./none.model.mjs', /no persistence model's module at \.\/none/],
      ['posix-minimal,ext5', /--model does not know 'ext5': valid are posix-minimal/],
    ] as const
    for (const [model, sentence] of cases) {
      const { code, stderr } = await run(['run', 'bank', '--model', model], cwd, POWERCUT)
      expect([model, code, stderr]).toEqual([model, 2, expect.stringMatching(sentence)])
    }
  })
})
