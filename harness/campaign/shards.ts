// harness/campaign/shards.ts: which units of a campaign a shard runs.
//
// 1. A unit is run whole by one shard, as it is by one worker: states are merged within units only, so that what a shard
//    merged always has its representative in the same shard.
// 2. The split is a function of the plan and the number of shards: the same on every machine. Each unit has one shard.
// 3. The largest units are dealt first, each to the shard with the least to do.

import { UsageError, type CampaignOptions } from './options.ts'

export type Shard = Readonly<{
  /** From 1. */
  index: number
  count: number
}>

export type SizedUnit = Readonly<{ unit: number; planned: number }>

/** Numbers of the units that a shard runs. */
export function unitsOfShard(units: readonly SizedUnit[], { index, count }: Shard): ReadonlySet<number> {
  const largestFirst = units.toSorted((left, right) => right.planned - left.planned || left.unit - right.unit)
  const sums = Array.from({ length: count }, () => 0)
  const own = new Set<number>()
  for (const { unit, planned } of largestFirst) {
    let least = 0
    for (let at = 1; at < count; at += 1) if ((sums[at] ?? 0) < (sums[least] ?? 0)) least = at
    // A unit without plans counts as one: else all of them would go to one shard.
    sums[least] = (sums[least] ?? 0) + Math.max(1, planned)
    if (least === index - 1) own.add(unit)
  }
  return own
}

export const SHARDS_MAX = 10_000

/** `i/n`, i from 1 to n. Throws UsageError. */
export function parseShard(text: string): Shard {
  const [, index = '', count = ''] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  if (shard.index >= 1 && shard.index <= shard.count && shard.count <= SHARDS_MAX) return shard
  throw new UsageError(`--shard takes i/n, i from 1 to n and n up to ${SHARDS_MAX}, such as 2/4, not '${text}'.`)
}

/** What a part of a campaign cannot be combined with. Throws UsageError. */
export function checkShard({ shard, rerun, bail }: Pick<CampaignOptions, 'shard' | 'rerun' | 'bail'>): void {
  if (shard === undefined) return
  const other = rerun === undefined ? (bail === undefined ? undefined : '--bail') : '--rerun'
  if (other === undefined) return
  const why = other === '--bail' ? 'no shard knows what the others found' : 'what failed is run again whole'
  throw new UsageError(`--shard and ${other} exclude each other: ${why}.`)
}
