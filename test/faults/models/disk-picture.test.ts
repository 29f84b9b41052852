import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  crashStates,
  diskPicture,
  PERSISTENCE_MODELS,
  SimulatedDisk,
  stateAt,
  type DiskPicture,
} from '../../../faults/index.ts'
import { append, diskWith, patternBytes } from '../disk/helpers.ts'

const posix = PERSISTENCE_MODELS['posix-minimal']
const options = { sectorBytes: 512, seed: 7, fills: ['zero'] } as const

function sectorsOf(picture: DiskPicture, path: string): string {
  const file = picture.files.find((each) => each.path === path)
  return (file?.sectors ?? []).map(({ state, count }) => `${count} ${state}`).join(', ')
}

/** A synced file of two sectors, and three sectors behind it that are not synced. */
function appended(): SimulatedDisk {
  const disk = diskWith({ a: 'x'.repeat(1024) })
  const file = disk.fileSystem.open('/d/a', 'append')
  append(file, patternBytes(1, 1536))
  return disk
}

describe('the picture of a disk', { tags: ['RES-06'] }, () => {
  it('shows what is durable and what is pending while the process lives', () => {
    expect(sectorsOf(diskPicture(appended().checkpoint(), undefined, 512), '/d/a')).toBe('2 durable, 3 pending')
  })

  it('shows what was lost and what survived a power loss', () => {
    const image = appended().checkpoint()
    const none = stateAt(image, posix, { family: 'none', index: 0 }, options).make()
    expect(sectorsOf(diskPicture(image, none, 512), '/d/a')).toBe('2 durable, 3 lost')
    const texts = new Set(
      [...crashStates(image, posix, options)].map((state) => sectorsOf(diskPicture(image, state.make(), 512), '/d/a')),
    )
    expect(texts).toContain('2 durable, 3 kept')
    expect(texts).toContain('2 durable, 1 kept, 1 lost, 1 kept')
  })

  it('shows after a kill that all is still pending', () => {
    const image = appended().checkpoint()
    const killed = stateAt(image, posix, { family: 'kill', index: 0 }, options).make()
    expect(sectorsOf(diskPicture(image, killed, 512), '/d/a')).toBe('2 durable, 3 pending')
  })

  it('shows a name that was lost with the file that it named', () => {
    const disk = diskWith({ a: 'kept' })
    const file = disk.fileSystem.create('/d/b')
    append(file, 'new')
    file.sync()
    const image = disk.checkpoint()
    const none = stateAt(image, posix, { family: 'none', index: 0 }, options).make()
    const before = diskPicture(image, undefined, 512).files.map(({ path, name }) => [path, name])
    expect(before).toEqual([
      ['/d/b', 'pending'],
      ['/d/a', 'durable'],
    ])
    const after = diskPicture(image, none, 512)
    expect(after.files[0]).toMatchObject({ path: '/d/b', name: 'lost', foundSizeBytes: 0 })
    // Its bytes were synced: it is the name alone that was pending.
    expect(sectorsOf(after, '/d/b')).toBe('1 durable')
  })

  it('tells of every sector of every crash state, and calls none durable that was pending', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(400), (lengthBytes, skipped) => {
        const disk = diskWith({ a: 'x'.repeat(700) })
        append(disk.fileSystem.open('/d/a', 'append'), patternBytes(1, lengthBytes))
        const image = disk.checkpoint()
        const sectors = Math.ceil((700 + lengthBytes) / 512)
        for (const state of [...crashStates(image, posix, { ...options, statesMax: 40 })].slice(skipped % 8)) {
          const [file] = diskPicture(image, state.make(), 512).files
          expect(file?.sectors.reduce((sum, { count }) => sum + count, 0)).toBe(sectors)
          expect(file?.sectors[0]).toEqual({ state: 'durable', count: 1 })
          expect(file?.sectors.slice(1).some((run) => run.state === 'durable')).toBe(false)
        }
      }),
      { numRuns: 30 },
    )
  })
})
