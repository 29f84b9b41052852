import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SourceMap } from 'node:module'
import { describe, expect, it } from 'vitest'
import { instrument, languageOf, Lines, matchItems, UnparsableError } from '../../../harness/coverage/index.ts'
import { sourcesOf } from '../../architecture/source.ts'

const PROJECT = resolve(import.meta.dirname, '../../..')
const OPTIONS = { language: 'ts', module: 'module', key: 'k' } as const

describe('an instrumented text', { tags: ['MCD-01'] }, () => {
  it('of every file of this project can be parsed, and has the lines that it had', () => {
    for (const room of ['engine', 'scenarios'] as const)
      for (const { path } of sourcesOf(room)) {
        const text = readFileSync(join(PROJECT, path), 'utf8')
        const { code } = instrument(text, { ...OPTIONS, language: languageOf(path) ?? 'ts' })
        expect([path, code.split('\n').length]).toEqual([path, text.split('\n').length])
        expect(() => instrument(code, OPTIONS)).not.toThrow()
      }
  })

  it('is found again, decision by decision, in what tsc made of it', () => {
    let compared = 0
    for (const { path } of sourcesOf('engine')) {
      const text = readFileSync(join(PROJECT, path), 'utf8')
      const compiled = join(PROJECT, 'dist', path.replace(/\.ts$/, '.js'))
      const map = new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8')))
      const code = readFileSync(compiled, 'utf8')
      const source = instrument(text, OPTIONS).items
      const lines = new Lines(text)
      const own = new Lines(code)
      const items = instrument(code, { ...OPTIONS, language: 'jsx' }).items
      const matches = matchItems(
        items.map((item) => ({
          kind: item.kind,
          shape: item.shape,
          points: (item.metric === 'decision' ? item.conditions.map(({ inner }) => inner) : item.points).map(
            ({ start }) => {
              const { line, column } = own.position(start)
              const entry = map.findEntry(line, column)
              if (!('originalLine' in entry)) return undefined
              return lines.offset({ line: entry.originalLine, column: entry.originalColumn })
            },
          ),
        })),
        source,
      )
      expect([path, matches]).toEqual([path, source.map((_, index) => index)])
      compared += source.length
    }
    expect(compared).toBeGreaterThan(1000)
  })

  it('is the text itself if there is nothing to count', () => {
    expect(instrument('export const a = 1', OPTIONS).code).toBe('export const a = 1')
    expect(instrument('while (true) { break }', OPTIONS).code).toBe('while (true) { break }')
  })

  it('leaves types, declarations and enums of TypeScript alone', () => {
    const text = `declare const a: boolean; enum E { A = 1 || 2 } type T<X> = X extends 1 ? 2 : 3
      declare function f(x?: number): void; interface I { m(): asserts this is T<1> }
      abstract class C<X = 1> { abstract m(x?: X): void; declare y: number; private constructor(private z?: number) {} }`
    expect(instrument(text, OPTIONS).items).toEqual([])
  })

  it('finds decisions under types', () => {
    const { items } = instrument('if ((a as B)! && !(<C>b satisfies D)) namespace_()', OPTIONS)
    expect(items.map(({ kind, shape }) => [kind, shape])).toEqual([['if', '0 && !1']])
  })

  it('counts a decision with more paths than are numbered by its outcome alone, and says so', () => {
    const large = Array.from({ length: 14 }, (_, i) => `(a${i} || b${i})`).join(' && ')
    const [item] = instrument(`if (${large}) f()`, OPTIONS).items
    expect(item?.metric === 'decision' && item.unmeasured).toBe('too-large')
    const chain = Array.from({ length: 500 }, (_, i) => `a${i}`).join(' && ')
    const [long] = instrument(`if (${chain}) f()`, OPTIONS).items
    expect(long?.metric === 'decision' && [long.unmeasured, long.conditions.length]).toEqual([undefined, 500])
  })

  it('uses no name that the text has', () => {
    expect(instrument('const $mc = 1; if ($mc) f()', OPTIONS).code).toContain('$mc$c')
  })

  it('is refused where it is not JavaScript or TypeScript', () => {
    expect(() => instrument('if (a &&) b()', OPTIONS)).toThrow(UnparsableError)
  })
})
