import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCoverageFormats } from './coverage-formats.ts'

const C8 = join(import.meta.dirname, '../../node_modules/c8/bin/c8.js')
const PROGRAM = `
export function used(value) {
  if (value > 1) return 'many'
  return value === 1 ? 'one' : 'none'
}
export function unused() {
  return 0
}
used(1)
`

describe('coverage in LCOV and Cobertura', { tags: ['COV-01'] }, () => {
  let directory = ''
  let report = ''

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'powercut-coverage-'))
    report = join(directory, 'report')
    const program = join(directory, 'program.mjs')
    writeFileSync(program, PROGRAM)
    const reporters = ['json', 'lcovonly', 'cobertura'].flatMap((name) => ['--reporter', name])
    const { NODE_V8_COVERAGE: _, ...environment } = process.env
    execFileSync(process.execPath, [C8, '--reports-dir', report, ...reporters, process.execPath, program], {
      cwd: directory,
      env: environment,
    })
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('has equal totals, as the readers of others count', async () => {
    expect(await checkCoverageFormats(report)).toEqual([
      expect.stringMatching(/^lcov\.info: \d+ of \d+ lines, 1 of 2 functions, \d+ of \d+ branches/),
      expect.stringMatching(/^cobertura-coverage\.xml: \d+ of \d+ lines, 1 of 2 functions/),
    ])
  })

  it.each([
    ['lcov.info', 'another line', (text: string) => text.replace(/DA:1,1\n/, 'DA:1,0\n'), /its own sums say/],
    ['lcov.info', 'no file', (text: string) => text.replace(/SF:[^]*/, ''), /lcov\.info: read 0 of 0 lines/],
    [
      'cobertura-coverage.xml',
      'no line that was reached',
      (text: string) => text.replaceAll(/<line number="(\d+)" hits="1"/g, '<line number="$1" hits="0"'),
      /cobertura-coverage\.xml: read/,
    ],
    [
      'cobertura-coverage.xml',
      'other branches',
      (text: string) => text.replace(/branches-valid="\d+"/, 'branches-valid="99"'),
      /of 99 branches/,
    ],
  ] as const)('would be found out if %s had %s', async (file, _what, change, message) => {
    const path = join(report, file)
    const text = readFileSync(path, 'utf8')
    const changed = change(text)
    expect(changed).not.toBe(text)
    writeFileSync(path, changed)
    try {
      await expect(checkCoverageFormats(report)).rejects.toThrow(message)
    } finally {
      writeFileSync(path, text)
    }
  })
})
