// faults/mutants/engine-mutants.ts: the planted defects of the engine, each with the smallest campaign that finds it.
//
// 1. Ids are unique and stay: they are in tokens and in what people type.
// 2. What each campaign needs is in it; no mutant relies on another's.

import { CALL_MUTANTS } from './call-mutants.ts'
import { COMMIT_MUTANTS } from './commit-mutants.ts'
import { DAMAGE_MUTANTS } from './damage-mutants.ts'
import type { EngineMutant } from './engine-mutant.ts'
import { MEMORY_MUTANTS } from './memory-mutants.ts'
import { NESTED_MUTANTS } from './nested-mutants.ts'
import { RECOVERY_MUTANTS } from './recovery-mutants.ts'

export const ENGINE_MUTANTS: readonly EngineMutant[] = [
  ...COMMIT_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...MEMORY_MUTANTS,
  ...CALL_MUTANTS,
  ...DAMAGE_MUTANTS,
  ...NESTED_MUTANTS,
]
