// faults/mutants/engine-mutant.ts: a planted defect of the engine, as a change to its source while it is loaded.
//
// 1. A mutant changes exactly one place: its anchor is in the compiled file once, or the mutant is refused.
// 2. Its replacement calls `REACHED()` where the defect is executed, so that "not seen" and "not reached" are told apart.
// 3. The file keeps its line numbers, so that call sites and tokens mean the same with and without the mutant.

/** The smallest campaign that finds the mutant; what is left out is the default. */
export type MutantCampaign = Readonly<{
  families: readonly ('allocation' | 'io' | 'crash' | 'recovery' | 'corruption')[]
  modes?: readonly ('once' | 'from')[]
  warm?: boolean
  /** A persistence model's name; the scenario's first if left out. */
  model?: string
  /** Scenario parameters that differ from the defaults. */
  parameters?: Readonly<Record<string, number | string | boolean>>
}>

export type EngineMutant = Readonly<{
  /** Stable, kebab-case: `--mutant ID`. */
  id: string
  kind: 'engine'
  /** A built-in scenario's name. */
  scenario: string
  /** The defect in a few words. */
  summary: string
  /** The source file, from the package's root: `engine/pack/pack-writer.ts`. */
  file: string
  /** Text of the compiled file (a blank stands for any white space), or a pattern; matches once. */
  anchor: string | RegExp
  /** What stands there instead; taken as it is, `$` included. Calls `REACHED()`. */
  replacement: string
  campaign: MutantCampaign
  /** Oracles that may be the one to complain; any if empty. */
  oracles: readonly string[]
}>

/** A mutant that the engine's source no longer has a place for. */
export class MutantError extends Error {
  override readonly name = 'MutantError'
  readonly code = 'E_MUTANT'
  readonly mutant: string

  constructor(mutant: string, message: string) {
    super(`Mutant '${mutant}' can't be planted: ${message}`)
    this.mutant = mutant
  }
}
