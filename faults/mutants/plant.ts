// faults/mutants/plant.ts: a mutant's change, applied to the text of a compiled module.

import { REACHED_SOURCE } from './activations.ts'
import { MutantError, type EngineMutant } from './engine-mutant.ts'

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
  return `${REACHED_SOURCE} ${changed}`
}

type Place = Readonly<{ start: number; end: number }>

function occurrences(source: string, anchor: string | RegExp): readonly Place[] {
  return [...source.matchAll(patternOf(anchor))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }))
}

/** A text's blanks stand for any white space, so that the compiler may break lines as it likes. */
function patternOf(anchor: string | RegExp): RegExp {
  if (typeof anchor !== 'string') {
    return new RegExp(anchor.source, anchor.flags.includes('g') ? anchor.flags : `${anchor.flags}g`)
  }
  const words = anchor.split(/\s+/).map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
  return new RegExp(words.join(String.raw`\s+`), 'g')
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}
