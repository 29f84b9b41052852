import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  requirementFile,
  resultFile,
  type SampleCase,
  type SampleRequirement,
} from '../../reports/requirements/sample.ts'
import { Machine, main } from '../../../harness/index.ts'
import { run, scratch, type Ended } from '../fixtures/command.ts'

/** A user's project with requirements and results. */
function project(requirements: readonly SampleRequirement[], cases: readonly SampleCase[]): string {
  const cwd = scratch()
  mkdirSync(join(cwd, 'requirements', 'deeper'), { recursive: true })
  writeFileSync(join(cwd, 'requirements', 'deeper', 'a.json'), requirementFile(requirements).text)
  writeFileSync(join(cwd, 'junit.xml'), resultFile(cases).text)
  return cwd
}

/** In this process: what is asked is the command's, and a process takes longer to start. */
async function traced(cwd: string, words: readonly string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' }
  const terminal = {
    out: (text: string) => void (said.stdout += text),
    error: (text: string) => void (said.stderr += text),
    interactive: false,
    colors: false,
  }
  const paths = words.map((word) => (/^(requirements|empty|x|o|out|less|.*\.xml)$/.test(word) ? join(cwd, word) : word))
  const code = await main(['trace', ...paths], { terminal, host: new Machine(''), coreModule: '' })
  return { code, ...said }
}

const GOOD: readonly SampleCase[] = [{ name: 'passes', ids: ['A-1'] }]

describe('powercut trace', { tags: ['TRC-01'] }, () => {
  it('exits 0 when everything is verified or said not to be built, and lists what is not', async () => {
    const cwd = project([{ id: 'A-1' }, { id: 'A-2', status: 'not-built', reason: 'no time yet' }], GOOD)
    const { code, stdout } = await run(['trace', '--results', 'junit.xml'], cwd)
    expect(stdout).toContain('A-2  title of A-2: no time yet')
    expect(stdout).toContain('The trace is whole: 1 of 2 verified, 1 not built, 0 untested, 0 failed.')
    expect(code).toBe(0)
  })

  it('exits 1 with each defect and its place, and writes what is asked for', { tags: ['TRC-03'] }, async () => {
    const cwd = project([{ id: 'A-1' }, { id: 'A-2' }], [...GOOD, { name: 'stale', ids: ['A-9'] }])
    const words = ['--requirements', 'requirements', '--results', 'junit.xml', '--out', 'out']
    const { code, stdout } = await traced(cwd, words)
    expect(code).toBe(1)
    expect(stdout).toContain('junit.xml:3: a.test.ts > stale names A-9, which no requirement is')
    expect(stdout).toContain('requirements/deeper/a.json:21: A-2 (title of A-2) is said to be built')
    expect(readdirSync(join(cwd, 'out')).toSorted()).toEqual(
      ['needs.json', 'requirements.csv', 'requirements.reqif', 'rtm.csv', 'rtm.json'].toSorted(),
    )
    await traced(cwd, [...words.slice(0, -1), 'less', '--format', 'csv,json'])
    expect(readdirSync(join(cwd, 'less')).toSorted()).toEqual(['rtm.csv', 'rtm.json'])
    const json = await traced(cwd, [...words.slice(0, -2), '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ verified: false, totals: { requirements: 2, findings: 2 } })
  })

  it('shows one requirement from end to end', async () => {
    const cwd = project([{ id: 'A-1' }], GOOD)
    const { code, stdout } = await traced(cwd, ['A-1', '--requirements', 'requirements', '--results', 'junit.xml'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/text of A-1[^]*passed +a\.test\.ts > passes/)])
  })

  it(
    'exits 1 for results that are damaged or empty: a gate that passes on nothing is none',
    { tags: ['TRC-02'] },
    async () => {
      const cwd = project([{ id: 'A-1' }], GOOD)
      writeFileSync(join(cwd, 'cut.xml'), '<testsuites><testsuite>')
      writeFileSync(join(cwd, 'empty.xml'), '<testsuites tests="0"/>')
      for (const file of ['cut.xml', 'empty.xml']) {
        const { code, stdout } = await traced(cwd, [
          '--requirements',
          'requirements',
          '--results',
          'junit.xml',
          '--results',
          file,
        ])
        expect([file, code]).toEqual([file, 1])
        expect(stdout).toContain(file)
      }
    },
  )

  it.each([
    ['no results', [], 'name files of JUnit XML with --results'],
    [
      'results that are not there',
      ['--requirements', 'requirements', '--results', 'no.xml'],
      'no.xml: name files or folders that are there',
    ],
    [
      'requirements that are not there',
      ['--requirements', 'x', '--results', 'junit.xml'],
      'there is no file or folder',
    ],
    ['a folder without requirements', ['--requirements', 'empty', '--results', 'junit.xml'], 'write the requirements'],
    [
      'an id that is not known',
      ['A-2', '--requirements', 'requirements', '--results', 'junit.xml'],
      'no requirement A-2.',
    ],
    ['an id that is none', ['all', '--requirements', 'requirements', '--results', 'junit.xml'], 'are ids in capitals'],
    ['a format without a folder', ['--results', 'junit.xml', '--format', 'csv'], 'name a folder with --out'],
    ['a format that is not known', ['--results', 'junit.xml', '--out', 'o', '--format', 'xls'], 'reqif'],
  ])('exits 2 for %s, in one sentence', { tags: ['CLI-02'] }, async (_, words, sentence) => {
    const cwd = project([{ id: 'A-1' }], GOOD)
    mkdirSync(join(cwd, 'empty'))
    const { code, stdout, stderr } = await traced(cwd, words)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(sentence)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('takes campaigns for results of what their scenarios name', async () => {
    const cwd = project([{ id: 'A-1' }, { id: 'FAKE-1' }], GOOD)
    await run(['run', 'bank', '--out', 'clean'], cwd)
    const { code, stdout } = await run(['trace', '--results', 'junit.xml', '--campaign', 'clean'], cwd)
    expect(stdout).toContain('2 requirements, 2 results')
    expect(stdout).toContain('The trace is whole')
    expect(code).toBe(0)
  })
})
