import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { checkAnchor } from '../../../harness/host/index.ts'
import { ENGINE_MUTANTS, MutantError, plantMutant, type EngineMutant } from '../../../faults/mutants/index.ts'

const target = new URL('../fixtures/mutant-target.mjs', import.meta.url).href
const mutant = (replacement: string, anchor = 'return 42'): EngineMutant => ({
  id: 'sample',
  kind: 'engine',
  scenario: 'bank',
  summary: 'a sample',
  file: 'test/mutant-target.mjs',
  anchor,
  replacement,
  campaign: { families: ['crash'] },
  oracles: [],
})
const inWorker = async (given: EngineMutant | undefined): Promise<unknown> => {
  const entry = new URL('../fixtures/mutant-worker.mjs', import.meta.url)
  const worker = new Worker(entry, { workerData: { mutant: given, target } })
  const [message] = (await once(worker, 'message')) as readonly unknown[]
  await worker.terminate()
  return message
}

describe('a mutant in a worker', { tags: ['MUT-01'] }, () => {
  it('changes what that worker loads and nothing in the others, side by side', async () => {
    const answers = await Promise.all([
      inWorker(mutant('REACHED(); return 1')),
      inWorker(undefined),
      inWorker(mutant('REACHED(); return 2')),
    ])
    expect(answers).toEqual([
      { answer: 1, activations: 1 },
      { answer: 42, activations: 0 },
      { answer: 2, activations: 1 },
    ])
  })

  it('is told apart from one that is planted but never executed', async () => {
    expect(await inWorker(mutant('if (false) REACHED(); return 42'))).toEqual({ answer: 42, activations: 0 })
  })

  it('is refused before anything is loaded when its anchor is gone', async () => {
    expect(await inWorker(mutant('REACHED()', 'return 43'))).toEqual({
      error: expect.stringMatching(/'sample' can't be planted: .* no longer holds its anchor return 43/),
    })
    expect(() => checkAnchor(mutant('REACHED()', 'return 43'), target)).toThrow(MutantError)
  })
})

function compiledUrl({ file }: EngineMutant): URL {
  return new URL(`../../../dist/${file.replace(/\.ts$/, '.js')}`, import.meta.url)
}

describe('the engine mutants', { tags: ['MUT-01'] }, () => {
  it('all have their place in the compiled engine', () => {
    for (const each of ENGINE_MUTANTS) expect(() => checkAnchor(each, compiledUrl(each).href)).not.toThrow()
  })

  it('all are programs still when they are planted', () => {
    for (const each of ENGINE_MUTANTS) {
      const { errors } = parseSync('planted.js', plantMutant(readFileSync(compiledUrl(each), 'utf8'), each))
      expect([each.id, errors.map(({ message }) => message)]).toEqual([each.id, []])
    }
  })
})
