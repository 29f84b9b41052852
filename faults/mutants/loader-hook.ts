// faults/mutants/loader-hook.ts: a module customisation hook that plants one mutant in one module as it is loaded.
//
// Runs in the loader's own thread: `initialize` gets its data through `register(…, { data })`, nothing else is shared.

import type { EngineMutant } from './engine-mutant.ts'
import { plantMutant } from './plant.ts'

/** What `register` hands over. `target` is the URL of the module that is changed. */
export type MutantHookData = Readonly<{ mutant: EngineMutant; target: string }>

type LoadContext = Readonly<{ format?: string | null; unmeasured?: boolean }>
type LoadResult = Readonly<{ format: string; source?: string | ArrayBuffer | Uint8Array; shortCircuit?: boolean }>

let planted: MutantHookData | undefined

export function initialize(data: MutantHookData): void {
  planted = data
}

export async function load(
  url: string,
  context: LoadContext,
  nextLoad: (url: string, context: LoadContext) => Promise<LoadResult>,
): Promise<LoadResult> {
  if (planted === undefined || url.replace(/[?#].*$/, '') !== planted.target) return nextLoad(url, context)
  // A measurement of coverage below this hook must leave the text as the anchor knows it.
  const result = await nextLoad(url, { ...context, unmeasured: true })
  const { source } = result
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
  return { ...result, source: plantMutant(text, planted.mutant) }
}
