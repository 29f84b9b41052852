// reports/text/wording.ts: the sentences and commands that every report says in the same way.

import {
  verdictOf,
  type Campaign,
  type MinimisedCase,
  type Retries,
  type RunOutcome,
  type Verdict,
  type Violation,
} from '../format/index.ts'
import { formatCount, plural } from './units.ts'

/** The command that runs a token again. */
export function replayCommand(token: string): string {
  return `npx powercut replay ${token}`
}

/** Steps of a smallest case that are named; the others are counted. */
const STEPS_NAMED_MAX = 6

/** `2 of 66 steps (iteration 1, close), 1 fault, iterations=2`; why it is no smaller, where that is so. */
export function minimisedSentence(minimised: MinimisedCase): string {
  const { faultsBefore, faultsAfter, stepsBefore, stepsAfter, steps, parameters, runs, complete, reason } = minimised
  if (stepsBefore === 0) return `not minimised: ${reason ?? 'no smaller case was looked for'}`
  const named = steps.slice(0, STEPS_NAMED_MAX).join(', ') + (steps.length > STEPS_NAMED_MAX ? ', …' : '')
  const parts = [
    `${formatCount(stepsAfter)} of ${plural(stepsBefore, 'step')} (${named})`,
    faultsBefore === faultsAfter ? plural(faultsAfter, 'fault') : `${faultsAfter} of ${plural(faultsBefore, 'fault')}`,
    ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
  ]
  const cut = complete ? '' : `; not minimised further: ${reason ?? 'it was cut short'}`
  return `smallest case: ${parts.join(', ')} (${plural(runs, 'run')})${cut}`
}

/** Whose violation it is, before its family: nothing in a campaign of one scenario. */
export function scenarioPrefix({ scenarios }: Campaign, { scenario }: Violation): string {
  return scenarios.length > 1 ? `${scenario}, ` : ''
}

/** What is said of a violation that was not minimised at all; undefined for one that was, and for other complaints. */
export function notMinimised(campaign: Campaign, row: Violation): string | undefined {
  if (row.minimised !== undefined || 'outcome' in row) return undefined
  return campaign.selection.minimiseBudgetMs === undefined ? undefined : 'not minimised'
}

/** Promise × model as rows of text, the heading first; no rows for a campaign under one model. */
export function modelRows({ models }: Campaign): readonly (readonly string[])[] {
  if (models === undefined) return []
  return [
    ['promise', ...models.models],
    ...models.rows.map(({ promise, cells }) => [
      promise,
      ...cells.map(({ states, violations }) => `${formatCount(violations)} of ${formatCount(states)}`),
    ]),
  ]
}

/** Commands that replay a violation, the smallest case first. */
export function replayCommands({ token, minimised }: Violation): readonly string[] {
  return [...new Set([...(minimised === undefined ? [] : [minimised.token]), token])].map(replayCommand)
}

export const OUTCOME_LABELS: Readonly<Record<RunOutcome, string>> = {
  passed: 'passed',
  violation: 'violation',
  'not-reached': 'not reached',
  'scenario-failure': 'scenario failed',
  'harness-failure': 'harness failed',
}

export const VERDICT_LABELS: Readonly<Record<Verdict, string>> = {
  violations: 'violations',
  incomplete: 'incomplete',
  passed: 'passed',
}

const FAMILY_LABELS: Readonly<Record<string, string>> = {
  allocation: 'Allocation',
  io: 'File-system call',
  crash: 'Crash',
  corruption: 'Corruption',
  schedule: 'Schedule',
  clock: 'Clock',
  network: 'Network',
  none: 'No fault',
}

export function familyLabel(family: string): string {
  return FAMILY_LABELS[family] ?? family
}

/** All runs of all families. */
export function runsOf(campaign: Campaign): number {
  return Object.values(campaign.families).reduce((sum, { run }) => sum + run, 0)
}

/** Faults delivered in all families. */
export function deliveredOf(campaign: Campaign): number {
  return Object.values(campaign.families).reduce((sum, { delivered }) => sum + delivered, 0)
}

/** One sentence that says how it ended. */
export function verdictSentence(campaign: Campaign): string {
  const known = [...campaign.violations, ...campaign.failures].filter(({ expected }) => expected !== undefined).length
  return known === 0
    ? sentenceOf(campaign, 'violation')
    : `${sentenceOf(withoutExpected(campaign), 'unexpected violation')}; ${plural(known, 'known anomaly', 'known anomalies')}`
}

function withoutExpected(campaign: Campaign): Campaign {
  return {
    ...campaign,
    violations: campaign.violations.filter(({ expected }) => expected === undefined),
    failures: campaign.failures.filter(({ expected }) => expected === undefined),
  }
}

/** `known: the rename is not durable (storage, until 2030-01-31)`; undefined for what is not expected. */
export function expectedSentence({ expected }: Violation): string | undefined {
  if (expected === undefined) return undefined
  const until = expected.expires === undefined ? '' : `, until ${expected.expires}`
  return `known: ${expected.reason} (${expected.owner}${until})`
}

/** Rows that are not expected, then the others; each in the order given. */
export function unexpectedFirst<Row extends Violation>(rows: readonly Row[]): readonly Row[] {
  const known = (row: Row) => (row.expected === undefined ? 0 : 1)
  return rows.toSorted((left, right) => known(left) - known(right))
}

/** What is to be done about the list of known anomalies, a sentence each. */
export function expectationNotes({ expectations = [] }: Campaign): string[] {
  return expectations.flatMap(({ fingerprint, owner, reason, expires, state }) => {
    const which = `known anomaly ${fingerprint} (${owner}: ${reason})`
    if (state === 'expired') return [`The ${which} was expected until ${expires ?? ''} and is still there.`]
    return state === 'not-found' ? [`The ${which} no longer occurs: take it off the list.`] : []
  })
}

function sentenceOf(campaign: Campaign, violation: string): string {
  const runs = plural(runsOf(campaign), 'run')
  switch (verdictOf(campaign)) {
    case 'violations': {
      const found = [
        ...(campaign.violations.length > 0 ? [plural(campaign.violations.length, violation)] : []),
        ...(campaign.failures.length > 0 ? [plural(campaign.failures.length, 'failure')] : []),
      ]
      return `${found.join(' and ')} in ${runs}${campaign.complete ? '' : ', and the campaign is incomplete'}`
    }
    case 'incomplete':
      return `No ${violation} in ${runs}, but the campaign is incomplete`
    case 'passed':
      return `No ${violation} in ${runs}`
  }
}

/** `1,204 retried, 3 after a reopen, 96 went on`. */
export function retrySentence({ retried, reopened, survived }: Retries): string {
  return [
    ...(retried > 0 ? [`${formatCount(retried)} retried without a reopen`] : []),
    ...(reopened > 0 ? [`${formatCount(reopened)} needed a reopen`] : []),
    ...(survived > 0 ? [`${formatCount(survived)} went on`] : []),
  ].join(', ')
}

/** What became of the crash states; undefined if there were none. */
export function crashStateSentence({ intervals }: Campaign): string | undefined {
  const { run, mergedByImage, mergedByReadSet, possible } = intervals
  if (possible === 0) return undefined
  return `${plural(possible, 'crash state')}: ${formatCount(run)} explored, ${formatCount(mergedByImage)} merged by image, ${formatCount(mergedByReadSet)} merged by read set`
}

/** How plans were merged, family by family; empty where none were. The crash family has its own sentence. */
export function mergedSentences({ families }: Campaign): string[] {
  return Object.entries(families).flatMap(([name, { planned, run, skipped, merged, mergedBy }]) => {
    if (merged === 0 || name === 'crash') return []
    const kinds = [
      [mergedBy.fault, 'as the same fault'],
      [mergedBy.image, 'by image'],
      [mergedBy.readSet, 'by read set'],
    ] as const
    const told = kinds.flatMap(([count, how]) => (count === 0 ? [] : [`${formatCount(count)} merged ${how}`]))
    const left = skipped === 0 ? [] : [`${formatCount(skipped)} left out`]
    return [`${plural(planned, `${name} plan`)}: ${[`${formatCount(run)} explored`, ...told, ...left].join(', ')}`]
  })
}

/** A row for each scenario, model and family, where a campaign has several scenarios or models: how it came out. */
export function scenarioRows({ scenarios }: Campaign): string[][] {
  if (scenarios.length < 2) return []
  const head = [
    'scenario',
    'family',
    'planned',
    'explored',
    'same fault',
    'image',
    'read set',
    'left out',
    'violations',
    's',
  ]
  const rows = scenarios.flatMap(({ name, families }) =>
    Object.entries(families).flatMap(([family, { planned, run, mergedBy, skipped, violations, runMs }]) => {
      if (planned === 0) return []
      const counts = [planned, run, mergedBy.fault, mergedBy.image, mergedBy.readSet, skipped, violations]
      return [[name, family, ...counts.map((count) => formatCount(count)), formatCount(Math.round(runMs / 1000))]]
    }),
  )
  return [head, ...rows]
}

/** What a reader must know that was not covered; empty if nothing is to be said. */
export function notCovered(campaign: Campaign): string[] {
  const skipped = Object.entries(campaign.families).flatMap(([name, family]) =>
    family.skipped > 0 ? [`${plural(family.skipped, 'planned state')} of family ${name} left out by a bound.`] : [],
  )
  const { sampled, exhausted } = campaign.intervals
  const intervals =
    sampled > 0
      ? [`${formatCount(sampled)} of ${plural(sampled + exhausted, 'sync interval')} sampled, not exhausted.`]
      : []
  const selection =
    campaign.selection.points === undefined
      ? []
      : [`Only points ${campaign.selection.points.from} to ${campaign.selection.points.to} were asked for.`]
  return [
    ...campaign.incomplete,
    ...skipped,
    ...intervals,
    ...selection,
    ...shardNote(campaign),
    ...clockNote(campaign),
  ]
}

function shardNote({ selection: { shard } }: Campaign): string[] {
  return shard === undefined ? [] : [`Only shard ${shard.index} of ${shard.count} was asked for.`]
}

/** Durations are measured by a clock that never goes back; what started when is told by one that may. */
function clockNote({ startedAt, endedAt }: Campaign): string[] {
  const [start, end] = [Date.parse(startedAt), Date.parse(endedAt)]
  if (Number.isNaN(start) || Number.isNaN(end)) return [`The campaign's times are none: ${startedAt} to ${endedAt}.`]
  return end < start ? [`The machine's clock went back: the end, ${endedAt}, is before the start, ${startedAt}.`] : []
}
