// reports/compare/campaign-points.ts: which fault points a campaign ran, and which of them failed, by identity.
//
// 1. Memory depends on the number of points, never on the number of runs.
// 2. A point is one of a scenario, a family and a form; its identity is its own in these.

import type { RunRecord } from '../format/index.ts'
import { IdentitySet } from './identity-set.ts'

export type PointGroup = Readonly<{
  scenario: string
  family: string
  form: string
  points: IdentitySet
  failing: IdentitySet
}>

export class CampaignPoints {
  readonly #groups = new Map<string, PointGroup>()
  #runs = 0
  #nameless = 0

  add(record: RunRecord): void {
    this.#runs += 1
    const { identity } = record
    if (identity === undefined) {
      this.#nameless += 1
      return
    }
    const group = this.#group(record)
    group.points.add(identity)
    if (record.outcome !== 'passed') group.failing.add(identity)
  }

  get runs(): number {
    return this.#runs
  }

  /** Runs whose point has no identity: it can be compared with nothing. */
  get nameless(): number {
    return this.#nameless
  }

  get size(): number {
    let size = 0
    for (const { points } of this.#groups.values()) size += points.size
    return size
  }

  groups(): readonly PointGroup[] {
    return [...this.#groups.values()]
  }

  group(of: Pick<PointGroup, 'scenario' | 'family' | 'form'>): PointGroup | undefined {
    return this.#groups.get(keyOf(of))
  }

  /** Whether the record's point was run. */
  knows(record: RunRecord): boolean {
    return record.identity !== undefined && this.group(record)?.points.has(record.identity) === true
  }

  /** Whether one of its runs failed. */
  fails(record: RunRecord): boolean {
    return record.identity !== undefined && this.group(record)?.failing.has(record.identity) === true
  }

  #group({ scenario, family, form }: RunRecord): PointGroup {
    const key = keyOf({ scenario, family, form })
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const made = { scenario, family, form, points: new IdentitySet(), failing: new IdentitySet() }
    this.#groups.set(key, made)
    return made
  }
}

function keyOf({ scenario, family, form }: Pick<PointGroup, 'scenario' | 'family' | 'form'>): string {
  return JSON.stringify([scenario, family, form])
}
