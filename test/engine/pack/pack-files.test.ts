// test/engine/pack/pack-files.test.ts: packs as names and handles, in folders of every kind.

import { describe, expect, it } from 'vitest'
import { PACK_NUMBER_MAX, packName } from '../../../engine/format/index.ts'
import { PackFiles, listPacks } from '../../../engine/pack/index.ts'
import type { FileSystem } from '../../../engine/ports/index.ts'
import { FailingFileSystem, SimulatedDisk, type FailingFileSystemOptions } from '../../../faults/index.ts'
import { errorOf, smallAllocator } from '../machine.ts'
import { instead } from './forge.ts'

const DIRECTORY = '/docs/packs.rdm'

function folderWith(numbers: readonly number[]): FileSystem {
  const { fileSystem } = new SimulatedDisk({ directories: ['/docs', DIRECTORY] })
  for (const number of numbers) fileSystem.create(`${DIRECTORY}/${packName(number)}`).close()
  return fileSystem
}

function filesOf(fileSystem: FileSystem, newest: number, lowest = 1): PackFiles {
  return new PackFiles(fileSystem, smallAllocator(), DIRECTORY, { lowest, newest }, '')
}

function failing(fileSystem: FileSystem, decide: FailingFileSystemOptions['decide']): FileSystem {
  return new FailingFileSystem(fileSystem, { root: '/', ...(decide === undefined ? {} : { decide }) })
}

describe('the packs of a folder', { tags: ['STO-04'] }, () => {
  it('are found in whatever order they are listed, and nothing else is one', () => {
    const fileSystem = folderWith([3, 4, 5])
    fileSystem.create(`${DIRECTORY}/notes.txt`).close()
    const reversed = instead(fileSystem, { list: (path) => fileSystem.list(path).toReversed() })
    expect(listPacks(fileSystem, DIRECTORY)).toEqual({ lowest: 3, newest: 5 })
    expect(listPacks(reversed, DIRECTORY)).toEqual({ lowest: 3, newest: 5 })
  })

  it('are missed by name: one in a gap, one that a reference names, one that is gone', () => {
    expect(errorOf(() => listPacks(folderWith([1, 3]), DIRECTORY))).toMatchObject({
      code: 'E_CORRUPT',
      context: { path: `${DIRECTORY}/${packName(2)}` },
    })
    const files = filesOf(folderWith([2, 3]), 4, 2)
    for (const number of [1, 5])
      expect(errorOf(() => files.reader(number))).toMatchObject({
        code: 'E_CORRUPT',
        context: { path: files.path(number) },
      })
    expect(errorOf(() => files.sizeBytes(4))).toMatchObject({ code: 'E_CORRUPT', context: { path: files.path(4) } })
  })

  it('are as many as there are numbers for, and no more', () => {
    const last = filesOf(folderWith([PACK_NUMBER_MAX - 1]), PACK_NUMBER_MAX - 1, PACK_NUMBER_MAX - 1)
    last.create(true).close()
    expect(last.newest).toBe(PACK_NUMBER_MAX)
    expect(last.path(last.newest)).toBe(`${DIRECTORY}/p99999999.pack`)
    const files = filesOf(folderWith([PACK_NUMBER_MAX]), PACK_NUMBER_MAX, PACK_NUMBER_MAX)
    expect(errorOf(() => files.create(true))).toMatchObject({ code: 'E_USAGE', context: { path: DIRECTORY } })
  })
})

describe('handles for reading', { tags: ['MRY-04'] }, () => {
  it('are bounded: the one that was used longest ago is closed, and its error is told', () => {
    const numbers = Array.from({ length: 30 }, (_, index) => index + 1)
    const closed: string[] = []
    let isFailing = false
    const fileSystem = failing(folderWith(numbers), ({ kind, path }) => {
      if (kind === 'close') closed.push(path)
      return kind === 'close' && isFailing ? { kind: 'error', code: 'EIO' } : undefined
    })
    const files = filesOf(fileSystem, 30)
    for (let number = 1; number <= 24; number += 1) files.reader(number)
    expect(files.openReaders).toBe(24)
    files.reader(1)
    files.reader(25)
    files.reader(26)
    expect(closed.map((path) => path.slice(-5 - 8, -5))).toEqual(['00000002', '00000003'])
    isFailing = true
    expect(errorOf(() => files.reader(27))).toMatchObject({ code: 'EIO', operation: 'close' })
    expect(files.openReaders).toBe(23)
    expect(files.close()).toMatchObject({ code: 'EIO' })
    expect(files.openReaders).toBe(0)
  })
})

describe('a pack whose creation did not become durable', { tags: ['PRT-07'] }, () => {
  it('is unlinked before its number is used again, if it is there, and durably, for an unsafe commit too', () => {
    for (const isThere of [true, false])
      for (const sync of [true, false]) {
        const inner = folderWith([1])
        const calls: string[] = []
        let failuresLeft = 2
        const fileSystem = failing(inner, ({ kind, path }) => {
          calls.push(`${kind} ${path.slice(path.lastIndexOf('/') + 1)}`)
          const isHit = failuresLeft > 0 && (kind === 'unlink' || (kind === 'syncDirectory' && calls.length > 1))
          if (!isHit) return undefined
          failuresLeft -= 1
          return { kind: 'error', code: 'EIO' }
        })
        const files = filesOf(fileSystem, 1)
        // The new name can't be made durable, and can't be taken away either.
        expect(errorOf(() => files.create(true))).toMatchObject({ operation: 'syncDirectory' })
        expect([files.newest, failuresLeft]).toEqual([1, 0])
        if (!isThere) inner.unlink(files.path(2))
        calls.length = 0
        files.create(sync).close()
        const taken = calls.filter((call) => call.startsWith('unlink'))
        expect(taken).toEqual(isThere ? [`unlink ${packName(2)}`] : [])
        const beforeCreate = calls.slice(
          0,
          calls.findIndex((call) => call.startsWith('create')),
        )
        const syncs = beforeCreate.filter((call) => call.startsWith('syncDirectory')).length
        expect({ isThere, sync, syncs }).toEqual({ isThere, sync, syncs: isThere ? 2 : 1 })
        expect(files.newest).toBe(2)
      }
  })
})
