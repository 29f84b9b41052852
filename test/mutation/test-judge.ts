// test/mutation/test-judge.ts: the process that runs the engine's tests over the instrumented sources, mutant after mutant.
//
// 1. vitest stays, with what it has compiled; each mutant has a worker of its own, in which it is active from the first
//    import on (`mutant-setup.ts`).
// 2. What vitest remembers of earlier runs is not asked for: only what is told during a run counts. A run in which no test
//    failed counts only if every file was told to have passed.

import { createVitest, type Reporter, type TestModule, type Vitest } from 'vitest/node'
import type { TestProgress, TestReply, TestTask } from './test-stage.ts'

/** What was told of a run. */
class Told {
  readonly modules = new Map<string, TestModule>()
  failure: TestReply['failure']
}

/** Of the run that goes on. */
let told = new Told()

const REPORTER: Reporter = {
  onTestCaseResult: (test) => {
    const { state, errors } = test.result()
    if (state === 'failed') told.failure ??= { by: test.fullName, message: errors?.[0]?.message ?? '' }
  },
  onTestModuleEnd: (module) => {
    told.modules.set(module.moduleId, module)
    if (module.state() === 'failed')
      told.failure ??= { by: module.relativeModuleId, message: module.errors()[0]?.message ?? '' }
    process.send?.({ kind: 'ended', file: module.moduleId } satisfies TestProgress)
  },
  onTestRunEnd: (_modules, [error]) => {
    if (error !== undefined) told.failure ??= { by: 'vitest', message: error.message }
  },
}

let made: Promise<Vitest> | undefined

function vitest(): Promise<Vitest> {
  made ??= createVitest('test', {
    watch: false,
    config: 'test/mutation/vitest.config.ts',
    bail: 1,
    reporters: [REPORTER],
  })
  return made
}

async function run({ files, mutant, hitsFolder }: TestTask): Promise<TestReply> {
  const runner = await vitest()
  runner.provide('powercutMutant', { mutant, hitsFolder })
  const all = await runner.globTestSpecifications()
  const wanted = all.filter(({ moduleId }) => files.length === 0 || files.includes(moduleId))
  if (files.length > 0 && wanted.length !== files.length)
    throw new Error(`${files.length - wanted.length} of the test files are not there`)
  told = new Told()
  await runner.runTestSpecifications(wanted)
  const { failure, modules } = told
  const missing = wanted.find(({ moduleId }) => modules.get(moduleId)?.state() !== 'passed')
  if (failure === undefined && missing !== undefined)
    throw new Error(`no test failed, and ${missing.moduleId} was not run to its end`)
  return { kind: 'judged', files: [...modules].map(([file, module]) => ({ file, ms: msOf(module) })), failure }
}

/** With what its imports took. */
function msOf(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic()
  return collectDuration + duration + setupDuration
}

process.on('message', (task: TestTask) => {
  run(task).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
