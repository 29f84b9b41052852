// reports/store/json-problems.ts: what is wrong with a JSON file, in words that lead to the place.

import type { z } from 'zod'

const PROBLEMS_MAX = 5

/** The first few problems, each with its place: `families.io.run: expected number`. */
export function problemsOf(error: z.ZodError): string {
  const shown = error.issues
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => `${path.map(String).join('.') || 'top'}: ${message}`)
  const more = error.issues.length - shown.length
  return shown.join('; ') + (more > 0 ? `; ${more} more` : '')
}

/** Line (from 1) and reason of a text that JSON.parse refused. Where the reason names no place, it is the text's end. */
export function jsonProblem(text: string, error: unknown): Readonly<{ line: number; reason: string }> {
  const message = error instanceof Error ? error.message : String(error)
  const position = / at position (\d+)/.exec(message)?.[1]
  const before = position === undefined ? text.trimEnd() : text.slice(0, Number(position))
  return { line: before.split('\n').length, reason: message.replaceAll(/\s+/g, ' ').slice(0, 120) }
}
