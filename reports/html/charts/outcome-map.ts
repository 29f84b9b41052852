// reports/html/charts/outcome-map.ts: a call site's fault points along the workload, each cell the worst outcome in it.

import type { RunOutcome, Site } from '../../format/index.ts'
import { formatCount, OUTCOME_LABELS } from '../../text/index.ts'
import { html, raw, type Html } from '../html.ts'

type MapOfSite = NonNullable<Site['maps']>[number]

const OUTCOME_OF: Readonly<Record<string, RunOutcome>> = {
  p: 'passed',
  n: 'not-reached',
  h: 'harness-failure',
  s: 'scenario-failure',
  v: 'violation',
}

/** One path for each outcome, neighbours in one stroke: a map of a hundred cells is a few hundred bytes. */
export function outcomeMap({ form, pointsEach, cells }: MapOfSite): Html {
  const paths = new Map<RunOutcome, string[]>()
  for (let from = 0; from < cells.length;) {
    let to = from + 1
    while (to < cells.length && cells[to] === cells[from]) to += 1
    const outcome = OUTCOME_OF[cells[from] ?? '']
    if (outcome !== undefined) {
      const path = paths.get(outcome) ?? []
      paths.set(outcome, path)
      path.push(`M${from} 0h${to - from}v1h${from - to}z`)
    }
    from = to
  }
  const told = [...paths.keys()].map((outcome) => OUTCOME_LABELS[outcome]).join(', ')
  const each = pointsEach === 1 ? 'a point a cell' : `${formatCount(pointsEach)} points a cell`
  return html`<svg
    class="outcome-map"
    viewBox="0 0 ${cells.length} 1"
    preserveAspectRatio="none"
    role="img"
    aria-label="Fault points, ${form} form, ${each}: ${told}"
  >
    <title>${form} form, points 1 to ${formatCount(cells.length * pointsEach)}, ${each}</title>
    ${[...paths].map(([outcome, path]) => html`<path class="fill-${outcome}" d="${raw(path.join(''))}" />`)}
  </svg>`
}
