// test/setup.ts: what each test verifies, for the report of the run; and the seed of the properties. It is one and the same
// in every run of the suite, so that a red build can be had again; `npm run test:random` draws others. A failing property
// is replayed from the environment: FC_SEED, FC_PATH, FC_RUNS.
import * as v8 from 'node:v8'
import fc from 'fast-check'
import { afterAll } from 'vitest'
import { annotateRequirements } from '../harness/vitest/requirements.ts'

const DEFAULT_SEED = '1'
const RANDOM = 'random'

const seed = process.env['FC_SEED'] ?? DEFAULT_SEED
const path = process.env['FC_PATH']
const runs = process.env['FC_RUNS']

fc.configureGlobal({
  ...(seed === RANDOM ? {} : { seed: Number(seed) }),
  ...(path === undefined ? {} : { path, endOnFailure: true }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
})

annotateRequirements()

if (process.env['NODE_V8_COVERAGE'] !== undefined) afterAll(() => v8.takeCoverage())
