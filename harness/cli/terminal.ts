// harness/cli/terminal.ts: where a command's words go.
//
// With `--json`, standard output holds one JSON document and nothing else; everything said goes to standard error.

import pc from 'picocolors'

export interface Terminal {
  out(text: string): void
  error(text: string): void
  /** Whether a person watches: lines may be redrawn. */
  readonly interactive: boolean
  /** Whether colours may be used. */
  readonly colors: boolean
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  interactive: process.stdout.isTTY === true && process.env['CI'] === undefined,
  colors: process.stdout.isTTY === true && pc.isColorSupported,
}

/** Lines for people: on standard output, or with `--json` on standard error. */
export function speaker(terminal: Terminal, json: boolean): (text: string) => void {
  return (text) => (json ? terminal.error : terminal.out)(`${text}\n`)
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** Columns of text, the first to the left, numbers to the right. Lines without a newline. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cellText(cell).length)
    })
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const text = cellText(cell)
        const width = widths[column] ?? 0
        return typeof cell === 'number' ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

function cellText(cell: string | number): string {
  return typeof cell === 'number' ? String(cell).replaceAll(/\B(?=(\d{3})+$)/g, ' ') : cell
}
