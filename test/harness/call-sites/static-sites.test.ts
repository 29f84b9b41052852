import * as parser from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { findCallSites, type WatchedCalls } from '../../../harness/call-sites/index.ts'

const watched: readonly WatchedCalls[] = [
  { family: 'allocation', type: 'Allocator', methods: ['allocate'] },
  { family: 'io', type: 'FileHandle', methods: ['read', 'close'] },
  { family: 'io', module: 'node:fs' },
  { family: 'io', module: 'fs' },
]

function ids(text: string, path = 'store.ts'): string[] {
  return findCallSites(parser, [{ path, text }], watched).map(
    ({ family, id, line, column }) => `${family} ${id} ${line}:${column}`,
  )
}

describe('the call sites of a source', { tags: ['PLN-05'] }, () => {
  it('are found by the annotation of a parameter, a field, a property and a private name', () => {
    const text = `
      type Options = Readonly<{ allocator: Allocator; name: string }>
      class Log {
        readonly #memory: Allocator
        constructor({ allocator }: Options) { allocator.allocate(1, 'a'); allocator.free() }
        grow() { return this.#memory.allocate(2, 'b') }
      }
      function read(handle: FileHandle | undefined) { handle?.read(); list.read() }
    `
    expect(ids(text)).toEqual([
      'allocation store.ts#Log.constructor#allocator.allocate 5:57',
      'allocation store.ts#Log.grow#memory.allocate 6:38',
      'io store.ts#read#handle.read 8:63',
    ])
  })

  it('are found by what a function gives, awaited or not, and in callbacks of the function around them', () => {
    const text = `
      declare function opened(path: string): Promise<FileHandle>
      class Files { reader(): FileHandle { return this.x } }
      async function look(files: Files) {
        files.reader().close()
        ;(await opened('a')).close()
        retry(() => files.reader().read())
      }
    `
    expect(ids(text)).toEqual([
      'io store.ts#look#reader.close 5:24',
      'io store.ts#look#opened.close 6:30',
      'io store.ts#look#reader.read 7:36',
    ])
  })

  it('are found by the import of a module, whole, by name or by require', () => {
    const text = `
      import fs, { renameSync as rename } from 'node:fs'
      const legacy = require('fs')
      rename('a', 'b')
      fs.promises.writeFile('a', '')
      legacy.fsync(1)
      path.join('a')
    `
    expect(ids(text, 'store.mjs')).toEqual([
      'io store.mjs#module#rename 4:7',
      'io store.mjs#module#promises.writeFile 5:19',
      'io store.mjs#module#legacy.fsync 6:14',
    ])
  })

  it('are found by names that are always used, and by what opens them', () => {
    const named: readonly WatchedCalls[] = [
      { family: 'io', type: 'FileSystem', methods: ['create'], names: ['fileSystem'], gives: { create: 'FileHandle' } },
      { family: 'io', type: 'FileHandle', methods: ['append'] },
    ]
    const text =
      'function put({ fileSystem }: World) { const file = fileSystem.create(1); file.append(2); list.append(3) }'
    expect(findCallSites(parser, [{ path: 'a.ts', text }], named).map(({ id }) => id)).toEqual([
      'a.ts#put#fileSystem.create',
      'a.ts#put#file.append',
    ])
  })

  it('have ids that survive moved lines, and tell apart calls that look the same', () => {
    const text = 'function f(handle: FileHandle) { handle.close(); handle.close() }'
    expect(ids(text)).toEqual(['io store.ts#f#handle.close 1:41', 'io store.ts#f#handle.close#2 1:57'])
    const moved = findCallSites(parser, [{ path: 'store.ts', text: `\n\n// moved\n${text}` }], watched)
    expect(moved.map(({ id }) => id)).toEqual(['store.ts#f#handle.close', 'store.ts#f#handle.close#2'])
  })

  it('are not guessed from a source that does not parse', () => {
    expect(() => ids('function (')).toThrow(/^store\.ts: /)
  })
})
