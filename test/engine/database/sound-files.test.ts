// test/engine/database/sound-files.test.ts: a verify that knows which files are as they were finds what a full one finds.

import { describe, expect, it } from 'vitest'
import type { DamageReport, SoundFiles } from '../../../engine/index.ts'
import { stream, type DiskImage } from '../../../faults/index.ts'
import { Machine, errorOf, packsOf, withFile } from '../machine.ts'
import { itemSchema } from './items.ts'

const SEED = 20_260_102
const FLIPS = 200
const OPTIONS = { schema: itemSchema, pack: { packBytesMax: 8192, markerIntervalBytes: 512 }, fanOut: 4 } as const

/** Many packs: roll-overs, and opens after a close, after a kill, and after a power loss. */
function storedImage(): DiskImage {
  const machine = new Machine()
  for (let round = 0; round < 12; round += 1) {
    const database = machine.open(OPTIONS)
    for (let id = round * 4; id < round * 4 + 4; id += 1)
      database.update((transaction) => {
        transaction.insert('item', {
          id,
          group: id % 5,
          name: `item ${id}`,
          tag: null,
          weight: id / 7,
          bytes: new Uint8Array(id % 3 === 0 ? 700 : 20).fill(id),
          done: false,
        })
        if (id > 6) transaction.update('item', id - 5, { name: `changed ${round}` })
      })
    if (round % 3 === 0) database.close()
    else if (round % 3 === 1) machine.kill()
    else machine.powerCut(0.5)
    if (round % 3 === 0) machine.kill()
  }
  machine.open(OPTIONS).close()
  return machine.image()
}

type Memory = Map<string, Readonly<{ content: string; finding: unknown }>>

/** What of the disk's files is in the memory; `blind`: whatever they hold. */
function soundFiles(machine: Machine, memory: Memory, learns: boolean, blind = false): SoundFiles {
  const contentOf = (path: string): string => (blind ? '' : (machine.disk.contentHash(path)?.digits() ?? 'none'))
  return {
    recall: (path) => (memory.get(path)?.content === contentOf(path) ? memory.get(path)?.finding : undefined),
    note: (path, finding) => void (learns && memory.set(path, { content: contentOf(path), finding })),
  }
}

/** What a verify finds, or the error of the open. */
function found(image: DiskImage, known?: (machine: Machine) => SoundFiles): readonly DamageReport[] | string {
  const machine = new Machine(image)
  let reports: readonly DamageReport[] = []
  const error = errorOf(() => {
    const opened = machine.open(OPTIONS)
    try {
      reports = opened.verify(known?.(machine))
    } finally {
      opened.close()
    }
  })
  return error === undefined ? reports : String(error)
}

describe('a verify that is given the files that were sound', { tags: ['PLN-06', 'DMG-01'] }, () => {
  const image = storedImage()
  const packs = [...packsOf(image)]
  const memory: Memory = new Map()
  const blindMemory: Memory = new Map()
  it('finds nothing in a sound store, and knows its packs but the newest', () => {
    expect(found(image, (machine) => soundFiles(machine, memory, true))).toEqual([])
    expect(found(image, (machine) => soundFiles(machine, blindMemory, true, true))).toEqual([])
    expect(memory.size).toBeGreaterThan(4)
    expect(memory.has(packs.at(-1)?.[0] ?? '')).toBe(false)
  })

  it(`finds what a full one finds after each of ${FLIPS} flips; one that does not look at what files hold would not`, () => {
    const random = stream(SEED, 'flips')
    let damaged = 0
    let unseen = 0
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const [path, bytes] = packs[random.integer(packs.length)] ?? ['', new Uint8Array(0)]
      const changed = Uint8Array.from(bytes)
      const at = random.integer(changed.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(8))
      const flipped = withFile(image, path, changed)
      const full = found(flipped)
      expect(found(flipped, (machine) => soundFiles(machine, memory, false))).toEqual(full)
      if (full.length > 0) damaged += 1
      const blind = found(flipped, (machine) => soundFiles(machine, blindMemory, false, true))
      if (blind.length < full.length) unseen += 1
    }
    expect(damaged).toBeGreaterThan(FLIPS / 4)
    expect(unseen).toBeGreaterThan(0)
  })

  it('takes no note of a file of another database, or whose last commit is another one', () => {
    const other: SoundFiles = { recall: () => [...memory.values()][0]?.finding, note: () => {} }
    expect(found(image, () => other)).toEqual([])
    const [first] = packs
    const cut = withFile(image, first?.[0] ?? '', first?.[1].slice(0, 700) ?? new Uint8Array(0))
    expect(found(cut, (machine) => soundFiles(machine, memory, false))).toEqual(found(cut))
  })
})
