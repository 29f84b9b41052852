// reports/mcdc/table.ts: MC/DC for a terminal: a line a file, the totals, and what is missing.

import { MCDC_PROBLEMS, type Mcdc, type McdcTotals } from '../format/index.ts'
import { plural } from '../text/index.ts'
import { conditionGaps, conditionPercent, outcomeGaps, outcomePercent } from './gaps.ts'

export type McdcTableOptions = Readonly<{
  /** Most gaps that are listed of each kind. */
  gapsMax: number
}>

const HEADINGS = ['file', 'decisions', 'conditions', 'MC/DC', 'unique', 'justified', 'value paths', '']

export function mcdcTable(result: Mcdc, { gapsMax }: McdcTableOptions): string {
  const rows = [
    HEADINGS,
    ...result.files.map(({ path, totals, loaded }) => rowOf(loaded ? path : `${path} (not loaded)`, totals)),
    rowOf('all', result.totals),
  ]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const gaps = result.files.flatMap(conditionGaps)
  const outcomes = result.files.flatMap(outcomeGaps)
  return [
    ...lines,
    ...listed(gaps, gapsMax, 'condition', 'not covered'),
    ...listed(outcomes, gapsMax, 'outcome of value paths', 'not covered', 'outcomes of value paths'),
    ...result.problems.map(({ kind, path, message }) => `PROBLEM ${path} ${MCDC_PROBLEMS[kind]}: ${message}`),
    ...result.runs.flatMap(({ processes, processesLost }) =>
      processesLost === 0
        ? []
        : [`${processesLost} of ${plural(processes, 'process', 'processes')} ended without telling what they counted.`],
    ),
    '',
  ].join('\n')
}

function listed(
  gaps: ReturnType<typeof conditionGaps>,
  most: number,
  singular: string,
  what: string,
  several?: string,
): string[] {
  if (gaps.length === 0) return []
  const shown = gaps.slice(0, most)
  const rest = gaps.length - shown.length
  const which = rest === 0 ? ':' : `, the first ${shown.length}:`
  return [
    '',
    `${plural(gaps.length, singular, several)} ${what}${shown.length === 0 ? '' : which}`,
    ...shown.map(({ path, line, column, message }) => `  ${path}:${line}:${column} ${message}`),
  ]
}

function rowOf(name: string, totals: McdcTotals): string[] {
  return [
    name,
    `${totals.decisionsCovered}/${totals.decisions}`,
    `${totals.conditionsCovered}/${totals.conditions}`,
    totals.conditions === 0 ? '-' : percentText(conditionPercent(totals)),
    totals.conditions === 0 ? '-' : percentText((100 * totals.conditionsUniqueCause) / totals.conditions),
    String(totals.conditionsJustified + totals.outcomesJustified),
    `${totals.outcomesCovered}/${totals.outcomes}`,
    totals.outcomes === 0 ? '-' : percentText(outcomePercent(totals)),
  ]
}

/** Never rounded up to 100 %. */
function percentText(value: number): string {
  return `${(Math.floor(value * 10) / 10).toFixed(1)} %`
}
