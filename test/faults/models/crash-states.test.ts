import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CRASH_FAMILIES,
  PERSISTENCE_MODELS,
  SimulatedDisk,
  countStates,
  crashStates,
  imageIdentity,
  pendingOperations,
  readDurableFile,
  stateAt,
  type CrashFamily,
  type DiskImage,
  type PersistenceModel,
} from '../../../faults/index.ts'
import { Doer, anyDeed, append, appendOnlyDeed, diskWith, patternBytes, read, treeOf } from '../disk/helpers.ts'

const posix = PERSISTENCE_MODELS['posix-minimal']
const ordered = PERSISTENCE_MODELS['ext4-ordered']
const options = { sectorBytes: 512, seed: 7 } as const
const zeroes = { ...options, fills: ['zero'] } as const

function allStates(image: DiskImage, model: PersistenceModel, families?: readonly CrashFamily[]): DiskImage[] {
  const wanted = families === undefined ? zeroes : { ...zeroes, families }
  return [...crashStates(image, model, wanted)].map((state) => state.make())
}

function texts(
  image: DiskImage,
  model: PersistenceModel,
  path: string,
  families?: readonly CrashFamily[],
): Set<string> {
  return new Set(allStates(image, model, families).map((state) => read(state, path) ?? 'no file'))
}

const powerLoss = CRASH_FAMILIES.filter((family) => family !== 'kill')

describe('known histories', { tags: ['CRS-02', 'QA-33'] }, () => {
  it('a file created and synced is lost without a sync of its directory', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.fileSystem.create('/d/a')
    append(file, 'abc')
    file.sync()
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['no file', 'abc']))
    disk.fileSystem.syncDirectory('/d')
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['abc']))
  })

  it('and kept in a journal that lets a sync cover the creation', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.fileSystem.create('/d/a')
    expect(texts(disk.checkpoint(), ordered, '/d/a', powerLoss)).toEqual(new Set(['no file', '']))
    append(file, 'abc')
    file.sync()
    expect(texts(disk.checkpoint(), ordered, '/d/a', powerLoss)).toEqual(new Set(['abc']))
  })

  it('a name made durable without its data has an empty file', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    append(disk.fileSystem.create('/d/a'), 'abc')
    disk.fileSystem.syncDirectory('/d')
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['', '\0\0\0', 'abc']))
  })

  it('a rename is whole or not at all, and both contents survive it', () => {
    const disk = diskWith({ a: 'new', b: 'old' })
    disk.fileSystem.rename('/d/a', '/d/b')
    const found = allStates(disk.checkpoint(), posix, powerLoss).map((state) =>
      JSON.stringify([read(state, '/d/a') ?? null, read(state, '/d/b') ?? null]),
    )
    expect(new Set(found)).toEqual(new Set(['["new","old"]', '[null,"new"]']))
  })

  it('an unlink that was not synced may not have been', () => {
    const disk = diskWith({ a: 'abc' })
    disk.fileSystem.unlink('/d/a')
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['abc', 'no file']))
    disk.fileSystem.syncDirectory('/d')
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['no file']))
  })

  it('a later name survives where an earlier one is lost, but not in a journal', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.fileSystem.create('/d/p2').close()
    disk.fileSystem.create('/d/p3').close()
    const listings = (model: PersistenceModel): Set<string> =>
      new Set(
        allStates(disk.checkpoint(), model, powerLoss).map((state) =>
          SimulatedDisk.from(state).fileSystem.list('/d').join(),
        ),
      )
    expect(listings(posix)).toEqual(new Set(['', 'p2', 'p3', 'p2,p3']))
    expect(listings(ordered)).toEqual(new Set(['', 'p2', 'p2,p3']))
  })

  it('what hangs on a new directory is lost with its name', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.fileSystem.makeDirectory('/d/e')
    const file = disk.fileSystem.create('/d/e/a')
    append(file, 'abc')
    file.sync()
    disk.fileSystem.syncDirectory('/d/e')
    expect(texts(disk.checkpoint(), posix, '/d/e/a', powerLoss)).toEqual(new Set(['no file', 'abc']))
  })

  it('a failed sync that dropped pages, a good one and a loss of power: the data is gone', () => {
    const disk = diskWith({ a: 'old ' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'new')
    disk.sink.failSync(file, 'pages-dropped')
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['old ', 'old \0\0\0']))
    file.sync()
    expect(texts(disk.checkpoint(), posix, '/d/a', powerLoss)).toEqual(new Set(['old \0\0\0']))
    expect(texts(disk.checkpoint(), posix, '/d/a', ['kill'])).toEqual(new Set(['old new', 'old \0\0\0']))
  })

  it('a mark survives although an earlier sector of the same sync did not', { tags: ['QA-31'] }, () => {
    const disk = diskWith({ a: '' })
    append(disk.fileSystem.open('/d/a', 'append'), patternBytes(1, 1200))
    const whole = patternBytes(1, 1200)
    const holed = allStates(disk.checkpoint(), posix, ['torn']).some((state) => {
      const bytes = readDurableFile(state, '/d/a') ?? new Uint8Array(0)
      return bytes.length === 1200 && bytes[600] === 0 && bytes[100] === whole[100] && bytes[1100] === whole[1100]
    })
    expect(holed).toBe(true)
  })

  it('a file grows without its data, over zeroes, random bytes or what a deleted file held', () => {
    const disk = diskWith({ gone: 'secret' })
    disk.fileSystem.unlink('/d/gone')
    disk.fileSystem.syncDirectory('/d')
    append(disk.fileSystem.create('/d/a'), 'abcdef')
    disk.fileSystem.syncDirectory('/d')
    const found = [...crashStates(disk.checkpoint(), posix, { ...options, families: ['size-first'] })].map(
      (state) => read(state.make(), '/d/a') ?? 'no file',
    )
    expect(found).toContain('\0\0\0\0\0\0')
    expect(found).toContain('secret')
    expect(new Set(found).size).toBe(3)
  })

  it('data arrives without the size that shows it', () => {
    const disk = diskWith({ a: 'abc' })
    append(disk.fileSystem.open('/d/a', 'append'), 'def')
    expect(texts(disk.checkpoint(), posix, '/d/a', ['data-first'])).toEqual(new Set(['abc']))
  })

  it('a rewritten sector is old or new, and anything on a device without atomic sectors', { tags: ['QA-31'] }, () => {
    const disk = diskWith({ a: 'x'.repeat(1024) })
    const { inode } = disk.openInode('/d/a', 3, 'append')
    disk.writeAt(inode, new Uint8Array(1024).fill(121), 0, 1024, 0)
    const image = disk.checkpoint()
    const halves = (model: PersistenceModel): Set<string> =>
      new Set([...texts(image, model, '/d/a', powerLoss)].map((found) => `${found[0]}${found[300]}${found[600]}`))
    expect(halves(posix)).toEqual(new Set(['xxx', 'yyy', 'yyx', 'xxy']))
    const fragile: PersistenceModel = { ...posix, name: 'fragile', atomicSectors: false, lostRewrite: ['old', 'zero'] }
    expect(halves(fragile)).toEqual(
      new Set(['xxx', 'yyy', 'yyx', 'xxy', 'yxx', 'yyx', '\0\0\0', 'yy\0', '\0\0y', 'y\0\0']),
    )
  })
})

describe('a kill', { tags: ['DSK-02'] }, () => {
  it('keeps everything, and leaves it pending', () => {
    const disk = diskWith({ a: 'abc' })
    append(disk.fileSystem.open('/d/a', 'append'), 'def')
    const image = disk.checkpoint()
    expect(countStates(image, PERSISTENCE_MODELS['process-kill'], options)).toMatchObject({ total: 1 })
    const killed = stateAt(image, posix, { family: 'kill', index: 0 }, options).make()
    expect(read(killed, '/d/a')).toBe('abcdef')
    expect(pendingOperations(killed)).toBe(1)
  })

  it(
    'within a write cuts it at 0, 1, half, all but one and every sector border, and leaves the rest pending',
    { tags: ['QA-31'] },
    () => {
      const disk = diskWith({ a: 'abc' })
      append(disk.fileSystem.open('/d/a', 'append'), patternBytes(1, 1200))
      const within = { ...options, within: true, families: ['kill'] } as const
      const cuts = [...crashStates(disk.checkpoint(), posix, within)].map((state) => state.make())
      const sizes = cuts.map((image) => SimulatedDisk.from(image).fileSystem.stat('/d/a')?.sizeBytes)
      expect(sizes).toEqual([3, 4, 512, 603, 1024, 1202])
      for (const [index, image] of cuts.entries()) {
        expect(pendingOperations(image)).toBe(index === 0 ? 0 : 1)
        const none = stateAt(image, posix, { family: 'none', index: 0 }, options).make()
        expect(read(none, '/d/a')).toBe('abc')
        const all = stateAt(image, posix, { family: 'prefix', index: pendingOperations(image) }, options).make()
        expect(treeOf(all)).toEqual(treeOf(image))
      }
    },
  )
})

/** A disk after random deeds, killed, so that nothing but names holds a file. */
function diskAfter(deeds: Parameters<Doer['do']>[0][]): DiskImage {
  const doer = new Doer(diskWith({ a: 'abc', b: '' }))
  for (const deed of deeds) doer.do(deed)
  doer.disk.kill()
  return doer.disk.checkpoint()
}

describe('every state', { tags: ['CRS-01', 'QA-33'] }, () => {
  it('of a loss of power is settled: nothing pending, and losing power again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyDeed, { maxLength: 20 }), (deeds) => {
        const image = diskAfter(deeds)
        for (const state of crashStates(image, posix, { ...options, families: powerLoss, statesMax: 60 })) {
          const made = state.make()
          expect(pendingOperations(made)).toBe(0)
          expect(countStates(made, posix, { ...options, families: powerLoss }).total).toBe(2)
          expect(imageIdentity(stateAt(made, posix, { family: 'none', index: 0 }, options).make())).toBe(
            imageIdentity(made),
          )
        }
      }),
      { numRuns: 30 },
    )
  })

  it('agrees with everything that was synced', () => {
    const names = ['a', 'b', 'c']
    const step = fc.oneof(
      fc.record({ file: fc.constantFrom(...names), length: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ sync: fc.constantFrom(...names) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const disk = diskWith({ a: '', b: '', c: '' })
        const synced = new Map(names.map((name) => [name, new Uint8Array(0)]))
        steps.forEach((made, index) => {
          const name = 'sync' in made ? made.sync : made.file
          const file = disk.fileSystem.open(`/d/${name}`, 'append')
          if ('length' in made) append(file, patternBytes(index, made.length))
          else {
            file.sync()
            const bytes = new Uint8Array(file.sizeBytes())
            file.read(bytes, 0, bytes.length, 0)
            synced.set(name, bytes)
          }
          file.close()
        })
        for (const state of crashStates(disk.checkpoint(), posix, { ...options, statesMax: 200 })) {
          const made = state.make()
          for (const [name, bytes] of synced) {
            const found = readDurableFile(made, `/d/${name}`) ?? new Uint8Array(0)
            expect(Buffer.compare(found.subarray(0, bytes.length), bytes)).toBe(0)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('holds in each sector what the cache held there at some time, and a size that the file had', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 6 }), (lengths) => {
        const disk = diskWith({ a: 'abc' })
        const file = disk.fileSystem.open('/d/a', 'append')
        const versions = [contentOf(disk.checkpoint())]
        lengths.forEach((length, index) => {
          append(file, patternBytes(index, length))
          versions.push(contentOf(disk.checkpoint()))
        })
        const sizes = new Set(versions.map(({ length }) => length))
        const families = powerLoss.filter((family) => family !== 'torn')
        for (const state of crashStates(disk.checkpoint(), posix, { ...zeroes, families, statesMax: 300 })) {
          const bytes = contentOf(state.make())
          expect(sizes).toContain(bytes.length)
          expect(sectorsAreOf(bytes, versions)).toBe(true)
        }
        for (const state of crashStates(disk.checkpoint(), posix, { ...zeroes, families: ['torn'], statesMax: 300 })) {
          expect(sectorsAreOf(contentOf(state.make()), versions)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })
})

function contentOf(image: DiskImage): Uint8Array {
  const { fileSystem } = SimulatedDisk.from(image)
  const file = fileSystem.open('/d/a', 'read')
  const bytes = new Uint8Array(file.sizeBytes())
  file.read(bytes, 0, bytes.length, 0)
  return bytes
}

function sectorsAreOf(bytes: Uint8Array, versions: readonly Uint8Array[]): boolean {
  for (let start = 0; start < bytes.length; start += 512) {
    const sector = bytes.subarray(start, start + 512)
    const isKnown = versions.some((version) => {
      const padded = new Uint8Array(sector.length)
      padded.set(version.subarray(start, start + sector.length))
      return Buffer.compare(padded, sector) === 0
    })
    if (!isKnown) return false
  }
  return true
}

describe('families', { tags: ['CRS-01'] }, () => {
  it('begin with what is durable and end with what the process saw', () => {
    fc.assert(
      fc.property(fc.array(appendOnlyDeed, { maxLength: 20 }), (deeds) => {
        const image = diskAfter(deeds)
        const prefixes = countStates(image, posix, options).byFamily.get('prefix') ?? 0
        expect(prefixes).toBe(pendingOperations(image) + 1)
        const first = stateAt(image, posix, { family: 'prefix', index: 0 }, options).make()
        const none = stateAt(image, posix, { family: 'none', index: 0 }, options).make()
        const last = stateAt(image, posix, { family: 'prefix', index: prefixes - 1 }, options).make()
        expect(imageIdentity(first)).toBe(imageIdentity(none))
        expect(treeOf(last)).toEqual(treeOf(image))
      }),
    )
  })

  it('but for cut sizes are all among the subsets, where those are exhausted', () => {
    let exhausted = 0
    fc.assert(
      fc.property(fc.array(appendOnlyDeed, { maxLength: 8 }), (deeds) => {
        const image = diskAfter(deeds)
        const subset = { ...zeroes, families: ['subset'] } as const
        const { exhaustive, total } = countStates(image, posix, subset)
        if (!exhaustive || total === 0 || total > 1500) return
        exhausted += 1
        const subsets = new Set([...crashStates(image, posix, subset)].map((state) => imageIdentity(state.make())))
        for (const state of crashStates(image, posix, { ...zeroes, families: powerLoss })) {
          if (state.describe().includes('it ends at sector')) continue
          expect([state.id, state.describe(), subsets.has(imageIdentity(state.make()))]).toEqual([
            state.id,
            state.describe(),
            true,
          ])
        }
      }),
    )
    expect(exhausted).toBeGreaterThan(10)
  })

  it('of a journal are among those of the weakest model', { tags: ['MOD-01'] }, () => {
    fc.assert(
      fc.property(fc.array(appendOnlyDeed, { maxLength: 6 }), (deeds) => {
        const image = diskAfter(deeds)
        const journal: PersistenceModel = { ...ordered, sizes: 'any' }
        const subset = { ...zeroes, families: ['subset'] } as const
        const { exhaustive, total } = countStates(image, posix, subset)
        if (!exhaustive || total > 1500) return
        const weakest = new Set([...crashStates(image, posix, subset)].map((state) => imageIdentity(state.make())))
        weakest.add(imageIdentity(stateAt(image, posix, { family: 'none', index: 0 }, zeroes).make()))
        for (const state of crashStates(image, journal, { ...zeroes, families: ['subset', 'names', 'prefix'] })) {
          expect(weakest.has(imageIdentity(state.make()))).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('in a journal never show a size past lost bytes', { tags: ['MOD-01'] }, () => {
    const disk = diskWith({ a: 'abc' })
    append(disk.fileSystem.open('/d/a', 'append'), patternBytes(1, 2000))
    for (const state of crashStates(disk.checkpoint(), ordered, { ...options, families: powerLoss })) {
      const bytes = readDurableFile(state.make(), '/d/a') ?? new Uint8Array(0)
      expect(bytes.includes(0)).toBe(false)
    }
  })
})

describe('addresses', { tags: ['CRS-03'] }, () => {
  it('name the same state for ever, on any disk with the same history', () => {
    fc.assert(
      fc.property(fc.array(anyDeed, { maxLength: 15 }), (deeds) => {
        const [first, second] = [diskAfter(deeds), diskAfter(deeds)]
        for (const state of crashStates(first, posix, { ...options, statesMax: 50 })) {
          const again = stateAt(second, posix, state.id, options)
          expect(again.describe()).toBe(state.describe())
          expect(imageIdentity(again.make())).toBe(imageIdentity(state.make()))
          expect(imageIdentity(state.make())).toBe(imageIdentity(state.make()))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('are counted as they are made, and refused beyond', () => {
    fc.assert(
      fc.property(fc.array(anyDeed, { maxLength: 10 }), (deeds) => {
        const image = diskAfter(deeds)
        const { total, byFamily } = countStates(image, posix, zeroes)
        if (total > 1500) return
        const made = new Map<CrashFamily, number>()
        for (const { id } of crashStates(image, posix, zeroes)) {
          expect(id.index).toBe(made.get(id.family) ?? 0)
          made.set(id.family, id.index + 1)
        }
        for (const [family, count] of byFamily) {
          expect(made.get(family) ?? 0).toBe(count)
          expect(() => stateAt(image, posix, { family, index: count }, zeroes)).toThrow(RangeError)
        }
      }),
    )
  })

  it('chosen under a limit are distinct, as many as the limit, from every family', () => {
    const disk = diskWith({ a: '' })
    append(disk.fileSystem.open('/d/a', 'append'), patternBytes(1, 20_000))
    disk.fileSystem.create('/d/new')
    const image = disk.checkpoint()
    const { total, byFamily, exhaustive } = countStates(image, posix, options)
    expect(exhaustive).toBe(false)
    expect(total).toBeGreaterThan(200)
    const ids = [...crashStates(image, posix, { ...options, statesMax: 200 })].map(({ id }) => id)
    expect(new Set(ids.map(({ family, index }) => `${family} ${index}`)).size).toBe(200)
    expect(new Set(ids.map(({ family }) => family))).toEqual(
      new Set([...byFamily].filter(([, count]) => count > 0).map(([family]) => family)),
    )
  })
})
