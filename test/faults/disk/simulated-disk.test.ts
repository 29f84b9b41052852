import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IoError, type FileHandle } from '../../../engine/ports/index.ts'
import {
  SimulatedDisk,
  SimulatedScheduler,
  imageIdentity,
  pendingOperations,
  readDurableFile,
  readImageFile,
  type SyncFailure,
} from '../../../faults/index.ts'
import { Doer, anyDeed, append, diskWith, read, text, treeOf } from './helpers.ts'

describe('durability', { tags: ['DSK-01', 'QA-33'] }, () => {
  it('of bytes and size comes with a sync of the file, that of its name with a sync of the directory', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    const file = disk.fileSystem.create('/d/a')
    append(file, 'abc')
    expect(disk.isDurable('/d/a', 0)).toBe(false)
    file.sync()
    expect(text(readDurableFile(disk.checkpoint(), '/d/a'))).toBe('abc')
    expect(disk.isDurable('/d/a', 3)).toBe(false)
    disk.fileSystem.syncDirectory('/d')
    expect(disk.isDurable('/d/a', 3)).toBe(true)
    append(file, 'def')
    expect(disk.isDurable('/d/a', 3)).toBe(true)
    expect(disk.isDurable('/d/a', 4)).toBe(false)
  })

  it('of a name needs that of every directory above it', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.fileSystem.makeDirectory('/d/e')
    const file = disk.fileSystem.create('/d/e/a')
    file.sync()
    disk.fileSystem.syncDirectory('/d/e')
    expect(disk.isDurable('/d/e/a', 0)).toBe(false)
    disk.fileSystem.syncDirectory('/d')
    expect(disk.isDurable('/d/e/a', 0)).toBe(true)
  })

  it('of a rename comes with a sync of the target, and brings earlier changes of the same names with it', () => {
    const disk = new SimulatedDisk({ directories: ['/d', '/e'] })
    disk.fileSystem.create('/d/a').close()
    disk.fileSystem.rename('/d/a', '/e/b')
    disk.fileSystem.syncDirectory('/e')
    expect(pendingOperations(disk.checkpoint())).toBe(0)
    expect(disk.isDurable('/e/b', 0)).toBe(true)
  })

  it('of a late sync covers what was appended before the call, and nothing after it', async () => {
    const disk = diskWith({ a: '' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'before')
    const late = file.syncLater()
    append(file, ' after')
    expect(disk.isDurable('/d/a', 6)).toBe(false)
    expect(disk.completeSyncs()).toBe(1)
    await late
    expect(disk.isDurable('/d/a', 6)).toBe(true)
    expect(disk.isDurable('/d/a', 7)).toBe(false)
    expect(text(readDurableFile(disk.checkpoint(), '/d/a'))).toBe('before')
  })

  it('of a late sync waits for the scheduler, where the disk has one', async () => {
    const scheduler = new SimulatedScheduler()
    const disk = SimulatedDisk.from(diskWith({ a: '' }).checkpoint(), { scheduler })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'x')
    const late = file.syncLater()
    expect(disk.isDurable('/d/a', 1)).toBe(false)
    expect(scheduler.runAll()).toBe(1)
    await late
    expect(disk.isDurable('/d/a', 1)).toBe(true)
  })
})

function failed(failure: SyncFailure): Readonly<{ disk: SimulatedDisk; file: FileHandle; other: FileHandle }> {
  const disk = diskWith({ a: 'old ' })
  const file = disk.fileSystem.open('/d/a', 'append')
  const other = disk.fileSystem.open('/d/a', 'append')
  append(file, 'new')
  disk.sink.failSync(file, failure)
  return { disk, file, other }
}

describe('a failed sync', { tags: ['IOF-03'] }, () => {
  it('that drops pages leaves them readable, and the next sync succeeds without making them durable', () => {
    const { disk, file } = failed('pages-dropped')
    expect(read(disk.checkpoint(), '/d/a')).toBe('old new')
    expect(disk.isDurable('/d/a', 7)).toBe(false)
    file.sync()
    expect(disk.isDurable('/d/a', 7)).toBe(false)
    expect(disk.isDurable('/d/a', 4)).toBe(true)
    expect(text(readDurableFile(disk.checkpoint(), '/d/a'))).toBe('old \0\0\0')
  })

  it('that evicts them shows what is durable, under the size that the process knows', () => {
    const { disk } = failed('pages-evicted')
    expect(read(disk.checkpoint(), '/d/a')).toBe('old \0\0\0')
    expect(disk.isDurable('/d/a', 7)).toBe(false)
  })

  it('that keeps them lets the next one succeed in full', () => {
    const { disk, file } = failed('pages-kept')
    expect(disk.isDurable('/d/a', 7)).toBe(false)
    file.sync()
    expect(disk.isDurable('/d/a', 7)).toBe(true)
  })

  it('makes a dropped page pending again, whole, when it is written to', () => {
    const { disk, file } = failed('pages-dropped')
    append(file, '!')
    file.sync()
    expect(text(readDurableFile(disk.checkpoint(), '/d/a'))).toBe('old new!')
    expect(disk.isDurable('/d/a', 8)).toBe(true)
  })

  it('is told once to each handle that was open, and never to one opened later', () => {
    const { disk, file, other } = failed('pages-kept')
    const later = disk.fileSystem.open('/d/a', 'append')
    expect(() => file.sync()).not.toThrow()
    expect(() => later.sync()).not.toThrow()
    expect(() => other.sync()).toThrow(IoError)
    expect(() => other.sync()).not.toThrow()
  })

  it('of the background is told to every handle that was open', async () => {
    const disk = diskWith({ a: 'old' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'new')
    disk.sink.failWriteBack('/d/a', 'pages-dropped')
    const late = file.syncLater()
    disk.completeSyncs()
    await expect(late).rejects.toMatchObject({ code: 'EIO', operation: 'sync' })
    expect(() => file.sync()).not.toThrow()
    expect(disk.isDurable('/d/a', 6)).toBe(false)
  })

  it('of a device that lies is told to nobody', () => {
    const disk = diskWith({ a: 'old' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'new')
    disk.sink.loseSync(file)
    file.sync()
    expect(disk.isDurable('/d/a', 6)).toBe(false)
    expect(read(disk.checkpoint(), '/d/a')).toBe('oldnew')
  })

  it('of a directory that throws its entries away is not made good by the next one', () => {
    const disk = new SimulatedDisk({ directories: ['/d'] })
    disk.fileSystem.create('/d/a').close()
    disk.sink.failDirectorySync('/d', 'pages-dropped')
    disk.fileSystem.syncDirectory('/d')
    expect(disk.isDurable('/d/a', 0)).toBe(false)
    disk.fileSystem.rename('/d/a', '/d/b')
    disk.fileSystem.syncDirectory('/d')
    expect(disk.isDurable('/d/b', 0)).toBe(true)
  })
})

describe('a kill', { tags: ['DSK-02'] }, () => {
  it('takes the handles and leaves everything pending and dropped', async () => {
    const disk = diskWith({ a: '' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'pending')
    const late = file.syncLater()
    const before = imageIdentity(disk.checkpoint())
    disk.kill()
    expect(disk.completeSyncs()).toBe(0)
    expect(imageIdentity(disk.checkpoint())).toBe(before)
    expect(() => file.sizeBytes()).toThrow(IoError)
    expect(() => file.close()).not.toThrow()
    expect(disk.openHandles).toBe(0)
    await Promise.race([late, Promise.resolve()])
    const again = disk.fileSystem.open('/d/a', 'append')
    expect(again.sizeBytes()).toBe(7)
    expect(disk.isDurable('/d/a', 1)).toBe(false)
    again.sync()
    expect(disk.isDurable('/d/a', 7)).toBe(true)
  })

  it('leaves dropped pages dropped: a sync of the next process does not save them', () => {
    const disk = diskWith({ a: '' })
    const file = disk.fileSystem.open('/d/a', 'append')
    append(file, 'lost')
    disk.sink.failSync(file, 'pages-dropped')
    disk.kill()
    const again = disk.fileSystem.open('/d/a', 'append')
    again.sync()
    expect(disk.isDurable('/d/a', 1)).toBe(false)
  })
})

describe('a checkpoint', { tags: ['DSK-03', 'QA-16'] }, () => {
  it('is the same object until something changes', () => {
    const disk = diskWith({ a: 'abc' })
    const image = disk.checkpoint()
    disk.fileSystem.list('/d')
    disk.fileSystem.open('/d/a', 'read').close()
    expect(disk.checkpoint()).toBe(image)
    append(disk.fileSystem.open('/d/a', 'append'), 'x')
    expect(disk.checkpoint()).not.toBe(image)
  })

  it('never changes, and a disk made of it goes on exactly as the first one did', () => {
    fc.assert(
      fc.property(fc.array(anyDeed, { maxLength: 25 }), fc.array(anyDeed, { maxLength: 25 }), (before, after) => {
        const first = new Doer(diskWith({ a: 'abc' }))
        for (const deed of before) first.do(deed)
        first.disk.kill()
        const image = first.disk.checkpoint()
        const identity = imageIdentity(image)
        const tree = treeOf(image)
        const second = new Doer(SimulatedDisk.from(image), first.writesSoFar)
        for (const deed of after) first.do(deed)
        expect(imageIdentity(image)).toBe(identity)
        expect(treeOf(image)).toEqual(tree)
        for (const deed of after) second.do(deed)
        first.disk.kill()
        second.disk.kill()
        expect(treeOf(second.disk.checkpoint())).toEqual(treeOf(first.disk.checkpoint()))
        expect(imageIdentity(second.disk.checkpoint())).toBe(imageIdentity(first.disk.checkpoint()))
      }),
    )
  })
})

describe('the identity of an image', { tags: ['DSK-04'] }, () => {
  it('is equal for equal disks, however they came about', () => {
    const first = diskWith({ a: 'one', b: 'two' })
    const second = diskWith({ x: 'gone', b: 'two' })
    second.fileSystem.unlink('/d/x')
    const file = second.fileSystem.create('/d/y')
    append(file, 'on')
    append(file, 'e')
    file.sync()
    file.close()
    second.fileSystem.rename('/d/y', '/d/a')
    second.fileSystem.syncDirectory('/d')
    expect(imageIdentity(second.checkpoint())).toBe(imageIdentity(first.checkpoint()))
  })

  it('differs for every difference that a later crash could show', () => {
    const variants: ((disk: SimulatedDisk) => void)[] = [
      () => {},
      (disk) => append(disk.fileSystem.open('/d/a', 'append'), 'x'),
      (disk) => append(disk.fileSystem.open('/d/b', 'append'), 'x'),
      (disk) => append(disk.fileSystem.open('/d/a', 'append'), '\0'),
      (disk) => append(disk.fileSystem.open('/d/a', 'append'), 'xy'),
      (disk) => {
        const file = disk.fileSystem.open('/d/a', 'append')
        append(file, 'x')
        append(file, 'y')
      },
      (disk) => {
        const file = disk.fileSystem.open('/d/a', 'append')
        append(file, 'x')
        file.sync()
      },
      (disk) => {
        const file = disk.fileSystem.open('/d/a', 'append')
        append(file, 'x')
        disk.sink.failSync(file, 'pages-dropped')
      },
      (disk) => {
        const file = disk.fileSystem.open('/d/a', 'append')
        append(file, 'x')
        disk.sink.failSync(file, 'pages-evicted')
      },
      (disk) => disk.fileSystem.unlink('/d/a'),
      (disk) => {
        disk.fileSystem.unlink('/d/a')
        disk.fileSystem.syncDirectory('/d')
      },
      (disk) => disk.fileSystem.rename('/d/a', '/d/c'),
      (disk) => {
        disk.fileSystem.rename('/d/a', '/d/c')
        disk.fileSystem.syncDirectory('/d')
      },
      (disk) => disk.fileSystem.create('/d/c'),
      (disk) => disk.fileSystem.makeDirectory('/d/c'),
      (disk) => {
        disk.fileSystem.create('/d/c')
        disk.sink.failDirectorySync('/d', 'pages-dropped')
      },
    ]
    const identities = variants.map((vary) => {
      const disk = diskWith({ a: 'same', b: 'same' })
      vary(disk)
      disk.kill()
      return imageIdentity(disk.checkpoint())
    })
    expect(new Set(identities).size).toBe(variants.length)
  })
})

describe('contents', { tags: ['DSK-01'] }, () => {
  it('agree with a plain array of bytes under writes anywhere, cuts and growth', () => {
    // Around the first pages, and around the border of what one leaf of the page table names.
    const place = fc.oneof(fc.nat({ max: 30_000 }), fc.integer({ min: 255 * 1024, max: 275_000 }))
    const change = fc.oneof(
      fc.record({ position: place, length: fc.integer({ min: 1, max: 9000 }) }),
      fc.record({ size: place }),
      fc.record({ checkpoint: fc.boolean() }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const disk = new SimulatedDisk()
        const file = disk.openInode('/a', disk.live.addNode('file'), 'append')
        let expected = new Uint8Array(0)
        let fill = 0
        for (const made of changes) {
          if ('size' in made) {
            disk.resizeFile(file.inode, made.size)
            const next = new Uint8Array(made.size)
            next.set(expected.subarray(0, made.size))
            expected = next
          } else if ('position' in made) {
            fill += 1
            disk.writeAt(file.inode, new Uint8Array(made.length).fill(fill), 0, made.length, made.position)
            const next = new Uint8Array(Math.max(expected.length, made.position + made.length))
            next.set(expected)
            next.fill(fill, made.position, made.position + made.length)
            expected = next
          } else {
            disk.checkpoint()
            if (made.checkpoint) file.sync()
          }
        }
        const actual = new Uint8Array(file.sizeBytes())
        file.read(actual, 0, actual.length, 0)
        expect(Buffer.compare(actual, expected)).toBe(0)
      }),
    )
  })

  it('of files that are gone are not kept', () => {
    const disk = diskWith({})
    for (let round = 0; round < 100; round += 1) {
      const file = disk.fileSystem.create('/d/a')
      append(file, 'x'.repeat(100))
      file.sync()
      disk.fileSystem.unlink('/d/a')
      disk.fileSystem.syncDirectory('/d')
      file.close()
    }
    expect(disk.checkpoint().nodes.size).toBe(2)
    expect(readImageFile(disk.checkpoint(), '/d/a')).toBeUndefined()
  })
})
