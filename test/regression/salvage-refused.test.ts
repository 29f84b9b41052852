import { describe, expect, it } from 'vitest'
import {
  EngineError,
  IoError,
  OutOfMemoryError,
  createAllocator,
  databaseDirectory,
  salvageDatabase,
  singleChunk,
  type Allocator,
  type FileHandle,
  type FileSystem,
  type SalvageReport,
} from '../../engine/index.ts'
import type { IoErrorCode } from '../../engine/ports/index.ts'
import { SAMPLE_NAME, sampleOf } from '../../scenarios/salvage/index.ts'
import { makePlainWorld } from '../scenarios/plain-world.ts'

const MEMORY_BYTES = 256 * 1024
const SAMPLE = sampleOf('a damaged leaf', { fanOut: 4, packBytes: 4096, markerBytes: 512 })

type Wrap = Readonly<{ allocator?: (inner: Allocator) => Allocator; files?: (inner: FileSystem) => FileSystem }>

/** Salvages the sample in a world of its own; also gives the allocator, to be asked what it holds. */
function attempt(wrap: Wrap): Readonly<{ allocator: Allocator; run: () => SalvageReport }> {
  const world = makePlainWorld()
  const { fileSystem } = world
  const directory = databaseDirectory(world.directory, SAMPLE_NAME)
  fileSystem.makeDirectory(directory)
  for (const { name, bytes } of SAMPLE.files) {
    const file = fileSystem.create(`${directory}/${name}`)
    file.append(bytes, 0, bytes.length)
    file.close()
  }
  const root = `${world.directory}/saved`
  fileSystem.makeDirectory(root)
  const allocator = createAllocator({ algorithm: 'buddy', memory: singleChunk(new Uint8Array(MEMORY_BYTES)) })
  const options = {
    directory,
    root,
    name: 'saved',
    fileSystem: wrap.files?.(fileSystem) ?? fileSystem,
    allocator: wrap.allocator?.(allocator) ?? allocator,
    random: world.random('salvage'),
    processes: world.processes,
  }
  return { allocator, run: () => salvageDatabase(options) }
}

/** Refuses the allocation of that number among those with the tag; tells whether it came to that. */
function refusing(tag: string, number: number): Readonly<{ wrap: Wrap; refused: () => boolean }> {
  let seen = 0
  const wrap: Wrap = {
    allocator: (inner) => ({
      limitBytes: inner.limitBytes,
      allocate: (byteLength, wanted) => {
        if (wanted === tag && (seen += 1) === number) throw new OutOfMemoryError(byteLength, tag)
        return inner.allocate(byteLength, wanted)
      },
      free: (block) => inner.free(block),
      counters: () => inner.counters(),
    }),
  }
  return { wrap, refused: () => seen >= number }
}

/** Fails one read, or one close, once. */
function failing(
  operation: 'read' | 'close',
  number: number,
  code: IoErrorCode = 'EIO',
): Readonly<{ wrap: Wrap; refused: () => boolean }> {
  let seen = 0
  const isIt = (made: 'read' | 'close'): boolean => made === operation && (seen += 1) === number
  const handle = (inner: FileHandle): FileHandle => ({
    path: inner.path,
    read: (target, targetOffset, lengthBytes, positionBytes) => {
      if (isIt('read')) throw new IoError(code, 'read', inner.path, positionBytes)
      return inner.read(target, targetOffset, lengthBytes, positionBytes)
    },
    append: (source, offset, lengthBytes) => inner.append(source, offset, lengthBytes),
    sync: () => inner.sync(),
    syncLater: () => inner.syncLater(),
    sizeBytes: () => inner.sizeBytes(),
    close: () => {
      inner.close()
      if (isIt('close')) throw new IoError(code, 'close', inner.path)
    },
  })
  const wrap: Wrap = {
    files: (inner) => ({
      open: (path, mode) =>
        path.includes(`/${SAMPLE_NAME}.rdm/`) ? handle(inner.open(path, mode)) : inner.open(path, mode),
      create: (path) => inner.create(path),
      list: (path) => inner.list(path),
      stat: (path) => inner.stat(path),
      rename: (source, target) => inner.rename(source, target),
      unlink: (path) => inner.unlink(path),
      makeDirectory: (path) => inner.makeDirectory(path),
      syncDirectory: (path) => inner.syncDirectory(path),
    }),
  }
  return { wrap, refused: () => seen >= number }
}

describe('salvage that is refused something', { tags: ['SLV-02'] }, () => {
  it.each(['key-ranges', 'places'])("holds nothing after any allocation '%s' was refused", (tag) => {
    for (let number = 1; ; number += 1) {
      const { wrap, refused } = refusing(tag, number)
      const { allocator, run } = attempt(wrap)
      let error: unknown
      try {
        run()
      } catch (thrown) {
        error = thrown
      }
      expect(allocator.counters().liveBlocks, `refused: ${number}`).toBe(0)
      if (!refused()) {
        expect(number).toBeGreaterThan(1)
        return
      }
      expect(error).toBeInstanceOf(EngineError)
      expect(error).toMatchObject({ code: 'E_NO_MEMORY' })
    }
  })

  it('names each place that the device did not give, or brings out all the same', () => {
    const { tables } = attempt({}).run()
    for (let number = 1; ; number += 1) {
      const { wrap, refused } = failing('read', number)
      const found = attempt(wrap).run()
      if (!refused()) {
        expect(number).toBeGreaterThan(20)
        return
      }
      // A piece that could not be read in one go may be given sector by sector.
      if (!found.damage.some(({ message }) => message.includes('EIO')))
        expect(found.tables, `read ${number}`).toEqual(tables)
    }
  })

  it('brings out all the same where a pack does not close, and says so; any other failure of a close ends it', () => {
    const { tables } = attempt({}).run()
    for (let number = 1; ; number += 1) {
      const { wrap, refused } = failing('close', number)
      const found = attempt(wrap).run()
      if (!refused()) {
        expect(number).toBeGreaterThan(1)
        return
      }
      expect(found).toMatchObject({ tables, complete: false })
      expect(found.damage.some(({ message }) => message.includes('cannot be closed: EIO'))).toBe(true)
      const { allocator, run } = attempt(failing('close', number, 'EACCES').wrap)
      expect(run).toThrow(expect.objectContaining({ code: 'E_IO' }) as Error)
      expect(allocator.counters().liveBlocks).toBe(0)
    }
  })
})
