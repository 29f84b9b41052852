// faults/node-front/random-functions.ts: what `node:crypto` and `Math` draw from chance, drawn from the world's streams instead.

import type { RandomSource } from '../../engine/ports/index.ts'
import { bytesOf, integerOf, isCallback, viewOf } from './arguments.ts'
import type { FaceFunction } from './face.ts'

export type RandomFunctions = Readonly<{
  crypto: Readonly<Record<string, FaceFunction>>
  webcrypto: Readonly<Record<string, FaceFunction>>
  random: () => number
}>

const TWO_48 = 2 ** 48

export function randomFunctions(source: RandomSource, later: (task: () => void) => void): RandomFunctions {
  const bytes = (length: number): Buffer => {
    const target = Buffer.alloc(length)
    source.fill(target, 0, length)
    return target
  }
  const number48 = (): number => bytes(6).readUIntBE(0, 6)
  const answer = (callback: unknown, value: unknown): unknown => {
    if (!isCallback(callback)) return value
    later(() => callback(null, value))
    return undefined
  }
  const fill = (view: unknown, offset: unknown, size: unknown): unknown => {
    const target = view instanceof ArrayBuffer ? new Uint8Array(view) : viewOf(view, 'buf')
    const unit = unitOf(view)
    const start = integerOf(offset ?? undefined, 'offset', 0) * unit
    const length = size === undefined || size === null ? target.length - start : integerOf(size, 'size') * unit
    source.fill(target, start, length)
    return view
  }
  const randomInt = (first: unknown, second: unknown, third: unknown): unknown => {
    const ranged = typeof second === 'number'
    const least = ranged ? integerOf(first, 'min', undefined, -Infinity) : 0
    const bound = ranged ? second : integerOf(first, 'max')
    if (bound <= least) throw new RangeError(`The value of "max" is out of range. It must be greater than ${least}.`)
    const value = least + Math.floor((number48() / TWO_48) * (bound - least))
    return answer(ranged ? third : second, value)
  }
  const randomBytes: FaceFunction = (size, callback) => answer(callback, bytes(integerOf(size, 'size')))
  const getRandomValues: FaceFunction = (view) => fill(view, undefined, undefined)
  const randomUUID: FaceFunction = () => uuidOf(bytes(16))
  return {
    crypto: {
      randomBytes,
      pseudoRandomBytes: randomBytes,
      randomFillSync: fill,
      randomFill: (view, ...rest) => {
        const callback = rest.find(isCallback)
        const [offset, size] = rest.filter((value) => !isCallback(value))
        return answer(callback, fill(view, offset, size))
      },
      randomInt,
      randomUUID,
      getRandomValues,
    },
    webcrypto: { getRandomValues, randomUUID },
    random: () => number48() / TWO_48,
  }
}

function unitOf(view: unknown): number {
  const isElements = bytesOf(view) !== undefined && view instanceof Object && 'BYTES_PER_ELEMENT' in view
  return isElements ? Number(view.BYTES_PER_ELEMENT) : 1
}

function uuidOf(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
