import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerOf, ReadSet, SimulatedDisk, type DiskImage } from '../../../faults/index.ts'
import type { FileSystem } from '../../../engine/ports/index.ts'

const NAMES = ['a', 'b', 'c'] as const
const name = fc.constantFrom(...NAMES)
const content = fc.uint8Array({ maxLength: 1200 })
/** A disk with some of the files, some of them in a directory. */
const files = fc.array(fc.tuple(fc.constantFrom('/w', '/w/d'), name, content), { maxLength: 5 })
const deed = fc.oneof(
  fc.record({
    kind: fc.constantFrom('list', 'stat', 'size', 'unlink', 'make', 'create'),
    directory: fc.constantFrom('/w', '/w/d'),
    name,
  }),
  fc.record({
    kind: fc.constant('read' as const),
    directory: fc.constantFrom('/w', '/w/d'),
    name,
    at: fc.nat(1300),
    length: fc.nat(700),
  }),
  fc.record({
    kind: fc.constant('append' as const),
    directory: fc.constantFrom('/w', '/w/d'),
    name,
    at: fc.nat(9),
    length: fc.nat(40),
  }),
  fc.record({ kind: fc.constant('rename' as const), directory: fc.constantFrom('/w', '/w/d'), name, to: name }),
  fc.record({ kind: fc.constant('rename-directory' as const), directory: fc.constant('/w'), name }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

function diskOf(held: readonly (readonly [string, string, Uint8Array])[]): DiskImage {
  const disk = new SimulatedDisk({ directories: ['/w', '/w/d'] })
  for (const [directory, file, bytes] of held) {
    const path = `${directory}/${file}`
    if (disk.fileSystem.stat(path) !== undefined) disk.fileSystem.unlink(path)
    const handle = disk.fileSystem.create(path)
    handle.append(bytes, 0, bytes.length)
    handle.close()
  }
  return disk.checkpoint()
}

/** Everything that the file system says to a program. */
function run(image: DiskImage, deeds: readonly Deed[], readSet?: ReadSet): readonly unknown[] {
  const { fileSystem } = SimulatedDisk.from(image, readSet === undefined ? {} : { readSet })
  return deeds.map((one) => {
    try {
      return act(fileSystem, one)
    } catch (error) {
      return String(error)
    }
  })
}

function act(fileSystem: FileSystem, one: Deed): unknown {
  const path = `${one.directory}/${one.name}`
  switch (one.kind) {
    case 'list':
      return fileSystem.list(one.directory)
    case 'stat':
      return fileSystem.stat(path)
    case 'unlink':
      return fileSystem.unlink(path)
    case 'make':
      return fileSystem.makeDirectory(path)
    case 'create':
      return fileSystem.create(path).close()
    case 'rename':
      return fileSystem.rename(path, `/w/${one.to}`)
    case 'rename-directory':
      return fileSystem.rename('/w/d', `/w/${one.name}`)
    case 'size': {
      const file = fileSystem.open(path, 'read')
      return file.sizeBytes()
    }
    case 'read': {
      const file = fileSystem.open(path, 'read')
      const bytes = new Uint8Array(one.length)
      return [file.read(bytes, 0, one.length, one.at), [...bytes]]
    }
    case 'append': {
      const file = fileSystem.open(path, 'append')
      return [file.append(new Uint8Array(one.length).fill(one.at), 0, one.length), file.sizeBytes()]
    }
    default:
      throw new TypeError('no such deed')
  }
}

function bytesEndingIn(last: number): Uint8Array {
  return Uint8Array.from({ length: 2048 }, (_, at) => (at === 2047 ? last : 7))
}

describe('a read set', { tags: ['DSK-05'] }, () => {
  it('tells apart any two disks on which a program could be told different things', () => {
    fc.assert(
      fc.property(files, files, fc.array(deed, { maxLength: 12 }), (left, right, deeds) => {
        const [first, second] = [diskOf(left), diskOf(right)]
        const readSet = new ReadSet()
        const told = run(first, deeds, readSet)
        const questions = readSet.questions() ?? []
        const same = questions.every((question) => answerOf(first, question) === answerOf(second, question))
        if (same) expect(run(second, deeds)).toEqual(told)
      }),
      { numRuns: 2000 },
    )
  })

  it('changes nothing of what a program is told', () => {
    fc.assert(
      fc.property(files, fc.array(deed, { maxLength: 12 }), (held, deeds) => {
        expect(run(diskOf(held), deeds, new ReadSet())).toEqual(run(diskOf(held), deeds))
      }),
    )
  })

  it('does not tell apart disks that differ where nobody looked', () => {
    const [first, second] = [diskOf([['/w', 'a', bytesEndingIn(1)]]), diskOf([['/w', 'a', bytesEndingIn(2)]])]
    const readSet = new ReadSet()
    run(first, [{ kind: 'read', directory: '/w', name: 'a', at: 0, length: 700 }], readSet)
    const questions = readSet.questions() ?? []
    expect(questions.map((question) => answerOf(first, question))).toEqual(
      questions.map((question) => answerOf(second, question)),
    )
    run(first, [{ kind: 'append', directory: '/w', name: 'a', at: 0, length: 1 }], readSet)
    const more = readSet.questions() ?? []
    expect(more.some((question) => answerOf(first, question) !== answerOf(second, question))).toBe(true)
  })

  it('says nothing of a run that looked past the file system', () => {
    const readSet = new ReadSet()
    const disk = SimulatedDisk.from(diskOf([]), { readSet })
    expect(readSet.questions()).toEqual([])
    expect(disk.live.newestSequence).toBeGreaterThan(0)
    expect(readSet.questions()).toBeUndefined()
  })
})
