// harness/coverage/match.ts: finds the items of a compiled text again in its source.
//
// A compiler moves text and drops types, parentheses and line breaks; a source map says where each part came from. An item
// is the same as one of the source if kind and shape are equal and each of its parts came from within the part of the
// other. Where several are (one inside of the other), the one with the shortest parts is.
//
// 1. One item of the source has at most one of a compiled text. What a compiler added has none.

import type { Item, Span } from './items.ts'

/** An item of a compiled text: where in the source its parts begin; undefined where the map does not say. */
export type CompiledItem = Readonly<{
  kind: string
  shape: string
  points: readonly (number | undefined)[]
}>

/** For each compiled item, the index of the source's; -1 if there is none. */
export function matchItems(compiled: readonly CompiledItem[], source: readonly Item[]): readonly number[] {
  const byShape = new Map<string, number[]>()
  source.forEach(({ kind, shape, points }, index) => {
    const key = `${kind} ${shape} ${points.length}`
    byShape.set(key, [...(byShape.get(key) ?? []), index])
  })
  const takenBy = new Map<number, number>()
  const found = compiled.map(({ kind, shape, points }) => {
    const candidates = byShape.get(`${kind} ${shape} ${points.length}`) ?? []
    const within = candidates.filter((index) => contains(source[index]?.points ?? [], points))
    return within.toSorted((left, right) => length(source[left]) - length(source[right]))[0] ?? -1
  })
  return found.map((index, own) => {
    if (index < 0) return -1
    // Two that came from the same place: the outer one, which comes first in the text, is the author's.
    if (takenBy.has(index)) return -1
    takenBy.set(index, own)
    return index
  })
}

function contains(spans: readonly Span[], points: readonly (number | undefined)[]): boolean {
  return spans.every(({ start, end }, index) => {
    const point = points[index]
    return point !== undefined && point >= start && point < end
  })
}

function length(item: Item | undefined): number {
  return (item?.points ?? []).reduce((sum, { start, end }) => sum + end - start, 0)
}
