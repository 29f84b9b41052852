// harness/cli/parse.ts: option values from text. Each throws UsageError with one sentence that says what is valid.

import { suggestion, UsageError } from '../campaign/index.ts'

/** An integer from `min` to `max`, written in decimal. */
export function parseInteger(option: string, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  throw new UsageError(`${option} takes an integer ${range}, not '${text}'.`)
}

/** `A..B`, both integers from `min`, A not above B. */
export function parseRange(option: string, text: string, min: number): Readonly<{ from: number; to: number }> {
  const parts = /^(\d+)\.\.(\d+)$/.exec(text)
  const from = Number(parts?.[1])
  const to = Number(parts?.[2])
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= min && from <= to) return { from, to }
  throw new UsageError(`${option} takes a range A..B of integers from ${min}, A not above B, not '${text}'.`)
}

/** `90s`, `10m`, `1.5h` or `500ms`, in milliseconds. */
export function parseDuration(option: string, text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[parts?.[2] ?? ''] ?? Number.NaN
  const value = Number(parts?.[1]) * unit
  if (value > 0) return value
  throw new UsageError(`${option} takes a duration such as 90s or 10m, not '${text}'.`)
}

export function parseProbability(option: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value <= 1) return value
  throw new UsageError(`${option} takes a probability above 0 and up to 1, not '${text}'.`)
}

/** Comma lists, repeated or not, of known words; in the order of `valid`, each once. */
export function parseWords<Word extends string>(
  option: string,
  texts: readonly string[],
  valid: readonly Word[],
): readonly Word[] {
  const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim())
  for (const word of words) {
    if (valid.some((known) => known === word)) continue
    throw new UsageError(`${option} does not know '${word}': valid are ${valid.join(', ')}.${suggestion(word, valid)}`)
  }
  return valid.filter((word) => words.includes(word))
}

export function parseOneOf<Word extends string>(option: string, text: string, valid: readonly Word[]): Word {
  const found = valid.find((word) => word === text)
  if (found !== undefined) return found
  throw new UsageError(`${option} does not know '${text}': valid are ${valid.join(', ')}.${suggestion(text, valid)}`)
}

/** `name=value` pairs; a later one wins. */
export function parseSettings(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at <= 0) throw new UsageError(`--set takes name=value, not '${text}'.`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
