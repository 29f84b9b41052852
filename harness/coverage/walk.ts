// harness/coverage/walk.ts: where the visit of a text is, and what those who write into it are given.

import type { Edits, Names } from './edits.ts'
import type { Item } from './items.ts'
import type { Scope } from './scope.ts'
import type { SyntaxNode } from './syntax.ts'

/** A place in the text. */
export type Place = Readonly<{
  scope: Scope
  /** Locals below this depth are in use around this place. */
  depth: number
  /** Names of the functions and classes around it. */
  path: readonly string[]
}>

export interface Walk {
  readonly text: string
  readonly edits: Edits
  readonly names: Names
  /** Where expression statements begin: what is written there may not begin with a bracket. */
  readonly statementStarts: ReadonlySet<number>
  visit(node: SyntaxNode, place: Place): void
  /** Visits everything right below a node. */
  visitChildren(node: SyntaxNode, place: Place): void
  /** Slots for an item; gives the first. */
  takeSlots(count: number): number
  add(item: Item): void
}

export function deeper(place: Place, by = 1): Place {
  return { ...place, depth: place.depth + by }
}

export function functionNameOf(place: Place): string {
  return place.path.length === 0 ? '<module>' : place.path.join('.')
}
