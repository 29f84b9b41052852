import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ENGINE_MUTANTS, MutantError, plantMutant, type EngineMutant } from '../../../faults/mutants/index.ts'

const mutant: EngineMutant = {
  id: 'sample',
  kind: 'engine',
  scenario: 'bank',
  summary: 'a sample',
  file: 'engine/sample.ts',
  anchor: 'file.sync()',
  replacement: 'REACHED()',
  campaign: { families: ['crash'] },
  oracles: [],
}
const code = (source: string, given = mutant) => {
  try {
    return plantMutant(source, given)
  } catch (error) {
    return error instanceof MutantError ? error.message : 'not a MutantError'
  }
}

describe('plantMutant', { tags: ['MUT-01'] }, () => {
  it('changes the one place and keeps every line where it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z (]{0,20}$/)),
        fc.array(fc.stringMatching(/^[a-z )]{0,20}$/)),
        (head, tail) => {
          const source = [...head, 'file.sync()', ...tail].join('\n')
          const planted = plantMutant(source, mutant)
          expect(planted.split('\n').length).toBe(source.split('\n').length)
          expect(planted.endsWith([...(head.length > 0 ? [''] : []), 'REACHED()', ...tail].join('\n'))).toBe(true)
        },
      ),
    )
  })

  it('keeps the line numbers when several lines become one', () => {
    const planted = plantMutant('a\nif (x) {\n  y()\n}\nb', { ...mutant, anchor: /if \(x\) \{[^}]*\}/ })
    expect(planted.split('\n').indexOf('b')).toBe(4)
  })

  it('takes the replacement as it is', () => {
    expect(plantMutant('file.sync()', { ...mutant, replacement: "f('$&'); REACHED()" })).toContain("('$&')")
  })

  it('refuses a source that holds the anchor never or twice, and a replacement that does not tell', () => {
    expect(code('file.close()')).toMatch(/no longer holds its anchor/)
    expect(code('file.sync(); file.sync()')).toMatch(/2 times/)
    expect(code('a a', { ...mutant, anchor: /a/ })).toMatch(/2 times/)
    expect(code('file.sync()', { ...mutant, replacement: '' })).toMatch(/does not call REACHED/)
  })
})

describe('the registry of engine mutants', { tags: ['MUT-01'] }, () => {
  it('has unique ids in kebab case', () => {
    const ids = ENGINE_MUTANTS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })
})
