// engine/format/utf8.ts: strings as UTF-8, strictly, into and out of memory that is already there.
//
// Invariants: (1) every string of whole code points comes back as it was, U+0000 and U+FEFF included; (2) a string with
// half of a surrogate pair has no UTF-8 form: its size is -1; (3) bytes that are not the shortest form of code points
// are refused. The loops are by hand: a call into the runtime costs more than a short string takes.

import { FormatError } from './format-error.ts'

const ASCII_BYTES_MAX = 24 // above that the runtime's decoder is faster

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Length of `text` in UTF-8, in bytes; -1 if it holds half of a surrogate pair. */
export function utf8SizeBytes(text: string): number {
  const length = text.length
  let size = length
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) {
      size += 1
    } else if (unit < 0xd800 || unit > 0xdfff) {
      size += 2
    } else {
      if (unit > 0xdbff || index + 1 === length) return -1
      const low = text.charCodeAt(index + 1)
      if (low < 0xdc00 || low > 0xdfff) return -1
      index += 1
      size += 2
    }
  }
  return size
}

/** Writes `text`, of which `utf8SizeBytes` is not -1, at `offset`; returns the offset behind it. */
export function encodeUtf8(text: string, target: Uint8Array, offset: number): number {
  const length = text.length
  let at = offset
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) {
      target[at] = unit
      at += 1
    } else if (unit < 0x800) {
      target[at] = 0xc0 | (unit >> 6)
      target[at + 1] = 0x80 | (unit & 0x3f)
      at += 2
    } else if (unit < 0xd800 || unit > 0xdfff) {
      target[at] = 0xe0 | (unit >> 12)
      target[at + 1] = 0x80 | ((unit >> 6) & 0x3f)
      target[at + 2] = 0x80 | (unit & 0x3f)
      at += 3
    } else {
      index += 1
      const point = 0x1_0000 + ((unit - 0xd800) << 10) + (text.charCodeAt(index) - 0xdc00)
      target[at] = 0xf0 | (point >> 18)
      target[at + 1] = 0x80 | ((point >> 12) & 0x3f)
      target[at + 2] = 0x80 | ((point >> 6) & 0x3f)
      target[at + 3] = 0x80 | (point & 0x3f)
      at += 4
    }
  }
  return at
}

/** The string of `bytes[start … end)`. Throws FormatError if they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= ASCII_BYTES_MAX) {
    let text = ''
    let at = start
    for (; at < end; at += 1) {
      const byte = bytes[at] as number
      if (byte >= 0x80) break
      text += String.fromCharCode(byte)
    }
    if (at === end) return text
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    throw new FormatError('a string is not UTF-8', start)
  }
}
