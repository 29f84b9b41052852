// reports/requirements/trace.ts: requirements and evidence as a matrix, both ways, and everything that is wrong with it.
//
// 1. Only what was executed verifies: a skipped test names its requirement and proves nothing.
// 2. One failed test fails a requirement, however many passed.
// 3. What is said not to be built is verified by nothing: a test that passes for it is a contradiction, not a bonus.
// 4. A trace over nothing (no requirement, no result, no test that was run) is no clean one.
// 5. Same inputs, same value, in the same order: requirements as they stand in their files, evidence as in the results.

import type { TestOutcome } from '../junit/index.ts'
import { plural } from '../text/index.ts'
import type { Evidence, ReadEvidence, ResultFile } from './evidence.ts'
import type { TraceFinding, TraceFindingKind } from './finding.ts'
import { placeOf, type ParsedRequirements } from './parse-requirements.ts'
import { textFingerprint, type Requirement } from './requirement.ts'

/** What is known of a requirement. */
export const VERDICTS = {
  verified: 'tests that were run name it, and all passed',
  'partly-verified': 'what is built of it is verified; what is missing is told',
  'by-record': 'verified by a record of analysis or inspection',
  failed: 'a test that names it failed',
  'not-run': 'all tests that name it were skipped',
  untested: 'no test names it',
  'not-built': 'not built yet, for the reason given',
} as const
export type RequirementVerdict = keyof typeof VERDICTS

/** A scenario that names requirements: no result by itself. */
export type Claim = Readonly<{ name: string; requirements: readonly string[] }>

export type TracedRequirement = Readonly<{
  requirement: Requirement
  verdict: RequirementVerdict
  /** Indices into `evidence`. */
  evidence: readonly number[]
  claims: readonly Claim[]
}>

export type Trace = Readonly<{
  requirements: readonly TracedRequirement[]
  evidence: readonly Evidence[]
  claims: readonly Claim[]
  files: readonly ResultFile[]
  findings: readonly TraceFinding[]
  /** The latest time that the results name; undefined if none does. */
  timestamp: string | undefined
  /** How many requirements have each verdict. */
  verdicts: Readonly<Record<RequirementVerdict, number>>
  outcomes: Readonly<Record<TestOutcome, number>>
  /** How much of what was run names no requirement. */
  orphans: number
}>

export type TraceInput = Readonly<{
  parsed: ParsedRequirements
  evidence: readonly ReadEvidence[]
  claims: readonly Claim[]
  /** Whether there is a file or folder of that path in the project; undefined: paths are not looked for. */
  hasFile?: ((path: string) => boolean) | undefined
  /** Tests that name no requirement are counted, and no finding. */
  allowOrphanTests?: boolean
}>

export function trace(input: TraceInput): Trace {
  const { parsed, claims, hasFile, allowOrphanTests = false } = input
  const evidence = input.evidence.flatMap((read) => read.evidence)
  const byId = new Map<string, number[]>(parsed.requirements.map(({ id }) => [id, []]))
  evidence.forEach(({ requirements }, index) => {
    for (const id of requirements) byId.get(id)?.push(index)
  })
  const requirements = parsed.requirements.map((requirement): TracedRequirement => {
    const own = byId.get(requirement.id) ?? []
    return {
      requirement,
      verdict: verdictOf(
        requirement,
        own.map((index) => evidence[index]?.outcome ?? 'skipped'),
      ),
      evidence: own,
      claims: claims.filter((claim) => claim.requirements.includes(requirement.id)),
    }
  })
  const outcomes = { passed: 0, failed: 0, skipped: 0 }
  for (const { outcome } of evidence) outcomes[outcome] += 1
  const verdicts = countVerdicts(requirements)
  const orphans = evidence.filter((one) => one.requirements.length === 0 && one.outcome !== 'skipped')
  const findings = [
    ...parsed.findings,
    ...input.evidence.flatMap((read) => read.findings),
    ...nothingFindings(parsed, evidence),
    ...requirements.flatMap((traced) => requirementFindings(traced, evidence, new Set(byId.keys()), hasFile)),
    ...evidenceFindings(evidence, new Set(byId.keys())),
    ...claimFindings(claims, new Set(byId.keys())),
    ...(allowOrphanTests ? [] : orphans.map(orphanFinding)),
  ]
  return {
    requirements,
    evidence,
    claims,
    files: input.evidence.flatMap((read) => read.files),
    findings,
    timestamp: input.evidence
      .flatMap((read) => (read.timestamp === undefined ? [] : [read.timestamp]))
      .toSorted()
      .at(-1),
    verdicts,
    outcomes,
    orphans: orphans.length,
  }
}

/** A test's name for people. */
export function evidenceName({ group, name }: Evidence): string {
  return group === '' ? name : `${group} > ${name}`
}

function verdictOf({ status, verification }: Requirement, outcomes: readonly TestOutcome[]): RequirementVerdict {
  if (outcomes.includes('failed')) return 'failed'
  if (status === 'not-built') return 'not-built'
  if (outcomes.includes('passed')) return status === 'built' ? 'verified' : 'partly-verified'
  if (verification !== 'test') return 'by-record'
  return outcomes.length === 0 ? 'untested' : 'not-run'
}

function countVerdicts(requirements: readonly TracedRequirement[]): Record<RequirementVerdict, number> {
  const counts = {
    verified: 0,
    'partly-verified': 0,
    'by-record': 0,
    failed: 0,
    'not-run': 0,
    untested: 0,
    'not-built': 0,
  }
  for (const { verdict } of requirements) counts[verdict] += 1
  return counts
}

function nothingFindings(parsed: ParsedRequirements, evidence: readonly Evidence[]): TraceFinding[] {
  const findings: TraceFinding[] = []
  const add = (kind: TraceFindingKind, message: string): void => {
    findings.push({ kind, id: undefined, place: '', message })
  }
  if (parsed.requirements.length === 0) add('no-requirements', 'there is no requirement to verify')
  if (!evidence.some(({ outcome }) => outcome !== 'skipped'))
    add('no-results', `no test was run: ${plural(evidence.length, 'result')}, none of them passed or failed`)
  return findings
}

function requirementFindings(
  { requirement, verdict, evidence: own }: TracedRequirement,
  evidence: readonly Evidence[],
  known: ReadonlySet<string>,
  hasFile: ((path: string) => boolean) | undefined,
): TraceFinding[] {
  const { id, title } = requirement
  const findings: TraceFinding[] = []
  const add = (kind: TraceFindingKind, message: string, place = placeOf(requirement)): void => {
    findings.push({ kind, id, place, message })
  }
  const tests = own.flatMap((index) => evidence[index] ?? [])
  if (verdict === 'untested')
    add('untested', `${id} (${title}) is said to be ${requirement.status}, and no test names it`)
  if (verdict === 'not-run')
    add(
      'not-run',
      `${id} (${title}) is named by ${plural(tests.length, 'test')}, all skipped: ${tests[0]?.skipReason || 'no reason given'}`,
    )
  for (const test of tests) {
    if (test.outcome === 'failed') add('failed', `${id} (${title}): failed: ${evidenceName(test)}`, placeOf(test))
    if (test.outcome === 'passed' && requirement.status === 'not-built')
      add('tested-but-not-built', `${id} (${title}) is said not to be built: passed: ${evidenceName(test)}`)
  }
  for (const other of requirement.refines)
    if (!known.has(other)) add('unknown-id', `${id} refines ${other}, which no requirement is`)
  const { record, design, code, reviewed } = requirement
  for (const path of [...(record === undefined ? [] : [record]), ...design, ...code])
    if (hasFile?.(path) === false) add('missing-file', `${id} names ${path}, which is not there`)
  const fingerprint = textFingerprint(requirement)
  if (reviewed !== undefined && reviewed !== fingerprint)
    add(
      'changed-since-review',
      `${id} (${title}) was reviewed with another text: look at its tests again, then write "reviewed": "${fingerprint}"`,
    )
  return findings
}

function evidenceFindings(evidence: readonly Evidence[], known: ReadonlySet<string>): TraceFinding[] {
  const findings: TraceFinding[] = []
  const places = new Map<string, string>()
  for (const one of evidence) {
    const place = placeOf(one)
    const name = evidenceName(one)
    for (const id of one.requirements)
      if (!known.has(id))
        findings.push({ kind: 'unknown-id', id, place, message: `${name} names ${id}, which no requirement is` })
    if (one.outcome === 'skipped' && one.skipReason === '')
      findings.push({
        kind: 'skipped-without-reason',
        id: undefined,
        place,
        message: `${name} was skipped and does not say why`,
      })
    const key = JSON.stringify([one.kind, one.group, one.name])
    const first = places.get(key)
    if (first === undefined) places.set(key, place)
    else
      findings.push({
        kind: 'duplicate-test',
        id: undefined,
        place,
        message: `${name} has a result already, in ${first}`,
      })
  }
  return findings
}

function claimFindings(claims: readonly Claim[], known: ReadonlySet<string>): TraceFinding[] {
  return claims.flatMap(({ name, requirements }): TraceFinding[] => {
    const place = `scenario ${name}`
    if (requirements.length === 0)
      return [{ kind: 'orphan-scenario', id: undefined, place, message: `${name} names no requirement` }]
    return requirements
      .filter((id) => !known.has(id))
      .map((id) => ({ kind: 'unknown-id', id, place, message: `${name} names ${id}, which no requirement is` }))
  })
}

function orphanFinding(one: Evidence): TraceFinding {
  const what = one.kind === 'test' ? evidenceName(one) : one.name
  return { kind: 'orphan-test', id: undefined, place: placeOf(one), message: `${what} names no requirement` }
}
