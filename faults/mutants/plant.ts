// faults/mutants/plant.ts: a mutant's change, applied to the text of a compiled module.

import { MutantError, type EngineMutant } from './engine-mutant.ts'

const COUNTER = 'powercut.mutant.reached'

/** The module's text with the defect in it. Pure. Throws MutantError if the anchor is not there exactly once. */
export function plantMutant(source: string, mutant: EngineMutant): string {
  const { id, anchor, replacement, file } = mutant
  if (!replacement.includes('REACHED()')) throw new MutantError(id, 'its replacement does not call REACHED().')
  const found = occurrences(source, anchor)
  const [place] = found
  if (place === undefined) throw new MutantError(id, `${file} no longer holds its anchor ${String(anchor)}.`)
  if (found.length > 1) throw new MutantError(id, `${file} holds its anchor ${String(anchor)} ${found.length} times.`)
  const removed = source.slice(place.start, place.end)
  const keptLines = '\n'.repeat(Math.max(0, lineBreaks(removed) - lineBreaks(replacement)))
  const changed = source.slice(0, place.start) + replacement + keptLines + source.slice(place.end)
  return `const REACHED = () => { const s = Symbol.for('${COUNTER}'); globalThis[s] = (globalThis[s] ?? 0) + 1; return true }; ${changed}`
}

/** How often a planted defect was executed in this thread. */
export function mutantReached(): number {
  const value: unknown = Reflect.get(globalThis, Symbol.for(COUNTER))
  return typeof value === 'number' ? value : 0
}

type Place = Readonly<{ start: number; end: number }>

function occurrences(source: string, anchor: string | RegExp): readonly Place[] {
  if (typeof anchor !== 'string') {
    const flags = anchor.flags.includes('g') ? anchor.flags : `${anchor.flags}g`
    return [...source.matchAll(new RegExp(anchor.source, flags))].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
    }))
  }
  const places: Place[] = []
  for (let at = source.indexOf(anchor); at >= 0; at = source.indexOf(anchor, at + 1)) {
    places.push({ start: at, end: at + anchor.length })
  }
  return places
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}
