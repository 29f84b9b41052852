// reports/compare/comparison-text.ts: a comparison for a terminal; the verdict comes last.

import type { Violation } from '../format/index.ts'
import { formatCount, plural, replayCommands } from '../text/index.ts'
import type { Comparison, PointList } from './compare-campaigns.ts'

/** Lines with a newline after each. */
export function comparisonText({ violations, points, notes }: Comparison): string {
  const lines = [
    ...rows('New violation', violations.new),
    ...rows('Still failing', violations.still),
    ...violations.fixed.map(({ oracle, family, fingerprint }) => `Fixed: ${oracle}  ${family}  ${fingerprint}`),
    ...(violations.fixed.length === 0 ? [] : ['']),
    `${plural(points.old, 'point')} before, ${formatCount(points.new)} now`,
    ...list('newly failing', points.failing),
    ...list('no longer failing', points.mended),
    ...list('newly reached', points.came),
    ...list('gone', points.went),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    `${plural(violations.new.length, 'new violation')}, ${formatCount(violations.fixed.length)} fixed, ${formatCount(violations.still.length)} still failing`,
  ]
  return `${lines.join('\n')}\n`
}

function rows(title: string, found: readonly Violation[]): string[] {
  return found.flatMap((row) => [
    `${title}: ${row.oracle}  ${row.family}, ${plural(row.count, 'run')}  ${row.fingerprint}`,
    ...row.message.split('\n').map((line) => `  ${line}`),
    ...replayCommands(row).map((command) => `  ${command}`),
    '',
  ])
}

function list(title: string, { count, named }: PointList): string[] {
  if (count === 0) return []
  return [
    `  ${plural(count, 'point')} ${title}`,
    ...named.map(
      ({ scenario, family, form, point, phase, fault, site }) =>
        `    ${scenario} ${family} ${form} ${point}, ${phase}: ${fault}${site === undefined ? '' : `, ${site}`}`,
    ),
    ...(count > named.length ? [`    and ${formatCount(count - named.length)} more`] : []),
  ]
}
