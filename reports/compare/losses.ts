// reports/compare/losses.ts: what a campaign proved before and no longer does, a sentence each: for gates in CI.

import type { Campaign } from '../format/index.ts'
import { formatCount } from '../text/index.ts'

/** Sentences of one kind; the others are counted. */
const NAMED_MAX = 20

/** What `selftest --json` prints, as far as it is compared. */
export type SelftestResult = Readonly<{
  mutants: readonly Readonly<{ id: string; verdict: string }>[]
  clean: readonly Readonly<{ scenario: string; violations: number }>[]
}>

/** Found and hit, over all files of an LCOV file. */
export type CoverageTotals = Readonly<
  Record<'lines' | 'functions' | 'branches', Readonly<{ found: number; hit: number }>>
>

/** Families that were swept whole and are not any more, and call sites that no form fails now. */
export function sweepLosses(before: Campaign, after: Campaign): readonly string[] {
  const lost: string[] = []
  for (const [name, { exhaustive }] of Object.entries(before.families)) {
    const now = after.families[name]
    if (now === undefined) lost.push(`Family ${name} was run before and is not now.`)
    else if (exhaustive && !now.exhaustive) lost.push(`Family ${name} had every point run before, and has not now.`)
  }
  const known = new Set(before.uncoveredSites)
  const uncovered = after.uncoveredSites.filter((site) => !known.has(site))
  lost.push(...uncovered.map((site) => `Call site ${site} fails in no form now.`))
  if (before.intervals.sampled === 0 && after.intervals.sampled > 0)
    lost.push(`${formatCount(after.intervals.sampled)} sync intervals are sampled now, where all were exhausted.`)
  return few(lost)
}

/** Mutants that were caught and are not now, or that are gone; and scenarios that were silent and complain now. */
export function mutantLosses(before: SelftestResult, after: SelftestResult): readonly string[] {
  const now = new Map(after.mutants.map(({ id, verdict }) => [id, verdict]))
  const lost = before.mutants.flatMap(({ id, verdict }) => {
    if (verdict !== 'caught' || now.get(id) === 'caught') return []
    const is = now.get(id)
    return [`Mutant ${id} was caught before and ${is === undefined ? 'is not planted' : `is ${is}`} now.`]
  })
  const alarms = new Map(before.clean.map(({ scenario, violations }) => [scenario, violations]))
  for (const { scenario, violations } of after.clean) {
    if (violations > (alarms.get(scenario) ?? 0))
      lost.push(`The clean engine gives ${formatCount(violations)} violations in '${scenario}' now.`)
  }
  return few(lost)
}

/** Shares that fell by more than `dropPercent` points. A kind that had something to cover and has nothing now fell, too. */
export function lcovLosses(before: CoverageTotals, after: CoverageTotals, dropPercent: number): readonly string[] {
  return (['lines', 'functions', 'branches'] as const).flatMap((kind) => {
    const [old, now] = [share(before[kind]), share(after[kind])]
    if (old === undefined || (now !== undefined && old - now <= dropPercent)) return []
    const is = now === undefined ? 'has none now' : `is ${now.toFixed(2)} % now`
    return [`Coverage of ${kind} was ${old.toFixed(2)} % and ${is}.`]
  })
}

function share({ found, hit }: Readonly<{ found: number; hit: number }>): number | undefined {
  return found === 0 ? undefined : (hit * 100) / found
}

function few(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - NAMED_MAX
  return more > 0 ? [...sentences.slice(0, NAMED_MAX), `And ${formatCount(more)} more of these.`] : sentences
}
