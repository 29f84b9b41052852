// harness/oracles/plain.ts: plain data compared, and a difference told in a line.
//
// 1. Structure decides: property order and identity do not; `Uint8Array` by content; NaN equals NaN, 0 equals -0.
// 2. A property that is undefined equals one that is missing.
// 3. What is not plain (a function, a Map) is equal only to itself, so that it is noticed.

const DIFFERENCES_MAX = 3
const TEXT_MAX = 60

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
  const differences: string[] = []
  collect(expected, found, '', differences)
  const shown = differences.slice(0, DIFFERENCES_MAX)
  if (differences.length > DIFFERENCES_MAX) shown.push('…')
  return shown.join('; ')
}

/** A value in few characters. */
export function plainText(value: unknown): string {
  const text = textOf(value)
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text
}

function collect(expected: unknown, found: unknown, path: string, differences: string[]): void {
  if (differences.length > DIFFERENCES_MAX || plainEqual(expected, found)) return
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length)
      differences.push(`${path || 'value'} has ${expected.length} entries expected, ${found.length} found`)
    const shared = Math.min(expected.length, found.length)
    for (let index = 0; index < shared; index += 1)
      collect(expected[index], found[index], `${path}[${index}]`, differences)
    if (expected.length > shared) differences.push(`${path}[${shared}] missing: ${plainText(expected[shared])}`)
    if (found.length > shared) differences.push(`${path}[${shared}] not expected: ${plainText(found[shared])}`)
    return
  }
  if (isRecord(expected) && isRecord(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)]))
      collect(expected[key], found[key], path === '' ? key : `${path}.${key}`, differences)
    return
  }
  differences.push(`${path === '' ? '' : `${path}: `}expected ${plainText(expected)}, found ${plainText(found)}`)
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
