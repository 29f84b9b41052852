import { describe, expect, it } from 'vitest'
import {
  FINDING_KINDS,
  parseRequirements,
  readTestResults,
  requirementText,
  textFingerprint,
  trace,
  traceText,
} from '../../../reports/index.ts'
import { kindsOf, requirementFile, resultFile, sampleTrace } from './sample.ts'

const PASSED = { name: 'passes', ids: ['A-1'] }

describe('a trace', { tags: ['TRC-01', 'PRD-04'] }, () => {
  it('is whole if every requirement is verified by a test that passed, or gives the reason why it is not built', () => {
    const traced = sampleTrace(
      [
        { id: 'A-1' },
        { id: 'A-2', status: 'not-built', reason: 'later' },
        { id: 'A-3', status: 'partly-built', reason: 'half' },
      ],
      [PASSED, { name: 'both', ids: ['A-3 , A-1'] }],
    )
    expect(traced.findings).toEqual([])
    expect(traced.requirements.map(({ verdict }) => verdict)).toEqual(['verified', 'not-built', 'partly-verified'])
    expect(traced.requirements.map(({ evidence }) => evidence)).toEqual([[0, 1], [], [1]])
    expect(traceText(traced)).toContain('The trace is whole: 1 of 3 verified, 1 in part, 1 not built')
  })

  it.each([
    ['untested', [{ id: 'A-1' }, { id: 'A-2' }], [PASSED], 'A-2'],
    [
      'not-run',
      [{ id: 'A-1' }, { id: 'A-2' }],
      [PASSED, { name: 's', ids: ['A-2'], outcome: 'skipped', reason: 'x' }],
      'A-2',
    ],
    ['failed', [{ id: 'A-1' }], [PASSED, { name: 'f', ids: ['A-1'], outcome: 'failed' }], 'A-1'],
    ['unknown-id', [{ id: 'A-1' }], [{ name: 'p', ids: ['A-1', 'A-9'] }], 'A-9'],
    ['unknown-id', [{ id: 'A-1', refines: ['B-1'] }], [PASSED], 'A-1'],
    ['orphan-test', [{ id: 'A-1' }], [PASSED, { name: 'alone' }], undefined],
    ['skipped-without-reason', [{ id: 'A-1' }], [PASSED, { name: 's', outcome: 'skipped' }], undefined],
    ['duplicate-test', [{ id: 'A-1' }], [PASSED, PASSED], undefined],
    ['tested-but-not-built', [{ id: 'A-1', status: 'not-built', reason: 'x' }], [PASSED], 'A-1'],
    ['duplicate-id', [{ id: 'A-1' }, { id: 'A-1' }], [PASSED], 'A-1'],
    ['changed-since-review', [{ id: 'A-1', reviewed: '000000000000' }], [PASSED], 'A-1'],
    ['missing-file', [{ id: 'A-1', code: ['src/a.ts'] }], [PASSED], 'A-1'],
  ] as const)('has a defect, and one alone: %s, case %#', (kind, requirements, cases, id) => {
    const traced = sampleTrace(requirements, cases, { hasFile: () => false })
    expect(traced.findings.map((finding) => [finding.kind, finding.id])).toEqual([[kind, id]])
    expect(traced.findings[0]?.place).toMatch(/^(req\/a\.json|results\.xml):\d+$/)
    expect(traceText(traced)).toContain(`${kind} (1): ${FINDING_KINDS[kind]}`)
  })

  it('names the line at which a requirement or a result stands', () => {
    const requirements = [{ id: 'A-1' }, { id: 'A-2' }]
    const { findings } = sampleTrace(requirements, [PASSED, { name: 'alone' }])
    const line =
      requirementFile(requirements)
        .text.split('\n')
        .findIndex((text) => text.includes('"A-2"')) + 1
    expect(findings.map(({ place }) => place)).toEqual([`req/a.json:${line}`, 'results.xml:3'])
  })

  it('counts what was executed, and nothing else: a test that was skipped verifies nothing', () => {
    const traced = sampleTrace([{ id: 'A-1' }], [{ name: 's', ids: ['A-1'], outcome: 'skipped', reason: 'no disk' }])
    expect(kindsOf(traced)).toEqual(['no-results', 'not-run'])
  })

  it('fails a requirement for one failed test, however many passed', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ name: `p${index}`, ids: ['A-1'] }))
    const traced = sampleTrace([{ id: 'A-1' }], [...many, { name: 'f', ids: ['A-1'], outcome: 'failed' }])
    expect(traced.requirements[0]?.verdict).toBe('failed')
    expect(traced.verdicts).toMatchObject({ verified: 0, failed: 1 })
  })

  it('takes a record of an analysis or inspection for what it is, and no test for it', () => {
    const record = { id: 'A-1', verification: 'inspection', record: 'docs/review.md' }
    expect(sampleTrace([record], [{ name: 'x' }], { allowOrphanTests: true, hasFile: () => true })).toMatchObject({
      findings: [],
      verdicts: { 'by-record': 1, verified: 0 },
      orphans: 1,
    })
    expect(kindsOf(sampleTrace([record], [{ name: 'x' }], { allowOrphanTests: true, hasFile: () => false }))).toEqual([
      'missing-file',
    ])
  })

  it('is content with a requirement as it was reviewed, whatever its blanks, and with no other text of it', () => {
    const reviewed = textFingerprint({ title: 'a title', text: 'the text' })
    const same = { id: 'A-1', title: ' a  title', text: 'the\ntext ', reviewed }
    expect(sampleTrace([same], [PASSED]).findings).toEqual([])
    expect(kindsOf(sampleTrace([{ ...same, text: 'the text!' }], [PASSED]))).toEqual(['changed-since-review'])
  })

  it('has a defect for a scenario that names nothing, or what no requirement is', () => {
    const claims = [
      { name: 'good', requirements: ['A-1'] },
      { name: 'silent', requirements: [] },
      { name: 'stale', requirements: ['A-7'] },
    ]
    const traced = sampleTrace([{ id: 'A-1' }], [PASSED], { claims })
    expect(traced.findings.map(({ kind, place }) => [kind, place])).toEqual([
      ['orphan-scenario', 'scenario silent'],
      ['unknown-id', 'scenario stale'],
    ])
    expect(traced.requirements[0]?.claims).toEqual([claims[0]])
  })
})

describe('a trace over nothing', { tags: ['TRC-02'] }, () => {
  const good = [requirementFile([{ id: 'A-1' }])]
  const results = [resultFile([PASSED])]
  const kinds = (requirements: typeof good, files: typeof results): string[] =>
    kindsOf(trace({ parsed: parseRequirements(requirements), evidence: [readTestResults(files)], claims: [] }))

  it('is not passed: no requirement, no file of results, no test in it', () => {
    expect(kinds(good, results)).toEqual([])
    expect(kinds([], results)).toContain('no-requirements')
    expect(kinds(good, [])).toEqual(['no-results', 'untested'])
    expect(kinds(good, [resultFile([])])).toEqual(['no-results', 'no-results', 'untested'])
    expect(kinds(good, [...results, resultFile([], 'empty.xml')])).toEqual(['no-results'])
  })

  it('is not passed if files are damaged: nothing of them is used, and each is told', () => {
    const [file] = results
    const cut = { path: 'cut.xml', text: (file?.text ?? '').slice(0, -20) }
    expect(kinds(good, [cut])).toEqual(['damaged-results', 'no-results', 'untested'])
    for (const text of ['', '{', 'null', '{"area":"a","title":"t","requirements":[]}'])
      expect(kinds([{ path: 'bad.json', text }], results)).toContain('damaged-requirements')
  })
})

const problem = (own: Record<string, unknown>): string =>
  parseRequirements([requirementFile([{ id: 'A-1', ...own }])]).findings[0]?.message ?? ''

describe('a file of requirements', { tags: ['TRC-02'] }, () => {
  it('is refused with what is wrong, and where', () => {
    expect(problem({ id: 'a-1' })).toContain('requirements.0.id: an id is in capitals')
    expect(problem({ id: 'ABC' })).toContain('an id is in capitals, with digits')
    expect(problem({ text: ' ' })).toContain('requirements.0.text')
    expect(problem({ status: 'done' })).toContain('requirements.0.status')
    expect(problem({ status: 'not-built' })).toContain('A-1 is not-built and gives no reason')
    expect(problem({ reason: 'x' })).toContain('A-1 is built and needs no reason')
    expect(problem({ verification: 'analysis' })).toContain('names no record')
    expect(problem({ record: 'x.md' })).toContain('needs no record')
    expect(problem({ code: ['../secret'] })).toContain('a path within the project')
    expect(problem({ code: ['/etc/passwd'] })).toContain('a path within the project')
    expect(problem({ sorce: 'x' })).toContain('sorce')
    expect(problem({})).toBe('')
  })
})

describe('one requirement, from end to end', { tags: ['TRC-01'] }, () => {
  it('is shown with its source, code, tests and their results', () => {
    const traced = sampleTrace(
      [{ id: 'A-1', code: ['src/a.ts'], status: 'partly-built', reason: 'half of it' }],
      [PASSED, { name: 'fails', ids: ['A-1'], outcome: 'failed' }],
    )
    const [one] = traced.requirements
    const text = one === undefined ? '' : requirementText(one, traced)
    for (const part of [
      'A-1  title of A-1',
      'text of A-1',
      'us',
      'half of it',
      'src/a.ts',
      'a.test.ts > passes',
      'a.test.ts > fails',
    ])
      expect(text).toContain(part)
  })
})
