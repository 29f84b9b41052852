// reports/evidence/integrity/canonical-json.ts: one text for one value, so that a hash of the text is a hash of the value (RFC 8785).
//
// 1. Keys are in the order of their UTF-16 code units, numbers are written as ECMAScript writes them, there is no space.
// 2. What has no such text is refused: not-a-number, infinities, half a surrogate pair, functions. A property that is
//    undefined is left out.
// 3. Text is taken for canonical only if writing its value again gives the same text, which refuses duplicate keys too.
//
// Not covered: integers above 2^53 must be strings already; a bigint is refused, not rounded.

import { ReportError } from '../../report-error.ts'

/** The canonical text of `value`, without a newline. Throws TypeError for a value that has none. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no place in JSON`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') return textOf(value)
  if (Array.isArray(value)) return `[${value.map((entry: unknown) => canonicalJson(entry)).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} has no place in JSON`)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${textOf(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** The value of a canonical text. Throws ReportError 'damaged', which names `path`, for any other text. */
export function parseCanonicalJson(text: string, path: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ReportError('damaged', path, `${path} is no JSON`, { cause: error })
  }
  let again: string | undefined
  try {
    again = canonicalJson(value)
  } catch {
    again = undefined
  }
  if (again !== text) throw new ReportError('damaged', path, `${path} is not canonical JSON`)
  return value
}

const LONE_SURROGATE = /\p{Surrogate}/u

function textOf(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new TypeError('half a surrogate pair has no place in JSON')
  return JSON.stringify(text)
}
