// reports/fault-coverage/tables.ts: fault coverage for a terminal, and as a table for other tools.

import type { CoverageCount, CoveredSite, FaultCoverage } from '../format/index.ts'
import { formatCount, plural } from '../text/index.ts'
import { openSites } from './gather.ts'

const COLUMNS = [
  'site',
  'family',
  'line',
  'contexts',
  'contexts failed',
  'ordinals',
  'ordinals failed',
  'fault',
  'follow-up',
  'outcome',
  'runs',
  'reason',
] as const

/** RFC 4180: a row for each site, fault, follow-up and outcome; one without the last three for a site that never failed. */
export function faultCoverageCsv({ sites }: FaultCoverage): string {
  const rows = sites.flatMap((site) => {
    const start = [
      site.id,
      site.family,
      site.line,
      site.contexts.length,
      failedContexts(site),
      site.ordinals,
      site.failed,
    ]
    const cells = site.cells.map(({ fault, followUp, outcome, runs }) => [...start, fault, followUp, outcome, runs, ''])
    return cells.length > 0
      ? cells
      : [[...start, '', '', site.contexts.length > 0 ? 'not failed' : 'not reached', 0, site.reason ?? '']]
  })
  return [COLUMNS, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number): string {
  const text = String(value)
  // A leading sign would be a formula for a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function failedContexts({ contexts }: CoveredSite): number {
  return contexts.filter(({ failed }) => failed > 0).length
}

/** Lines with a newline after each; the verdict comes last. */
export function faultCoverageText(coverage: FaultCoverage): string {
  const { totals, families, sites, unlisted, unused } = coverage
  const open = openSites(coverage)
  const explained = sites.filter(({ reason }) => reason !== undefined)
  const lines = [
    ...Object.entries(families).map(([family, count]) => `${family}: ${countText(count)}`),
    `all: ${countText(totals)}`,
    '',
    ...section(
      'Not failed, with a reason',
      explained.map(({ id, reason }) => `${id}: ${reason ?? ''}`),
    ),
    ...section(
      'Not failed in every context that was seen',
      open.filter(({ contexts }) => contexts.length > 0).flatMap(unfailed),
    ),
    ...section(
      'Never reached',
      open.filter(({ contexts }) => contexts.length === 0).map(({ id, line }) => `${id} (line ${line})`),
    ),
    ...section(
      'Made by a run, and not in the list of call sites',
      unlisted.map(({ family, kind, place }) => `${place}: ${family} '${kind}'`),
    ),
    ...section('Reasons for nothing', unused),
    open.length + unlisted.length + unused.length === 0
      ? `Every call that a run makes was failed from everywhere it is made, or has a written reason.`
      : `${plural(open.length, 'call site')} not failed everywhere, ${formatCount(unlisted.length)} missing from the list, ${plural(unused.length, 'reason')} for nothing.`,
  ]
  return `${lines.join('\n')}\n`
}

function unfailed({ id, contexts }: CoveredSite): string[] {
  return contexts
    .filter(({ failed }) => failed === 0)
    .map(({ callers, scenarios }) => `${id}, in ${scenarios.join(', ')}: ${callers.slice(0, 5).join(' < ')}`)
}

function section(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [`${title}:`, ...rows.map((row) => `  ${row}`), '']
}

function countText({
  sites,
  reached,
  failed,
  justified,
  contexts,
  contextsFailed,
  ordinals,
  ordinalsFailed,
}: CoverageCount): string {
  return (
    `${plural(sites, 'call site')}, ${formatCount(reached)} reached, ${formatCount(failed)} failed, ${formatCount(justified)} with a reason; ` +
    `${formatCount(contextsFailed)} of ${plural(contexts, 'context')} failed; ${formatCount(ordinalsFailed)} of ${plural(ordinals, 'call')} failed`
  )
}
