// test/setup.ts: lets a failing property be replayed from the environment: FC_SEED, FC_PATH, FC_RUNS.
import * as v8 from 'node:v8'
import fc from 'fast-check'
import { afterAll } from 'vitest'

const seed = process.env['FC_SEED']
const path = process.env['FC_PATH']
const runs = process.env['FC_RUNS']

fc.configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(path === undefined ? {} : { path, endOnFailure: true }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
})

if (process.env['NODE_V8_COVERAGE'] !== undefined) afterAll(() => v8.takeCoverage())
