// harness/coverage/kit/index.ts: the known-answer kit: shows that the instrumenter and the analysis are right.
//
// Its answers come from brute force over random decisions, from cases whose answers are written down, and from programs
// that must print the same with counting and without. It does not cover loading, source maps and merging: tests do.

import { compareCases } from './cases.ts'
import { compareExpressions } from './expressions.ts'
import { comparePrograms } from './programs.ts'
import { Tally, type Mismatch } from './tally.ts'

export type KitResult = Readonly<{
  comparisons: number
  /** By what was compared. */
  byKind: Readonly<Record<string, number>>
  mismatches: number
  /** The first of them. */
  examples: readonly Mismatch[]
}>

export type KitOptions = Readonly<{ expressions: number; conditionsMax: number; seed: number }>

export const KIT_DEFAULTS: KitOptions = { expressions: 1000, conditionsMax: 10, seed: 1 }

export async function runKnownAnswers(options: KitOptions = KIT_DEFAULTS): Promise<KitResult> {
  const tally = new Tally()
  compareCases(tally)
  await comparePrograms(tally)
  compareExpressions(tally, options)
  const byKind = Object.fromEntries(tally.comparisons)
  return {
    comparisons: Object.values(byKind).reduce((sum, count) => sum + count, 0),
    byKind,
    mismatches: tally.mismatchCount,
    examples: tally.mismatches,
  }
}

export type { Mismatch }
