import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../../engine/adapters/index.ts'
import { InvariantError } from '../../../engine/errors.ts'
import { IoError, type FileHandle } from '../../../engine/ports/index.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function contentOf(file: FileHandle): string {
  const target = new Uint8Array(100)
  return new TextDecoder().decode(target.subarray(0, file.read(target, 0, target.length, 0)))
}

function errorOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the file system of the operating system', { tags: ['STO-10', 'POR-01'] }, () => {
  const fileSystem = nodeFileSystem()
  let directory = ''

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'powercut-adapter-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it(
    'appends at the end of the file, also after a read elsewhere and from a second handle',
    { tags: ['STO-06'] },
    () => {
      const path = `${directory}/file`
      const first = fileSystem.create(path)
      const second = fileSystem.open(path, 'append')
      expect(first.append(bytesOf('xabcx'), 1, 3)).toBe(3)
      expect(contentOf(first)).toBe('abc')
      expect(second.append(bytesOf('def'), 0, 3)).toBe(3)
      expect(first.append(bytesOf('ghi'), 0, 3)).toBe(3)
      expect(contentOf(second)).toBe('abcdefghi')
      expect(first.sizeBytes()).toBe(9)
      first.sync()
      first.close()
      second.close()
    },
  )

  it('reads what there is, and nothing past the end', () => {
    const file = fileSystem.create(`${directory}/file`)
    file.append(bytesOf('abcdef'), 0, 6)
    const target = new Uint8Array(5)
    expect(file.read(target, 1, 4, 4)).toBe(2)
    expect([...target]).toEqual([0, 101, 102, 0, 0])
    expect(file.read(target, 0, 5, 6)).toBe(0)
    file.close()
  })

  it('creates exclusively, and says what a call was refused for', () => {
    const path = `${directory}/file`
    fileSystem.create(path).close()
    const refused: readonly [() => unknown, Partial<IoError>][] = [
      [() => fileSystem.create(path), { code: 'EEXIST', operation: 'create', path }],
      [() => fileSystem.open(`${path}-none`, 'read'), { code: 'ENOENT', operation: 'open', path: `${path}-none` }],
      [() => fileSystem.list(`${path}-none`), { code: 'ENOENT', operation: 'list' }],
      [() => fileSystem.list(path), { code: 'ENOTDIR', operation: 'list' }],
      [() => fileSystem.unlink(`${path}-none`), { code: 'ENOENT', operation: 'unlink' }],
      [() => fileSystem.rename(`${path}-none`, path), { code: 'ENOENT', operation: 'rename', path: `${path}-none` }],
      [() => fileSystem.makeDirectory(path), { code: 'EEXIST', operation: 'makeDirectory' }],
      [() => fileSystem.syncDirectory(`${path}-none`), { code: 'ENOENT', operation: 'syncDirectory' }],
      [() => fileSystem.stat(`${path}/below`), { code: 'ENOTDIR', operation: 'stat' }],
    ]
    for (const [call, expected] of refused) {
      const error = errorOf(call)
      expect(error).toBeInstanceOf(IoError)
      expect(error).toMatchObject(expected)
      expect((error as IoError).cause).toBeInstanceOf(Error)
    }
  })

  it('gives the position of a read that was refused', () => {
    const file = fileSystem.open(directory, 'read')
    expect(errorOf(() => file.read(new Uint8Array(1), 0, 1, 7))).toMatchObject({
      code: 'EISDIR',
      operation: 'read',
      path: directory,
      offsetBytes: 7,
    })
    file.close()
  })

  it('refuses appends to a file opened for reading', () => {
    const path = `${directory}/file`
    fileSystem.create(path).close()
    const file = fileSystem.open(path, 'read')
    expect(errorOf(() => file.append(bytesOf('a'), 0, 1))).toMatchObject({ code: 'EBADF', operation: 'append', path })
    file.close()
  })

  it('lists names in code-point order', () => {
    // U+FF5E sorts before U+1F600, though the first UTF-16 unit of the latter is smaller.
    const names = ['b', 'a', 'a.b', 'ab', '~', '\uff5e', '\u{1f600}', 'Z']
    for (const name of names) fileSystem.create(`${directory}/${name}`).close()
    expect(fileSystem.list(directory)).toEqual(['Z', 'a', 'a.b', 'ab', 'b', '~', '\uff5e', '\u{1f600}'])
  })

  it('tells files from directories, follows links, and has nothing to say of what is not there', () => {
    writeFileSync(`${directory}/file`, 'abc')
    symlinkSync(`${directory}/file`, `${directory}/link`)
    fileSystem.makeDirectory(`${directory}/folder`)
    expect(fileSystem.stat(`${directory}/file`)).toEqual({ kind: 'file', sizeBytes: 3 })
    expect(fileSystem.stat(`${directory}/link`)).toEqual({ kind: 'file', sizeBytes: 3 })
    expect(fileSystem.stat(`${directory}/folder`)).toMatchObject({ kind: 'directory' })
    expect(fileSystem.stat(`${directory}/none`)).toBeUndefined()
  })

  it('renames over a file, removes names, and syncs directories', () => {
    writeFileSync(`${directory}/new`, 'new')
    writeFileSync(`${directory}/old`, 'old')
    fileSystem.rename(`${directory}/new`, `${directory}/old`)
    fileSystem.syncDirectory(directory)
    expect(fileSystem.list(directory)).toEqual(['old'])
    fileSystem.unlink(`${directory}/old`)
    expect(fileSystem.list(directory)).toEqual([])
  })

  it('finishes a sync that was in flight when the handle was closed', async () => {
    const file = fileSystem.create(`${directory}/file`)
    file.append(bytesOf('abc'), 0, 3)
    const synced = file.syncLater()
    file.close()
    await expect(synced).resolves.toBeUndefined()
  })

  it('closes once, and takes any later call for a bug', () => {
    const file = fileSystem.create(`${directory}/file`)
    file.close()
    file.close()
    expect(errorOf(() => file.sizeBytes())).toBeInstanceOf(InvariantError)
    expect(errorOf(() => file.append(bytesOf('a'), 0, 1))).toBeInstanceOf(InvariantError)
  })

  it('takes lengths and offsets outside the buffer for a bug', () => {
    const file = fileSystem.create(`${directory}/file`)
    expect(errorOf(() => file.append(bytesOf('a'), 0, 2))).toBeInstanceOf(InvariantError)
    expect(errorOf(() => file.read(new Uint8Array(1), 2, 1, 0))).toBeInstanceOf(InvariantError)
    file.close()
  })
})
