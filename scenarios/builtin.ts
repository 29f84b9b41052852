// scenarios/builtin.ts: the built-in scenarios by name. Each is loaded when it is asked for, so that the list costs
// nothing, and so that a loader hook set before sees every module of the store.

import type { Scenario } from './contract.ts'
import { PACKAGE_SCENARIOS } from './packages/index.ts'

/** A scenario whose store and model only it knows: what the harness works with. */
export type AnyScenario = Scenario<unknown, unknown>

/** Loads the scenario of that name. */
export const BUILTIN_SCENARIOS: Readonly<Record<string, () => Promise<AnyScenario>>> = {
  core20: async () => (await import('./core20/index.ts')).core20,
  bank: async () => (await import('./bank/index.ts')).bank,
  rows: async () => (await import('./rows/index.ts')).rows,
  'atomic-file': async () => (await import('./atomic-file/index.ts')).atomicFile,
  'atomic-node': async () => (await import('./atomic-node/index.ts')).atomicNode,
  group: async () => (await import('./group/index.ts')).group,
  'lazy-log': async () => (await import('./lazy-log/index.ts')).lazyLog,
  upkeep: async () => (await import('./upkeep/index.ts')).upkeep,
  salvage: async () => (await import('./salvage/index.ts')).salvage,
  refusals: async () => (await import('./refusals/index.ts')).refusals,
  ...PACKAGE_SCENARIOS,
}
