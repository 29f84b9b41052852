// test/mutation/mutant-setup.ts: makes a mutant active before a test file is loaded, or notes which ones the file executes,
// for `npm run mutation`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, inject } from 'vitest'

type Namespace = {
  activeMutant?: string
  currentTestId?: string
  mutantCoverage?: { perTest: Record<string, Record<string, number>> }
}

const { mutant, hitsFolder } = inject('powercutMutant')
const file = expect.getState().testPath
const known: unknown = Reflect.get(globalThis, '__stryker__')
const shared: Namespace = typeof known === 'object' && known !== null ? known : {}
Reflect.set(globalThis, '__stryker__', shared)

if (mutant !== '') {
  shared.activeMutant = mutant
  // For the processes that tests start.
  process.env['__STRYKER_ACTIVE_MUTANT__'] = mutant
}

if (hitsFolder !== '' && file !== undefined) {
  shared.currentTestId = file
  afterAll(() => {
    const hits = Object.keys(shared.mutantCoverage?.perTest[file] ?? {})
    writeFileSync(join(hitsFolder, `${file.replaceAll(/[^\w.]/g, '-')}.json`), JSON.stringify({ file, hits }))
  })
}
