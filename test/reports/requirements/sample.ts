// test/reports/requirements/sample.ts: small traces, made of texts as their files hold them.

import { parseRequirements, readTestResults, trace, type Claim, type Trace } from '../../../reports/index.ts'

export type SampleRequirement = Readonly<Record<string, unknown>> & Readonly<{ id: string }>

/** A file of requirements; each is built unless it says otherwise. */
export function requirementFile(requirements: readonly SampleRequirement[], path = 'req/a.json') {
  const full = requirements.map((own) => ({
    title: `title of ${own.id}`,
    text: `text of ${own.id}`,
    source: ['us'],
    status: 'built',
    ...own,
  }))
  return { path, text: JSON.stringify({ area: 'sample', title: 'Sample', requirements: full }, undefined, 1) }
}

export type SampleCase = Readonly<{
  name: string
  ids?: readonly string[]
  outcome?: 'failed' | 'skipped'
  reason?: string
}>

const quoted = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;')

export function resultFile(cases: readonly SampleCase[], path = 'results.xml') {
  const inside = cases.map(({ name, ids = [], outcome, reason }) => {
    const properties = ids.map((id) => `<property name="requirement" value="${quoted(id)}"/>`).join('')
    const end =
      outcome === 'failed'
        ? '<failure message="no"/>'
        : outcome === 'skipped'
          ? `<skipped${reason === undefined ? '' : ` message="${quoted(reason)}"`}/>`
          : ''
    return `<testcase classname="a.test.ts" name="${quoted(name)}"><properties>${properties}</properties>${end}</testcase>`
  })
  const text = `<testsuites><testsuite name="a" timestamp="2026-03-04T05:06:07Z">\n${inside.join('\n')}</testsuite></testsuites>`
  return { path, text }
}

export function sampleTrace(
  requirements: readonly SampleRequirement[],
  cases: readonly SampleCase[],
  options: Readonly<{
    claims?: readonly Claim[]
    hasFile?: (path: string) => boolean
    allowOrphanTests?: boolean
  }> = {},
): Trace {
  return trace({
    parsed: parseRequirements([requirementFile(requirements)]),
    evidence: [readTestResults([resultFile(cases)])],
    claims: [],
    ...options,
  })
}

export const kindsOf = ({ findings }: Trace): string[] => findings.map(({ kind }) => kind)
