// scenarios/packages: scenarios over published packages, unmodified. Each is loaded when it is asked for, and needs its
// package installed: they are examples, and no dependencies of this package.

import { createRequire } from 'node:module'
import type { Scenario } from '../contract.ts'

/** A scenario's package is not installed. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError'
  readonly code = 'E_PACKAGE'
  readonly package: string

  constructor(scenario: string, name: string) {
    super(`Scenario '${scenario}' needs the package '${name}', which is not installed: npm install --save-dev ${name}`)
    this.package = name
  }
}

type AnyScenario = Scenario<unknown, unknown>

/** Loads `load` if the package is there. Throws MissingPackageError. */
function over(scenario: string, name: string, load: () => Promise<AnyScenario>): () => Promise<AnyScenario> {
  return async () => {
    try {
      createRequire(import.meta.url).resolve(name)
    } catch (cause) {
      // A package for ES modules alone can't be resolved so, and is there.
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'))
        throw new MissingPackageError(scenario, name)
    }
    return load()
  }
}

/** Scenarios over packages, by name. */
export const PACKAGE_SCENARIOS: Readonly<Record<string, () => Promise<AnyScenario>>> = {
  'write-file-atomic': over(
    'write-file-atomic',
    'write-file-atomic',
    async () => (await import('./write-file-atomic.ts')).writeFileAtomicScenario,
  ),
  lowdb: over('lowdb', 'lowdb', async () => (await import('./lowdb.ts')).lowdbScenario),
  nedb: over('nedb', '@seald-io/nedb', async () => (await import('./nedb.ts')).nedbScenario),
  cacache: over('cacache', 'cacache', async () => (await import('./cacache.ts')).cacacheScenario),
  sqlite: over('sqlite', 'node-sqlite3-wasm', async () => (await import('./sqlite.ts')).sqliteScenario),
}
