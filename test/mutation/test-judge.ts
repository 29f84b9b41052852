// test/mutation/test-judge.ts: the process that runs the engine's tests over the instrumented sources, mutant after mutant.
//
// vitest stays, with what it has compiled; each mutant has a worker of its own, in which it is active from the first import
// on (`mutant-setup.ts`).

import { createVitest, type TestModule, type Vitest } from 'vitest/node'
import type { TestReply, TestTask } from './test-stage.ts'

let made: Promise<Vitest> | undefined

function vitest(): Promise<Vitest> {
  made ??= createVitest('test', {
    watch: false,
    config: 'test/mutation/vitest.config.ts',
    bail: 1,
    reporters: [{}],
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
  const { testModules, unhandledErrors } = await runner.runTestSpecifications(wanted)
  const failed = testModules.map(failureOf).find((failure) => failure !== undefined)
  const [unhandled] = unhandledErrors
  return {
    files: testModules.map((module) => ({ file: module.moduleId, ms: msOf(module) })),
    failure: failed ?? (unhandled === undefined ? undefined : { by: 'vitest', message: String(unhandled) }),
  }
}

/** With what its imports took. */
function msOf(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic()
  return collectDuration + duration + setupDuration
}

function failureOf(module: TestModule): TestReply['failure'] {
  for (const test of module.children.allTests('failed')) {
    const [error] = test.result().errors ?? []
    return { by: test.fullName, message: error?.message ?? '' }
  }
  if (module.state() !== 'failed') return undefined
  return { by: module.relativeModuleId, message: module.errors()[0]?.message ?? '' }
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
