// harness/plan/token-bytes.ts: the numbers and texts inside a replay token.
//
//   count    7 bits a byte, low first, high bit: more follows; 0 .. 2^53 - 1
//   word     4 bytes, big-endian; 0 .. 2^32 - 1
//   integer  zigzag: 0, -1, 1, -2, … as counts; -2^52 .. 2^52 - 1
//   double   8 bytes, IEEE-754, big-endian
//   text     count of bytes + UTF-8
//
// A reader throws RangeError for anything that no writer makes.

import type { ParameterValue } from '../../scenarios/index.ts'

const INTEGER_MAX = 2 ** 52
const FALSE = 0
const TRUE = 1
const INTEGER = 2
const DOUBLE = 3
const TEXT = 4

const encoder = new TextEncoder()

/** Collects bytes. */
export class TokenWriter {
  #bytes: number[] = []

  byte(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 255) throw new TypeError(`not a byte: ${value}`)
    this.#bytes.push(value)
  }

  count(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`not an integer from 0: ${value}`)
    let left = value
    while (left > 127) {
      this.#bytes.push((left % 128) | 128)
      left = Math.floor(left / 128)
    }
    this.#bytes.push(left)
  }

  word(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) throw new TypeError(`not 32 bits: ${value}`)
    for (let shift = 24; shift >= 0; shift -= 8) this.#bytes.push((value >>> shift) & 255)
  }

  double(value: number): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value)
    this.#bytes.push(...bytes)
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.count(bytes.length)
    for (const byte of bytes) this.#bytes.push(byte)
  }

  value(value: ParameterValue): void {
    if (typeof value === 'boolean') this.byte(value ? TRUE : FALSE)
    else if (typeof value === 'string') {
      this.byte(TEXT)
      this.text(value)
    } else if (Number.isInteger(value) && value >= -INTEGER_MAX && value < INTEGER_MAX && !Object.is(value, -0)) {
      this.byte(INTEGER)
      this.count(value < 0 ? -value * 2 - 1 : value * 2)
    } else {
      this.byte(DOUBLE)
      this.double(value)
    }
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** Takes bytes apart again, in order. */
export class TokenReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new RangeError('it ends too early')
    this.#at += 1
    return value
  }

  count(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (!Number.isSafeInteger(value)) throw new RangeError('a number in it is too large')
      if (byte < 128) return value
    }
  }

  word(): number {
    let value = 0
    for (let left = 4; left > 0; left -= 1) value = value * 256 + this.byte()
    return value
  }

  double(): number {
    const bytes = this.#take(8)
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)
  }

  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#take(this.count()))
  }

  value(): ParameterValue {
    const kind = this.byte()
    if (kind === FALSE || kind === TRUE) return kind === TRUE
    if (kind === TEXT) return this.text()
    if (kind === DOUBLE) return this.double()
    if (kind !== INTEGER) throw new RangeError(`value kind ${kind} is unknown`)
    const folded = this.count()
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('it has more than a plan')
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('it ends too early')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}
