// harness/host/plant-mutant.ts: puts a mutant's loader hook in force for the calling thread.
//
// Must come before the first import of the engine in this thread: what is loaded already is not changed. In a worker the
// hook is that worker's own, so that workers with different mutants live side by side.

import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  ENGINE_MUTANTS,
  mutantHookUrl,
  mutantTarget,
  MutantError,
  plantMutant,
  type EngineMutant,
  type MutantHookData,
} from '../../faults/mutants/index.ts'
import { findKitMutant } from '../../faults/mutant-kit/index.ts'

/** The mutant of that id, or undefined. */
export function findEngineMutant(id: string): EngineMutant | undefined {
  return ENGINE_MUTANTS.find((mutant) => mutant.id === id)
}

/**
 * Registers the hook. A mutant of the kit needs none: every world of its campaign has it. Throws MutantError if the id is
 * unknown or its anchor is gone.
 */
export function plantInThisThread(id: string): void {
  if (findKitMutant(id) !== undefined) return
  const mutant = findEngineMutant(id)
  if (mutant === undefined) throw new MutantError(id, 'there is no mutant of that name.')
  plantInThisThreadFrom(mutant, mutantTarget(mutant.file))
}

/** As `plantInThisThread`, for a mutant of any module. */
export function plantInThisThreadFrom(mutant: EngineMutant, target: string): void {
  checkAnchor(mutant, target)
  const data: MutantHookData = { mutant, target }
  register(mutantHookUrl(), { data })
}

/** Throws MutantError unless the compiled module holds the mutant's anchor exactly once. */
export function checkAnchor(mutant: EngineMutant, target: string = mutantTarget(mutant.file)): void {
  let source: string
  try {
    source = readFileSync(fileURLToPath(target), 'utf8')
  } catch {
    throw new MutantError(mutant.id, `${mutant.file} is not there.`)
  }
  plantMutant(source, mutant)
}
