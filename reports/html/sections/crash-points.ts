// reports/html/sections/crash-points.ts: the time lines, with a table of the points that went wrong for those who do not
// see or point at the chart, and the data that the detail under the pointer is made of.

import { addOutcomes, noOutcomes, type Campaign, type TimeLine, type TimeLineBucket } from '../../format/index.ts'
import { crashStateSentence, formatCount, OUTCOME_LABELS, plural } from '../../text/index.ts'
import { BAR_ORDER, legend, timeLineChart } from '../charts/index.ts'
import { html, type Html } from '../html.ts'

/** Points that the table lists. */
const ROWS_MAX = 100

type Line = Readonly<{ id: string; scenario: string; timeLine: TimeLine }>

export function crashPointsSection(campaign: Campaign): Html {
  const lines = linesOf(campaign)
  const { intervals } = campaign
  const sum = intervals.exhausted + intervals.sampled
  return html`<section aria-labelledby="crash-points">
    <h2 id="crash-points">Crash points</h2>
    ${lines.length === 0 && html`<p class="empty">No crash was run.</p>`}
    ${lines.map((line) => lineParts(line, lines.length > 1 && campaign.scenarios.length > 1))}
    ${
      sum > 0 &&
      html`<p class="note">
        ${plural(sum, 'sync interval')}: ${formatCount(intervals.exhausted)} exhausted,
        ${formatCount(intervals.sampled)} sampled. ${crashStateSentence(campaign) ?? ''}.
      </p>`
    }
  </section>`
}

/** For the script: under each id, the texts of the buckets. */
export function timeLineData(campaign: Campaign): Record<string, { from: number; to: number; text: string }[]> {
  return Object.fromEntries(
    linesOf(campaign).map(({ id, timeLine }) => [
      id,
      timeLine.buckets.map((bucket) => ({ from: bucket.from, to: bucket.to, text: bucketText(bucket) })),
    ]),
  )
}

function linesOf({ scenarios }: Campaign): Line[] {
  return scenarios.flatMap(({ name, timeLines }, index) =>
    timeLines.map((timeLine) => ({ id: `line-${index}-${timeLine.form}`, scenario: name, timeLine })),
  )
}

function lineParts({ id, scenario, timeLine }: Line, named: boolean): Html {
  const title = `Crash states by point, ${timeLine.form} form`
  const all = noOutcomes()
  for (const { outcomes } of timeLine.buckets) addOutcomes(all, outcomes)
  const bad = timeLine.buckets.filter(({ states, outcomes }) => states > outcomes.passed)
  const { figure } = timeLineChart(timeLine, id, named ? `${scenario}: ${title.toLowerCase()}` : title)
  return html`${legend(all)} ${figure}
  ${
    bad.length > 0 &&
    html`<details>
      <summary>${plural(bad.length, 'place')} with a crash state that did not pass</summary>
      <ul class="plain">
        ${bad.slice(0, ROWS_MAX).map((bucket) => html`<li>${bucketText(bucket)}</li>`)}
      </ul>
      ${bad.length > ROWS_MAX && html`<p class="note">and ${formatCount(bad.length - ROWS_MAX)} more</p>`}
    </details>`
  }`
}

/** `Point 17, step 3, sync: 12 crash states (11 passed, 1 violation), 4 pending.` */
function bucketText({ from, to, kinds, phase, pendingMax, states, outcomes }: TimeLineBucket): string {
  const where = from === to ? `Point ${formatCount(from)}` : `Points ${formatCount(from)} to ${formatCount(to)}`
  const calls = Object.entries(kinds).map(([kind, count]) => (count === 1 ? kind : `${formatCount(count)} ${kind}`))
  const ended = BAR_ORDER.filter((outcome) => outcomes[outcome] > 0).map(
    (outcome) => `${formatCount(outcomes[outcome])} ${OUTCOME_LABELS[outcome]}`,
  )
  const counted = states === 0 ? 'no crash state run' : `${plural(states, 'crash state')} (${ended.join(', ')})`
  const place = [where, phase, calls.join(', ')].filter((part) => part !== '').join(' · ')
  const pending = calls.length > 0 ? `, ${plural(pendingMax, 'pending operation')}` : ''
  return `${place}: ${counted}${pending}`
}
