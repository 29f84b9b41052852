import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeReports } from '../../reports/index.ts'
import { sampleFolder } from '../reports/sample-folder.ts'
import { checkFormats } from './formats.ts'

const NAME = `a "quoted" <script>alert('1')</script> & more\nin a second line ]]>`

describe('the formats of a result folder', { tags: ['RES-07', 'RES-09', 'RES-10'] }, () => {
  it('are valid by the schemas of others, with equal totals as their readers count, whatever names hold', async () => {
    const { directory } = sampleFolder({ scenario: NAME, runs: 400, badEvery: 7 })
    writeReports(directory)
    expect(await checkFormats(directory)).toHaveLength(3)
  })

  it.each([
    [
      'junit.xml',
      (text: string) => text.replace(/<testsuites [^>]*>/, (head) => head.replace(/tests="\d+"/, 'tests="1"')),
      /told/,
    ],
    ['results.sarif', (text: string) => text.replace('"version": "2.1.0"', '"version": "2.2.0"'), /is not SARIF/],
    ['codequality.json', () => '[]', /0 issues/],
  ] as const)('would be found out if %s told something else', async (file, change, message) => {
    const { directory } = sampleFolder({ scenario: 'core20', runs: 400, badEvery: 7 })
    writeReports(directory)
    const path = join(directory, file)
    const text = readFileSync(path, 'utf8')
    const changed = change(text)
    expect(changed).not.toBe(text)
    writeFileSync(path, changed)
    await expect(checkFormats(directory)).rejects.toThrow(message)
  })
})
