// harness/coverage/edits.ts: what is written into a text: insertions only, so that every line stays the line it was.
//
// 1. Edits are made after those of what is inside: the later of two at one place is the outer one.
// 2. No name that is written occurs in the text before.

import MagicString from 'magic-string'
import type { Span } from './items.ts'

/** Names that the added code uses. */
export type Names = Readonly<{ counts: string; decide: string; settle: string; nullish: string; local: string }>

export function freshNames(text: string): Names {
  let prefix = '$mc'
  while (text.includes(prefix)) prefix += '$'
  return {
    counts: `${prefix}c`,
    decide: `${prefix}d`,
    settle: `${prefix}s`,
    nullish: `${prefix}n`,
    local: `${prefix}t`,
  }
}

export class Edits {
  readonly #string: MagicString

  constructor(text: string) {
    this.#string = new MagicString(text)
  }

  around({ start, end }: Span, before: string, after: string): void {
    this.#string.prependRight(start, before)
    this.#string.appendLeft(end, after)
  }

  /** In front of what begins here. */
  before(offset: number, text: string): void {
    this.#string.prependRight(offset, text)
  }

  /** Behind what ends here. */
  after(offset: number, text: string): void {
    this.#string.appendLeft(offset, text)
  }

  text(): string {
    return this.#string.toString()
  }

  /** A source map as JSON, from the new text to the old. */
  map(source: string): string {
    return this.#string.generateMap({ source, hires: 'boundary', includeContent: true }).toString()
  }
}
