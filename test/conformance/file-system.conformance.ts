// test/conformance/file-system.conformance.ts: what every FileSystem promises. One suite, run on the simulated disk, on the
// operating system's files and on memfs, so that a program meets the same world in all of them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IoError, type FileHandle, type FileSystem } from '../../engine/ports/index.ts'

export type Place = Readonly<{
  fileSystem: FileSystem
  /** An existing, empty directory. */
  root: string
  /** Lets syncs under way finish. */
  settle?: () => void
  dispose?: () => void
}>

export type ConformanceOptions = Readonly<{
  /** Titles of promises that are known not to be kept, each with its reason. */
  exceptions?: Readonly<Record<string, string>>
}>

export function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return error instanceof IoError ? error.code : 'refused'
  }
  return 'no error'
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function appendAll(file: FileHandle, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += file.append(bytes, done, bytes.length - done)
}

export function readAll(fileSystem: FileSystem, path: string): string {
  const file = fileSystem.open(path, 'read')
  const bytes = new Uint8Array(file.sizeBytes())
  for (let done = 0; done < bytes.length;) {
    const count = file.read(bytes, done, bytes.length - done, done)
    if (count === 0) break
    done += count
  }
  file.close()
  return new TextDecoder().decode(bytes)
}

export function fileSystemPromises(name: string, make: () => Place, options: ConformanceOptions = {}): void {
  let place: Place
  let fs: FileSystem
  let root: string

  const promise = (title: string, check: () => void | Promise<void>): void => {
    const exception = options.exceptions?.[title]
    if (exception === undefined) it(title, check)
    else it(title, ({ skip }) => skip(`not here: ${exception}`))
  }
  const create = (path: string, text: string): void => {
    const file = fs.create(`${root}/${path}`)
    appendAll(file, bytesOf(text))
    file.close()
  }

  beforeEach(() => {
    place = make()
    ;({ fileSystem: fs, root } = place)
  })
  afterEach(() => place.dispose?.())

  describe(`${name}: files`, { tags: ['POR-01'] }, () => {
    promise('read back what was appended, in order', () => {
      create('a', 'one ')
      const again = fs.open(`${root}/a`, 'append')
      appendAll(again, bytesOf('two'))
      expect(again.sizeBytes()).toBe(7)
      again.close()
      expect(readAll(fs, `${root}/a`)).toBe('one two')
    })

    promise('append a part of the source, and never touch more of the target than was read', () => {
      const file = fs.create(`${root}/a`)
      expect(file.append(bytesOf('0123456789'), 3, 4)).toBe(4)
      const target = new Uint8Array(8).fill(255)
      expect(file.read(target, 2, 3, 1)).toBe(3)
      expect([...target]).toEqual([255, 255, ...bytesOf('456'), 255, 255, 255])
      file.close()
    })

    promise('keep what was appended, whatever becomes of the source', () => {
      const source = bytesOf('kept')
      const file = fs.create(`${root}/a`)
      appendAll(file, source)
      source.fill(0)
      file.sync()
      file.close()
      expect(readAll(fs, `${root}/a`)).toBe('kept')
    })

    promise('read short at the end and nothing past it', () => {
      create('a', 'abc')
      const file = fs.open(`${root}/a`, 'read')
      const target = new Uint8Array(10)
      expect(file.read(target, 0, 10, 1)).toBe(2)
      expect(file.read(target, 0, 10, 3)).toBe(0)
      expect(file.read(target, 0, 10, 1_000_000)).toBe(0)
      file.close()
    })

    promise('hold large contents', () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) & 0xff)
      const file = fs.create(`${root}/a`)
      appendAll(file, bytes)
      const target = new Uint8Array(bytes.length)
      for (let done = 0; done < target.length;) done += file.read(target, done, target.length - done, done)
      file.close()
      expect(Buffer.compare(target, bytes)).toBe(0)
    })

    promise('are seen through every handle at once', () => {
      const writer = fs.create(`${root}/a`)
      const reader = fs.open(`${root}/a`, 'read')
      appendAll(writer, bytesOf('now'))
      expect(reader.sizeBytes()).toBe(3)
      const target = new Uint8Array(3)
      reader.read(target, 0, 3, 0)
      expect(target).toEqual(bytesOf('now'))
      writer.close()
      reader.close()
    })

    promise('cannot be appended to through a handle for reading', () => {
      create('a', 'abc')
      const file = fs.open(`${root}/a`, 'read')
      expect(codeOf(() => file.append(bytesOf('x'), 0, 1))).toBe('EBADF')
      file.close()
      expect(readAll(fs, `${root}/a`)).toBe('abc')
    })

    promise('are synced without a change that can be read', async () => {
      const file = fs.create(`${root}/a`)
      appendAll(file, bytesOf('abc'))
      file.sync()
      file.sync()
      const later = file.syncLater()
      appendAll(file, bytesOf('def'))
      place.settle?.()
      await later
      fs.syncDirectory(root)
      file.close()
      expect(readAll(fs, `${root}/a`)).toBe('abcdef')
    })
  })

  describe(`${name}: handles`, { tags: ['POR-01'] }, () => {
    promise('close as often as one likes, and refuse everything else after', () => {
      create('a', 'abc')
      const file = fs.open(`${root}/a`, 'append')
      file.close()
      file.close()
      expect(codeOf(() => file.sizeBytes())).not.toBe('no error')
      expect(codeOf(() => file.read(new Uint8Array(1), 0, 1, 0))).not.toBe('no error')
      expect(codeOf(() => file.append(bytesOf('x'), 0, 1))).not.toBe('no error')
      expect(codeOf(() => file.sync())).not.toBe('no error')
      expect(readAll(fs, `${root}/a`)).toBe('abc')
    })

    promise('go on with a file that lost its name', () => {
      const file = fs.create(`${root}/a`)
      appendAll(file, bytesOf('abc'))
      fs.unlink(`${root}/a`)
      expect(fs.stat(`${root}/a`)).toBeUndefined()
      appendAll(file, bytesOf('def'))
      file.sync()
      expect(file.sizeBytes()).toBe(6)
      create('a', 'another')
      const target = new Uint8Array(6)
      expect(file.read(target, 0, 6, 0)).toBe(6)
      expect(target).toEqual(bytesOf('abcdef'))
      file.close()
      expect(readAll(fs, `${root}/a`)).toBe('another')
    })

    promise('follow a file to its new name', () => {
      const file = fs.create(`${root}/a`)
      fs.rename(`${root}/a`, `${root}/b`)
      appendAll(file, bytesOf('abc'))
      file.close()
      expect(readAll(fs, `${root}/b`)).toBe('abc')
    })

    promise('stay with a file whose name another one took', () => {
      create('a', 'old')
      create('b', 'new')
      const file = fs.open(`${root}/a`, 'read')
      fs.rename(`${root}/b`, `${root}/a`)
      const target = new Uint8Array(3)
      file.read(target, 0, 3, 0)
      expect(target).toEqual(bytesOf('old'))
      file.close()
      expect(readAll(fs, `${root}/a`)).toBe('new')
    })
  })

  describe(`${name}: names`, { tags: ['POR-01'] }, () => {
    promise('are created exclusively', () => {
      create('a', 'first')
      expect(codeOf(() => fs.create(`${root}/a`))).toBe('EEXIST')
      fs.makeDirectory(`${root}/d`)
      expect(codeOf(() => fs.create(`${root}/d`))).toBe('EEXIST')
      expect(codeOf(() => fs.makeDirectory(`${root}/a`))).toBe('EEXIST')
      expect(codeOf(() => fs.makeDirectory(`${root}/d`))).toBe('EEXIST')
      expect(readAll(fs, `${root}/a`)).toBe('first')
    })

    promise('that are missing are ENOENT, but only no status', () => {
      for (const call of [
        () => fs.open(`${root}/x`, 'read'),
        () => fs.open(`${root}/x`, 'append'),
        () => fs.unlink(`${root}/x`),
        () => fs.rename(`${root}/x`, `${root}/y`),
        () => fs.list(`${root}/x`),
        () => fs.syncDirectory(`${root}/x`),
        () => fs.create(`${root}/x/y`),
        () => fs.makeDirectory(`${root}/x/y`),
      ]) {
        expect(codeOf(call)).toBe('ENOENT')
      }
      expect(fs.stat(`${root}/x`)).toBeUndefined()
      expect(fs.stat(`${root}/x/y`)).toBeUndefined()
    })

    promise('below a file are ENOTDIR', () => {
      create('a', '')
      expect(codeOf(() => fs.create(`${root}/a/b`))).toBe('ENOTDIR')
      expect(codeOf(() => fs.open(`${root}/a/b`, 'read'))).toBe('ENOTDIR')
      expect(codeOf(() => fs.makeDirectory(`${root}/a/b`))).toBe('ENOTDIR')
      expect(codeOf(() => fs.list(`${root}/a`))).toBe('ENOTDIR')
      expect(codeOf(() => fs.syncDirectory(`${root}/a`))).toBe('ENOTDIR')
      expect(codeOf(() => fs.stat(`${root}/a/b`))).toBe('ENOTDIR')
    })

    promise('of directories cannot be opened for appending or unlinked', () => {
      fs.makeDirectory(`${root}/d`)
      expect(codeOf(() => fs.open(`${root}/d`, 'append'))).toBe('EISDIR')
      expect(codeOf(() => fs.unlink(`${root}/d`))).toBe('EISDIR')
      expect(fs.stat(`${root}/d`)?.kind).toBe('directory')
    })

    promise('are listed in code-point order, without what lies deeper', () => {
      for (const path of ['b', 'a', 'Z', '10', '9', 'ä']) create(path, '')
      fs.makeDirectory(`${root}/d`)
      create('d/x', '')
      expect(fs.list(root)).toEqual(['10', '9', 'Z', 'a', 'b', 'd', 'ä'])
      expect(fs.list(`${root}/d`)).toEqual(['x'])
    })

    promise('beyond the basic plane come last in a listing', () => {
      for (const path of ['\u{1F600}', '\uFFFD', '\uE000']) create(path, '')
      expect(fs.list(root)).toEqual(['\uE000', '\uFFFD', '\u{1F600}'])
    })

    promise('have a status of kind and size', () => {
      create('a', 'abc')
      fs.makeDirectory(`${root}/d`)
      expect(fs.stat(`${root}/a`)).toEqual({ kind: 'file', sizeBytes: 3 })
      expect(fs.stat(`${root}/d`)?.kind).toBe('directory')
      expect(fs.stat(root)?.kind).toBe('directory')
    })

    promise('are gone after unlink, and free again', () => {
      create('a', 'abc')
      fs.unlink(`${root}/a`)
      expect(fs.list(root)).toEqual([])
      create('a', 'new')
      expect(readAll(fs, `${root}/a`)).toBe('new')
    })

    promise('move with rename, replacing a file', () => {
      create('a', 'new')
      create('b', 'old')
      fs.rename(`${root}/a`, `${root}/b`)
      expect(fs.list(root)).toEqual(['b'])
      expect(readAll(fs, `${root}/b`)).toBe('new')
      fs.rename(`${root}/b`, `${root}/b`)
      expect(readAll(fs, `${root}/b`)).toBe('new')
    })

    promise('of directories move with all that is in them', () => {
      fs.makeDirectory(`${root}/d`)
      create('d/x', 'deep')
      fs.rename(`${root}/d`, `${root}/e`)
      expect(fs.list(root)).toEqual(['e'])
      expect(readAll(fs, `${root}/e/x`)).toBe('deep')
      fs.makeDirectory(`${root}/empty`)
      fs.rename(`${root}/e`, `${root}/empty`)
      expect(readAll(fs, `${root}/empty/x`)).toBe('deep')
    })

    promise('move between directories', () => {
      fs.makeDirectory(`${root}/d`)
      create('a', 'abc')
      fs.rename(`${root}/a`, `${root}/d/b`)
      expect(fs.list(root)).toEqual(['d'])
      expect(readAll(fs, `${root}/d/b`)).toBe('abc')
      fs.syncDirectory(`${root}/d`)
    })

    promise('of one kind never replace the other', () => {
      create('a', '')
      fs.makeDirectory(`${root}/d`)
      expect(codeOf(() => fs.rename(`${root}/a`, `${root}/d`))).toBe('EISDIR')
      expect(codeOf(() => fs.rename(`${root}/d`, `${root}/a`))).toBe('ENOTDIR')
      expect(fs.list(root)).toEqual(['a', 'd'])
    })

    promise('of directories that hold something are not replaced', () => {
      fs.makeDirectory(`${root}/d`)
      fs.makeDirectory(`${root}/e`)
      create('e/x', '')
      expect(codeOf(() => fs.rename(`${root}/d`, `${root}/e`))).toBe('ENOTEMPTY')
      expect(fs.list(`${root}/e`)).toEqual(['x'])
    })

    promise('of directories do not move into themselves', () => {
      fs.makeDirectory(`${root}/d`)
      fs.makeDirectory(`${root}/d/e`)
      expect(codeOf(() => fs.rename(`${root}/d`, `${root}/d/e/f`))).toBe('EINVAL')
      expect(codeOf(() => fs.rename(`${root}/d/e`, `${root}/d`))).toBe('ENOTEMPTY')
    })

    promise('with dots and doubled slashes lead where they say', () => {
      fs.makeDirectory(`${root}/d`)
      create('d/x', 'here')
      expect(readAll(fs, `${root}//d/./x`)).toBe('here')
      expect(readAll(fs, `${root}/d/../d/x`)).toBe('here')
    })
  })
}
