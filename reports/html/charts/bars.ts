// reports/html/charts/bars.ts: outcomes as stacked bars.
//
// 1. An outcome that happened is seen: it has a least width or height, however rare it is among thousands of others.
// 2. Bars of one outcome are one SVG path, so a plot of 1,200 bars stays small.

import { RUN_OUTCOMES, sumOutcomes, type OutcomeCounts, type RunOutcome } from '../../format/index.ts'
import { formatCount, OUTCOME_LABELS } from '../../text/index.ts'
import { html, raw, type Html } from '../html.ts'
import { percent } from './scale.ts'

/** Worst last: it is drawn on top of a column and right in a row. */
export const BAR_ORDER: readonly RunOutcome[] = [
  'passed',
  'not-reached',
  'harness-failure',
  'scenario-failure',
  'violation',
]

/** Least share of a bar for an outcome that happened. */
const SHARE_MIN = 0.02

/** A row: its length is `sum / longest`, its parts the outcomes. */
export function outcomeBar(counts: OutcomeCounts, longest: number): Html {
  const sum = sumOutcomes(counts)
  const parts = BAR_ORDER.filter((outcome) => counts[outcome] > 0)
  const label = parts.map((outcome) => `${formatCount(counts[outcome])} ${OUTCOME_LABELS[outcome]}`).join(', ')
  const length = longest === 0 ? 0 : Math.max(0.01, sum / longest)
  return html`<span class="bar" role="img" aria-label="${label}" title="${label}" style="width:${percent(length)}"
    >${parts.map(
      (outcome) =>
        html`<i class="fill-${outcome}" style="flex:${Math.max(SHARE_MIN, counts[outcome] / sum).toFixed(4)}"></i>`,
    )}</span
  >`
}

export type Column = Readonly<{ x: number; width: number; counts: OutcomeCounts }>

/**
 * Columns of stacked outcomes as SVG paths, in a box of `width` × `height`; `highest` fills it. Every outcome that
 * happened is at least `heightMin` high: the worst on top, the most harmless fills what is left.
 */
export function outcomeColumns(
  columns: readonly Column[],
  box: Readonly<{ height: number; highest: number; heightMin: number }>,
): Html {
  const paths = new Map<RunOutcome, string[]>()
  for (const { x, width, counts } of columns) {
    const high = (runs: number): number => (runs / Math.max(1, box.highest)) * box.height
    const shown = BAR_ORDER.filter((outcome) => counts[outcome] > 0).toReversed()
    let top = box.height - Math.min(box.height, Math.max(high(sumOutcomes(counts)), shown.length * box.heightMin))
    for (const [index, outcome] of shown.entries()) {
      const next = index === shown.length - 1 ? box.height : top + Math.max(box.heightMin, high(counts[outcome]))
      const path = paths.get(outcome) ?? []
      paths.set(outcome, path)
      path.push(`M${short(x)} ${short(top)}h${short(width)}V${short(next)}h${short(-width)}z`)
      top = next
    }
  }
  return html`${[...paths].map(([outcome, path]) => html`<path class="fill-${outcome}" d="${raw(path.join(''))}" />`)}`
}

/** The outcomes that occur in `counts`, as a legend. */
export function legend(counts: OutcomeCounts): Html {
  const shown = RUN_OUTCOMES.filter((outcome) => counts[outcome] > 0)
  return html`<ul class="legend">
    ${shown.map(
      (outcome) =>
        html`<li><i class="swatch fill-${outcome}"></i>${OUTCOME_LABELS[outcome]} ${formatCount(counts[outcome])}</li>`,
    )}
  </ul>`
}

function short(value: number): string {
  return String(Number(value.toFixed(2)))
}
