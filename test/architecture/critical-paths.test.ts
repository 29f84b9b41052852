import { describe, expect, it } from 'vitest'
import { filesBelow, readText } from './source.ts'

const PATHS = ['commit', 'recovery', 'abort', 'rollOver'] as const

const list = JSON.parse(readText('engine/evidence/critical-paths.json')) as Record<string, readonly string[]>
const sources = filesBelow('engine', ['.ts'])
const named = new Set(PATHS.flatMap((path) => list[path] ?? []))

describe('the list of critical files', () => {
  it('has files for commit, recovery, abort and roll-over, sorted, each of them there', () => {
    expect(Object.keys(list)).toEqual(['formatVersion', ...PATHS])
    for (const path of PATHS) {
      const files = list[path] ?? []
      expect(files.length).toBeGreaterThan(0)
      expect(files).toEqual([...new Set(files)].toSorted())
    }
    expect([...named].filter((file) => !sources.includes(file))).toEqual([])
  })

  it('leaves out no file of packs but those that decide nothing', () => {
    const left = sources.filter((file) => file.startsWith('engine/pack/') && !named.has(file))
    expect(left).toEqual(['engine/pack/index.ts'])
  })
})
