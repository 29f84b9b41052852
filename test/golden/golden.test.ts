// test/golden/golden.test.ts: the format is pinned, byte for byte.

import { describe, expect, it } from 'vitest'
import { FIELD, FORMAT_VERSION, crc32, fnv1a, packSeed } from '../../engine/format/index.ts'
import { SimulatedDisk, type DiskImage } from '../../faults/index.ts'
import { itemSchema, readItems, textOf } from '../engine/database/items.ts'
import { DIRECTORY, Machine, ROOT, errorOf, packsOf } from '../engine/machine.ts'
import { readGolden } from './files.ts'
import { makeGolden } from './golden-database.ts'

function diskWith(packs: ReadonlyMap<string, Uint8Array>): DiskImage {
  const disk = new SimulatedDisk({ directories: [ROOT, DIRECTORY] })
  for (const [name, bytes] of packs) {
    const handle = disk.fileSystem.create(`${DIRECTORY}/${name}`)
    handle.append(bytes, 0, bytes.length)
    handle.sync()
    handle.close()
  }
  disk.fileSystem.syncDirectory(DIRECTORY)
  return disk.checkpoint()
}

function withVersion(pack: Uint8Array, version: number): Uint8Array {
  const bytes = Uint8Array.from(pack)
  const view = new DataView(bytes.buffer)
  view.setUint32(FIELD.version, version)
  const seed = packSeed(crc32(bytes, FIELD.databaseId, 16), view.getUint32(FIELD.packNumber))
  view.setUint32(FIELD.crc, crc32(bytes, 0, FIELD.crc, seed))
  view.setUint32(FIELD.fnv, fnv1a(bytes, 0, FIELD.crc))
  return bytes
}

describe('the golden files of version 1', { tags: ['FMT-01'] }, () => {
  it('are what today’s code writes, byte for byte', { tags: ['STO-02', 'STO-03', 'STO-09', 'ENC-02', 'ENC-03', 'ENC-09', 'D1', 'D2'] }, () => {
    expect(FORMAT_VERSION).toBe(1)
    const made = makeGolden().packs
    const golden = readGolden(1)
    expect([...made.keys()]).toEqual([...golden.keys()].map((name) => `${DIRECTORY}/${name}`))
    for (const [name, bytes] of golden) {
      const today = made.get(`${DIRECTORY}/${name}`) ?? new Uint8Array(0)
      const difference = bytes.findIndex((byte, index) => byte !== today[index])
      expect({ name, difference, length: today.length }).toEqual({ name, difference: -1, length: bytes.length })
    }
  })

  it('open, verify, hold the rows that were written, and are not changed by that', { tags: ['STO-02', 'REC-04'] }, () => {
    const golden = readGolden(1)
    const image = diskWith(golden)
    const machine = new Machine(image)
    expect(machine.verify().problems).toEqual([])
    const database = machine.open({ schema: itemSchema, mode: 'open' })
    expect(textOf(database.read(readItems))).toBe(textOf(makeGolden().rows))
    database.close()
    expect(packsOf(machine.image())).toEqual(packsOf(image))
  })

  it('take new commits', { tags: ['STO-06'] }, () => {
    const machine = new Machine(diskWith(readGolden(1)))
    const database = machine.open({ schema: itemSchema })
    database.update((transaction) => transaction.delete('item', 0))
    expect(database.verify()).toEqual([])
    database.close()
    expect(machine.verify().problems).toEqual([])
  })
})

describe('a pack of another version', { tags: ['FMT-01'] }, () => {
  it.each([0, 2, 0xffff_ffff])('is refused with E_VERSION, and not touched (version %i)', (version) => {
    const golden = new Map(readGolden(1))
    const newest = [...golden.keys()].at(-1) ?? ''
    golden.set(newest, withVersion(golden.get(newest) ?? new Uint8Array(0), version))
    const image = diskWith(golden)
    const machine = new Machine(image)
    const error = errorOf(() => machine.open({ schema: itemSchema }))
    expect(error).toMatchObject({
      code: 'E_VERSION',
      context: { path: `${DIRECTORY}/${newest}`, offsetBytes: FIELD.version },
      remedy: expect.stringContaining('version'),
    })
    expect(packsOf(machine.image())).toEqual(packsOf(image))
  })
})
