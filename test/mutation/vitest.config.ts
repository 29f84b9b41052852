import { defineConfig } from 'vitest/config'

// The engine's tests as `npm run mutation` runs them, many times and in one process: those of what the critical files do
// that take seconds.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: [
      'test/{regression,golden}/**/*.test.ts',
      'test/engine/{format,pack}/**/*.test.ts',
      'test/engine/database/{bad-input,failed-calls,figures,forged-main-tree,group-commit,refusals,table-locks}.test.ts',
      'test/engine/tree/{damaged-nodes,overlay-and-rewrite,rewrite-tree,tree-failures}.test.ts',
    ],
    strictTags: false,
    pool: 'forks',
    isolate: false,
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/mutation/mutant-setup.ts', 'test/setup.ts'],
  },
})
