// reports/html/sections/crash-points.ts: the time lines, with a table of the points that went wrong for those who do not
// see or point at the chart.

import { addOutcomes, noOutcomes, type Campaign, type TimeLine, type TimeLineBucket } from '../../format/index.ts'
import { crashStateSentence, formatCount, OUTCOME_LABELS, plural } from '../../text/index.ts'
import { BAR_ORDER, legend, timeLineChart } from '../charts/index.ts'
import { html, type Html } from '../html.ts'
import { BUCKETS_MAX, cut } from '../limits.ts'

/** Characters of a step's name in the detail of a column. */
const PHASE_MAX = 80
/** Points that the table lists. */
const ROWS_MAX = 100
/** Time lines that a page draws. */
const LINES_MAX = 100

export type Line = Readonly<{ id: string; scenario: string; timeLine: TimeLine }>

export function crashPointsSection(campaign: Campaign): Html {
  const lines = linesOf(campaign)
  const { intervals } = campaign
  const sum = intervals.exhausted + intervals.sampled
  return html`<section data-tab="crash-points" aria-labelledby="crash-points">
    <h2 id="crash-points">Crash points</h2>
    ${lines.length === 0 && html`<p class="empty">No crash was run.</p>`}
    ${
      campaign.scenarios.flatMap(({ timeLines }) => timeLines).length > lines.length &&
      html`<p class="note warn">The first ${formatCount(lines.length)} time lines; campaign.json has all.</p>`
    }
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

/**
 * The time lines of the page. Where there are many, neighbouring columns are put together: a page has so many columns, of
 * however many scenarios and models.
 */
export function linesOf({ scenarios }: Campaign): Line[] {
  const lines = scenarios.flatMap(({ name, timeLines }, index) =>
    timeLines.map((timeLine) => ({ id: `line-${index}-${timeLine.form}`, scenario: name, timeLine })),
  )
  const shown = lines.slice(0, LINES_MAX)
  const most = Math.max(40, Math.floor(BUCKETS_MAX / Math.max(1, shown.length)))
  return shown.map((line) => ({ ...line, timeLine: withFewer(line.timeLine, most) }))
}

function withFewer(timeLine: TimeLine, most: number): TimeLine {
  const each = Math.ceil(timeLine.buckets.length / most)
  if (each <= 1) return timeLine
  const buckets: TimeLineBucket[] = []
  for (let at = 0; at < timeLine.buckets.length; at += each)
    buckets.push(timeLine.buckets.slice(at, at + each).reduce((into, more) => together(into, more)))
  return { ...timeLine, buckets }
}

function together(left: TimeLineBucket, right: TimeLineBucket): TimeLineBucket {
  const outcomes = { ...left.outcomes }
  addOutcomes(outcomes, right.outcomes)
  const kinds = { ...left.kinds }
  for (const [kind, count] of Object.entries(right.kinds)) kinds[kind] = (kinds[kind] ?? 0) + count
  return {
    from: left.from,
    to: right.to,
    kinds,
    phase: left.phase,
    pendingMax: Math.max(left.pendingMax, right.pendingMax),
    states: left.states + right.states,
    outcomes,
  }
}

function lineParts({ id, scenario, timeLine }: Line, named: boolean): Html {
  const title = `Crash states by point, ${timeLine.form} form`
  const all = noOutcomes()
  for (const { outcomes } of timeLine.buckets) addOutcomes(all, outcomes)
  const bad = timeLine.buckets.filter(({ states, outcomes }) => states > outcomes.passed)
  const { figure } = timeLineChart(timeLine, id, named ? `${cut(scenario)}: ${title.toLowerCase()}` : title)
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
export function bucketText({ from, to, kinds, phase, pendingMax, states, outcomes }: TimeLineBucket): string {
  const where = from === to ? `Point ${formatCount(from)}` : `Points ${formatCount(from)} to ${formatCount(to)}`
  const calls = Object.entries(kinds).map(([kind, count]) => (count === 1 ? kind : `${formatCount(count)} ${kind}`))
  const ended = BAR_ORDER.filter((outcome) => outcomes[outcome] > 0).map(
    (outcome) => `${formatCount(outcomes[outcome])} ${OUTCOME_LABELS[outcome]}`,
  )
  const counted = states === 0 ? 'no crash state run' : `${plural(states, 'crash state')} (${ended.join(', ')})`
  const place = [where, cut(phase, PHASE_MAX), calls.join(', ')].filter((part) => part !== '').join(' · ')
  const pending = calls.length > 0 ? `, ${plural(pendingMax, 'pending operation')}` : ''
  return `${place}: ${counted}${pending}`
}
