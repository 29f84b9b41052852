// test/mutation/sample.ts: which mutants there are, and which of them are judged.
//
// A sample is drawn by hash: of each mutant's key with the seed, the smallest ones. A change to the code moves only the
// mutants of what was changed.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInstrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'
import { keyOf, placesIn, type MutantPlace } from './mutant-place.ts'

/** Every mutant of the files, in the order of the files. */
export async function allMutants(project: string, files: readonly string[]): Promise<readonly MutantPlace[]> {
  const sources = files.map((file) => ({ file, source: readFileSync(join(project, file), 'utf8') }))
  const injector = createInjector()
    .provideValue('logger', SILENT)
    .provideValue('getLogger', () => SILENT)
    .provideValue('options', {})
  // The type of its injector names every token of the whole program; it takes these.
  const instrumenter = createInstrumenter(injector as unknown as Parameters<typeof createInstrumenter>[0])
  const { mutants } = await instrumenter.instrument(
    sources.map(({ file, source }) => ({ name: join(project, file), content: source, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  )
  const places = new Map(sources.map(({ file, source }) => [join(project, file), placesIn(file, source)]))
  return mutants.map((mutant) => {
    const place = places.get(mutant.fileName)
    if (place === undefined) throw new Error(`a mutant of ${mutant.fileName}, which was not asked for`)
    return place(mutant)
  })
}

/** `size` of the mutants, or all if there are no more. */
export function draw(mutants: readonly MutantPlace[], size: number, seed: number): readonly MutantPlace[] {
  if (size >= mutants.length) return mutants
  const ranked = mutants.map((mutant) => ({ mutant, rank: rankOf(mutant, seed) }))
  const chosen = ranked.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, size)
  const keys = new Set(chosen.map(({ mutant }) => keyOf(mutant)))
  return mutants.filter((mutant) => keys.has(keyOf(mutant)))
}

function rankOf(mutant: MutantPlace, seed: number): string {
  return createHash('sha256')
    .update(`${seed} ${keyOf(mutant)}`)
    .digest('hex')
}

const nothing = (): void => {}
const no = (): boolean => false
const SILENT = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
}
