import { defineConfig } from 'vitest/config'
import { COMPILED_ENGINE, compiledEngine } from './test/coverage/compiled-engine.ts'
import { requirementTags } from './reports/index.ts'

// `powercut mcdc -- npx vitest run` measures what the tests load; otherwise nothing of it is loaded.
const measured = process.env['POWERCUT_MCDC'] !== undefined
// V8 counts in what Node itself loads: under its coverage the tests run the compiled engine.
const isCounted = process.env['NODE_V8_COVERAGE'] !== undefined
const plugins = [
  ...(measured ? [(await import('./harness/host/mcdc/vite-plugin.ts')).mcdc()] : []),
  ...(isCounted ? [compiledEngine()] : []),
]

export default defineConfig({
  plugins,
  test: {
    // It imports JSON without saying so, which Node 20 refuses and vite reads.
    server: { deps: { inline: ['@actions/workflow-parser'], external: isCounted ? [COMPILED_ENGINE] : [] } },
    include: ['test/**/*.test.ts'],
    // What a test verifies: `--tags-filter STO-04` runs the tests of one requirement. An id that there is none of is
    // found by the tests in test/requirements, with its place.
    tags: requirementTags(['engine/requirements', 'harness/requirements']),
    strictTags: false,
    pool: 'forks',
    // Each file in a process of its own: what one loads (graceful-fs, say) and holds is nothing to the others.
    isolate: true,
    // Many tests wait for processes that they started: a core more than vitest would take.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ['test/setup.ts'],
  },
})
