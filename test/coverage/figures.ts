// test/coverage/figures.ts: figures from what c8 writes, what one part reaches and another does not, and the gate.
//
// c8 counts lines of the source as statements, and what V8 counts as branches: where the count of a block changes.
//
// 1. A gate can't pass on nothing: a part that reached no statement of any file is a complaint, whatever is asked for.
// 2. Files are the same in every part; one that a part lacks counts as not reached by it.

import { z } from 'zod'

const counts = z.record(z.string(), z.number())
const place = z.object({ start: z.object({ line: z.number() }) })

/** A file of coverage-final.json, as far as it is needed. */
const fileSchema = z.object({
  statementMap: z.record(z.string(), place),
  s: counts,
  f: counts,
  fnMap: z.record(z.string(), z.object({ name: z.string(), loc: place })),
  b: z.record(z.string(), z.array(z.number())),
})

export const coverageSchema = z.record(z.string(), fileSchema)
export type Coverage = z.infer<typeof coverageSchema>
type CoverageFile = Coverage[string]

export const METRICS = ['statements', 'branches', 'functions'] as const
export type Metric = (typeof METRICS)[number]
export type Share = Readonly<{ covered: number; total: number }>
export type Figures = Readonly<Record<Metric, Share>>

function shareOf(hits: readonly number[]): Share {
  return { covered: hits.filter((count) => count > 0).length, total: hits.length }
}

export function figuresOf(files: readonly CoverageFile[]): Figures {
  return {
    statements: shareOf(files.flatMap(({ s }) => Object.values(s))),
    branches: shareOf(files.flatMap(({ b }) => Object.values(b).flat())),
    functions: shareOf(files.flatMap(({ f }) => Object.values(f))),
  }
}

/** In percent, rounded down, so that 100 is all; '-' of nothing. */
export function percentText({ covered, total }: Share): string {
  return total === 0 ? '-' : (Math.floor((1000 * covered) / total) / 10).toFixed(1)
}

/** Lines that `part` reaches and none of the others does, by file, as ranges. */
export function onlyBy(part: Coverage, others: readonly Coverage[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const [path, { s, statementMap }] of Object.entries(part)) {
    const lines = Object.entries(s)
      .filter(([id, count]) => count > 0 && others.every((other) => (other[path]?.s[id] ?? 0) === 0))
      .map(([id]) => statementMap[id]?.start.line ?? 0)
      .toSorted((left, right) => left - right)
    if (lines.length > 0) found.set(path, rangesOf(lines))
  }
  return found
}

function rangesOf(lines: readonly number[]): readonly string[] {
  const ranges: { from: number; to: number }[] = []
  for (const line of lines) {
    const last = ranges.at(-1)
    if (last !== undefined && line === last.to + 1) last.to = line
    else ranges.push({ from: line, to: line })
  }
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`))
}

export type Parts = Readonly<Record<string, Coverage>>

/** What is wrong with a measurement; empty if it may pass. `least`: percent that all parts together must reach. */
export function complaints(parts: Parts, whole: Coverage, least: Readonly<Record<Metric, number>>): readonly string[] {
  const nothing = Object.entries({ ...parts, all: whole })
    .filter(([, coverage]) => figuresOf(Object.values(coverage)).statements.covered === 0)
    .map(([name]) => `${name}: not one statement was reached; the data of V8 is missing`)
  if (nothing.length > 0) return nothing
  const figures = figuresOf(Object.values(whole))
  return METRICS.flatMap((metric) => {
    const { covered, total } = figures[metric]
    const isEnough = total > 0 && covered * 100 >= least[metric] * total
    return isEnough
      ? []
      : [`${percentText(figures[metric])} % of ${metric} were reached; ${least[metric]} % are wanted`]
  })
}
