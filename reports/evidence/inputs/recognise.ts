// reports/evidence/inputs/recognise.ts: what a given file is, from its content: names say nothing.
//
// 1. A file that counts nothing (no test, no line, no condition) is refused: it would show everything and prove nothing.
// 2. A file that begins as one of the known formats and is damaged is an error, not something unknown.
// 3. Formats of others are read as far as the report needs them, and copied as they are.

import { z } from 'zod'
import { faultCoverageSchema, mcdcJustificationsSchema, mcdcSchema } from '../../format/index.ts'
import { XmlError, parseXml, readJunit } from '../../junit/index.ts'
import { ReportError } from '../../report-error.ts'
import { matrixSchema } from '../../requirements/index.ts'
import type { CoverageFacts, InputContent, MutationFacts, TestFacts } from './evidence-input.ts'

/** What can be given, in words. */
export const KNOWN_INPUTS =
  'JUnit XML, Cobertura XML, ReqIF, LCOV, coverage-final.json, mcdc.json and its justifications, fault-coverage.json, rtm.json, rtm.csv, requirements.csv, needs.json, a mutation report, selftest --json, SARIF, CycloneDX and SPDX'

const mutationSchema = z.object({
  schemaVersion: z.string(),
  thresholds: z.object({ high: z.number(), low: z.number() }),
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          status: z.string(),
          statusReason: z.string().optional(),
          description: z.string().optional(),
          location: z.object({ start: z.object({ line: z.number() }) }),
        }),
      ),
    }),
  ),
})

const selftestSchema = z.object({
  mutants: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      scenario: z.string(),
      summary: z.string().default(''),
      verdict: z.string(),
      oracle: z.string().optional(),
      runs: z.number(),
    }),
  ),
  clean: z.array(z.object({ scenario: z.string(), violations: z.number() })),
})

const istanbulSchema = z.record(
  z.string(),
  z.object({
    s: z.record(z.string(), z.number()),
    b: z.record(z.string(), z.array(z.number())),
    f: z.record(z.string(), z.number()),
  }),
)

/** Undefined for a file that is none of those that are known. Throws ReportError 'damaged'. */
export function recognise(path: string, text: string): InputContent | undefined {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (start.startsWith('<')) return recogniseXml(path, start)
  if (start.startsWith('{')) return recogniseJson(path, start)
  // MC/DC as LCOV, without a line: the bundle makes it itself of mcdc.json, and it is no coverage of lines.
  if (/^(TN:|SF:)/.test(start) && /^MCF:/m.test(start) && !/^LF:/m.test(start)) return undefined
  if (/^(TN:|SF:)/.test(start)) return { kind: 'coverage', facts: needsCounts(path, lcovFacts(start)) }
  const [firstLine = ''] = start.split(/\r?\n/, 1)
  if (firstLine.startsWith('requirement,title,')) return { kind: 'matrix-table' }
  if (firstLine.startsWith('id,title,')) return { kind: 'requirements-table' }
  return undefined
}

function recogniseXml(path: string, text: string): InputContent | undefined {
  const root = /<(?![?!])([\w:.-]+)/.exec(text)?.[1]
  switch (root) {
    case 'testsuites':
    case 'testsuite':
      return { kind: 'tests', facts: testFacts(path, text) }
    case 'coverage':
      return { kind: 'coverage', facts: needsCounts(path, coberturaFacts(path, text)) }
    case 'REQ-IF':
      return { kind: 'reqif' }
    default:
      return undefined
  }
}

function recogniseJson(path: string, text: string): InputContent | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ReportError('damaged', path, `${path} begins as JSON and is none`, { cause: error })
  }
  if (typeof value !== 'object' || value === null) return undefined
  const has = (...keys: string[]): boolean => keys.every((key) => key in value)
  if (has('form', 'files', 'totals')) {
    const facts = checked(mcdcSchema, value, path)
    if (facts.totals.conditions === 0) throw nothing(path, 'condition')
    return { kind: 'mcdc', facts }
  }
  if (has('formatVersion', 'justifications'))
    return { kind: 'mcdc-justifications', count: checked(mcdcJustificationsSchema, value, path).justifications.length }
  if (has('sites', 'families', 'totals')) {
    const facts = checked(faultCoverageSchema, value, path)
    if (facts.totals.sites === 0) throw nothing(path, 'call')
    return { kind: 'fault-coverage', facts }
  }
  if (has('requirements', 'evidence', 'findings', 'verified'))
    return { kind: 'matrix', facts: checked(matrixSchema, value, path) }
  if (has('schemaVersion', 'thresholds', 'files'))
    return { kind: 'mutation', facts: mutationFacts(path, checked(mutationSchema, value, path)) }
  if (has('mutants', 'clean')) {
    const facts = checked(selftestSchema, value, path)
    if (facts.mutants.length === 0) throw nothing(path, 'mutant')
    return { kind: 'selftest', facts }
  }
  if (has('runs', 'version')) return { kind: 'findings' }
  if (has('current_version', 'versions')) return { kind: 'needs' }
  if (has('bomFormat')) return { kind: 'cyclonedx' }
  if (has('spdxVersion')) return { kind: 'spdx' }
  const istanbul = istanbulSchema.safeParse(value)
  if (istanbul.success) return { kind: 'coverage', facts: needsCounts(path, istanbulFacts(istanbul.data)) }
  return undefined
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') || 'top'
  throw new ReportError('damaged', path, `${path} is not what it begins as (${where}: ${issue?.message ?? 'wrong'})`, {
    cause: parsed.error,
  })
}

function testFacts(path: string, text: string): TestFacts {
  const { cases } = readJunit(path, text)
  if (cases.length === 0) throw nothing(path, 'test case')
  const ended = (outcome: string) => cases.filter((one) => one.outcome === outcome)
  return {
    passed: ended('passed').length,
    failed: ended('failed').length,
    skipped: ended('skipped').map((one) => ({
      name: caseName(one),
      reason:
        one.message !== '' ? one.message : (one.properties.find(({ name: key }) => key === 'skip-reason')?.value ?? ''),
    })),
    failures: ended('failed').map(caseName),
  }
}

function lcovFacts(text: string): CoverageFacts {
  const sums: Record<string, number> = {}
  for (const [, key = '', value = '0'] of text.matchAll(/^(LF|LH|BRF|BRH|FNF|FNH):(\d+)/gm))
    sums[key] = (sums[key] ?? 0) + Number(value)
  const pair = (covered: string, all: string) => ({ covered: sums[covered] ?? 0, all: sums[all] ?? 0 })
  return {
    format: 'lcov',
    counts: { lines: pair('LH', 'LF'), branches: pair('BRH', 'BRF'), functions: pair('FNH', 'FNF') },
  }
}

function coberturaFacts(path: string, text: string): CoverageFacts {
  let attributes: ReadonlyMap<string, string>
  try {
    attributes = parseXml(text).attributes
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    throw new ReportError('damaged', path, `${path} is no XML (${error.message})`, { cause: error })
  }
  const number = (name: string): number => Number(attributes.get(name) ?? 0)
  return {
    format: 'cobertura',
    counts: {
      lines: { covered: number('lines-covered'), all: number('lines-valid') },
      branches: { covered: number('branches-covered'), all: number('branches-valid') },
    },
  }
}

function istanbulFacts(files: z.infer<typeof istanbulSchema>): CoverageFacts {
  const all = Object.values(files)
  return {
    format: 'istanbul',
    counts: {
      statements: hitCounts(all.flatMap(({ s }) => Object.values(s))),
      branches: hitCounts(all.flatMap(({ b }) => Object.values(b).flat())),
      functions: hitCounts(all.flatMap(({ f }) => Object.values(f))),
    },
  }
}

function needsCounts(path: string, facts: CoverageFacts): CoverageFacts {
  if (Object.values(facts.counts).every(({ all }) => !(all > 0))) throw nothing(path, 'line')
  return facts
}

function mutationFacts(path: string, { files }: z.infer<typeof mutationSchema>): MutationFacts {
  const statuses: Record<string, number> = {}
  const survivors: { place: string; mutator: string; reason: string }[] = []
  for (const [file, { mutants }] of Object.entries(files))
    for (const { status, mutatorName, location, statusReason, description } of mutants) {
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status === 'Survived' || status === 'NoCoverage' || status === 'Ignored')
        survivors.push({
          place: `${file}:${location.start.line}`,
          mutator: mutatorName,
          reason: statusReason ?? description ?? '',
        })
    }
  if (Object.keys(statuses).length === 0) throw nothing(path, 'mutant')
  return { statuses, survivors }
}

function nothing(path: string, what: string): ReportError {
  return new ReportError('damaged', path, `${path} holds not one ${what}: it would prove nothing`)
}

function caseName({ group, name }: Readonly<{ group: string; name: string }>): string {
  return group === '' ? name : `${group} › ${name}`
}

function hitCounts(hits: readonly number[]): Readonly<{ covered: number; all: number }> {
  return { covered: hits.filter((hit) => hit > 0).length, all: hits.length }
}
