// engine/tools/event-lines.ts: what core20 prints: one line an event, or on a terminal one line that changes.
//
// A line is handed to the system before `print` returns: what a killed process has printed is what it had done.

import { fileURLToPath } from 'node:url'
import type { ToolContext } from './command.ts'

const CLEAR_TO_END = '\u001B[K'

export class EventLines {
  readonly #context: ToolContext
  readonly #withPlace: boolean
  readonly #places = new Map<string, string>()
  #isOpen = false

  /** With `withPlace`, each line ends in the source position that printed it. */
  constructor(context: ToolContext, withPlace: boolean) {
    this.#context = context
    this.#withPlace = withPlace
  }

  /** Prints `LABEL: VALUE`. */
  print(label: string, value: number | string): void {
    const line = `${label}: ${value}${this.#withPlace ? ` at ${this.#placeOf(label)}` : ''}`
    if (!this.#context.isTerminal) this.#context.writeOut(`${line}\n`)
    else {
      this.#context.writeOut(`\r${line}${CLEAR_TO_END}`)
      this.#isOpen = true
    }
  }

  /** Ends the line that changes. Idempotent. */
  close(): void {
    if (this.#isOpen) this.#context.writeOut('\n')
    this.#isOpen = false
  }

  /** Each label is printed in one place: its position is looked up once. */
  #placeOf(label: string): string {
    const known = this.#places.get(label)
    if (known !== undefined) return known
    const place = callerOf(new Error('for its stack').stack ?? '')
    this.#places.set(label, place)
    return place
  }
}

/** Position of the first frame outside this file: `FILE:LINE`. */
function callerOf(stack: string): string {
  const here = fileURLToPath(import.meta.url)
  for (const frame of stack.split('\n').slice(1)) {
    const found = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(frame)
    const [, file, line] = found ?? []
    if (file === undefined || line === undefined) continue
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (path !== here) return `${path}:${line}`
  }
  return 'unknown:0'
}
