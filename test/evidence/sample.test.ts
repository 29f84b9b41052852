// The bundle that is kept with the sources is whole, as it was made: no formatter and no line ending of git has changed it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleReader, verifyBundle } from '../../reports/index.ts'

const PROJECT = join(import.meta.dirname, '../..')
const SAMPLE = join(PROJECT, 'reports/sample-evidence')

describe('the sample bundle', { tags: ['EVD-01', 'EVD-05'] }, () => {
  it('is whole, void of nothing, and names what is missing', () => {
    const { problems, filesChecked, recordsChecked, manifest } = verifyBundle(bundleReader(SAMPLE), {
      keys: [],
      requireSignatures: false,
      roles: [],
      independence: false,
      now: '2100-01-01T00:00:00.000Z',
    })
    expect(problems).toEqual([])
    expect(filesChecked).toBeGreaterThan(20)
    expect(recordsChecked).toBeGreaterThan(500)
    expect(manifest?.void).toEqual([])
  })

  it('answers each of the ten questions by a page that it has', () => {
    const page = readFileSync(join(SAMPLE, 'evidence.html'), 'utf8')
    const chapters = [...page.matchAll(/The whole: <a href="#(chapter-\w+)">/g)].map(([, id]) => id ?? '')
    expect(chapters).toHaveLength(10)
    for (const id of chapters) expect(page).toContain(`id="${id}"`)
    expect(existsSync(join(SAMPLE, 'evidence.pdf'))).toBe(true)
  })

  it('is kept byte for byte by git', () => {
    expect(readFileSync(join(PROJECT, '.gitattributes'), 'utf8')).toMatch(/^reports\/sample-evidence\/\*\* -text\b/m)
  })
})
