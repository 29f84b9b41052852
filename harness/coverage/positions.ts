// harness/coverage/positions.ts: offsets as lines and columns, both counted from 0 here.

export type Position = Readonly<{ line: number; column: number }>

export class Lines {
  /** Offset at which each line begins. */
  readonly #starts: readonly number[]

  constructor(text: string) {
    const starts = [0]
    for (const { index, 0: end } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length)
    this.#starts = starts
  }

  position(offset: number): Position {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low, column: offset - (this.#starts[low] ?? 0) }
  }

  /** undefined if there is no such line. */
  offset({ line, column }: Position): number | undefined {
    const start = this.#starts[line]
    return start === undefined ? undefined : start + column
  }
}
