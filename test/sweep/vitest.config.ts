// test/sweep/vitest.config.ts: the engine's own tests, unedited, in a mode where allocations fail: `npm run test:sweep`.
//
// SWEEP_POINTS (default 24): allocations of each test that are failed, spread evenly from the first to the last; 0: all.
// SWEEP_SECONDS (default 4): after so long no more of a test's allocations are failed; 0: no bound.

import { defineConfig, type Plugin } from 'vitest/config'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const SEAM = `${PROJECT}test/sweep/seam.ts`

/** What is changed in a module as it is loaded: each anchor stands in it exactly once. `field`: of the anchor's class. */
type Change = Readonly<{ anchor: string; becomes: string; appended: string; field?: string }>

const CHANGES: Readonly<Record<string, Change>> = {
  'engine/memory/create-allocator.ts': {
    anchor: 'export function createAllocator(',
    becomes: 'function ownAllocator(',
    appended: `import { counted } from '${SEAM}'
      export const createAllocator = (options) => counted(ownAllocator(options))`,
  },
  'engine/database/open-database.ts': {
    anchor: 'export function openDatabase<S extends Schema>(',
    becomes: 'function ownOpenDatabase<S extends Schema>(',
    appended: `import { opening } from '${SEAM}'
      export const openDatabase = (options) => opening(() => ownOpenDatabase(options))`,
  },
  'engine/lock/acquire-lock.ts': {
    anchor: 'export function acquireLock(',
    becomes: 'function ownAcquireLock(',
    appended: `import { opening } from '${SEAM}'
      export const acquireLock = (options) => opening(() => ownAcquireLock(options), 'release', 4)`,
  },
  'engine/database/engine-database.ts': watch('EngineDatabase', 'close', 0),
  'engine/database/transaction.ts': watch('EngineTransaction', undefined, 0),
  'engine/tree/cursor.ts': watch('Cursor', 'close', 1),
  'engine/tree/tree-editor.ts': watch('TreeEditor', undefined, 0),
  'engine/tree/overlay.ts': watch('Overlay', 'discard', 2),
  'engine/tree/node-cache.ts': watch('NodeCache', 'close', 3),
  'faults/disk/simulated-disk.ts': {
    anchor: 'export class SimulatedDisk {',
    becomes: 'export class SimulatedDisk {\n  protected readonly noted: unknown = diskMade(this)\n',
    appended: `import { diskMade } from '${SEAM}'`,
  },
}

function watch(name: string, closer: string | undefined, rank: number) {
  const anchor = `export class ${name}`
  const appended = `import { watched${closer === undefined ? '' : ', made'} } from '${SEAM}'\nwatched(${name})`
  return {
    anchor,
    becomes: anchor,
    appended,
    ...(closer === undefined ? {} : { field: `made(this, '${closer}', ${rank})` }),
  }
}

const allocationsFail: Plugin = {
  name: 'allocations-fail',
  enforce: 'pre',
  transform(code, id) {
    const change = CHANGES[id.split('?')[0]?.slice(PROJECT.length) ?? '']
    if (change === undefined) return undefined
    const parts = code.split(change.anchor)
    if (parts.length !== 2)
      throw new Error(`${id}: '${change.anchor}' stands there ${parts.length - 1} times, not once`)
    if (change.field !== undefined) {
      parts[1] = (parts[1] ?? '').replace('{', `{\n  protected readonly noted: unknown = ${change.field}\n`)
    }
    return { code: `${parts.join(change.becomes)}\n${change.appended}\n`, map: null }
  },
}

export default defineConfig({
  root: PROJECT,
  plugins: [allocationsFail],
  test: {
    include: ['test/engine/**/*.test.ts'],
    exclude: [
      // The allocators are the subject there, and run out of memory by themselves.
      'test/engine/memory/**',
      // Whole processes, the real file system, timers: what they take is not of this process's allocators.
      'test/engine/tools/**',
      'test/engine/adapters/**',
      'test/engine/lock/processes.test.ts',
    ],
    runner: './test/sweep/runner.ts',
    reporters: ['./test/sweep/reporter.ts'],
    setupFiles: ['test/setup.ts', 'test/sweep/setup.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    retry: 0,
    strictTags: false,
  },
})
