// reports/format/scenario-totals.ts: adds up the records of one scenario, one at a time.
//
// 1. Memory depends on the number of call sites, fingerprints and fault points, never on the number of runs.
// 2. Records may come in any order: what names a first one goes by plan order.

import {
  MERGED_KINDS,
  type MergedBy,
  type Failure,
  type OutcomeCounts,
  type Retries,
  type Site,
  type TimeLine,
  type TimeLineBucket,
  type Violation,
} from './campaign.ts'
import type { CallInput, UnitInput } from './campaign-input.ts'
import { addOutcomes, noOutcomes } from './outcome-counts.ts'
import { PointSet } from './point-set.ts'
import type { RunOutcome, RunRecord } from './run-record.ts'
import { OutcomeMap } from './outcome-map.ts'
import { RecoveryTotals } from './recovery-totals.ts'

/** Bars that a time line has at most; above that, neighbouring points share one. */
export const BUCKETS_MAX = 1200

type FamilyCounts = {
  run: number
  delivered: number
  merged: number
  mergedBy: MergedBy
  /** Time of its runs, one after the other. */
  runMs: number
  skipped: number
  outcomes: OutcomeCounts
  retries: Retries
}
type Complaint = { row: Violation; order: number; outcome: RunOutcome }
type CrashPoint = { phase: string; outcomes: OutcomeCounts }
type Intervals = {
  exhausted: number
  sampled: number
  possible: number
  generated: number
  distinct: number
  run: number
  mergedByImage: number
  mergedByReadSet: number
}

export class ScenarioTotals {
  readonly families = new Map<string, FamilyCounts>()
  readonly recovery = new RecoveryTotals()
  readonly intervals: Intervals = {
    exhausted: 0,
    sampled: 0,
    possible: 0,
    generated: 0,
    distinct: 0,
    run: 0,
    mergedByImage: 0,
    mergedByReadSet: 0,
  }
  readonly cost = { recoveryMs: 0, checkMs: 0, runMs: 0 }
  readonly #sites = new Map<string, Site>()
  readonly #pointsSeen = new Map<string, PointSet>()
  readonly #maps = new Map<string, OutcomeMap>()
  readonly #complaints = new Map<string, Complaint>()
  /** Form → point → what its crash states came to. */
  readonly #crashPoints = new Map<string, Map<number, CrashPoint>>()
  #crashRuns = 0
  readonly #crashViolations = new Map<string, number>()

  add(record: RunRecord): void {
    const family = this.family(record.family)
    family.run += 1
    family.delivered += record.delivered
    family.outcomes[record.outcome] += 1
    if (record.retry !== undefined) family.retries[record.retry] += 1
    this.recovery.add(record)
    this.cost.runMs += record.durationMs
    family.runMs += record.durationMs
    if (record.family === 'crash') this.#addCrash(record)
    else this.#addSite(record)
    if (record.outcome !== 'passed') this.#addComplaint(record)
  }

  addUnit(unit: UnitInput): void {
    const family = this.family(unit.family)
    family.merged += unit.merged
    for (const kind of MERGED_KINDS) family.mergedBy[kind] += unit.mergedBy?.[kind] ?? 0
    family.skipped += unit.skipped
    this.cost.recoveryMs += unit.recoveryMs
    this.cost.checkMs += unit.checkMs
    if (unit.interval === undefined) return
    this.intervals[unit.interval.exhausted ? 'exhausted' : 'sampled'] += 1
    this.intervals.possible = Math.min(Number.MAX_VALUE, this.intervals.possible + unit.interval.possible)
    this.intervals.generated += unit.interval.generated
    this.intervals.distinct += unit.interval.distinct
    this.intervals.run += unit.interval.run
    this.intervals.mergedByImage += unit.interval.mergedByImage ?? 0
    this.intervals.mergedByReadSet += unit.interval.mergedByReadSet ?? 0
  }

  /** What is known of a family; made if it is new. */
  family(name: string): FamilyCounts {
    const known = this.families.get(name)
    if (known !== undefined) return known
    const made = {
      run: 0,
      delivered: 0,
      merged: 0,
      mergedBy: { fault: 0, image: 0, readSet: 0 },
      runMs: 0,
      skipped: 0,
      outcomes: noOutcomes(),
      retries: { retried: 0, reopened: 0, survived: 0 },
    }
    this.families.set(name, made)
    return made
  }

  /** Crash states of which an oracle complained, by its name. */
  get crashViolations(): ReadonlyMap<string, number> {
    return this.#crashViolations
  }

  get crashRuns(): number {
    return this.#crashRuns
  }

  /** One row for each fingerprint, in plan order of the first run that showed it. */
  violations(): Violation[] {
    return this.#rows().flatMap(({ row, outcome }) => (outcome === 'violation' ? [row] : []))
  }

  /** The same of runs that ended without a verdict. */
  failures(): Failure[] {
    return this.#rows().flatMap(({ row, outcome }) =>
      outcome === 'violation' || outcome === 'passed' ? [] : [{ ...row, outcome }],
    )
  }

  /** By family, then the sites with the most runs first. */
  callSites(): Site[] {
    return [...this.#sites]
      .map(([key, site]) => ({ ...site, maps: this.#mapsOf(key) }))
      .toSorted((a, b) => compare(a.family, b.family) || b.run - a.run || compare(a.site, b.site))
  }

  /**
   * The crash points of each form in order. `calls` says what the file-system calls were; they are numbered like the
   * points of the form that has no more points than there are calls.
   */
  timeLines(calls: readonly CallInput[]): TimeLine[] {
    const byIndex = new Map(calls.map((call) => [call.index, call]))
    const lastCall = calls.reduce((last, call) => Math.max(last, call.index), 0)
    return [...this.#crashPoints]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([form, points]) => {
        const lastPoint = [...points.keys()].reduce((last, point) => Math.max(last, point), 0)
        const known = lastPoint <= lastCall
        return { form, buckets: bucketsOf(points, known ? byIndex : new Map(), known ? lastCall : lastPoint) }
      })
  }

  #mapsOf(site: string): NonNullable<Site['maps']> {
    return [...this.#maps]
      .toSorted(([a], [b]) => compare(a, b))
      .flatMap(([key, map]) => {
        const cells = map.cellsOf(site)
        const [, form] = JSON.parse(key) as [string, string]
        return cells === undefined ? [] : [{ form, pointsEach: map.pointsEach, cells }]
      })
  }

  #rows(): Complaint[] {
    return [...this.#complaints.values()].toSorted((a, b) => a.order - b.order)
  }

  #addCrash(record: RunRecord): void {
    this.#crashRuns += 1
    const { outcome, oracle } = record
    if (outcome === 'violation' && oracle !== undefined)
      this.#crashViolations.set(oracle, (this.#crashViolations.get(oracle) ?? 0) + 1)
    const points = this.#crashPoints.get(record.form) ?? new Map<number, CrashPoint>()
    this.#crashPoints.set(record.form, points)
    const point = points.get(record.point) ?? { phase: record.phase, outcomes: noOutcomes() }
    points.set(record.point, point)
    point.outcomes[record.outcome] += 1
  }

  #addSite(record: RunRecord): void {
    const name = record.site ?? siteFromFault(record.fault)
    const key = JSON.stringify([record.family, name])
    const site = this.#sites.get(key) ?? {
      family: record.family,
      site: name,
      points: 0,
      run: 0,
      delivered: 0,
      outcomes: noOutcomes(),
    }
    this.#sites.set(key, site)
    site.run += 1
    site.delivered += record.delivered
    site.outcomes[record.outcome] += 1
    const form = JSON.stringify([record.family, record.form])
    const seen = this.#pointsSeen.get(form) ?? new PointSet()
    this.#pointsSeen.set(form, seen)
    if (seen.add(record.point)) site.points += 1
    const map = this.#maps.get(form) ?? new OutcomeMap()
    this.#maps.set(form, map)
    map.add(key, record.point, record.outcome)
  }

  #addComplaint(record: RunRecord): void {
    const fingerprint = fingerprintOf(record)
    const key = JSON.stringify([record.outcome, fingerprint])
    const known = this.#complaints.get(key)
    const runs = (known?.row.count ?? 0) + 1
    if (known !== undefined && known.order <= record.order) {
      known.row.count = runs
      return
    }
    const row: Violation = {
      fingerprint,
      oracle: record.oracle ?? record.outcome,
      family: record.family,
      token: record.token,
      message: record.message ?? '',
      count: runs,
      scenario: record.scenario,
      phase: record.phase,
      fault: record.fault,
      ...(record.site === undefined ? {} : { site: record.site }),
    }
    this.#complaints.set(key, { row, order: record.order, outcome: record.outcome })
  }
}

/** A complaint without a fingerprint is one with those that complain alike. */
export function fingerprintOf({ fingerprint, outcome, family, oracle, message }: RunRecord): string {
  return fingerprint ?? [outcome, family, oracle ?? message ?? ''].join(':')
}

/** The tag of an allocation, or the fault's words without its numbers. */
function siteFromFault(fault: string): string {
  const tag = /'([^']*)'/.exec(fault)?.[1]
  return tag ?? fault.replaceAll(/\d+/g, '').replaceAll(/\s+/g, ' ').trim()
}

function bucketsOf(
  points: ReadonlyMap<number, CrashPoint>,
  calls: ReadonlyMap<number, CallInput>,
  last: number,
): TimeLineBucket[] {
  const width = Math.max(1, Math.ceil(last / BUCKETS_MAX))
  const buckets: TimeLineBucket[] = []
  for (let from = 1; from <= last; from += width) {
    const to = Math.min(last, from + width - 1)
    const bucket: TimeLineBucket = { from, to, kinds: {}, phase: '', pendingMax: 0, states: 0, outcomes: noOutcomes() }
    for (let point = from; point <= to; point += 1) addPoint(bucket, points.get(point), calls.get(point))
    buckets.push(bucket)
  }
  return buckets
}

function addPoint(bucket: TimeLineBucket, point: CrashPoint | undefined, call: CallInput | undefined): void {
  if (bucket.phase === '') bucket.phase = call?.phase ?? point?.phase ?? ''
  if (call !== undefined) {
    bucket.kinds[call.kind] = (bucket.kinds[call.kind] ?? 0) + 1
    bucket.pendingMax = Math.max(bucket.pendingMax, call.pending)
  }
  if (point === undefined) return
  addOutcomes(bucket.outcomes, point.outcomes)
  for (const runs of Object.values(point.outcomes)) bucket.states += runs
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
