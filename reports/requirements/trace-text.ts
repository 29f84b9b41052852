// reports/requirements/trace-text.ts: the trace for people: what is verified, what is not built, what is wrong.
//
// 1. Every finding is a line with its place; none is left out.

import { plural } from '../text/index.ts'
import type { TraceFinding, TraceFindingKind } from './finding.ts'
import { FINDING_KINDS } from './finding.ts'
import { evidenceName, VERDICTS, type RequirementVerdict, type Trace, type TracedRequirement } from './trace.ts'

/** Verdicts that are listed one by one, after the counts. */
const LISTED = ['partly-verified', 'by-record', 'not-built'] as const satisfies readonly RequirementVerdict[]

/** The whole trace. */
export function traceText(traced: Trace): string {
  const { requirements, findings, evidence, outcomes, orphans } = traced
  const lines = [
    `${plural(requirements.length, 'requirement')}, ${plural(evidence.length, 'result')}: ${outcomes.passed} passed, ${outcomes.failed} failed, ${outcomes.skipped} skipped`,
    '',
    ...areaTable(requirements),
    ...LISTED.flatMap((verdict) => listed(verdict, requirements)),
    '',
    ...findingLines(findings),
    findings.length === 0
      ? `The trace is whole: ${closing(traced)}.`
      : `The trace has ${plural(findings.length, 'defect')}; ${closing(traced)}.`,
  ]
  if (orphans > 0) lines.push(`${plural(orphans, 'result')} of no requirement.`)
  return `${lines.join('\n')}\n`
}

/** One requirement from end to end. */
export function requirementText(
  { requirement, verdict, evidence: own, claims }: TracedRequirement,
  traced: Trace,
): string {
  const { id, title, text, source, status, reason, refines, design, code, record, path, line } = requirement
  const rows: (readonly [string, string])[] = [
    ['stated in', `${path}:${line}`],
    ['source', source.join('; ')],
    ['status', reason === undefined ? status : `${status}: ${reason}`],
    ['verdict', `${verdict} (${VERDICTS[verdict]})`],
    ...(refines.length === 0 ? [] : [['refines', refines.join(', ')] as const]),
    ...(design.length === 0 ? [] : [['design', design.join(', ')] as const]),
    ...(code.length === 0 ? [] : [['code', code.join(', ')] as const]),
    ...(record === undefined ? [] : [['record', record] as const]),
    ...claims.map(({ name }) => ['scenario', name] as const),
    ...own.flatMap((index) => {
      const one = traced.evidence[index]
      return one === undefined ? [] : [[one.outcome, evidenceName(one)] as const]
    }),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [`${id}  ${title}`, `  ${text}`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`), ''].join(
    '\n',
  )
}

function closing({ requirements, verdicts }: Trace): string {
  const { verified, failed, untested } = verdicts
  const partly = verdicts['partly-verified']
  return [
    `${verified} of ${requirements.length} verified`,
    ...(partly > 0 ? [`${partly} in part`] : []),
    ...(verdicts['by-record'] > 0 ? [`${verdicts['by-record']} by record`] : []),
    `${verdicts['not-built']} not built`,
    `${untested + verdicts['not-run']} untested`,
    `${failed} failed`,
  ].join(', ')
}

/** A row for each area, a column for each verdict that occurs. */
function areaTable(requirements: readonly TracedRequirement[]): string[] {
  const verdicts = (Object.keys(VERDICTS) as RequirementVerdict[]).filter((verdict) =>
    requirements.some((one) => one.verdict === verdict),
  )
  const areas = [...new Set(requirements.map(({ requirement }) => requirement.area))]
  const rows = [
    ['area', ...verdicts],
    ...areas.map((area) => {
      const own = requirements.filter(({ requirement }) => requirement.area === area)
      return [area, ...verdicts.map((verdict) => String(own.filter((one) => one.verdict === verdict).length))]
    }),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

function listed(verdict: RequirementVerdict, requirements: readonly TracedRequirement[]): string[] {
  const own = requirements.filter((one) => one.verdict === verdict)
  if (own.length === 0) return []
  return [
    '',
    `${verdict}: ${VERDICTS[verdict]}`,
    ...own.map(({ requirement: { id, title, reason, record } }) => `  ${id}  ${title}: ${reason ?? record ?? ''}`),
  ]
}

function findingLines(findings: readonly TraceFinding[]): string[] {
  const kinds = (Object.keys(FINDING_KINDS) as TraceFindingKind[]).filter((kind) =>
    findings.some((finding) => finding.kind === kind),
  )
  return kinds.flatMap((kind) => {
    const own = findings.filter((finding) => finding.kind === kind)
    return [
      `${kind} (${own.length}): ${FINDING_KINDS[kind]}`,
      ...own.map(({ place, message }) => `  ${place === '' ? '' : `${place}: `}${oneLine(message)}`),
      '',
    ]
  })
}

/** A name may hold line breaks; a line of the list is one. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+\s*/g, ' ')
}
