// engine/format/double.ts: doubles as two halves of 32 bits, big-endian on disk whatever the platform.
//
// Invariants: (1) -0 and the infinities come back as they were; (2) NaN has one form, 7ff80000 00000000, so that the
// same values give the same bytes everywhere; any NaN is read as NaN.

// Eight bytes to take a double apart; fixed size, hold nothing between calls.
const number = new Float64Array(1) // charged: nothing, because it is a constant of the module
const halves = new Uint32Array(number.buffer) // charged: nothing, because it is the same eight bytes
number[0] = 1
const HIGH = halves[1] === 0x3ff0_0000 ? 1 : 0
const LOW = 1 - HIGH

export const DOUBLE_SIZE_BYTES = 8

function writeHalves(high: number, low: number, target: Uint8Array, offset: number): void {
  target[offset] = high >>> 24
  target[offset + 1] = high >>> 16
  target[offset + 2] = high >>> 8
  target[offset + 3] = high
  target[offset + 4] = low >>> 24
  target[offset + 5] = low >>> 16
  target[offset + 6] = low >>> 8
  target[offset + 7] = low
}

function readHalf(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  )
}

/** Writes 8 bytes at `offset`; returns the offset behind them. */
export function encodeDouble(value: number, target: Uint8Array, offset: number): number {
  if (Number.isNaN(value)) {
    writeHalves(0x7ff8_0000, 0, target, offset)
  } else {
    number[0] = value
    writeHalves(halves[HIGH] as number, halves[LOW] as number, target, offset)
  }
  return offset + DOUBLE_SIZE_BYTES
}

/** Reads 8 bytes at `offset`; the caller has checked that they are there. */
export function decodeDouble(bytes: Uint8Array, offset: number): number {
  halves[HIGH] = readHalf(bytes, offset)
  halves[LOW] = readHalf(bytes, offset + 4)
  return number[0] as number
}

/** Writes 8 bytes whose order is that of the numbers: -0 as 0, NaN above all. Returns the offset behind them. */
export function encodeOrderedDouble(value: number, target: Uint8Array, offset: number): number {
  const end = encodeDouble(value === 0 ? 0 : value, target, offset)
  const negative = (target[offset] as number) >= 0x80
  target[offset] = (target[offset] as number) ^ (negative ? 0xff : 0x80)
  if (negative) for (let at = offset + 1; at < end; at += 1) target[at] = (target[at] as number) ^ 0xff
  return end
}

/** Reads what `encodeOrderedDouble` wrote; the caller has checked that 8 bytes are there. */
export function decodeOrderedDouble(bytes: Uint8Array, offset: number): number {
  const high = readHalf(bytes, offset)
  const low = readHalf(bytes, offset + 4)
  const negative = high < 0x8000_0000
  halves[HIGH] = negative ? ~high : high ^ 0x8000_0000
  halves[LOW] = negative ? ~low : low
  return number[0] as number
}
