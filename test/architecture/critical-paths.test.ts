import { describe, expect, it } from 'vitest'
import { mcdcJustificationsSchema } from '../../reports/format/index.ts'
import { filesBelow, readText } from './source.ts'

const PATHS = ['commit', 'recovery', 'abort', 'rollOver'] as const

const list = JSON.parse(readText('engine/evidence/critical-paths.json')) as Record<string, readonly string[]>
const sources = filesBelow('engine', ['.ts'])
const named = new Set(PATHS.flatMap((path) => list[path] ?? []))

describe('the list of critical files', { tags: ['MCD-04'] }, () => {
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

  it('has reasons for what is not covered in its files only, each about a text that stands there, no two alike', () => {
    const { justifications } = mcdcJustificationsSchema.parse(
      JSON.parse(readText('engine/evidence/mcdc-justifications.json')),
    )
    expect(justifications.length).toBeGreaterThan(0)
    for (const { file, text } of justifications) {
      expect(named).toContain(file)
      expect(readText(file)).toContain(text)
    }
    expect(new Set(justifications.map(({ reason }) => reason)).size).toBe(justifications.length)
  })
})
