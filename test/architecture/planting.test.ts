// test/architecture/planting.test.ts: what a command or a worker has loaded before it can plant a defect.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ENGINE_MUTANTS } from '../../faults/mutants/index.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm

/** Every module that is loaded with it, before a line of it runs, by path from the project. */
function loadedWith(entry: string): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [join(PROJECT, entry)]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const shown = relative(PROJECT, path)
    if (found.has(shown) || !existsSync(path)) continue
    found.add(shown)
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(IMPORT))
      waiting.push(resolve(dirname(path), target))
  }
  return found
}

const CHANGED = new Set(ENGINE_MUTANTS.map(({ file }) => file))
const ENTRIES = [
  'harness/host/worker.ts',
  ...readdirSync(join(PROJECT, 'harness/cli'))
    .filter((name) => /^powercut\.ts$|-command\.ts$/.test(name))
    .map((name) => `harness/cli/${name}`),
]

describe('no module that a planted defect changes', { tags: ['MUT-04'] }, () => {
  it.each(ENTRIES)('is loaded with %s: it could not be changed any more', (entry) => {
    expect([...loadedWith(entry)].filter((path) => CHANGED.has(path))).toEqual([])
  })

  it('would go unseen: the search follows what it reads', () => {
    expect(loadedWith('harness/host/worker.ts')).toContain('faults/mutants/activations.ts')
    expect([...loadedWith('engine/index.ts')].filter((path) => CHANGED.has(path)).length).toBeGreaterThan(5)
  })
})
