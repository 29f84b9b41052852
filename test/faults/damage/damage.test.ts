// test/faults/damage/damage.test.ts: damages are addressed, counted without being made, and touch what they say.

import { describe, expect, it } from 'vitest'
import {
  DAMAGE_KINDS,
  DamageSpace,
  SimulatedDisk,
  contentOf,
  imageIdentity,
  readImageFile,
  settledImage,
  type Damage,
  type DiskImage,
} from '../../../faults/index.ts'

const SECTOR = 512
const FILES = ['/store/a', '/store/b'] as const

function storeOf(fill: number): DiskImage {
  const disk = new SimulatedDisk({ directories: ['/store'] })
  for (const [number, path] of FILES.entries()) {
    const handle = disk.fileSystem.create(path)
    for (const length of [300, 500, 700 + number]) {
      handle.append(new Uint8Array(length).fill(fill + number), 0, length)
      handle.sync()
    }
    handle.close()
  }
  return settledImage(disk.checkpoint())
}

const image = storeOf(1)
const lengths = new Map([
  ['/store/a', [300, 800, 1500]],
  ['/store/b', [300, 800, 1501]],
])
const spaceOf = (seed = 1): DamageSpace =>
  new DamageSpace({ image, files: FILES, lengths, foreign: storeOf(101), sectorBytes: SECTOR, seed })

function bytes(of: DiskImage, path: string): Uint8Array {
  return readImageFile(of, path) ?? new Uint8Array(0)
}

function textsOf(seed: number): string[] {
  const space = spaceOf(seed)
  return Array.from({ length: 40 }, (_, index) => space.at('bit-flip', index).text)
}

/** All damages, but of the flipped bits every so many. */
function* all(space: DamageSpace): Generator<Damage, void> {
  for (const kind of DAMAGE_KINDS)
    for (let index = 0; index < space.count(kind); index += kind === 'bit-flip' ? 97 : 1) yield space.at(kind, index)
}

describe('a damaged image', { tags: ['COR-01'] }, () => {
  const space = spaceOf()

  it('is the same for the same image, seed and address, in any order', () => {
    const again = spaceOf()
    for (const damage of [...all(space)].toReversed()) {
      const other = again.at(damage.kind, damage.index)
      expect(imageIdentity(other.image)).toBe(imageIdentity(damage.image))
      expect(other.text).toBe(damage.text)
    }
  })

  it('differs from the original in no byte outside what it names, and has nothing pending', () => {
    for (const damage of all(space)) {
      for (const path of FILES) {
        const [before, after] = [bytes(image, path), bytes(damage.image, path)]
        const touched = damage.changed.filter((range) => range.path === path)
        for (let at = 0; at < Math.max(before.length, after.length); at += 1) {
          if (before[at] === after[at]) continue
          expect(
            touched.some(({ from, to }) => from <= at && at < to),
            `${damage.text}: ${at} of ${path}`,
          ).toBe(true)
        }
        if (before.length !== after.length) expect(damage.resized).toContain(path)
      }
      expect(damage.image.names).toEqual([])
    }
  })

  it('leaves the original as it was', () => {
    const before = imageIdentity(image)
    for (const damage of all(space)) expect(damage.text).not.toBe('')
    expect(imageIdentity(image)).toBe(before)
  })

  it('has every byte of a small image flipped once, in one bit', () => {
    const places = new Set<string>()
    expect(space.count('bit-flip')).toBe(3001)
    expect(space.exhaustive('bit-flip')).toBe(true)
    for (let index = 0; index < 3001; index += 1) {
      const [range, ...more] = space.at('bit-flip', index).changed
      expect(more).toEqual([])
      expect((range?.to ?? 0) - (range?.from ?? 0)).toBe(1)
      places.add(`${range?.path} ${range?.from}`)
    }
    expect(places.size).toBe(3001)
  })

  it('has every sector zeroed and unreadable once', () => {
    expect(space.count('zero-sector')).toBe(6)
    expect(space.count('unreadable')).toBe(6)
    const last = space.at('unreadable', 5)
    expect(last.unreadable).toEqual({ path: '/store/b', from: 1024, to: 1501 })
    expect(imageIdentity(last.image)).toBe(imageIdentity(image))
    expect([...bytes(space.at('zero-sector', 1).image, '/store/a').subarray(510, 514)]).toEqual([1, 1, 0, 0])
  })

  it('has each sector as it was after each write that ended in it', () => {
    const found = Array.from({ length: space.count('old-sector') }, (_, index) => space.at('old-sector', index).lost)
    expect(found).toEqual([
      [{ path: '/store/a', from: 300, to: 512 }],
      [{ path: '/store/a', from: 800, to: 1024 }],
      [{ path: '/store/b', from: 300, to: 512 }],
      [{ path: '/store/b', from: 800, to: 1024 }],
    ])
  })

  it('cuts each file at and beside each border of a write and of a sector', () => {
    const cut = new Map<string, Set<number>>(FILES.map((path) => [path, new Set()]))
    for (let index = 0; index < space.count('cut'); index += 1) {
      const damage = space.at('cut', index)
      const path = damage.resized[0] ?? ''
      cut.get(path)?.add(contentOf(damage.image, path).sizeBytes)
    }
    for (const border of [300, 512, 800, 1024])
      for (const length of [border - 1, border, border + 1])
        for (const path of FILES) expect(cut.get(path)?.has(length), `${path} ${length}`).toBe(true)
    expect(cut.get('/store/a')?.has(1499)).toBe(true)
    expect(cut.get('/store/a')?.has(0)).toBe(true)
    expect(cut.get('/store/a')?.has(1500)).toBe(false)
  })

  it('misses each file once, and has each of another store once', () => {
    expect(space.count('missing')).toBe(2)
    expect(readImageFile(space.at('missing', 0).image, '/store/a')).toBeUndefined()
    expect(bytes(space.at('foreign', 1).image, '/store/b')[0]).toBe(102)
  })

  it('draws what it samples by its seed', () => {
    expect(textsOf(1)).not.toEqual(textsOf(2))
  })

  it('refuses an index that it has not', () => {
    expect(() => space.at('missing', 2)).toThrow(RangeError)
  })
})
