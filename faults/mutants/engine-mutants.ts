// faults/mutants/engine-mutants.ts: the planted defects of the engine, each with the smallest campaign that finds it.
//
// 1. Ids are unique and stay: they are in tokens and in what people type.
// 2. A mutant compiles, opens a store and runs the scenario without a fault; only faults show it.

import type { EngineMutant } from './engine-mutant.ts'

export const ENGINE_MUTANTS: readonly EngineMutant[] = []
