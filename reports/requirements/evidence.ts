// reports/requirements/evidence.ts: what was executed, and which requirements it names: tests from JUnit XML, campaigns
// from result folders.
//
// 1. Only what was executed and ended is evidence: passed or failed. A skipped test is none, and says why it was skipped.
// 2. A test is known by its group and name; a result file by its hash.

import { createHash } from 'node:crypto'
import type { Campaign } from '../format/index.ts'
import { readJunit, type TestCase, type TestOutcome } from '../junit/index.ts'
import { ReportError } from '../report-error.ts'
import type { TraceFinding } from './finding.ts'
import { placeOf, type SourceText } from './parse-requirements.ts'

/** Names of the properties of a test case that hold ids: one, or several with commas or spaces between them. */
export const REQUIREMENT_PROPERTIES: readonly string[] = ['requirement', 'requirements']
/** Name of the property that says why a test was skipped, for runners that write no message. */
export const SKIP_REASON_PROPERTY = 'skip-reason'

export const EVIDENCE_KINDS = ['test', 'campaign'] as const
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

/** One test, or the campaign of one scenario. */
export type Evidence = Readonly<{
  kind: EvidenceKind
  /** The file, module or class of a test; `powercut` of a campaign. */
  group: string
  name: string
  outcome: TestOutcome
  requirements: readonly string[]
  /** Why it was skipped; '' if it does not say. */
  skipReason: string
  /** The file of results, and the line. */
  path: string
  line: number
}>

/** A file of results as it was read. */
export type ResultFile = Readonly<{
  kind: EvidenceKind
  path: string
  sha256: string
  passed: number
  failed: number
  skipped: number
}>

export type ReadEvidence = Readonly<{
  evidence: readonly Evidence[]
  files: readonly ResultFile[]
  findings: readonly TraceFinding[]
  /** The latest time that the results name; undefined if none does. */
  timestamp: string | undefined
}>

/** Tests from JUnit XML. */
export function readTestResults(files: readonly SourceText[]): ReadEvidence {
  const evidence: Evidence[] = []
  const read: ResultFile[] = []
  const findings: TraceFinding[] = []
  const timestamps: string[] = []
  for (const { path, text } of files) {
    try {
      const { cases, timestamp } = readJunit(path, text)
      const tests = cases.map((one) => testEvidence(path, one))
      if (timestamp !== undefined) timestamps.push(timestamp)
      if (tests.length === 0)
        findings.push({ kind: 'no-results', id: undefined, place: path, message: `${path} holds no test` })
      evidence.push(...tests)
      read.push(fileOf('test', path, text, tests))
    } catch (error) {
      if (!(error instanceof ReportError)) throw error
      const place = error.line === undefined ? path : placeOf({ path, line: error.line })
      findings.push({ kind: 'damaged-results', id: undefined, place, message: error.message })
    }
  }
  return { evidence, files: read, findings, timestamp: timestamps.toSorted().at(-1) }
}

/**
 * The campaigns of a result folder. Passed is a campaign that found nothing and left nothing out; what is incomplete
 * without a violation is skipped, for the reasons that it gives itself.
 */
export function readCampaignResults(
  files: readonly Readonly<SourceText & { campaign: Campaign }>[],
  requirementsOf: ReadonlyMap<string, readonly string[]>,
): ReadEvidence {
  const evidence: Evidence[] = []
  const read: ResultFile[] = []
  const timestamps: string[] = []
  for (const { path, text, campaign } of files) {
    const found = campaign.scenarios.map(({ name }): Evidence => {
      const failed = [...campaign.violations, ...campaign.failures].some(({ scenario }) => scenario === name)
      return {
        kind: 'campaign',
        group: 'powercut',
        name: `campaign ${name}`,
        outcome: failed ? 'failed' : campaign.complete ? 'passed' : 'skipped',
        requirements: requirementsOf.get(name) ?? [],
        skipReason: campaign.incomplete.join(' '),
        path,
        line: 1,
      }
    })
    timestamps.push(campaign.startedAt)
    evidence.push(...found)
    read.push(fileOf('campaign', path, text, found))
  }
  return { evidence, files: read, findings: [], timestamp: timestamps.toSorted().at(-1) }
}

function testEvidence(path: string, { group, name, outcome, message, properties, line }: TestCase): Evidence {
  const values = (names: readonly string[]): string[] =>
    properties.filter((property) => names.includes(property.name)).map(({ value }) => value)
  const ids = values(REQUIREMENT_PROPERTIES).flatMap((value) => value.split(/[\s,;]+/).filter((id) => id !== ''))
  const reason = message === '' ? values([SKIP_REASON_PROPERTY]).join(' ') : message
  return {
    kind: 'test',
    group,
    name,
    outcome,
    requirements: [...new Set(ids)],
    skipReason: outcome === 'skipped' ? reason : '',
    path,
    line,
  }
}

function fileOf(kind: EvidenceKind, path: string, text: string, evidence: readonly Evidence[]): ResultFile {
  const count = (outcome: TestOutcome): number => evidence.filter((one) => one.outcome === outcome).length
  return {
    kind,
    path,
    sha256: createHash('sha256').update(text).digest('hex'),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
  }
}
