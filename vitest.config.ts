import { defineConfig } from 'vitest/config'
import { requirementTags } from './reports/index.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What a test verifies: `--tags-filter STO-04` runs the tests of one requirement. An id that there is none of is
    // found by the tests in test/requirements, with its place.
    tags: requirementTags(['engine/requirements', 'harness/requirements']),
    strictTags: false,
    pool: 'forks',
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ['test/setup.ts'],
  },
})
