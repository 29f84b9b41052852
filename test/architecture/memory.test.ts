import { describe, expect, it } from 'vitest'
import { byteProblems, collectionsOf } from './memory.ts'
import { parse, sourcesOf } from './source.ts'

function bytesIn(text: string, path = 'engine/pack/a.ts'): string[] {
  return byteProblems(parse(path, text))
}

function collectionsIn(text: string, path = 'engine/pack/a.ts'): string[] {
  return collectionsOf(parse(path, text)).map(({ name, charged }) => `${name}: ${charged ?? 'nothing'}`)
}

describe('the memory of the engine', { tags: ['MRY-03'] }, () => {
  it('is made of blocks: no bytes are made outside the allocators, the adapters and what callers are given', () => {
    expect(sourcesOf('engine').flatMap(byteProblems)).toEqual([])
  })

  it('is charged to blocks also for collections: each that outlives a call says which', () => {
    const unaccounted = sourcesOf('engine')
      .flatMap(collectionsOf)
      .filter(({ charged }) => charged === undefined)
    expect(unaccounted.map(({ place, name }) => `${place}: ${name} says nothing of what is charged for it`)).toEqual([])
  })
})

describe('the check for bytes', { tags: ['MRY-03'] }, () => {
  for (const text of [
    'const x = new Uint8Array(8)',
    'const x = new Float64Array(1)',
    'const x = new ArrayBuffer(8)',
    'const x = new SharedArrayBuffer(8)',
    'const x = Buffer.alloc(8)',
    'const x = Buffer.allocUnsafe(8)',
    'const x = Buffer.concat(list)',
    `const x = Buffer.from('a')`,
    'const x = Uint8Array.of(1, 2)',
    'const x = Uint32Array.from(list)',
    'const x = new TextEncoder().encode(text)',
    'const x = block.bytes.slice(1, 2)',
    'const x = rowBytes.slice()',
  ])
    it(`finds: ${text}`, () => {
      expect(bytesIn(text).length).toBeGreaterThan(0)
      expect(bytesIn(text, 'engine/memory/a.ts')).toEqual([])
      expect(bytesIn(text, 'engine/format/caller-bytes.ts')).toEqual([])
    })

  for (const text of [
    'const x = block.bytes.subarray(1, 2)',
    'const x = name.slice(1)',
    'const x = Array.from(list)',
    'function f(x: Uint8Array): void {}',
    '// new Uint8Array(8)',
  ])
    it(`passes: ${text}`, () => {
      expect(bytesIn(text)).toEqual([])
    })
})

describe('the check for bytes of constants', { tags: ['MRY-03'] }, () => {
  it('passes those that say why no data can change their number', () => {
    const table = 'const TABLE = new Int32Array(256)'
    expect(bytesIn(`// charged: nothing, because it is a constant of the algorithm\n${table}`)).toEqual([])
    expect(bytesIn(`// charged: the cursor block\n${table}`)).toHaveLength(1)
  })
})

describe('the check for collections', { tags: ['MRY-03'] }, () => {
  for (const text of [
    'class A { x = new Map<string, number>() }',
    'class A { readonly #x = new Set<number>() }',
    'class A { #x: number[] = [] }',
    'class A { #x: Map<string, number> }',
    'class A { #x: string[] | undefined }',
    'class A { constructor() { this.x = [] } }',
    'class A { constructor() { this.#x = Array.from(list) }\n#x }',
    'const x = new Map()',
    'export const x: number[] = []',
  ])
    it(`finds: ${text.replace('\n', ' ')}`, () => {
      expect(collectionsIn(text)).toEqual(['x: nothing'])
      expect(collectionsIn(text, 'engine/tools/a.ts')).toEqual([])
    })

  it('reads what is charged from the line or the one above', () => {
    expect(collectionsIn('class A {\n  // charged: the cursor block\n  #x: number[] = []\n}')).toEqual([
      'x: the cursor block',
    ])
    expect(collectionsIn('class A {\n  #x = new Map() // charged: the page block\n}')).toEqual(['x: the page block'])
    expect(collectionsIn('// charged: too far away\nclass A {\n\n  #x = new Map()\n}')).toEqual(['x: nothing'])
  })

  it('lets one comment stand above several that follow each other', () => {
    const text =
      'class A {\n  // charged: the table\n  #x: number[] = []\n  #y: number[] = []\n\n  #z: number[] = []\n}'
    expect(collectionsIn(text)).toEqual(['x: the table', 'y: the table', 'z: nothing'])
  })

  it('passes what lives as long as a call, and tables that are written out', () => {
    expect(collectionsIn('function f() { const x = new Map(); return [x] }')).toEqual([])
    expect(collectionsIn(`const NAMES = ['a', 'b'] as const`)).toEqual([])
  })
})
