// harness/oracles/plain.ts: plain data compared, and a difference told in a line.
//
// 1. Structure decides: property order and identity do not; `Uint8Array` by content; NaN equals NaN, 0 equals -0.
// 2. A property that is undefined equals one that is missing.
// 3. What is not plain (a function, a Map) is equal only to itself, so that it is noticed.

const DIFFERENCES_MAX = 3
const TEXT_MAX = 60
/** Characters of a value, and places that differ, where they are told side by side. */
const SIDE_TEXT_MAX = 300
const PLACES_MAX = 12

/** Whether two plain values are the same data. */
export function plainEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left !== left && right !== right
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false
    for (let index = 0; index < left.length; index += 1) if (!plainEqual(left[index], right[index])) return false
    return true
  }
  if (left instanceof Uint8Array) return right instanceof Uint8Array && bytesEqual(left, right)
  if (Array.isArray(right) || !isRecord(left) || !isRecord(right)) return false
  let known = 0
  for (const key in left) {
    const value = left[key]
    if (value === undefined) continue
    if (!plainEqual(value, right[key])) return false
    known += 1
  }
  for (const key in right) if (right[key] !== undefined) known -= 1
  return known === 0
}

/** The first differences in one line, `[3].balance: expected 100, found 70`; empty if there is none. */
export function plainDiff(expected: unknown, found: unknown): string {
  const differences: Difference[] = []
  collect(expected, found, '', differences, DIFFERENCES_MAX)
  const shown = differences.slice(0, DIFFERENCES_MAX).map(({ text }) => text)
  if (differences.length > DIFFERENCES_MAX) shown.push('…')
  return shown.join('; ')
}

/** The places that differ, side by side: a line each, `[3].balance: 100` in one text and `[3].balance: 70` in the other. */
export function plainSides(expected: unknown, found: unknown): Readonly<{ expected: string; found: string }> {
  const differences: Difference[] = []
  collect(expected, found, '', differences, PLACES_MAX)
  const side = (name: 'expected' | 'found'): string => {
    const lines = differences.slice(0, PLACES_MAX).map((difference) => difference[name])
    return [...lines, ...(differences.length > PLACES_MAX ? ['…'] : [])].join('\n')
  }
  return { expected: side('expected'), found: side('found') }
}

type Difference = Readonly<{ text: string; expected: string; found: string }>

/** A value in few characters. */
export function plainText(value: unknown, most = TEXT_MAX): string {
  const text = textOf(value)
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

function collect(expected: unknown, found: unknown, path: string, differences: Difference[], most: number): void {
  if (differences.length > most || plainEqual(expected, found)) return
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length)
      differences.push({
        text: `${path || 'value'} has ${expected.length} entries expected, ${found.length} found`,
        expected: `${path || 'value'}: ${expected.length} entries`,
        found: `${path || 'value'}: ${found.length} entries`,
      })
    const shared = Math.min(expected.length, found.length)
    for (let index = 0; index < shared; index += 1)
      collect(expected[index], found[index], `${path}[${index}]`, differences, most)
    const place = `${path}[${shared}]`
    if (expected.length > shared)
      differences.push({
        text: `${place} missing: ${plainText(expected[shared])}`,
        expected: `${place}: ${plainText(expected[shared], SIDE_TEXT_MAX)}`,
        found: `${place}: nothing`,
      })
    if (found.length > shared)
      differences.push({
        text: `${place} not expected: ${plainText(found[shared])}`,
        expected: `${place}: nothing`,
        found: `${place}: ${plainText(found[shared], SIDE_TEXT_MAX)}`,
      })
    return
  }
  if (isRecord(expected) && isRecord(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)]))
      collect(expected[key], found[key], path === '' ? key : `${path}.${key}`, differences, most)
    return
  }
  const place = path === '' ? '' : `${path}: `
  differences.push({
    text: `${place}expected ${plainText(expected)}, found ${plainText(found)}`,
    expected: `${place}${plainText(expected, SIDE_TEXT_MAX)}`,
    found: `${place}${plainText(found, SIDE_TEXT_MAX)}`,
  })
}

function bytesEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false
  return true
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${value.length}) ${hexOf(value.subarray(0, 16))}`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `'${value}'`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(textOf).join(', ')}${value.length > 8 ? ', …' : ''}]`
  if (!isRecord(value)) return `a ${value.constructor.name}`
  const entries = Object.entries(value).slice(0, 8)
  return `{${entries.map(([key, entry]) => `${key}: ${textOf(entry)}`).join(', ')}}`
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
