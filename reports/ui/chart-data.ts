// reports/ui/chart-data.ts: what the page holds for its charts, as `reports/html/chart-data.ts` wrote it.

export const OUTCOMES = ['passed', 'not-reached', 'harness-failure', 'scenario-failure', 'violation'] as const
export type Outcome = (typeof OUTCOMES)[number]

export type TimeLineData = Readonly<{
  kind: 'time-line'
  from: readonly number[]
  to: readonly number[]
  outcomes: Readonly<Record<Outcome, readonly number[]>>
  pending: readonly number[]
  syncs: readonly (0 | 1)[]
  texts: readonly string[]
}>

export type DistributionData = Readonly<{
  kind: 'distribution'
  unit: Unit
  from: readonly number[]
  to: readonly number[]
  counts: readonly number[]
  marks: readonly Readonly<{ name: string; at: number }>[]
}>

export type SizeData = Readonly<{
  kind: 'size'
  unit: Unit
  sizes: readonly number[]
  medians: readonly number[]
  maxima: readonly number[]
  texts: readonly string[]
}>

export type Unit = 'bytes' | 'time' | 'steps'
export type ChartData = TimeLineData | DistributionData | SizeData

export function chartData(): Readonly<Record<string, ChartData>> {
  const text = document.getElementById('chart-data')?.textContent
  return text === null || text === undefined ? {} : (JSON.parse(text) as Readonly<Record<string, ChartData>>)
}

/** `1.5 KiB`, `820 µs`, `3`. */
export function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
    case 'time':
      return scaled(value, 1000, ['µs', 'ms', 's'])
    case 'steps':
      return value.toLocaleString('en-US')
    default:
      return unit satisfies never
  }
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let [rest, at] = [value, 0]
  while (rest >= step && at < units.length - 1) {
    rest /= step
    at += 1
  }
  return `${Number(rest.toFixed(rest >= 100 ? 0 : 1))} ${units[at] ?? ''}`
}
