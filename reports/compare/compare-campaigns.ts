// reports/compare/compare-campaigns.ts: what changed between two campaigns: violations by fingerprint, fault points by
// their identity.
//
// 1. Both folders are read as streams; what is kept is the set of points of each, and the first few of each difference.
// 2. Only what both campaigns ran is compared point by point: a family that one of them left out is told, not counted.
// 3. Identities have 32 bits: of 40,000 points that went, one in a hundred thousand looks as if it were still there.

import type { Campaign, RunRecord, Violation } from '../format/index.ts'
import { CampaignPoints } from './campaign-points.ts'

/** Points that are named of each kind; all are counted. */
export const POINTS_NAMED_MAX = 20

/** A campaign as it is compared: its result, and its records, which are read twice at most. */
export type ComparedCampaign = Readonly<{ campaign: Campaign; records: () => Iterable<RunRecord> }>

export type ComparedPoint = Readonly<
  Pick<RunRecord, 'scenario' | 'family' | 'form' | 'point' | 'phase' | 'fault' | 'token'> &
    Partial<Pick<RunRecord, 'site' | 'oracle'>>
>

/** `count` of them there are, `named` are the first in the order of the file. */
export type PointList = Readonly<{ count: number; named: readonly ComparedPoint[] }>

export type Comparison = Readonly<{
  violations: Readonly<{ new: readonly Violation[]; fixed: readonly Violation[]; still: readonly Violation[] }>
  points: Readonly<{
    old: number
    new: number
    /** Reached now and not before. */
    came: PointList
    /** Reached before and not now. */
    went: PointList
    /** There before, when none of its runs failed. */
    failing: PointList
    /** There before, when one of its runs failed, and none does now. */
    mended: PointList
  }>
  /** What makes the comparison a partial one, a sentence each. */
  notes: readonly string[]
}>

export function compareCampaigns(before: ComparedCampaign, after: ComparedCampaign): Comparison {
  const old = pointsOf(before)
  const now = pointsOf(after)
  const shared = (record: RunRecord): boolean => old.group(record) !== undefined && now.group(record) !== undefined
  const came = new PointCollector((record) => shared(record) && !old.knows(record))
  const failing = new PointCollector((record) => record.outcome !== 'passed' && old.knows(record) && !old.fails(record))
  const went = new PointCollector((record) => shared(record) && !now.knows(record))
  const mended = new PointCollector((record) => record.outcome !== 'passed' && now.knows(record) && !now.fails(record))
  for (const record of after.records()) for (const list of [came, failing]) list.add(record)
  for (const record of before.records()) for (const list of [went, mended]) list.add(record)
  return {
    violations: compareViolations(before.campaign, after.campaign),
    points: {
      old: old.size,
      new: now.size,
      came: came.result(),
      went: went.result(),
      failing: failing.result(),
      mended: mended.result(),
    },
    notes: [...notesOf('old', before.campaign, old), ...notesOf('new', after.campaign, now), ...notShared(old, now)],
  }
}

function pointsOf({ records }: ComparedCampaign): CampaignPoints {
  const points = new CampaignPoints()
  for (const record of records()) points.add(record)
  return points
}

/** Counts different points that a rule holds of, and keeps the first few. */
class PointCollector {
  readonly #holds: (record: RunRecord) => boolean
  readonly #points = new CampaignPoints()
  readonly #named: ComparedPoint[] = []
  #seen = new Set<string>()

  constructor(holds: (record: RunRecord) => boolean) {
    this.#holds = holds
  }

  add(record: RunRecord): void {
    if (record.identity === undefined || !this.#holds(record)) return
    this.#points.add(record)
    if (this.#named.length >= POINTS_NAMED_MAX) return
    const { scenario, family, form, point, phase, fault, token, site, oracle } = record
    const key = JSON.stringify([scenario, family, form, record.identity])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const more = { ...(site === undefined ? {} : { site }), ...(oracle === undefined ? {} : { oracle }) }
    this.#named.push({ scenario, family, form, point, phase, fault, token, ...more })
  }

  result(): PointList {
    return { count: this.#points.size, named: this.#named }
  }
}

function compareViolations(before: Campaign, after: Campaign): Comparison['violations'] {
  const were = new Set(before.violations.map(({ fingerprint }) => fingerprint))
  const are = new Set(after.violations.map(({ fingerprint }) => fingerprint))
  return {
    new: after.violations.filter(({ fingerprint }) => !were.has(fingerprint)),
    fixed: before.violations.filter(({ fingerprint }) => !are.has(fingerprint)),
    still: after.violations.filter(({ fingerprint }) => were.has(fingerprint)),
  }
}

function notesOf(which: 'old' | 'new', campaign: Campaign, points: CampaignPoints): readonly string[] {
  const reasons = campaign.incomplete.length === 0 ? '' : ` (${campaign.incomplete.join(' ')})`
  return [
    ...(campaign.complete
      ? []
      : [`The ${which} campaign is incomplete${reasons}: what it did not run looks as if it were gone.`]),
    ...(points.nameless > 0
      ? [
          `${points.nameless} of ${points.runs} runs of the ${which} campaign have no identity for their point: they are not compared.`,
        ]
      : []),
  ]
}

function notShared(old: CampaignPoints, now: CampaignPoints): readonly string[] {
  return [...onlyIn('old', old, now), ...onlyIn('new', now, old)]
}

function onlyIn(which: string, from: CampaignPoints, other: CampaignPoints): readonly string[] {
  return from
    .groups()
    .filter((group) => other.group(group) === undefined)
    .map(({ scenario, family, form }) => `Only the ${which} campaign ran ${family}, ${form}, of '${scenario}'.`)
}
