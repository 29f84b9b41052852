// test/mutation/hits-setup.ts: which mutants a test file executes, written when it has ended, for `npm run mutation`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'

type Namespace = { currentTestId?: string; mutantCoverage?: { perTest: Record<string, Record<string, number>> } }

const folder = process.env['POWERCUT_MUTATION_COVERAGE']
const file = expect.getState().testPath

if (folder !== undefined && file !== undefined) {
  const known: unknown = Reflect.get(globalThis, '__stryker__')
  const shared: Namespace = typeof known === 'object' && known !== null ? known : {}
  Reflect.set(globalThis, '__stryker__', shared)
  shared.currentTestId = file
  afterAll(() => {
    const hits = Object.keys(shared.mutantCoverage?.perTest[file] ?? {})
    const name = `${file.replaceAll(/[^\w.]/g, '-')}.json`
    writeFileSync(join(folder, name), JSON.stringify({ file, hits }))
  })
}
