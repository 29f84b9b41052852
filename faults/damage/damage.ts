// faults/damage/damage.ts: what can happen to a closed image: its data files changed, lost, exchanged, or unreadable.
//
// A damage has an address: a family, and an index from 0 in it. The same image, seed and address give the same damage.
//
// 1. Counting makes no image; a damage at an index is made alone, in time that does not depend on the index.
// 2. Only the files that the caller names are damaged. Their order is the caller's, and part of the address.
// 3. Small images are exhausted; what is sampled of large ones is drawn by the seed, and `exhaustive` says so.

import type { DiskImage, PageTable } from '../disk/index.ts'
import { stream, type RandomStream } from '../random.ts'
import { contentOf, withContent, withoutFile } from './settled.ts'

export const DAMAGE_KINDS = [
  'bit-flip',
  'zero-sector',
  'old-sector',
  'swapped-sectors',
  'cut',
  'missing',
  'foreign',
  'trailing',
  'unreadable',
] as const
export type DamageKind = (typeof DAMAGE_KINDS)[number]

/** A stretch of a file. */
export type FileRange = Readonly<{ path: string; from: number; to: number }>

/** An image to damage, settled, and what is known of how it came about. */
export type DamagedGround = Readonly<{
  image: DiskImage
  /** Paths of the files that are data, in a fixed order. */
  files: readonly string[]
  /** Lengths that each file has had, ascending: the end of each append. */
  lengths: ReadonlyMap<string, readonly number[]>
  /** The image of another store that the same program made. */
  foreign: DiskImage
  sectorBytes: number
  seed: number
}>

export type Damage = Readonly<{
  kind: DamageKind
  index: number
  image: DiskImage
  /** Bytes of the original that can't be had any more. */
  lost: readonly FileRange[]
  /** Bytes that are not as they were, the new ones behind an end included; a file's size, where it changed, is told apart. */
  changed: readonly FileRange[]
  /** Files whose size or existence is another. */
  resized: readonly string[]
  /** Bytes that every read fails on. */
  unreadable: FileRange | undefined
  text: string
}>

/** Bytes of an image up to which every byte has its bit flipped. */
export const SMALL_IMAGE_BYTES = 65_536
const FLIPS_SAMPLED = 4096
const SWAPS_SAMPLED = 64
const CUTS_SAMPLED = 32
const TRAILERS = [
  'one byte',
  'seven bytes',
  'a sector of garbage',
  '4096 bytes of garbage',
  'zeroes',
  'its last sector again',
] as const

export class DamageSpace {
  private readonly ground: DamagedGround
  private readonly sizes: readonly number[]
  private readonly totalBytes: number
  private readonly tables = new Map<DamageKind, readonly Place[]>()

  constructor(ground: DamagedGround) {
    this.ground = ground
    this.sizes = ground.files.map((path) => contentOf(ground.image, path).sizeBytes)
    this.totalBytes = this.sizes.reduce((sum, size) => sum + size, 0)
  }

  count(kind: DamageKind): number {
    return kind === 'bit-flip' ? Math.min(this.totalBytes, this.flipsMax) : this.places(kind).length
  }

  /** Whether no damage of that kind is left out. */
  exhaustive(kind: DamageKind): boolean {
    return (
      !(['bit-flip', 'cut', 'swapped-sectors'] as const).some((sampled) => sampled === kind) ||
      (kind === 'bit-flip' && this.totalBytes <= SMALL_IMAGE_BYTES)
    )
  }

  /** Throws RangeError if there is no such damage. */
  at(kind: DamageKind, index: number): Damage {
    if (!Number.isInteger(index) || index < 0 || index >= this.count(kind))
      throw new RangeError(`the image has no damage '${kind}' ${index}: there are ${this.count(kind)}`)
    if (kind === 'bit-flip') return this.flip(index)
    const place = this.places(kind)[index]
    if (place === undefined) throw new RangeError(`the image has no damage '${kind}' ${index}`)
    return this.made(kind, index, place)
  }

  private get flipsMax(): number {
    return this.totalBytes <= SMALL_IMAGE_BYTES ? this.totalBytes : FLIPS_SAMPLED
  }

  private draw(kind: DamageKind, label: string | number): RandomStream {
    return stream(this.ground.seed, `damage ${kind} ${label}`)
  }

  private flip(index: number): Damage {
    const random = this.draw('bit-flip', index)
    let offset = index
    if (this.totalBytes > SMALL_IMAGE_BYTES) {
      const stretch = this.totalBytes / FLIPS_SAMPLED
      offset = Math.floor(index * stretch) + random.integer(Math.floor(stretch))
    }
    const bit = random.integer(8)
    for (const [number, path] of this.ground.files.entries()) {
      const size = this.sizes[number] ?? 0
      if (offset >= size) {
        offset -= size
        continue
      }
      const before = bytesOf(contentOf(this.ground.image, path), offset, offset + 1)
      const range = { path, from: offset, to: offset + 1 }
      const text = `bit ${bit} of byte ${offset} of '${path}' flipped`
      return this.overwritten('bit-flip', index, text, [[range, Uint8Array.of((before[0] ?? 0) ^ (1 << bit))]])
    }
    throw new RangeError(`the image has no byte for flip ${index}`)
  }

  private places(kind: DamageKind): readonly Place[] {
    const known = this.tables.get(kind)
    if (known !== undefined) return known
    const made = [...this.placesOf(kind)]
    this.tables.set(kind, made)
    return made
  }

  private *placesOf(kind: DamageKind): Generator<Place, void> {
    const { files } = this.ground
    switch (kind) {
      case 'bit-flip':
        return
      case 'zero-sector':
      case 'unreadable':
        yield* this.sectors()
        return
      case 'old-sector':
        yield* this.olderSectors()
        return
      case 'swapped-sectors':
        yield* this.swaps()
        return
      case 'cut':
        for (const file of files.keys()) for (const length of this.cuts(file)) yield { file, from: length, other: 0 }
        return
      case 'missing':
      case 'foreign':
        for (const file of files.keys()) yield { file, from: 0, other: 0 }
        return
      case 'trailing':
        for (const file of files.keys()) for (const other of TRAILERS.keys()) yield { file, from: 0, other }
        return
      default:
        kind satisfies never
    }
  }

  private *sectors(): Generator<Place, void> {
    for (const [file, size] of this.sizes.entries())
      for (let from = 0; from < size; from += this.ground.sectorBytes) yield { file, from, other: 0 }
  }

  /** Each sector as it was after each append that ended in it: what came later was acknowledged and lost. */
  private *olderSectors(): Generator<Place, void> {
    const { files, lengths, sectorBytes } = this.ground
    for (const [file, path] of files.entries()) {
      const size = this.sizes[file] ?? 0
      for (const length of lengths.get(path) ?? [])
        if (length < size && length % sectorBytes !== 0)
          yield { file, from: length - (length % sectorBytes), other: length }
    }
  }

  /** Neighbours, sectors of the same number in two files, and a sample of all pairs. */
  private *swaps(): Generator<Place, void> {
    const all = [...this.sectors()]
    const numbers = new Map(all.map((place, number) => [`${place.file} ${place.from}`, number]))
    for (const [number, { file, from }] of all.entries()) {
      if (all[number + 1]?.file === file) yield { file, from, other: number + 1 }
      const across = numbers.get(`${file + 1} ${from}`)
      if (across !== undefined) yield { file, from, other: across }
    }
    const random = this.draw('swapped-sectors', 'pairs')
    for (let left = all.length < 2 ? 0 : SWAPS_SAMPLED; left > 0; left -= 1) {
      const first = random.integer(all.length)
      const second = (first + 1 + random.integer(all.length - 1)) % all.length
      const place = all[first]
      if (place !== undefined) yield { ...place, other: second }
    }
  }

  /** Lengths that a file may be cut to: every border of a write or a sector, one byte beside it, and a sample. */
  private cuts(file: number): readonly number[] {
    const { files, lengths, sectorBytes } = this.ground
    const size = this.sizes[file] ?? 0
    const borders = [0, size, ...(lengths.get(files[file] ?? '') ?? [])]
    for (let at = sectorBytes; at < size; at += sectorBytes) borders.push(at)
    const random = this.draw('cut', file)
    const found = new Set(borders.flatMap((border) => [border - 1, border, border + 1]))
    for (let left = size === 0 ? 0 : CUTS_SAMPLED; left > 0; left -= 1) found.add(random.integer(size))
    return [...found].filter((length) => length >= 0 && length < size).toSorted((a, b) => a - b)
  }

  private made(kind: DamageKind, index: number, { file, from, other }: Place): Damage {
    const { image, files, sectorBytes } = this.ground
    const path = files[file] ?? ''
    const size = this.sizes[file] ?? 0
    const sector = { path, from, to: Math.min(size, from + sectorBytes) }
    const where = `${from} of '${path}'`
    switch (kind) {
      case 'zero-sector':
        return this.overwritten(kind, index, `zeroes in the sector at ${where}`, [
          [sector, new Uint8Array(sector.to - from)],
        ])
      case 'old-sector': {
        const range = { ...sector, from: other }
        const text = `the sector at ${where} as it was when the file ended at ${other}`
        return this.overwritten(kind, index, text, [[range, new Uint8Array(range.to - range.from)]])
      }
      case 'swapped-sectors':
        return this.swapped(index, sector, other)
      case 'unreadable':
        return {
          kind,
          index,
          image,
          resized: [],
          changed: [],
          lost: [sector],
          unreadable: sector,
          text: `the sector at ${where} cannot be read`,
        }
      case 'cut': {
        const content = contentOf(image, path).share()
        content.resize(from)
        const lost = { path, from, to: size }
        const damaged = withContent(image, path, content)
        return { ...whole(kind, index, damaged, path, `'${path}' cut to ${from} bytes`), lost: [lost], changed: [lost] }
      }
      case 'missing': {
        const lost = { path, from: 0, to: size }
        return {
          ...whole(kind, index, withoutFile(image, path), path, `'${path}' is gone`),
          lost: [lost],
          changed: [lost],
        }
      }
      case 'foreign':
        return this.foreign(index, path, size)
      case 'trailing':
        return this.trailing(index, path, size, other)
      default:
        throw new RangeError(`'${kind}' has no places`)
    }
  }

  private overwritten(
    kind: DamageKind,
    index: number,
    text: string,
    pieces: readonly (readonly [FileRange, Uint8Array])[],
  ): Damage {
    let { image } = this.ground
    for (const [{ path, from }, bytes] of pieces) {
      const content = contentOf(image, path).share()
      content.write(bytes, 0, bytes.length, from)
      image = withContent(image, path, content)
    }
    const changed = pieces.flatMap(([range, bytes]) => this.differing(range, bytes))
    return { kind, index, image, lost: changed, changed, resized: [], unreadable: undefined, text }
  }

  /** The part of the range from its first to its last byte that the new bytes change. */
  private differing(range: FileRange, bytes: Uint8Array): readonly FileRange[] {
    const before = bytesOf(contentOf(this.ground.image, range.path), range.from, range.to)
    const first = before.findIndex((byte, at) => byte !== bytes[at])
    if (first === -1) return []
    const last = before.findLastIndex((byte, at) => byte !== bytes[at])
    return [{ path: range.path, from: range.from + first, to: range.from + last + 1 }]
  }

  private swapped(index: number, first: FileRange, otherNumber: number): Damage {
    const { image, files, sectorBytes } = this.ground
    const other = [...this.sectors()][otherNumber]
    const path = files[other?.file ?? 0] ?? ''
    const from = other?.from ?? 0
    const second = { path, from, to: Math.min(this.sizes[other?.file ?? 0] ?? 0, from + sectorBytes) }
    // A short last sector keeps its length: only as many bytes are exchanged as both have.
    const length = Math.min(first.to - first.from, second.to - second.from)
    const left = { ...first, to: first.from + length }
    const right = { ...second, to: second.from + length }
    const leftBytes = bytesOf(contentOf(image, left.path), left.from, left.to)
    const rightBytes = bytesOf(contentOf(image, right.path), right.from, right.to)
    const text = `the sectors at ${left.from} of '${left.path}' and ${right.from} of '${right.path}' exchanged`
    return this.overwritten('swapped-sectors', index, text, [
      [left, rightBytes],
      [right, leftBytes],
    ])
  }

  private foreign(index: number, path: string, size: number): Damage {
    const { foreign } = this.ground
    let content: PageTable | undefined
    try {
      content = contentOf(foreign, path).share()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
    const lost = { path, from: 0, to: size }
    const changed = { path, from: 0, to: Math.max(size, content?.sizeBytes ?? 0) }
    const { image } = this.ground
    const damaged = content === undefined ? withoutFile(image, path) : withContent(image, path, content)
    const text = content === undefined ? `'${path}' is gone: the other store has none` : `'${path}' is another store's`
    return { ...whole('foreign', index, damaged, path, text), lost: [lost], changed: [changed] }
  }

  private trailing(index: number, path: string, size: number, trailer: number): Damage {
    const { image, sectorBytes } = this.ground
    const random = this.draw('trailing', index)
    const content = contentOf(image, path).share()
    const lengths = [1, 7, sectorBytes, 4096, sectorBytes, Math.min(size, sectorBytes)]
    const garbage = new Uint8Array(lengths[trailer] ?? 1)
    if (trailer < 4) for (const at of garbage.keys()) garbage[at] = random.integer(256)
    if (trailer === 5) garbage.set(bytesOf(content, size - garbage.length, size))
    content.write(garbage, 0, garbage.length, size)
    const changed = { path, from: size, to: size + garbage.length }
    const text = `${TRAILERS[trailer] ?? ''} behind the end of '${path}'`
    return { ...whole('trailing', index, withContent(image, path, content), path, text), lost: [], changed: [changed] }
  }
}

/** `from`: an offset or a length; `other`: the number of a sector, of a trailer, or a former length. */
type Place = Readonly<{ file: number; from: number; other: number }>

function whole(
  kind: DamageKind,
  index: number,
  image: DiskImage,
  path: string,
  text: string,
): Omit<Damage, 'lost' | 'changed'> {
  return { kind, index, image, resized: [path], unreadable: undefined, text }
}

function bytesOf(content: PageTable, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, to - from))
  content.read(bytes, 0, bytes.length, from)
  return bytes
}
