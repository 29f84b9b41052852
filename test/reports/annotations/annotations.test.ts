import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { annotationLines, ANNOTATION_SYSTEMS, detectAnnotationSystem, type Campaign } from '../../../reports/index.ts'
import { codeQualityText, SHOWN_MAX } from '../../../reports/annotations/index.ts'
import { sampleInput } from '../sample-campaign.ts'
import { sampleTotals } from '../sample-folder.ts'

const options = { scenario: 'core20', runs: 400, badEvery: 7 }
const sample = sampleTotals(options).result(sampleInput(options))

function campaignOf(message: string, file: string): Campaign {
  const [first] = sample.violations
  if (first === undefined) throw new Error('the sample has violations')
  const evidence = { stack: [{ function: 'put', file, line: 7, column: 3 }], events: [] }
  return { ...sample, violations: [{ ...first, message, evidence }], failures: [] }
}

describe('annotations', { tags: ['RES-10'] }, () => {
  it('are of the system whose environment it is', () => {
    expect(detectAnnotationSystem({ GITHUB_ACTIONS: 'true' })).toBe('github')
    expect(detectAnnotationSystem({ TF_BUILD: 'True' })).toBe('azure')
    expect(detectAnnotationSystem({ TEAMCITY_VERSION: '2025.1' })).toBe('teamcity')
    expect(detectAnnotationSystem({ CI: 'true', GITLAB_CI: 'true' })).toBe(undefined)
  })

  it('name file and line in the words of each system, and give the command that repeats it', () => {
    const campaign = campaignOf('50 % lost:\nrow [1]', 'src/a store.ts')
    const [github = ''] = annotationLines(campaign, 'github')
    expect(github).toMatch(
      /^::error file=src\/a store\.ts,line=7,col=3,title=[^:]+::50 %25 lost:%0Arow \[1\]%0A.*replay pc1-/,
    )
    const [azure = ''] = annotationLines(campaign, 'azure')
    expect(azure).toMatch(
      /^##vso\[task\.logissue type=error;sourcepath=src\/a store\.ts;linenumber=7;columnnumber=3;code=\w+;\].*50 %AZP25 lost:%0Arow \[1\]/,
    )
    const [type = '', inspection = ''] = annotationLines(campaign, 'teamcity')
    expect(type).toMatch(/^##teamcity\[inspectionType id='\w+' /)
    expect(inspection).toMatch(
      /message='50 % lost:\|nrow \|\[1\|\].*file='src\/a store\.ts' line='7' SEVERITY='ERROR'\]$/,
    )
  })

  it('let no name end its line or begin a command of its own', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n::error::x', "']\r\n##teamcity[x", ';]##vso[x', 'a,line=9::b'),
    )
    fc.assert(
      fc.property(text, text, (message, file) => {
        for (const system of ANNOTATION_SYSTEMS) {
          for (const line of annotationLines(campaignOf(message, file), system)) {
            expect(line).not.toMatch(/[\r\n]/)
            if (system === 'teamcity') expect(line.slice(0, -1)).not.toMatch(/(^|[^|])(\|\|)*\]/)
            if (system === 'github') expect(line.split('::').length).toBeGreaterThanOrEqual(3)
            if (system === 'github') expect((line.split('::')[1] ?? '').split(',line=').length).toBeLessThanOrEqual(2)
          }
        }
      }),
    )
  })

  it('are few, unexpected ones first, and the last says how many there are', () => {
    const [first] = sample.violations
    if (first === undefined) throw new Error('the sample has violations')
    const expected = { reason: 'known', owner: 'us' }
    const violations = Array.from({ length: 40 }, (_, index) => ({
      ...first,
      fingerprint: `f${index}`,
      ...(index < 35 ? { expected } : {}),
    }))
    const lines = annotationLines({ ...sample, violations, failures: [] }, 'github')
    expect(lines.length).toBe(SHOWN_MAX + 1)
    expect(lines.filter((line) => line.startsWith('::error')).length).toBe(5 + 1)
    expect(lines.at(-1)).toMatch(/5 unexpected violations in 400 runs, .*; 35 known anomalies/)
    expect(
      annotationLines({ ...sample, violations: [], failures: [], complete: true, incomplete: [] }, 'github'),
    ).toEqual([])
  })
})

describe('codequality.json', { tags: ['RES-10'] }, () => {
  it('has an issue with a place of its own for each complaint, whatever names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const issues = JSON.parse(codeQualityText(campaignOf(message, 'src/put.ts'))) as readonly unknown[]
        expect(issues).toEqual([
          {
            description: expect.any(String),
            check_name: expect.any(String),
            fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
            severity: 'critical',
            location: { path: 'src/put.ts', lines: { begin: 7 } },
          },
        ])
      }),
    )
    const issues = JSON.parse(codeQualityText(sample)) as readonly { fingerprint: string }[]
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length)
    expect(issues.length).toBe(sample.violations.length + sample.failures.length)
  })
})
